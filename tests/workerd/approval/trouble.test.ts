/** The owner hears of a task that failed or is stuck: once, and not a hundred times for one cause. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterEach, expect, test, vi } from 'vitest'
import { notifyTrouble } from '../../../src/approval/tell/trouble.ts'
import { taskStub } from '../../../src/env.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import type { Trouble } from '../../../src/task/notice.ts'
import { fails, modelsAnswer, says } from '../../support/engine.ts'
import { aTeam, env, eventually, type Team } from '../api/client.ts'

afterEach(() => {
  scriptModels(null)
  vi.restoreAllMocks()
})

/** A workflow of one prompt step, which nothing follows. */
async function aDeadEnd(team: Team): Promise<string> {
  const steps = [
    { key: 'sort', name: 'Sort it', prompt: 'Sort it', model: 'demo', handoffs: [{ when: 'never', to: 'complete' }] },
  ]
  const made = await team.call('POST', '/workflows', { baton: 1, name: 'Dead end', owner: team.owner, steps })
  return made.body.id
}

async function started(team: Team, workflow: string, title: string, status: string): Promise<string> {
  const { id } = (await team.call('POST', `/workflows/${workflow}/tasks`, { input: {}, title })).body
  await eventually(async () => expect((await taskStub(env, team.id, id).view())!.status).toBe(status))
  return id
}

async function mailTo(recipient: string): Promise<{ subject: string; text: string }[]> {
  const { results } = await env.DB.prepare('SELECT subject, text FROM outbox WHERE recipient = ?1 ORDER BY id')
    .bind(recipient)
    .all<{ subject: string; text: string }>()
  return results
}

test('tasks that fail alike are one mail, which leads to the task and to all like it', async () => {
  modelsAnswer(() => fails('bad_request', false))
  const team = await aTeam()
  const workflow = await aDeadEnd(team)
  const first = await started(team, workflow, 'First ://evil', 'failed')
  await eventually(async () => expect(await mailTo(team.owner)).toHaveLength(1))
  const second = await started(team, workflow, 'Second', 'failed')
  await eventually(async () => expect(await noted(second)).toEqual(['failed:bad_request']))
  const [mail, ...more] = await mailTo(team.owner)
  expect(more).toEqual([])
  expect(mail!.subject).toBe('Failed: First : //evil (Sort it)')
  expect(mail!.text).toContain(`https://baton.test/tasks/${first}`)
  expect(mail!.text).toContain(`https://baton.test/workflows/${workflow}?status=failed`)
})

test('another cause is another mail; a lost memory and an alarm mail nobody again', async () => {
  modelsAnswer(() => says('somewhere'))
  const team = await aTeam()
  const workflow = await aDeadEnd(team)
  const task = await started(team, workflow, 'Nowhere to go', 'stuck')
  await eventually(async () =>
    expect((await mailTo(team.owner)).map(mail => mail.subject)).toEqual(['Stuck: Nowhere to go (Sort it)']),
  )
  const stub = env.TASKS.getByName(`${team.id}:${task}`)
  await evictDurableObject(stub)
  await taskStub(env, team.id, task).wake(true)
  await runDurableObjectAlarm(stub)
  modelsAnswer(() => fails('provider_error', false))
  await started(team, workflow, 'Refused', 'failed')
  await eventually(async () => expect(await mailTo(team.owner)).toHaveLength(2))
})

test('a mail that cannot be sent is tried again', async () => {
  vi.spyOn(console, 'error').mockImplementation(() => {})
  const team = await aTeam()
  let sent = 0
  const deployed = (works: boolean) => ({
    ...env,
    BATON_LOCAL: '',
    BATON_MAIL_FROM: 'baton@baton.test',
    EMAIL: {
      send: async () => {
        if (!works) throw new Error('the mail service is away')
        sent++
      },
    },
  })
  const trouble: Trouble = {
    ...{ team: team.id, task: 'tsk_t', workflow: 'wf_t', visit: 1, status: 'failed', cause: 'timeout', title: 'T' },
    ...{ workflowName: 'W', stepName: 'S', message: 'M', fix: null, owner: null },
  }
  expect(await notifyTrouble(deployed(false) as never, trouble, 0)).toBe(false)
  expect(await notifyTrouble(deployed(true) as never, trouble, 1)).toBe(true)
  expect(await notifyTrouble(deployed(true) as never, trouble, 2)).toBe(true)
  expect(sent).toBe(1)
})

async function noted(task: string): Promise<string[]> {
  const { results } = await env.DB.prepare('SELECT digest FROM notices WHERE task = ?1')
    .bind(task)
    .all<{ digest: string }>()
  return results.map(row => row.digest)
}
