/** What pages and lists cost at 1,000 workflows and 100,000 tasks: none reads more rows than stand for what it shows. */
import { createExecutionContext } from 'cloudflare:test'
import { beforeAll, describe, expect, test } from 'vitest'
import { app } from '../../../src/app/app.ts'
import { sweepAlerts } from '../../../src/insight/alerts/sweep.ts'
import { addUpFigures } from '../../../src/records/task/add-up.ts'
import { aTeam, aWorkflow, env, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

const WORKFLOWS = 1000
const TASKS = 100_000
/** Of the team; ten of the workflow that is looked at. */
const OPEN = 5000
/** What a page may read beside its own list: session, team, names, and up to a hundred of what waits for whoever looks. */
const AROUND = 300
const LIST = 51
/** The workflows that a list of names offers to choose from. */
const NAMES = 500
/** Of durations, of two days. */
const CLASSES = 2 * 250
/** How far a page is looked through for what no index tells, and once more for where the next one begins. */
const WINDOW = 2 * 5000

let team: Team
let owner: Browser
let workflow: string
let intake: string

beforeAll(async () => {
  team = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
  const scout = { key: 'scout', name: 'Scout', description: 'Finds things out.', model: 'demo' }
  expect((await team.call('POST', '/agents', scout)).status).toBe(201)
  const step = { key: 'look', agent: 'scout', instructions: 'Look.', handoffs: [{ to: 'complete' }] }
  workflow = await aWorkflow(team, { steps: [step] })
  intake = (await team.call('POST', `/workflows/${workflow}/intakes`, { kind: 'webhook', name: 'In' })).body.id
  const now = Date.now()
  await fill(now)
  expect(await addUpFigures(env.DB, now)).toBeGreaterThan(now - 3_600_000)
}, 120_000)

const PAGES: [path: () => string, rows: number][] = [
  // Fifty workflows with their open tasks.
  [() => '/workflows', LIST * 15],
  [() => '/workflows?q=nothing', WORKFLOWS],
  [() => `/workflows/${workflow}`, LIST],
  [() => `/workflows/${workflow}?q=nothing`, LIST],
  [() => `/workflows/${workflow}/publish`, LIST],
  [() => `/workflows/${workflow}/versions`, LIST],
  [() => `/workflows/${workflow}/manage`, LIST],
  [() => `/workflows/${workflow}/edit`, LIST],
  [() => `/workflows/${workflow}/intakes`, LIST],
  [() => `/workflows/${workflow}/intakes/INTAKE`, LIST],
  [() => `/workflows/${workflow}/intakes/INTAKE?q=nothing`, WINDOW],
  // A question with its task, workflow, version, and that one's steps.
  [() => '/approvals', LIST * 10 + NAMES],
  [() => '/approvals?show=all', LIST * 10 + NAMES],
  [() => '/approvals?show=all&q=nothing', 3 * WINDOW],
  [() => '/approvals?show=overdue', LIST * 10 + NAMES],
  [() => '/approvals?show=decided', LIST * 10 + NAMES],
  [() => '/audit', LIST + NAMES],
  // Words are looked for in the titles of so many tasks, too, at three rows each.
  [() => '/audit?q=nothing', 2 * WINDOW + 2 * NAMES],
  [() => `/audit?workflow=${workflow}`, WINDOW + NAMES],
  [() => '/audit?type=decided', WINDOW + NAMES],
  [() => '/audit?actor=nobody', WINDOW + NAMES],
  // All open tasks once; the newest rows of the audit; the newest workflows.
  [() => '/health', 2 * WORKFLOWS + 2 * OPEN + 2 * 5000],
  // Of the two spans what each day adds up to, the open tasks, workflow by workflow, and what was made since the last pass.
  // Of the span, the one before it, by day, and by workflow: 25 of them.
  [() => '/metrics', 3 * (WORKFLOWS + 2 * OPEN) + 2 * CLASSES + 4 * 3600 + NAMES + 25 * 200],
  [() => `/workflows/${workflow}/metrics`, 4 * LIST + NAMES],
  [() => '/agents', 2 * LIST],
  [() => '/agents/scout', 4 * LIST],
  [() => '/templates', LIST],
  [() => '/search', LIST + NAMES],
  [() => '/search?q=workflow', WINDOW / 2 + NAMES],
  // Every name, and as many of the newest titles as are looked through.
  [() => '/search?q=task', WORKFLOWS + LIST + NAMES],
  [() => '/search?q=nothing', WORKFLOWS + WINDOW + NAMES],
  [() => '/settings/people', LIST],
  [() => '/settings/keys', LIST],
  [() => '/outbox', LIST],
]

const LISTS: [path: () => string, rows: number][] = [
  [() => '/workflows', LIST],
  [() => '/tasks', LIST],
  [() => '/tasks?status=done', 10 * LIST],
  // What is rare has an index; the rest is looked for among the open tasks, or so far back.
  [() => '/tasks?status=failed', LIST],
  [() => '/tasks?status=waiting', 2 * LIST],
  [() => '/tasks?status=stuck&step=nothing', LIST],
  [() => '/tasks?status=cancelled', LIST],
  [() => '/tasks?status=running', WORKFLOWS + 2 * OPEN],
  [() => '/tasks?step=nothing', 2 * WINDOW],
  [() => `/tasks?workflow=${workflow}`, 4 * LIST],
  [() => `/tasks?workflow=${workflow}&status=failed`, 4 * LIST],
  [() => '/approvals', 4 * LIST],
  [() => `/approvals?workflow=${workflow}`, LIST],
  [() => '/audit', LIST],
  [() => '/audit?q=nothing', 2 * WINDOW + NAMES],
  [() => '/audit?actor=nobody', WINDOW],
  [() => '/agents', LIST],
  [() => '/keys', LIST],
  [() => `/intakes/INTAKE/deliveries`, LIST],
  [() => `/intakes/INTAKE/deliveries?q=nothing`, WINDOW],
  [() => `/intakes/INTAKE/deliveries?verdict=refused`, WINDOW],
  [() => `/workflows/${workflow}/versions`, LIST],
  [() => `/workflows/${workflow}/intakes`, LIST],
]

describe('the page', () => {
  test.each(PAGES.map(([path, rows]) => [String(path), path, rows] as const))('%s', async (_, path, rows) => {
    const cookie = [...owner.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    await holds(path(), { cookie }, rows)
  })
})

describe('the list', () => {
  test.each(LISTS.map(([path, rows]) => [String(path), path, rows] as const))('%s', async (_, path, rows) => {
    await holds(`/api/v1${path()}`, { authorization: `Bearer ${team.key}` }, rows)
  })

  test('of what is rare finds it far back at once', async () => {
    await env.DB.prepare("UPDATE tasks SET status = 'cancelled' WHERE id = ?1").bind(taskId(23_456)).run()
    const { body } = await team.call('GET', '/tasks?status=cancelled')
    expect(body.items.map((item: { id: string }) => item.id)).toEqual([taskId(23_456)])
    expect(body.next).toBeNull()
  })

  test('of what no index tells goes on from page to page, and finds it far back', async () => {
    await env.DB.prepare("UPDATE tasks SET step = 'odd' WHERE id = ?1").bind(taskId(12_345)).run()
    let path: string | null = '/tasks?step=odd'
    const found: string[] = []
    let pages = 0
    for (; path !== null && found.length === 0; pages++) {
      const { body } = await team.call('GET', path)
      found.push(...body.items.map((item: { id: string }) => item.id))
      path = body.next === null ? null : `/tasks?step=odd&cursor=${body.next}`
    }
    expect([found, pages]).toEqual([[taskId(12_345)], 3])
  })
})

test('a look at what alerts are judged by reads a bounded number of rows, and goes on with the next minute', async () => {
  await env.DB.prepare('UPDATE alert_checks SET next_at = 4e15 WHERE team <> ?1').bind(team.id).run()
  const { db, read } = counted(env.DB)
  const now = Date.now()
  await sweepAlerts({ ...env, DB: db }, now)
  const total = read.reduce((sum, one) => sum + one.rows, 0)
  const worst = [...read].sort((a, b) => b.rows - a.rows)[0]!
  // Of a hundred workflows the newest tasks of a day; all open tasks for what they cost and for what is overdue of them.
  expect(total, `${worst.rows} rows by: ${worst.sql}`).toBeLessThanOrEqual(
    2 * 100 * 200 + 5 * OPEN + WORKFLOWS * 3 + 3600 + AROUND,
  )
  expect(total).toBeGreaterThan(OPEN)
  const at = await env.DB.prepare('SELECT next_at, cursor FROM alert_checks WHERE team = ?1').bind(team.id).first()
  expect(at).toMatchObject({ next_at: now, cursor: expect.stringMatching(/^wf_/) })
})

async function holds(path: string, headers: Record<string, string>, rows: number): Promise<void> {
  const { db, read } = counted(env.DB)
  const url = `https://baton.test${path.replace('INTAKE', intake)}`
  const response = await app.request(url, { headers }, { ...env, DB: db }, createExecutionContext())
  await response.text()
  expect(response.status).toBe(200)
  const worst = [...read].sort((a, b) => b.rows - a.rows)[0]!
  const total = read.reduce((sum, one) => sum + one.rows, 0)
  expect(total, `${worst.rows} rows by: ${worst.sql}`).toBeLessThanOrEqual(rows + AROUND)
  // A page that asks nothing of D1 would pass for any bound.
  expect(total).toBeGreaterThan(0)
}

/** D1, and the rows that each of its statements read. */
function counted(db: D1Database) {
  const read: { sql: string; rows: number }[] = []
  const known = new WeakMap<object, { inner: D1PreparedStatement; sql: string }>()
  const note = <R extends D1Result>(result: R, sql: string): R => {
    read.push({ sql, rows: result.meta.rows_read })
    return result
  }
  const statement = (inner: D1PreparedStatement, sql: string): D1PreparedStatement => {
    const shown = {
      bind: (...values: unknown[]) => statement(inner.bind(...values), sql),
      all: async () => note(await inner.all(), sql),
      run: async () => note(await inner.run(), sql),
      first: async (column?: string) => {
        const { results } = note(await inner.all<Record<string, unknown>>(), sql)
        return column === undefined ? (results[0] ?? null) : (results[0]?.[column] ?? null)
      },
      raw: async () => {
        note(await inner.all(), sql)
        return inner.raw()
      },
    } as unknown as D1PreparedStatement
    known.set(shown, { inner, sql })
    return shown
  }
  const shown = {
    prepare: (sql: string) => statement(db.prepare(sql), sql),
    batch: async (all: D1PreparedStatement[]) => {
      const results = await db.batch(all.map(one => known.get(one)!.inner))
      return results.map((result, i) => note(result, known.get(all[i]!)!.sql))
    },
  } as unknown as D1Database
  return { db: shown, read }
}

function taskId(n: number): string {
  return `tsk_${'a'.repeat(20)}${String(n).padStart(6, '0').replaceAll('0', 'a').replaceAll('1', 'b').replaceAll('8', 'c').replaceAll('9', 'd')}`
}

/** A hundred tasks a workflow, one a second; of the newest 5,000 nine in ten are open. */
async function fill(now: number): Promise<void> {
  const upTo = (n: number) => `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${n - 1})`
  const id = "'wf_' || printf('%020d', i)"
  const ofWorkflow = `CASE WHEN i % ${WORKFLOWS} = 0 THEN ?2 ELSE 'wf_' || printf('%020d', i % ${WORKFLOWS}) END`
  const task = `'tsk_${'a'.repeat(20)}' || replace(replace(replace(replace(printf('%06d', i), '0', 'a'), '1', 'b'), '8', 'c'), '9', 'd')`
  const over = `(i >= ${OPEN} OR i % 10 = 1)`
  const ask = { step: 'review', kind: 'decide', visit: 1, due: now - 500, labels: ['approved'], needs: 1, digest: 'x' }
  const assignees = [team.owner, 'x@y.test'].map(email => ({ email, decided: false }))
  const asks = [{ ...ask, run: 1, assignees }]
  const card = JSON.stringify({ why: 'Waits for x@y.test', enteredAt: now - 1000, asks })
  const request = JSON.stringify({ headers: {}, query: {}, type: null, body: '{}', length: 2 })
  const run = (text: string, ...values: unknown[]) =>
    env.DB.prepare(text)
      .bind(...values)
      .run()
  await run(
    `${upTo(WORKFLOWS)} INSERT INTO workflows (id, team, name, owner, status, live, created_at, created_by, updated_at)
     SELECT ${id}, ?1, 'Workflow ' || i, ?2, 'active', 1, ?3 - i, 'test', ?3 - i FROM n`,
    ...[team.id, team.owner, now],
  )
  await run(
    `${upTo(WORKFLOWS)} INSERT INTO workflow_versions (workflow, version, team, pinned, digest, text, format, created_at, created_by)
     SELECT ${id}, 1, ?1, v.pinned, v.digest || i, v.text, v.format, ?3, 'test' FROM n, workflow_versions v WHERE v.workflow = ?2`,
    ...[team.id, workflow, now],
  )
  // As their versions went live.
  await run('UPDATE workflows SET live = live WHERE team = ?1', team.id)
  await run(
    `${upTo(TASKS)} INSERT INTO tasks (id, team, workflow, version, title, status, step, visit, over, seq, cost, created_at, updated_at, finished_at, card)
     SELECT ${task}, ?1, ${ofWorkflow}, 1, 'Task ' || i, CASE WHEN ${over} THEN 'done' ELSE 'waiting' END, 'review', 1, ${over}, 5,
       0.01, ?3 - i * 1000, ?3 - i * 1000, CASE WHEN ${over} THEN ?3 - i * 900 END, ?4 FROM n`,
    ...[team.id, workflow, now, card],
  )
  await run(
    `${upTo(TASKS)} INSERT INTO audit (team, at, task, seq, workflow, types, actor, step, facts, digest)
     SELECT ?1, ?3 - i * 1000, ${task}, 1, ${ofWorkflow}, CASE i % 3 WHEN 0 THEN 'created entered' WHEN 1 THEN 'reported routed' ELSE 'asked' END,
       '{"kind":"system"}', 'review', '[{"type":"reported","model":"demo"}]', 'x' FROM n`,
    ...[team.id, workflow, now],
  )
  await run(
    `${upTo(20_000)} INSERT INTO deliveries (id, team, verdict, status, at, ms, request)
     SELECT 'dlv_' || ?2 || printf('%011x', ?3 - i * 1000) || 'aaaaaaaa', ?1, 'accepted', 202, ?3 - i * 1000, 1, ?4 FROM n`,
    ...[team.id, intake.slice(4), now, request],
  )
}
