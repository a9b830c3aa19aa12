/** The end of a team: a week later nothing is left of it anywhere but that its id is taken; and nothing of another team's goes. */
import { runInDurableObject } from 'cloudflare:test'
import { expect, test } from 'vitest'
import { sweepEnds } from '../../../src/data/end/sweep.ts'
import { askEnd, keepTeam } from '../../../src/records/data/ends.ts'
import { statementsOf } from '../../../src/records/task/flush.ts'
import { anIntake, aTask, aTeam, aWorkflow, callAs, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

const WEEK = 7 * 86_400_000

/** Rows of every table of D1 that hold any of these texts. */
async function holding(...texts: string[]): Promise<string[]> {
  const { results } = await env.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\' AND name NOT LIKE 'sqlite%' AND name NOT LIKE 'd1_%'",
  ).all<{ name: string }>()
  const found: string[] = []
  for (const { name } of results) {
    const rows = JSON.stringify((await env.DB.prepare(`SELECT * FROM ${name}`).all()).results)
    if (texts.some(text => rows.includes(text))) found.push(name)
  }
  return found
}

const ask = (of: Team, endsAt: number) =>
  askEnd(env.DB, { team: of.id, actor: { kind: 'system' }, at: endsAt - WEEK }, of.owner, endsAt)

/** A team with something of most kinds; answers its tasks, open and over. */
async function filled(of: Team): Promise<{ tasks: string[]; fresh: string }> {
  const workflow = await aWorkflow(of)
  await of.call('POST', '/agents', { key: 'writer', name: 'W', description: 'x' })
  await of.call('POST', '/knowledge', { key: 'fees', name: 'Fees', text: `Zanzibar of ${of.id}` })
  await of.call('PUT', '/secrets/crm', { value: 'long enough a value', hosts: ['api.example.com'] })
  await of.call('POST', `/workflows/${workflow}/intakes`, { kind: 'schedule', name: 'S', cron: '0 0 1 1 *' })
  const { path } = await anIntake(of, workflow)
  const tasks = [await aTask(of, workflow), await aTask(of, workflow, of.id)]
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${of.key}` }
  const sent = await fetchApi(path, { method: 'POST', headers, body: '{"company":"By webhook"}' })
  tasks.push(sent.body.task.id)
  const body = new FormData()
  body.append('file', new File(['what it is about'], 'note.txt', { type: 'text/plain' }))
  await fetchApi(`/api/v1/tasks/${tasks[1]}/files`, {
    method: 'POST',
    headers: { authorization: headers.authorization },
    body,
  })
  await of.call('POST', `/tasks/${tasks[1]}/cancel`)
  await eventually(async () => {
    const n = await env.DB.prepare('SELECT count(*) AS n FROM tasks WHERE team = ?1').bind(of.id).first('n')
    expect(n).toBe(tasks.length)
  })
  // One that no isolate knows yet, as it was.
  return { tasks, fresh: (await anIntake(of, workflow)).path }
}

test('all of it goes once its week is over, open tasks too; nothing late comes back; others keep theirs', async () => {
  const [mine, other] = [await aTeam(), await aTeam()]
  const { tasks, fresh } = await filled(mine)
  const theirs = await filled(other)
  const browser = new Browser()
  await browser.signIn(mine.owner)
  const now = Date.now()
  await ask(mine, now + WEEK)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${mine.key}` }
  const refused = await fetchApi(fresh, { method: 'POST', headers, body: '{"company":"A"}' })
  expect([refused.status, refused.body.error?.code]).toEqual([410, 'team_ending'])
  await sweepEnds(env, now + WEEK - 1000)
  expect((await mine.call('GET', `/tasks/${tasks[0]}`)).status).toBe(200)
  const row = await env.DB.prepare('SELECT * FROM tasks WHERE id = ?1').bind(tasks[0]).first()
  const { results: audit } = await env.DB.prepare('SELECT * FROM audit WHERE task = ?1').bind(tasks[0]).all()
  const size = (await holding(mine.id)).length
  expect(size).toBeGreaterThan(15)

  await sweepEnds(env, now + WEEK)
  // What was on its way when it ended.
  await env.DB.batch(statementsOf(env.DB, [{ row, audit } as never]))
  const people = ['user', 'session', 'outbox']
  expect((await holding(mine.id, ...tasks)).filter(table => !people.includes(table))).toEqual([
    'gone_tasks',
    'team_ends',
  ])
  expect((await env.FILES!.list({ prefix: `${mine.id}/` })).objects).toEqual([])
  for (const task of tasks) {
    const tables = await runInDurableObject(env.TASKS.getByName(`${mine.id}:${task}`) as never, (_, { storage }) =>
      storage.sql
        .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'")
        .toArray(),
    )
    expect(tables).toEqual([{ name: 'gone' }])
  }
  expect((await callAs(mine.key, 'GET', '/tasks')).status).toBe(401)
  expect((await browser.open('/workflows')).status).not.toBe(200)
  expect(await keepTeam(env.DB, { team: mine.id, actor: { kind: 'system' }, at: now + WEEK + 1 })).toBe(false)

  for (const task of theirs.tasks) expect((await other.call('GET', `/tasks/${task}`)).status).toBe(200)
  expect((await holding(other.id)).length).toBe(size - 1)
  expect((await other.call('GET', '/knowledge?q=Zanzibar')).status).toBe(200)
})

test('every table names its team, or it is said here how its rows go', async () => {
  const OTHERWISE: Record<string, string> = {
    organization: 'the team itself',
    user: 'people keep their accounts',
    session: 'of people; it forgets the team',
    account: 'of people',
    verification: 'of people; it ends by itself',
    outbox: 'a developer’s machine alone has it',
    notices: 'with their tasks',
    schedule_slots: 'with their schedules',
    signed_bodies: 'digests of an intake, for as long as a repeat may come',
    passages: 'by the team among their words',
    task_words: 'with their tasks',
    figures_until: 'one moment for all teams',
    audit_keys: 'public keys, of all teams',
  }
  const { results } = await env.DB.prepare(
    `SELECT m.name FROM sqlite_master m WHERE m.type = 'table' AND m.name NOT LIKE '\\_%' ESCAPE '\\' AND m.name NOT LIKE 'sqlite%'
       AND m.name NOT LIKE 'd1_%' AND m.name NOT LIKE 'task\\_words\\_%' ESCAPE '\\' AND m.name NOT LIKE 'passages\\_%' ESCAPE '\\'
       AND NOT EXISTS (SELECT 1 FROM pragma_table_info(m.name) p WHERE p.name IN ('team', 'organizationId'))`,
  ).all<{ name: string }>()
  expect(results.map(({ name }) => name).filter(name => !(name in OTHERWISE))).toEqual([])
})

test('an end that is broken off is brought to its end by the next pass', async () => {
  const mine = await aTeam()
  const { tasks } = await filled(mine)
  const now = Date.now()
  await ask(mine, now - 1000)
  for (let n = 1; n < 12; n++) {
    let calls = 0
    const DB = new Proxy(env.DB, {
      get(target, name) {
        if (name !== 'batch') return Reflect.get(target, name).bind(target)
        return async (all: D1PreparedStatement[]) => {
          if (++calls === n) throw new Error('gone')
          return target.batch(all)
        }
      },
    })
    const log = console.error
    console.error = () => {}
    await sweepEnds({ ...env, TASKS: env.TASKS, GATES: env.GATES, FILES: env.FILES, DB } as never, now)
    console.error = log
  }
  await sweepEnds(env, now)
  const people = ['user', 'session', 'outbox']
  expect((await holding(mine.id, ...tasks)).filter(table => !people.includes(table))).toEqual([
    'gone_tasks',
    'team_ends',
  ])
})
