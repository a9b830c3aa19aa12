/** Alerts by moving the clock, on real SQL: each fires once and resolves once, in the words of the list that it opens, and not for the noise just below. */
import { beforeEach, expect, test, vi } from 'vitest'
import { sweepMessages } from '../../../src/approval/tell/message.ts'
import type { Env } from '../../../src/env.ts'
import { sweepAlerts } from '../../../src/insight/alerts/sweep.ts'
import { wordsOf } from '../../../src/insight/alerts/words.ts'
import { openRange } from '../../../src/insight/range.ts'
import { tasksFiltered } from '../../../src/insight/search/search.ts'
import { alertById, alertsOf, muteAlert } from '../../../src/records/alert/alerts.ts'
import { usualPause } from '../../../src/records/alert/intakes.ts'
import { noteOutcomes } from '../../../src/records/alert/outcomes.ts'
import { putAlertSettings } from '../../../src/records/alert/settings.ts'
import { newId, newTaskId } from '../../../src/records/ids.ts'
import { newDeliveryId } from '../../../src/records/intake/deliveries.ts'
import { ensureMember, ensureTeam } from '../../../src/records/people/teams.ts'
import { addUpFigures } from '../../../src/records/task/add-up.ts'
import { sqliteD1 } from '../../support/d1.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Monday at noon. */
const NOON = Date.UTC(2026, 5, 15, 12)

let db: D1Database
let env: Env
let team: string
let workflow: string
let now: number

beforeEach(async () => {
  db = sqliteD1()
  env = { DB: db, BATON_LOCAL: '1', BATON_URL: 'https://baton.test' } as unknown as Env
  now = NOON
  ;({ team, workflow } = await aTeam('acme'))
})

async function aTeam(name: string) {
  const at = new Date(NOON)
  const { id } = await ensureTeam(db, { id: newId('team'), name, slug: name, at })
  const person = { id: newId('user'), membership: newId('member'), email: `Owner@${name}.test`, name: 'Owner', at }
  await ensureMember(db, id, { ...person, role: 'owner' })
  return { team: id, workflow: await aWorkflow(id, 'Invoices', `owner@${name}.test`) }
}

async function aWorkflow(of: string, name: string, owner: string | null = null): Promise<string> {
  const id = newId('wf')
  const sql = `INSERT INTO workflows (id, team, name, owner, status, live, created_at, created_by, updated_at)
    VALUES (?1, ?2, ?3, ?4, 'active', 1, 1, 'test', 1)`
  await db.prepare(sql).bind(id, of, name, owner).run()
  return id
}

interface Made {
  status?: string
  at?: number
  cost?: number | null
  told?: number
  of?: string
}

async function tasks(n: number, { status = 'done', at = now, cost = null, told = 0, of = workflow }: Made = {}) {
  const over = ['done', 'cancelled'].includes(status) ? 1 : 0
  const sql = `INSERT INTO tasks (id, team, workflow, version, title, status, visit, over, seq, cost, created_at, updated_at, finished_at, card, told)
    VALUES (?1, ?2, ?3, 1, 'A task', ?4, 1, ?5, 1, ?6, ?7, ?7, ?7, '{}', ?8)`
  const ids = Array.from({ length: n }, newTaskId)
  await db.batch(ids.map(id => db.prepare(sql).bind(id, team, of, status, over, cost, at, told)))
  return ids
}

const turn = (ids: string[], status: string) =>
  db
    .prepare('UPDATE tasks SET status = ?2, over = ?3 WHERE id IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify(ids), status, status === 'done' ? 1 : 0)
    .run()

/** The sweeps of so many minutes. */
async function pass(minutes: number, by = env) {
  // Of a long time every fifth minute's: no team is looked at more often.
  const step = minutes > 100 ? 5 : 1
  for (let minute = 0; minute < minutes; minute += step) {
    now += step * MINUTE
    // One that is killed is gone; the next minute's is another.
    await sweepAlerts(by, now).catch(() => 0)
  }
}

/** What the search page looks for at this address. */
function listOf({ searchParams: asked }: URL) {
  const { from } = openRange(asked.get('from') ?? undefined, undefined)
  const status = asked.get('status') ?? undefined
  const told = asked.get('told') === 'unsure' ? ('unsure' as const) : undefined
  const cost = asked.has('cost') ? Number(asked.get('cost')) : undefined
  return { workflow: asked.get('workflow') ?? undefined, status, from, told, cost }
}

async function mails(to = 'owner@acme.test') {
  const sql = 'SELECT subject, text FROM outbox WHERE recipient = ?1 ORDER BY id'
  return (await db.prepare(sql).bind(to).all<{ subject: string; text: string }>()).results
}
const subjects = async () => (await mails()).map(({ subject }) => subject)

test('an error rate: fires once, stays quiet between its bounds, resolves once, and opens exactly its tasks', async () => {
  await tasks(16, { at: now - 2 * HOUR })
  const [...bad] = await tasks(3, { status: 'failed', at: now - HOUR })
  // 3 of 19 are 15.8 %: below the 20 % where it fires.
  await pass(60)
  expect(await subjects()).toEqual([])
  bad.push(...(await tasks(1, { status: 'stuck', at: now })))
  // 4 of 20, for less than five minutes of looks.
  await pass(4)
  expect(await subjects()).toEqual([])
  await pass(60)
  expect(await subjects()).toEqual(['Alert: Error rate: Invoices'])
  const { text } = (await mails())[0]!
  expect(text).toContain('4 of the last 20 tasks failed or are stuck (20 %).')
  const link = new URL(/https:\S+/.exec(text)![0])
  expect(link.pathname).toBe('/search')
  expect(Object.fromEntries(link.searchParams)).toEqual({
    workflow,
    status: 'trouble',
    from: new Date(NOON - 2 * HOUR).toISOString(),
  })
  const { items } = await tasksFiltered(db, team, listOf(link), null)
  expect(items.map(({ id }) => id).toSorted()).toEqual(bad.toSorted())
  // 3 of 20 are 15 %, between its bounds; 1 of 20 is below the lower one.
  await turn(bad.slice(0, 1), 'done')
  await pass(60)
  expect(await subjects()).toHaveLength(1)
  await turn(bad.slice(1, 3), 'done')
  await pass(60)
  expect(await subjects()).toEqual(['Alert: Error rate: Invoices', 'Resolved: Error rate: Invoices'])
  await pass(24 * 60)
  expect(await subjects()).toHaveLength(2)
})

test('what runs, or was cancelled, counts neither way, and few tasks make no rate', async () => {
  await tasks(9, { status: 'failed' })
  await tasks(50, { status: 'running' })
  await tasks(50, { status: 'cancelled' })
  await pass(30)
  expect(await subjects()).toEqual([])
  await tasks(1, { status: 'failed' })
  await pass(30)
  expect(await subjects()).toEqual(['Alert: Error rate: Invoices'])
})

test('models that are unsure, stuck tasks and overdue questions fire and resolve once each', async () => {
  await tasks(14)
  const unsure = await tasks(6, { told: 1 })
  const stuck = await tasks(10, { status: 'stuck', at: now - 3 * DAY })
  const waiting = await tasks(5, { status: 'waiting', at: now - 3 * DAY })
  for (const task of waiting) await question(task, now + 30 * MINUTE)
  await pass(29)
  expect((await subjects()).toSorted()).toEqual(['Alert: Escalation rate: Invoices', 'Alert: Stuck tasks: Invoices'])
  await pass(40)
  expect((await subjects()).toSorted()).toEqual([
    'Alert: Escalation rate: Invoices',
    'Alert: Overdue questions: Invoices',
    'Alert: Stuck tasks: Invoices',
  ])
  const texts = (await mails()).map(({ text }) => text).join('\n')
  expect(texts).toContain(`/search?workflow=${workflow}&told=unsure&from=`)
  expect(texts).toContain(`/search?workflow=${workflow}&status=stuck`)
  expect(texts).toContain(`/approvals?show=overdue&workflow=${workflow}`)
  await turn(stuck.slice(0, 5), 'done')
  await pass(60)
  // Five stuck ones are not below five.
  expect(await subjects()).toHaveLength(3)
  await turn(stuck.slice(5, 6), 'done')
  await db
    .prepare('DELETE FROM questions WHERE task IN (?1, ?2, ?3)')
    .bind(...waiting.slice(0, 3))
    .run()
  await db
    .prepare('UPDATE tasks SET told = 0 WHERE id IN (?1, ?2, ?3)')
    .bind(...unsure.slice(0, 3))
    .run()
  await pass(60)
  expect((await subjects()).slice(3).toSorted()).toEqual([
    'Resolved: Escalation rate: Invoices',
    'Resolved: Overdue questions: Invoices',
    'Resolved: Stuck tasks: Invoices',
  ])
})

const question = (task: string, due: number) =>
  db
    .prepare('INSERT INTO questions (team, task, run, since, created_at, due) VALUES (?1, ?2, 1, 1, 1, ?3)')
    .bind(team, task, due)
    .run()

test('a day that costs three times as much as usual, and a task that costs five times as much', async () => {
  for (let day = 1; day <= 10; day++) await tasks(10, { at: now - day * DAY, cost: 0.3 })
  await addUpFigures(db, now)
  // Usual: $3 a day, $0.30 a task. Just below both: $8.70 in all, and a task of $1.49.
  await tasks(24, { cost: 0.3 })
  await tasks(1, { cost: 1.49 })
  await pass(60)
  expect(await subjects()).toEqual([])
  const [dear] = await tasks(1, { cost: 2 })
  await pass(10)
  expect((await subjects()).toSorted()).toEqual(['Alert: Cost of a task: Invoices', 'Alert: Cost of the day'])
  const texts = (await mails()).map(({ text }) => text).join('\n')
  expect(texts).toContain(`https://baton.test/tasks/${dear}`)
  expect(texts).toContain('$10.69 were spent today, 3.6 times the $3.00 of a usual day')
  expect(texts).toContain('/metrics?from=2026-06-15&to=2026-06-15')
  const more = await tasks(2, { cost: 3 })
  await pass(30)
  // It fires already: nobody is told again, and its row opens all of them.
  expect(await subjects()).toHaveLength(2)
  const row = (await alertsOf(db, team)).find(({ rule }) => rule === 'task_cost')!
  const { items } = await tasksFiltered(db, team, listOf(new URL(wordsOf(row).path, 'https://baton.test')), null)
  expect(items.map(({ id }) => id).toSorted()).toEqual([dear, ...more].toSorted())
  await pass(30 * 60)
  expect((await subjects()).slice(2).toSorted()).toEqual([
    'Resolved: Cost of a task: Invoices',
    'Resolved: Cost of the day',
  ])
})

async function anIntake(kind = 'webhook', name = 'Shop'): Promise<string> {
  const id = newId('int')
  const sql = `INSERT INTO intakes (id, team, workflow, kind, name, config, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, '{}', 1, 1)`
  await db.prepare(sql).bind(id, team, workflow, kind, name).run()
  return id
}

const delivery = (intake: string, at: number, verdict = 'accepted') =>
  db
    .prepare(
      `INSERT INTO deliveries (id, team, verdict, status, at, ms, request) VALUES (?1, ?2, ?3, 202, ?4, 1, '{}')`,
    )
    .bind(newDeliveryId(intake, at), team, verdict, at)
    .run()

test('an intake that used to be called and is not any more is noticed, told once, and resolved by the next call', async () => {
  const intake = await anIntake()
  // Working hours of two weeks: the longest pause is a weekend, from Friday 17:00 to Monday 9:00, 64 hours.
  for (let at = NOON - 14 * DAY; at <= NOON; at += HOUR) {
    const [day, hour] = [new Date(at).getUTCDay(), new Date(at).getUTCHours()]
    if (day >= 1 && day <= 5 && hour >= 9 && hour <= 17) await delivery(intake, at)
  }
  await pass(95 * 60)
  expect(await subjects()).toEqual([])
  await pass(2 * 60)
  expect(await subjects()).toEqual(['Alert: Intake silent: Shop, in Invoices'])
  const { text } = (await mails())[0]!
  expect(text).toContain(`https://baton.test/workflows/${workflow}/intakes/${intake}`)
  // Calls that it refuses are no calls of those whom it knows.
  await delivery(intake, now, 'refused')
  await pass(3 * 24 * 60)
  expect(await subjects()).toHaveLength(1)
  await delivery(intake, now)
  await pass(10)
  expect(await subjects()).toEqual([
    'Alert: Intake silent: Shop, in Invoices',
    'Resolved: Intake silent: Shop, in Invoices',
  ])
})

test('an intake that is called rarely is not missed, nor one that never was', async () => {
  await anIntake('form', 'Never')
  const rare = await anIntake('webhook', 'Rare')
  for (let n = 0; n < 11; n++) await delivery(rare, now - n * 2 * HOUR)
  await pass(24 * 60)
  expect(await subjects()).toEqual([])
})

test('an intake that begins to refuse is told of once, with the list of what it refused', async () => {
  const intake = await anIntake()
  for (let n = 0; n < 6; n++) await delivery(intake, now - n * MINUTE)
  for (let n = 0; n < 5; n++) await delivery(intake, now - n * MINUTE, 'refused')
  await pass(30)
  expect(await subjects()).toEqual([])
  await delivery(intake, now, 'refused')
  await pass(30)
  expect(await subjects()).toEqual(['Alert: Intake refuses: Shop, in Invoices'])
  expect((await mails())[0]!.text).toContain(`/workflows/${workflow}/intakes/${intake}?verdict=refused`)
  for (let n = 0; n < 10; n++) await delivery(intake, now)
  // Of its last twenty five or six are refused: between its bounds.
  await pass(30)
  expect(await subjects()).toHaveLength(1)
  for (let n = 0; n < 6; n++) await delivery(intake, now)
  await pass(30)
  expect(await subjects()).toHaveLength(2)
})

const slot = (schedule: string, at: number, verdict: string, reason: string | null = null) =>
  db
    .prepare('INSERT INTO schedule_slots (schedule, slot, until, verdict, reason, at) VALUES (?1, ?2, ?2, ?3, ?4, ?2)')
    .bind(schedule, at, verdict, reason)
    .run()
const dueAt = (schedule: string, at: number) =>
  db
    .prepare(
      'INSERT INTO schedules (id, team, workflow, due_at, last_slot) VALUES (?1, ?2, ?3, ?4, 1) ON CONFLICT (id) DO UPDATE SET due_at = ?4',
    )
    .bind(schedule, team, workflow, at)
    .run()

test('a schedule that was missed is noticed, whether it was refused, came too late, or nobody came to it', async () => {
  const nightly = await anIntake('schedule', 'Nightly')
  await dueAt(nightly, now + DAY)
  await slot(nightly, now - DAY, 'started')
  await slot(nightly, now - HOUR, 'skipped', 'The previous task was still open.')
  await pass(30)
  expect(await subjects()).toEqual([])
  await slot(nightly, now, 'refused', 'input.company: This is missing.')
  await pass(10)
  expect(await subjects()).toEqual(['Alert: Schedule missed: Nightly, in Invoices'])
  expect((await mails())[0]!.text).toContain('input.company: This is missing.')
  await pass(60)
  await slot(nightly, now, 'started')
  await pass(60)
  expect(await subjects()).toEqual([
    'Alert: Schedule missed: Nightly, in Invoices',
    'Resolved: Schedule missed: Nightly, in Invoices',
  ])
  // The sweep of schedules does not come to it.
  await dueAt(nightly, now)
  await pass(9)
  expect(await subjects()).toHaveLength(2)
  await pass(10)
  expect(await subjects()).toHaveLength(3)
})

test('a provider that is silent is noticed, and one that answers most calls is not', async () => {
  await tasks(1, { status: 'held' })
  const note = (answered: number, failed: number, code = 'timeout') =>
    noteOutcomes(db, team, { provider: 'openai', answered, failed, lastAt: now, code: failed > 0 ? code : null })
  for (let n = 0; n < 12; n++) {
    await note(3, 1)
    await pass(5)
  }
  expect(await subjects()).toEqual([])
  for (let n = 0; n < 6; n++) {
    await note(0, 3)
    await pass(5)
  }
  expect(await subjects()).toEqual(['Alert: Provider down: openai'])
  expect((await mails())[0]!.text).toMatch(/of its last \d+ calls were not answered \(timeout\)/)
  // Nobody calls it while it is down: that is no answer.
  await pass(3 * 60)
  expect(await subjects()).toHaveLength(1)
  for (let n = 0; n < 4; n++) {
    await note(5, 0)
    await pass(5)
  }
  expect(await subjects()).toEqual(['Alert: Provider down: openai', 'Resolved: Provider down: openai'])
})

/** What is kept to be told, each to be sent until it is taken. */
async function told() {
  const { results } = await db
    .prepare('SELECT subject FROM messages WHERE team = ?1 ORDER BY created_at')
    .bind(team)
    .all<{ subject: string }>()
  return results.map(({ subject }) => subject)
}

test('killed at any statement of a look, each turn is told once, at most late', async () => {
  await tasks(10, { at: now - HOUR })
  const bad = await tasks(10, { status: 'failed', at: now - HOUR })
  vi.spyOn(console, 'error').mockImplementation(() => {})
  let statements = 0
  let dies = Number.POSITIVE_INFINITY
  const mortal = {
    ...env,
    DB: new Proxy(db, {
      get: (target, name) => {
        const own = target[name as keyof D1Database] as (...given: unknown[]) => unknown
        return (...given: unknown[]) => {
          if (++statements > dies) throw new Error('killed')
          return own.apply(target, given)
        }
      },
    }),
  } as Env
  await pass(1, mortal)
  const inALook = statements
  for (dies = 0; dies < inALook + 10; dies++) {
    statements = 0
    await pass(5, mortal)
  }
  dies = Number.POSITIVE_INFINITY
  await pass(30)
  expect(await told()).toEqual(['Alert: Error rate: Invoices'])
  await turn(bad, 'done')
  for (dies = 0; dies < inALook + 10; dies++) {
    statements = 0
    await pass(5, mortal)
  }
  dies = Number.POSITIVE_INFINITY
  await pass(30)
  await sweepMessages(env, now)
  expect(await told()).toEqual(['Alert: Error rate: Invoices', 'Resolved: Error rate: Invoices'])
  expect(new Set(await subjects())).toEqual(new Set(await told()))
  expect(inALook).toBeGreaterThan(8)
})

test('muted for a day it tells nothing; what still holds after it is told then', async () => {
  await tasks(10, { status: 'stuck', at: now - 2 * DAY })
  await pass(20)
  expect(await subjects()).toHaveLength(1)
  const by = { team, actor: { kind: 'person', id: 'owner@acme.test' } as const, name: 'owner@acme.test', at: now }
  await muteAlert(db, (await alertById(db, team, `stuck.${workflow}`))!, now + DAY, by)
  await db.exec("UPDATE tasks SET status = 'done', over = 1")
  await pass(24 * 60 - 5)
  expect(await subjects()).toHaveLength(1)
  await pass(10)
  expect(await subjects()).toEqual(['Alert: Stuck tasks: Invoices', 'Resolved: Stuck tasks: Invoices'])
  const acts = await db.prepare("SELECT types FROM audit WHERE team = ?1 AND types LIKE 'alert%'").bind(team).all()
  expect(acts.results).toEqual([{ types: 'alert.muted' }])
})

test('what a team or one of its workflows sets holds from the next look on, and what is off is forgotten', async () => {
  const other = await aWorkflow(team, 'Returns')
  const by = { team, actor: { kind: 'system' } as const, name: 'test', at: now }
  await putAlertSettings(db, '', { stuck: { above: 3, below: 2 } }, by)
  await putAlertSettings(db, other, { stuck: { on: false } }, by)
  await tasks(3, { status: 'stuck', at: now - 2 * DAY })
  await tasks(9, { status: 'stuck', at: now - 2 * DAY, of: other })
  await pass(20)
  expect(await subjects()).toEqual(['Alert: Stuck tasks: Invoices'])
  await putAlertSettings(db, '', { stuck: { on: false } }, by)
  await pass(20)
  expect(await alertsOf(db, team)).toEqual([])
  expect(await subjects()).toHaveLength(1)
})

test('many that turn together are one message; another team hears nothing', async () => {
  const { team: elsewhere } = await aTeam('other')
  for (let n = 0; n < 7; n++)
    await tasks(10, { status: 'stuck', at: now - 2 * DAY, of: await aWorkflow(team, `W${n}`) })
  await pass(20)
  expect(await subjects()).toEqual(['Alert: Stuck tasks, 7 at once'])
  expect((await mails())[0]!.text.match(/- Stuck tasks: W\d/g)).toHaveLength(7)
  expect(await mails('owner@other.test')).toEqual([])
  expect(await alertsOf(db, elsewhere)).toEqual([])
})

test('a sweep looks at a portion of the teams and of a team’s workflows, and every one has its turn', async () => {
  for (let n = 0; n < 250; n++) await aWorkflow(team, `W${n}`)
  const last = await aWorkflow(team, 'Last')
  await db.prepare("UPDATE workflows SET id = 'wf_zzzzzzzzzzzzzzzzzzzz' WHERE id = ?1").bind(last).run()
  await tasks(10, { status: 'stuck', at: now - 2 * DAY, of: 'wf_zzzzzzzzzzzzzzzzzzzz' })
  const at = new Date(NOON).toISOString()
  for (let n = 0; n < 230; n++)
    await db
      .prepare('INSERT INTO organization (id, name, slug, createdAt) VALUES (?1, ?1, ?1, ?2)')
      .bind(`t${n}`, at)
      .run()
  const looked = []
  for (let sweep = 0; sweep < 4; sweep++) looked.push(await sweepAlerts(env, ++now))
  expect(Math.max(...looked)).toBe(100)
  expect(await db.prepare('SELECT count(*) AS n FROM alert_checks WHERE next_at = 0').first('n')).toBe(0)
  await pass(30)
  expect(await subjects()).toEqual(['Alert: Stuck tasks: Last'])
})

test('a pause that is usual is the longest but one', () => {
  expect(usualPause([])).toBe(0)
  expect(usualPause([5])).toBe(0)
  expect(usualPause([0, 10])).toBe(10)
  expect(usualPause([0, 10, 500, 530])).toBe(30)
})
