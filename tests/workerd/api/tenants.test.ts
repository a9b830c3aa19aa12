/**
 * Another team's key before real objects and real rows: what it reaches by the ids of ours. That every route asks who comes
 * is tests/node/app/doors.test.ts'; here a task, a workflow, an intake and a delivery are truly there.
 */
import { beforeAll, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { BODIES } from '../../support/bodies.ts'
import { aDefinition, anIntake, aTask, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from './client.ts'

const ALL = app.routes.map(({ method, path }) => `${method} ${path}`)
/** The routes of what has an object or a log of its own. */
const ROUTES = [...new Set(ALL.filter(route => /\/(tasks|workflows|intakes|deliveries)\/:id/.test(route)))].filter(
  route => route.includes(' /api/'),
)

let mine: Team
let theirs: Team
let ids: Record<string, string>
const NOTHING: Record<string, string> = {
  tasks: 'tsk_zzzzzzzzzzzzzzzzzzzzzzzzzz',
  workflows: 'wf_zzzzzzzzzzzzzzzzzzzz',
  intakes: 'int_zzzzzzzzzzzzzzzzzzzz',
  deliveries: 'dlv_zzzzzzzzzzzzzzzzzzzz0199c0ffee0zzzzzzzz',
}

beforeAll(async () => {
  mine = await aTeam()
  theirs = await aTeam()
  const workflow = await aWorkflow(mine)
  await mine.call('POST', '/agents', { key: 'probe', name: 'Probe', description: 'x' })
  const task = await aTask(mine, workflow)
  const intake = (await anIntake(mine, workflow)).id
  ids = { tasks: task, workflows: workflow, intakes: intake, deliveries: await aDelivery(workflow) }
  await eventually(async () => expect((await mine.call('GET', '/tasks')).body.items).toHaveLength(1))
})

/** A delivery that made no task. */
async function aDelivery(workflow: string): Promise<string> {
  const open = { kind: 'webhook', auth: { type: 'open' }, filter: 'false' }
  const { body } = await mine.call('POST', `/workflows/${workflow}/intakes`, open)
  await fetchApi(`/in/${body.id}`, { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'x' })
  return eventually(async () => {
    const { items } = (await mine.call('GET', `/intakes/${body.id}/deliveries`)).body
    expect(items).toHaveLength(1)
    return items[0].id as string
  })
}

/** All that the team has, as D1 and the Task DO hold it. */
async function holdings(): Promise<string> {
  const { results } = await env.DB.prepare("SELECT name, sql FROM sqlite_master WHERE type = 'table'").all<{
    name: string
    sql: string
  }>()
  const tables = results.filter(({ sql }) => /\bteam TEXT\b/.test(sql)).map(({ name }) => name)
  expect(tables.length).toBeGreaterThan(20)
  const rows = await env.DB.batch(
    tables.map(table => env.DB.prepare(`SELECT * FROM ${table} WHERE team = ?1`).bind(mine.id)),
  )
  // When a key was used last says nothing of what was done.
  const kept = JSON.stringify(rows.map(one => one.results)).replaceAll(/"last_used_at":\d+/g, '')
  return kept + JSON.stringify((await mine.call('GET', `/tasks/${ids.tasks}/events`)).body)
}

const withoutIds = (text: string, of: Record<string, string>) =>
  Object.values(of).reduce((left, id) => left.replaceAll(id, '…'), text.replace(/"requestId":"[^"]*"/, ''))

test('another team’s key gets for our ids exactly what it gets for unknown ones, and changes nothing', async () => {
  const before = await holdings()
  const asked = async (route: string, at: Record<string, string>) => {
    const [method, path] = route.split(' ') as [string, string]
    const address = path
      .replace(/(\w+)\/:id/, (_, kind: string) => `${kind}/${at[kind]}`)
      .replace(/:(version|share)/, '1')
    expect(address).not.toContain(':')
    const headers = { authorization: `Bearer ${theirs.key}`, 'content-type': 'application/json' }
    const body = method === 'GET' ? undefined : JSON.stringify(BODIES[route] ?? {})
    const { status, text } = await fetchApi(address, { method, headers, body })
    return [status, withoutIds(text, at)]
  }
  await Promise.all(
    ROUTES.map(async route => {
      const [named, unknown] = [await asked(route, ids), await asked(route, NOTHING)]
      expect(named[0], route).toBe(404)
      expect(named, route).toEqual(unknown)
    }),
  )
  expect(await holdings()).toBe(before)
})

test('our ids in a query or a body tell another team nothing', async () => {
  for (const query of [
    `/tasks?workflow=${ids.workflows}`,
    `/approvals?workflow=${ids.workflows}`,
    `/audit?task=${ids.tasks}`,
    `/audit?workflow=${ids.workflows}`,
    `/audit?actor=${mine.keyId}`,
  ]) {
    expect((await theirs.call('GET', query)).body, query).toEqual({ items: [], next: null })
    expect((await mine.call('GET', query)).body.items.length, query).toBeGreaterThan(0)
  }
  expect((await theirs.call('GET', `/metrics?workflow=${ids.workflows}`)).body.volume).toBe(0)
  const steps = [{ key: 'use', agent: 'probe', instructions: 'x', handoffs: [{ to: 'complete' }] }]
  const borrowed = await theirs.call('POST', '/workflows', aDefinition(theirs, { steps }))
  expect([borrowed.status, borrowed.body.error.code]).toEqual([422, 'invalid_definition'])
  const forged = btoa(`9999999999999:${ids.tasks}`).replaceAll('=', '')
  expect((await theirs.call('GET', `/tasks?cursor=${forged}`)).body.items).toEqual([])
})
