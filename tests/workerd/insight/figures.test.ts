/** Figures are right whatever was added up when: they are compared with a count of every task by hand. */
import { beforeAll, describe, expect, test } from 'vitest'
import { type Metrics, metricsByWorkflow, metricsOf, metricsOverTime } from '../../../src/insight/metrics/metrics.ts'
import { timeSaved } from '../../../src/insight/metrics/saved.ts'
import { putBaseline } from '../../../src/records/definitions/baselines.ts'
import { addUpFigures } from '../../../src/records/task/add-up.ts'
import { divided } from '../../../src/records/task/added.ts'
import { mulberry32 } from '../../support/random.ts'
import { aTeam, aWorkflow, env, type Team } from '../api/client.ts'

const DAY = 86_400_000
const HOUR = 3_600_000
const NOW = Date.UTC(2026, 5, 20, 13, 30)
const BEGIN = NOW - 6 * DAY

interface Made {
  id: string
  workflow: string
  status: string
  at: number
  ms: number
  cost: number | null
  told: Set<string>
}

let team: Team
let other: Team
let workflows: string[]
const made = new Map<string, Made>()

beforeAll(async () => {
  team = await aTeam()
  other = await aTeam()
  workflows = [await aWorkflow(team), await aWorkflow(team)]
})

describe('a period is divided', () => {
  test.each([
    ['days that are all added up', [2 * DAY, 5 * DAY, 9 * DAY], [2, 5], []],
    ['up to now, within a day', [2 * DAY, 5 * DAY + 100, 5 * DAY + 60], [2, 6], [[5 * DAY + 60, 5 * DAY + 100]]],
    [
      'an end that lies within what is added up',
      [2 * DAY, 5 * DAY + 10, 5 * DAY + 60],
      [2, 5],
      [[5 * DAY, 5 * DAY + 10]],
    ],
    ['a begin within a day', [2 * DAY + 1, 5 * DAY, 9 * DAY], [3, 5], [[2 * DAY + 1, 3 * DAY]]],
    ['nothing is added up', [2 * DAY, 5 * DAY, 0], [0, 0], [[2 * DAY, 5 * DAY]]],
    ['less than a day', [2 * DAY + 1, 3 * DAY - 1, 9 * DAY], [0, 0], [[2 * DAY + 1, 3 * DAY - 1]]],
    ['the rest of a day', [2 * DAY + 1, 3 * DAY, 9 * DAY], [0, 0], [[2 * DAY + 1, 3 * DAY]]],
  ])('%s', (_, [from, to, until], days, rest) => {
    const found = divided(from!, to!, until!)
    expect([found.days.from, found.days.to]).toEqual(days)
    expect(found.rest.map(span => [span.from, span.to])).toEqual(rest)
  })
})

test('tasks that end, change, are told of and go, in any order with the passes, are counted once each', async () => {
  const random = mulberry32(20_261_127)
  const pick = <T>(some: readonly T[]) => some[Math.floor(random() * some.length)]!
  let until = BEGIN
  let late = 0
  for (let step = 0; step < 300; step++) {
    const at = Math.floor(BEGIN + random() * (NOW - BEGIN))
    const task = made.size < 40 || random() < 0.4 ? newTask(step, pick(workflows), at) : pick([...made.values()])
    const { id } = task
    if (at < until) late++
    const what = made.has(id) ? pick(['ends', 'costs', 'told', 'gone'] as const) : 'made'
    if (what === 'made' || (what === 'ends' && !over(task)))
      task.status = pick(['running', 'failed', 'stuck', 'done', 'cancelled'])
    if (what === 'costs') task.cost = Math.round(random() * 1000) / 1000
    if (what === 'gone') {
      // One that is over stays counted, as is proven below.
      if (over(task)) continue
      await env.DB.prepare('DELETE FROM tasks WHERE id = ?1').bind(id).run()
      made.delete(id)
      continue
    }
    await write(task)
    if (what === 'told') await tell(task, pick(['decided', 'edited decided', 'unsure', 'routed']), step)
    if (step % 50 === 25) {
      until = await addUpFigures(env.DB, BEGIN + ((NOW - BEGIN) * step) / 300)
      // Twice at one moment.
      await Promise.all([addUpFigures(env.DB, until + 2 * HOUR), addUpFigures(env.DB, until + 2 * HOUR)])
    }
    if (step % 30 === 0) await compare()
  }
  expect(late).toBeGreaterThan(50)
  await addUpFigures(env.DB, NOW)
  await compare()
  const kept = await env.DB.prepare('SELECT count(*) AS n FROM figures WHERE team = ?1')
    .bind(team.id)
    .first<number>('n')
  expect(kept).toBeGreaterThan(10)
})

test('time saved is of the tasks that are done, less what people spent on those that they decided on', async () => {
  const range = { from: Math.floor(BEGIN / DAY - 2) * DAY, to: Math.floor(NOW / DAY + 1) * DAY }
  const set = (id: string, minutes: number, ownMinutes: number | null) =>
    putBaseline(
      env.DB,
      { team: team.id, id, name: 'x' },
      { minutes, ownMinutes },
      { actor: { kind: 'system' }, at: NOW },
    )
  expect(await timeSaved(env.DB, team.id, undefined, range)).toBeNull()
  const [one, two] = workflows as [string, string]
  await set(one, 25, 4)
  await set(two, 10, null)
  const done = (id: string) => [...made.values()].filter(task => task.workflow === id && task.status === 'done')
  const decided = done(one).filter(task => task.told.has('decided')).length
  expect([done(one).length > 3, decided > 0]).toEqual([true, true])
  const inOne = (done(one).length * 25 - decided * 4) * 60_000
  const inTwo = done(two).length * 10 * 60_000
  const found = await timeSaved(env.DB, team.id, undefined, range)
  expect(found!.ms).toBe(inOne + inTwo)
  expect(found!.workflows.find(({ workflow }) => workflow === one)).toMatchObject({ ms: inOne, decided })
  expect((await timeSaved(env.DB, team.id, two, range))!.ms).toBe(inTwo)
  expect(await timeSaved(env.DB, other.id, undefined, range)).toBeNull()
})

test('another team’s tasks are no part of them', async () => {
  expect(await metricsOf(env.DB, other.id, undefined, BEGIN, NOW)).toMatchObject({ volume: 0, cost: { total: null } })
})

const over = (task: Made) => task.status === 'done' || task.status === 'cancelled'

function newTask(n: number, workflow: string, at: number): Made {
  const ms = Math.floor(1000 * 1.07 ** (n % 120))
  return {
    id: `tsk_${team.id}${n}`,
    workflow,
    status: 'running',
    at,
    ms,
    cost: n % 3 === 0 ? null : n / 100,
    told: new Set(),
  }
}

async function write(task: Made): Promise<void> {
  made.set(task.id, task)
  const { id, workflow, status, at, ms, cost } = task
  await env.DB.prepare(
    `INSERT INTO tasks (id, team, workflow, version, title, status, visit, over, seq, cost, created_at, updated_at, finished_at, card)
     VALUES (?1, ?2, ?3, 1, 't', ?4, 1, ?5, 1, ?6, ?7, ?7, ?8, '{}')
     ON CONFLICT (id) DO UPDATE SET status = excluded.status, over = excluded.over, cost = excluded.cost, finished_at = excluded.finished_at`,
  )
    .bind(id, team.id, workflow, status, over(task) ? 1 : 0, cost, at, over(task) ? at + ms : null)
    .run()
}

async function tell(task: Made, what: string, seq: number): Promise<void> {
  const types = what === 'unsure' ? 'reported routed' : what
  const facts = JSON.stringify([{ type: 'routed', outcome: what === 'unsure' ? 'unsure' : 'fine' }])
  for (const word of what.split(' ')) task.told.add(word)
  await env.DB.prepare(
    `INSERT INTO audit (task, seq, team, workflow, at, types, actor, facts, digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6, '{}', ?7, '')`,
  )
    .bind(task.id, seq, team.id, task.workflow, NOW, types, facts)
    .run()
}

/** Drawn over days, and told by workflow, they are the same tasks. */
async function compareParts(): Promise<void> {
  const range = { from: Math.floor(BEGIN / DAY - 2) * DAY, to: Math.floor(NOW / DAY + 1) * DAY }
  const all = [...made.values()]
  const same = (found: Metrics, some: Made[], what: string) => {
    const count = (fits: (task: Made) => boolean) => some.filter(fits).length
    const { volume, done, failed, stuck, cancelled, open } = found
    expect({ volume, done, failed, stuck, cancelled, open }, what).toEqual({
      volume: some.length,
      done: count(task => task.status === 'done'),
      failed: count(task => task.status === 'failed'),
      stuck: count(task => task.status === 'stuck'),
      cancelled: count(task => task.status === 'cancelled'),
      open: count(task => !over(task)),
    })
    expect(found.cost.known, what).toBe(count(task => task.cost !== null))
    expect(found.escalationRate, what).toBe(
      some.length === 0 ? null : count(task => task.told.has('unsure')) / some.length,
    )
  }
  for (const workflow of [undefined, workflows[0]!]) {
    const spans = await metricsOverTime(env.DB, team.id, workflow, range)
    expect(spans.map(({ from }) => from)).toEqual(Array.from({ length: spans.length }, (_, n) => range.from + n * DAY))
    expect(spans.at(-1)!.to).toBe(range.to)
    for (const { from, to, metrics } of spans) {
      const some = all.filter(task => task.at >= from && task.at < to)
      same(
        metrics,
        some.filter(task => workflow === undefined || task.workflow === workflow),
        `day of ${from}`,
      )
    }
  }
  const each = await metricsByWorkflow(env.DB, team.id, range)
  expect(each.map(({ workflow }) => workflow).toSorted()).toEqual(
    workflows.filter(one => all.some(task => task.workflow === one)).toSorted(),
  )
  for (const { workflow, metrics } of each)
    same(
      metrics,
      all.filter(task => task.workflow === workflow),
      workflow,
    )
}

async function compare(): Promise<void> {
  await compareParts()
  const spans = [
    [BEGIN - DAY, NOW],
    [Math.floor(BEGIN / DAY + 2) * DAY, Math.floor(BEGIN / DAY + 4) * DAY],
    [BEGIN + 5 * HOUR, BEGIN + 70 * HOUR],
  ]
  for (const workflow of [undefined, ...workflows])
    for (const [from, to] of spans as [number, number][]) {
      const some = [...made.values()].filter(
        task => task.at >= from && task.at < to && (workflow === undefined || task.workflow === workflow),
      )
      const count = (fits: (task: Made) => boolean) => some.filter(fits).length
      const found = await metricsOf(env.DB, team.id, workflow, from, to)
      expect(found).toMatchObject({
        volume: some.length,
        open: count(task => !over(task)),
        done: count(task => task.status === 'done'),
        failed: count(task => task.status === 'failed'),
        stuck: count(task => task.status === 'stuck'),
        cancelled: count(task => task.status === 'cancelled'),
        escalationRate: some.length === 0 ? null : count(task => task.told.has('unsure')) / some.length,
      })
      const decided = count(task => task.told.has('decided'))
      expect(found.correctionRate).toBe(decided === 0 ? null : count(task => task.told.has('edited')) / decided)
      expect(found.cost.known).toBe(count(task => task.cost !== null))
      expect(found.cost.total ?? 0).toBeCloseTo(
        some.reduce((sum, task) => sum + (task.cost ?? 0), 0),
        6,
      )
      const times = some
        .filter(task => task.status === 'done')
        .map(task => task.ms)
        .sort((a, b) => a - b)
      if (times.length === 0) continue
      expect(found.duration.averageMs).toBe(Math.round(times.reduce((a, b) => a + b, 0) / times.length))
      const middle = times[Math.floor((times.length - 1) / 2)]!
      expect(Math.abs(found.duration.medianMs! / middle - 1)).toBeLessThan(0.055)
    }
}

test('what was deleted stays counted by its day, whether or not it was added up', async () => {
  const fresh = await aTeam()
  const workflow = await aWorkflow(fresh)
  const today = Math.floor(Date.now() / DAY) * DAY
  const day = today - 30 * DAY
  const insert = (id: string, at: number) =>
    env.DB.prepare(
      `INSERT INTO tasks (id, team, workflow, version, title, status, visit, over, seq, cost, created_at, updated_at, finished_at, card)
         VALUES (?1, ?2, ?3, 1, 't', 'done', 1, 1, 1, 0.5, ?4, ?4, ?4 + 5, '{}')`,
    ).bind(id, fresh.id, workflow, at)
  await addUpFigures(env.DB, Date.now() + HOUR)
  const until = (await env.DB.prepare('SELECT at FROM figures_until').first<number>('at'))!
  await env.DB.batch([insert('tsk_gone_1', day), insert('tsk_gone_2', day + HOUR), insert('tsk_gone_3', until)])
  const counted = async () => {
    const end = Math.floor(until / DAY + 1) * DAY
    const { volume, done, cost } = await metricsOf(env.DB, fresh.id, workflow, day, end)
    return { volume, done, cost: cost.total }
  }
  const before = await counted()
  expect(before).toEqual({ volume: 3, done: 3, cost: 1.5 })
  await env.DB.prepare("DELETE FROM tasks WHERE id IN ('tsk_gone_1', 'tsk_gone_3')").run()
  await addUpFigures(env.DB, until + 2 * HOUR)
  expect(await counted()).toEqual(before)
})
