/** A task that is deleted: what goes, what stays, and that nothing late brings it back. */
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { digestOfFacts, wereErased } from '../../../src/domain/proof/link.ts'
import { taskStub } from '../../../src/env.ts'
import { statementsOf } from '../../../src/records/task/flush.ts'
import { sweepGone } from '../../../src/task/gone/delete-task.ts'
import { sha256 } from '../../../src/task/object/task-log.ts'
import { holding } from '../../support/holding.ts'
import { aKey, anIntake, aTask, aTeam, aWorkflow, callAs, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let workflow: string

beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
})

const WORD = 'Xylotechnographica'

const stubOf = (task: string) => env.TASKS.getByName(`${team.id}:${task}`)
const tablesOf = (task: string) =>
  runInDurableObject(stubOf(task), async (_, { storage }) => ({
    tables: storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray()
      .map(({ name }) => name),
    alarm: await storage.getAlarm(),
  }))

const title = async (task: string) => (await team.call('GET', `/tasks/${task}`)).body.title as string
const remove = async (task: string) =>
  team.call('DELETE', `/tasks/${task}?name=${encodeURIComponent(await title(task))}`)

/** A task by webhook with a file, a comment and a link, cancelled. */
async function aRichTask(): Promise<{ task: string; file: string; path: string }> {
  const { path } = await anIntake(team, workflow)
  const sent = await fetchApi(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'once', authorization: `Bearer ${team.key}` },
    body: JSON.stringify({ company: WORD }),
  })
  expect(sent.status, sent.text).toBe(202)
  const task = sent.body.task.id as string
  const form = new FormData()
  form.append('file', new File([`${WORD} in a file`], 'note.txt', { type: 'text/plain' }))
  const kept = await fetchApi(`/api/v1/tasks/${task}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${team.key}` },
    body: form,
  })
  expect(kept.status, kept.text).toBe(201)
  await team.call('POST', `/tasks/${task}/comments`, { text: `${WORD} it is` })
  await team.call('POST', `/tasks/${task}/cancel`, { note: 'enough' })
  // Whoever reads it may still put the text beside it, for which the sweep waits.
  await eventually(async () => expect((await team.call('GET', `/files/${kept.body.id}`)).body.text).not.toBe('reading'))
  return { task, file: kept.body.id, path }
}

test('all of it goes but what the audit has; a second time there is nothing', async () => {
  const { task, file } = await aRichTask()
  await eventually(async () => expect(await holding(WORD)).toContain('task_words'))
  const before = await env.DB.prepare('SELECT count(*) AS n FROM audit WHERE task = ?1').bind(task).first<number>('n')
  expect((await tablesOf(task)).tables).toContain('log')
  expect((await remove(task)).status).toBe(204)
  // The audit has its title.
  expect(await holding(WORD)).toEqual(['audit'])
  expect((await tablesOf(task)).tables).toEqual(['gone'])
  expect((await tablesOf(task)).alarm).toBeNull()
  expect((await env.FILES!.list({ prefix: `${team.id}/` })).objects).toEqual([])
  expect((await team.call('GET', `/files/${file}`)).status).toBe(404)
  expect((await team.call('GET', `/tasks/${task}`)).status).toBe(404)
  expect((await team.call('DELETE', `/tasks/${task}?name=x`)).status).toBe(404)
  const audit = await team.call('GET', `/audit?task=${task}`)
  expect(audit.body.items).toHaveLength(before!)
  const acts = await team.call('GET', '/audit?type=task.deleted')
  expect(acts.body.items.map((row: { facts: unknown }) => row.facts)).toContainEqual([
    { type: 'task.deleted', task, from: 'kept', to: 'deleted' },
  ])
})

test('erased, the audit keeps who did what and when, and its chain holds by the digests that are left', async () => {
  const { task } = await aRichTask()
  const rows = async () =>
    (await env.DB.prepare('SELECT * FROM audit WHERE task = ?1 ORDER BY seq').bind(task).all<Record<string, string>>())
      .results
  const before = await rows()
  expect(JSON.stringify(before)).toContain(WORD)
  const found = await team.call('DELETE', `/tasks/${task}?name=${encodeURIComponent(await title(task))}&erase=true`)
  expect(found.status).toBe(204)
  const after = await rows()
  const facts = (row: Record<string, string>) => digestOfFacts(row.facts!, sha256)
  expect(after.map(facts)).toEqual(before.map(facts))
  expect(after.map(({ facts: _, ...row }) => row)).toEqual(before.map(({ facts: _, ...row }) => row))
  expect(JSON.stringify(after)).not.toContain(WORD)
  expect(after.filter(row => row.facts !== '[]').every(row => wereErased(row.facts!))).toBe(true)
  const told = await team.call('GET', `/audit?task=${task}`)
  expect(told.body.items.map(({ text }: { text: string }) => text).join()).toContain('what it said was erased')
  const browser = new Browser()
  await browser.signIn(team.owner)
  for (const page of ['/audit', '/health', '/approvals?show=decided', '/settings/data?person=xylo'])
    expect([page, (await browser.open(page)).status]).toEqual([page, 200])
})

test('an open one stays, and says what to do; a title that is not its own deletes nothing', async () => {
  const task = await aTask(team, workflow)
  expect((await remove(task)).body.error).toMatchObject({ code: 'task_open', hint: 'Cancel it first.' })
  await team.call('POST', `/tasks/${task}/cancel`)
  expect((await team.call('DELETE', `/tasks/${task}`)).body.error).toMatchObject({ code: 'unconfirmed' })
  expect((await team.call('DELETE', `/tasks/${task}?name=Other`)).status).toBe(422)
  const { key } = await aKey(team.id, {}, ['tasks:read', 'tasks:write'])
  expect((await callAs(key, 'DELETE', `/tasks/${task}?name=x`)).status).toBe(403)
  // An object looks for itself, too.
  const open = await aTask(team, workflow)
  await taskStub(env, team.id, open).forget()
  expect((await team.call('GET', `/tasks/${open}`)).body.status).toBe('waiting')
  expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('cancelled')
})

test('nothing late brings it back: a flush, a message, the request that made it', async () => {
  const { task, path } = await aRichTask()
  const row = await env.DB.prepare('SELECT * FROM tasks WHERE id = ?1').bind(task).first<Record<string, unknown>>()
  const audit = await env.DB.prepare('SELECT * FROM audit WHERE task = ?1 ORDER BY seq').bind(task).all()
  const callback = {
    id: 'msg_late',
    team: team.id,
    workflow,
    task,
    type: 'done',
    url: 'https://x.test',
    status: 'pending',
  }
  const searched = { task, team: team.id, workflow, words: WORD, over: 1 }
  const late = {
    row: { ...row, seq: 999 },
    audit: audit.results.map(each => ({
      ...each,
      callbacks: [{ ...callback, attempts: 0, next_at: 1, created_at: 1 }],
    })),
    searched,
  } as unknown as Parameters<typeof statementsOf>[1][number]
  expect((await remove(task)).status).toBe(204)
  await env.DB.batch(statementsOf(env.DB, [late, { ...late, row: { ...late.row, over: 0 } }]))
  for (const [table, column] of [
    ['tasks', 'id'],
    ['callbacks', 'task'],
    ['questions', 'task'],
    ['task_words', 'task'],
  ])
    expect([
      table,
      (await env.DB.prepare(`SELECT 1 FROM ${table} WHERE ${column} = ?1`).bind(task).all()).results,
    ]).toEqual([table, []])
  const stub = taskStub(env, team.id, task)
  expect(await stub.claim(1, 1, 1)).toMatchObject({ ok: false })
  await stub.wake(true)
  expect(await stub.heard({ child: 'x', standing: 'done' } as never)).toBe(true)
  const again = await fetchApi(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'once', authorization: `Bearer ${team.key}` },
    body: JSON.stringify({ company: WORD }),
  })
  expect(again.body.error).toMatchObject({ code: 'task_deleted' })
  expect(again.status).toBe(410)
  expect((await tablesOf(task)).tables).toEqual(['gone'])
})

test('a file that another task has stays', async () => {
  const { task } = await aRichTask()
  const other = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { company: 'B' } })
  const form = new FormData()
  form.append('file', new File([`${WORD} in a file`], 'same.txt', { type: 'text/plain' }))
  await fetchApi(`/api/v1/tasks/${other.body.id}/files`, {
    method: 'POST',
    headers: { authorization: `Bearer ${team.key}` },
    body: form,
  })
  expect((await env.FILES!.list({ prefix: `${team.id}/` })).objects).not.toHaveLength(0)
  expect((await remove(task)).status).toBe(204)
  expect((await env.FILES!.list({ prefix: `${team.id}/` })).objects).not.toHaveLength(0)
  await team.call('POST', `/tasks/${other.body.id}/cancel`)
  expect((await remove(other.body.id)).status).toBe(204)
  expect((await env.FILES!.list({ prefix: `${team.id}/` })).objects).toEqual([])
})

test('what a crash left after D1 forgot it, the sweep empties', async () => {
  const task = await aTask(team, workflow)
  await team.call('POST', `/tasks/${task}/cancel`)
  // What the crash left: the mark in D1 and nothing else.
  await env.DB.prepare(
    'INSERT INTO gone_tasks (team, task, created_at, updated_at, at, empty_at) VALUES (?1, ?2, 1, 1, 1, 1)',
  )
    .bind(team.id, task)
    .run()
  expect((await tablesOf(task)).tables).toContain('log')
  await sweepGone(env, Date.now())
  expect((await tablesOf(task)).tables).toEqual(['gone'])
  const left = await env.DB.prepare('SELECT empty_at FROM gone_tasks WHERE task = ?1').bind(task).first('empty_at')
  expect(left).toBeNull()
})

test('by its page: what goes is said, the title is typed, and members are not let in', async () => {
  const task = await aTask(team, workflow)
  const [admin, member] = [new Browser(), new Browser()]
  await admin.signIn(await aMember(team.id, 'admin'))
  await member.signIn(await aMember(team.id))
  expect((await admin.open(`/tasks/${task}/delete`)).text).toContain('Cancel it')
  await team.call('POST', `/tasks/${task}/cancel`)
  expect((await admin.open(`/tasks/${task}`)).text).toContain(`/tasks/${task}/delete`)
  const wrong = await admin.send(`/tasks/${task}/delete`, { name: 'no' })
  expect([wrong.status, wrong.text.includes('It has another title.')]).toEqual([422, true])
  expect((await member.open(`/tasks/${task}`)).text).not.toContain(`/tasks/${task}/delete`)
  expect((await member.send(`/tasks/${task}/delete`, { name: await title(task) })).status).toBe(403)
  const done = await admin.send(`/tasks/${task}/delete`, { name: await title(task) })
  expect(done.status).toBe(303)
  expect((await admin.open(`/tasks/${task}`)).status).toBe(404)
})
