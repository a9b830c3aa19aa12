/**
 * Rollups equal a full recount: thousands of tasks are flushed twice, late, out of order and in parts, some go, passes add up at
 * any moment, and D1 is made again from what their tasks know. BATON_RECOUNT: how many tasks, 10,000 unless it says otherwise.
 */
import { beforeAll, describe, expect, test } from 'vitest'
import type { StoredPart } from '../../../src/domain/task/told/parts.ts'
import { addUpFigures } from '../../../src/records/task/add-up.ts'
import { figuresOf } from '../../../src/records/task/figures.ts'
import { type Flush, statementsOf } from '../../../src/records/task/flush.ts'
import { consistedOf, wholeTimesOf } from '../../../src/records/task/parts.ts'
import { sqliteD1 } from '../../support/d1.ts'
import { mulberry32 } from '../../support/random.ts'

const TASKS = Number(process.env.BATON_RECOUNT ?? 10_000)
const DAY = 86_400_000
const HOUR = 3_600_000
const BEGIN = Date.UTC(2026, 4, 4)
const DAYS = 9
const TEAM = 'org_counted'
const OTHER = 'org_other'
const WORKFLOWS = ['wf_one', 'wf_two', 'wf_three']

const random = mulberry32(20_261_128)
const pick = <T>(some: readonly T[]) => some[Math.floor(random() * some.length)]!
const below = (n: number) => Math.floor(random() * n)

interface Made {
  team: string
  /** Each is what the task tells at one moment, the last as it stands. */
  flushes: Flush[]
}

/** A task's flushes: it begins, goes on, mostly ends, and may change after its end, as when a late report is booked. */
function aTask(n: number): Made {
  const team = n % 50 === 0 ? OTHER : TEAM
  const workflow = team === OTHER ? 'wf_other' : pick(WORKFLOWS)
  const at = BEGIN + below(DAYS * DAY)
  const end = pick(['done', 'done', 'done', 'cancelled', 'failed', 'stuck', 'waiting'])
  const ended = at + Math.floor(1000 * 1.004 ** below(4000))
  const id = `tsk_${n}`
  const steps = ['draft', 'check', 'send'].slice(0, 1 + below(3))
  const rows = [
    { status: 'running', parts: partsOf(steps.slice(0, 1), false) },
    { status: pick(['running', 'waiting']), parts: partsOf(steps, false) },
    { status: end, parts: partsOf(steps, end === 'done' || end === 'cancelled') },
  ].slice(0, random() < 0.1 ? 2 : 3)
  const last = rows.at(-1)!
  if (over(last.status) && random() < 0.15) rows.push({ status: last.status, parts: partsOf(steps, true) })
  const flushes = rows.map(({ status, parts }, nth): Flush => {
    const cost = parts.some(([, , usd]) => usd === null) ? null : 0.25
    const types = pick(['reported', 'reported', 'decided', 'decided edited', 'reported routed'])
    const facts = types.includes('routed') ? '[{"type":"routed","outcome":"unsure"}]' : '[]'
    const told = {
      task: id,
      seq: nth + 1,
      team,
      workflow,
      at: at + nth,
      types,
      actor: '{}',
      step: null,
      facts,
      digest: '',
      log_digest: '',
    }
    return {
      row: {
        ...{ id, team, workflow, version: 1, title: 't', status, step: over(status) ? null : steps.at(-1)!, visit: 1 },
        ...{ over: over(status) ? 1 : 0, seq: nth + 1, due_at: null, cost, created_at: at, updated_at: at + nth },
        ...{ finished_at: over(status) ? ended : null, card: '{}', key: null, parts: JSON.stringify(parts) },
      },
      audit: [told],
    }
  })
  return { team, flushes }
}

const over = (status: string) => status === 'done' || status === 'cancelled'

function partsOf(steps: string[], ended: boolean): StoredPart[] {
  const times = () => Array.from({ length: 6 }, () => (random() < 0.5 ? 0 : below(9_000_000)))
  const cost = () => (random() < 0.1 ? null : below(1000) / 1000)
  return [
    ['task', '', cost(), 0, ended ? 1 : 0, ...(ended ? times() : [])],
    ...steps.map((step, n): StoredPart => {
      const left = ended || n < steps.length - 1 ? 1 + below(2) : 0
      return ['step', step, cost(), below(8), left, ...(left > 0 ? times() : [])]
    }),
    ['agent', pick(['writer', 'reader']), cost(), below(8), 0],
    ['model', pick(['demo', 'gpt-5', 'none']), cost(), below(8), 0],
    ['intake', pick(['int_a', 'api']), cost(), below(8), 0],
    ['version', pick(['1', '2']), cost(), below(8), 0],
  ]
}

const made = new Map<string, Made>()
/** Tasks that were deleted: they stay counted, day by day. */
const gone = new Set<string>()
let db: D1Database

/** All flushes of all tasks: each task's mostly in their order, some twice, some late; those that came in between are lost. */
function mixed(all: Flush[][]): Flush[] {
  const keyed = all.flatMap(flushes => {
    const begin = random()
    return flushes.flatMap((flush, nth) => {
      const at = begin + nth * 0.02 + (random() < 0.2 ? random() : 0)
      return random() < 0.15 ? [[at, flush] as const, [at + random() * 0.3, flush] as const] : [[at, flush] as const]
    })
  })
  return keyed.toSorted(([a], [b]) => a - b).map(([, flush]) => flush)
}

async function aDatabase(): Promise<D1Database> {
  const made = sqliteD1()
  for (const team of [TEAM, OTHER]) {
    await made.prepare(`INSERT INTO organization (id, name, slug, createdAt) VALUES (?1, ?1, ?1, 1)`).bind(team).run()
    for (const id of team === OTHER ? ['wf_other'] : WORKFLOWS)
      await made
        .prepare(
          `INSERT INTO workflows (id, team, name, tags, status, created_at, created_by, updated_at) VALUES (?1, ?2, ?1, '[]', 'active', 1, 'x', 1)`,
        )
        .bind(id, team)
        .run()
  }
  return made
}

/** Flushes come in groups, as boards write them; passes come whenever they like, at times twice. */
async function flushAll(into: D1Database, flushes: Flush[]): Promise<void> {
  const passes = 25
  for (let from = 0, pass = 0; from < flushes.length; ) {
    const size = 1 + below(60)
    await into.batch(statementsOf(into, flushes.slice(from, from + size)))
    from += size
    if (pass === passes || from < (flushes.length * pass) / passes) continue
    const now = BEGIN + (DAYS * DAY * pass++) / passes + HOUR
    await Promise.all([addUpFigures(into, now), addUpFigures(into, now)])
  }
}

beforeAll(async () => {
  for (let n = 0; n < TASKS; n++) made.set(`tsk_${n}`, aTask(n))
  db = await aDatabase()
  await flushAll(db, mixed([...made.values()].map(({ flushes }) => flushes)))
}, 120_000)

const SPANS: [string, number, number][] = [
  ['all of it', BEGIN - DAY, BEGIN + (DAYS + 1) * DAY],
  ['whole days', BEGIN + 2 * DAY, BEGIN + 4 * DAY],
  ['parts of days', BEGIN + 3 * DAY + 7 * HOUR, BEGIN + 6 * DAY + 5 * HOUR],
  ['hours', BEGIN + 3 * DAY + 7 * HOUR, BEGIN + 3 * DAY + 11 * HOUR],
]

describe.each([
  ['as it came', false, false],
  ['once the last pass has added all up', true, false],
  ['in a D1 that was made again', true, true],
])('%s', (_, addsUp, isNew) => {
  beforeAll(async () => {
    if (addsUp && !isNew) {
      for (const [id, { flushes }] of made) if (over(flushes.at(-1)!.row.status) && random() < 0.05) gone.add(id)
      for (const id of gone) await db.prepare('DELETE FROM tasks WHERE id = ?1').bind(id).run()
      expect(gone.size).toBeGreaterThan(0)
    }
    if (isNew) {
      // What is gone, nobody can tell.
      for (const id of gone) made.delete(id)
      db = await aDatabase()
      // Each task tells all that it knows, in no order among tasks; passes come before all of them are there.
      await flushAll(
        db,
        mixed([...made.values()].map(({ flushes }) => [{ ...flushes.at(-1)!, audit: flushes.flatMap(f => f.audit) }])),
      )
    }
    if (addsUp) await addUpFigures(db, BEGIN + 20 * DAY)
    const late = await db.prepare('SELECT count(*) AS n FROM late_parts').first<number>('n')
    expect(late! > 0).toBe(!addsUp)
  }, 120_000)

  test.each(SPANS)('%s equal a recount', async (_name, from, to) => {
    for (const workflow of [undefined, WORKFLOWS[0]!]) {
      const whose = { team: TEAM, workflow, from, to }
      const mine = [...made.values()]
        .map(({ flushes }) => flushes.at(-1)!.row)
        .filter(row => row.team === TEAM && row.created_at >= from && row.created_at < to)
        .filter(row => workflow === undefined || row.workflow === workflow)
        .filter(row => !gone.has(row.id) || isOfWholeDay(row.created_at, from, to))
      expect(mine.length).toBeGreaterThan(0)
      const parts = byKey(
        mine.flatMap(row => partRows(row, workflow)),
        PART_KEYS,
      )
      const counted = mine.flatMap(row => timeRows(row, workflow))
      const times = byKey(counted, TIME_KEYS)
      // Counted here, and by D1 where there are too many for that.
      for (const most of [undefined, 3]) {
        const found = await consistedOf(db, whose, most)
        expect(byKey(found.parts, PART_KEYS)).toEqual(parts)
        expect(byKey(found.times.map(spreadOf), TIME_KEYS)).toEqual(byKey(counted.map(spreadOf), TIME_KEYS))
        expect(kindsIn(found.times)).toEqual(kindsIn(counted))
      }
      const whole = Object.entries(times).filter(([key]) => key.startsWith('|'))
      expect(byKey(await wholeTimesOf(db, whose), TIME_KEYS)).toEqual(Object.fromEntries(whole))
      const volume = (await figuresOf(db, TEAM, workflow, from, to)).reduce((sum, { tasks }) => sum + tasks, 0)
      expect(volume).toBe(mine.length)
    }
  })
})

test('another team’s figures are its own', async () => {
  const whose = { team: OTHER, workflow: undefined, from: BEGIN, to: BEGIN + DAYS * DAY }
  const rows = [...made.values()].filter(({ team }) => team === OTHER).map(({ flushes }) => flushes.at(-1)!.row)
  expect(byKey((await consistedOf(db, whose)).parts, PART_KEYS)).toEqual(
    byKey(
      rows.flatMap(row => partRows(row, undefined)),
      PART_KEYS,
    ),
  )
})

/** Of days of which a part is looked at, tasks are counted one by one. */
function isOfWholeDay(at: number, from: number, to: number): boolean {
  const day = Math.floor(at / DAY) * DAY
  return day >= from && day + DAY <= to
}

const PART_KEYS = ['dimension', 'name', 'status']
const TIME_KEYS = ['step', 'what', 'took']

/** Rows of one key together; sums as whole numbers, that of cost in thousandths. */
function byKey(rows: object[], keys: string[]): Record<string, Record<string, number>> {
  const all: Record<string, Record<string, number>> = {}
  for (const row of rows as Record<string, number>[]) {
    const key = keys.map(each => row[each]).join('|')
    const sum = all[key] ?? {}
    all[key] = sum
    for (const [name, value] of Object.entries(row))
      if (!keys.includes(name)) sum[name] = (sum[name] ?? 0) + (name === 'cost' ? Math.round(value * 1000) : value)
  }
  return Object.fromEntries(Object.entries(all).filter(([, { tasks }]) => tasks !== 0))
}

type Times = ReturnType<typeof timeRows>[number]
const spreadOf = ({ step, what, took, tasks, ms }: Omit<Times, 'what'> & { what: string }) => ({
  step,
  what,
  took,
  tasks,
  ms,
})

/** Where the time of each step went. */
function kindsIn(rows: (Omit<Times, 'what'> & { what: string })[]): Record<string, number[]> {
  const all: Record<string, number[]> = {}
  for (const { step, people, time, held, queue, model, call } of rows)
    all[step] = [people, time, held, queue, model, call].map((ms, n) => ms + (all[step]?.[n] ?? 0))
  return all
}

const partsIn = (row: Flush['row']) => JSON.parse(row.parts!) as StoredPart[]

/** A task counted by hand. */
function partRows(row: Flush['row'], workflow: string | undefined) {
  return partsIn(row)
    .filter(([dimension]) => dimension !== 'task' && (workflow !== undefined || ['agent', 'model'].includes(dimension)))
    .map(([dimension, name, cost, told]) => ({
      dimension,
      name,
      status: row.over === 0 && dimension === 'step' && row.step !== name ? 'passed' : row.status,
      tasks: 1,
      cost: cost ?? 0,
      priced: cost === null ? 0 : 1,
      ...{ unsure: told & 1 ? 1 : 0, decided: told & 2 ? 1 : 0, edited: told & 4 ? 1 : 0 },
    }))
}

function timeRows(row: Flush['row'], workflow: string | undefined) {
  return partsIn(row)
    .filter(
      ([dimension, , , , left]) =>
        left > 0 && (dimension === 'task' || (dimension === 'step' && workflow !== undefined)),
    )
    .flatMap(([, step, , , , ...ms]) => {
      const [people = 0, time = 0, held = 0, queue = 0, model = 0, call = 0] = ms
      const [waited, worked] = [people + time + held + queue, model + call]
      const none = { people: 0, time: 0, held: 0, queue: 0, model: 0, call: 0 }
      const rowOf = (what: string, ms: number, of = none) => ({
        step,
        what,
        took: Math.round(10 * Math.log(1 + ms)),
        tasks: 1,
        ms,
        ...of,
      })
      return [
        rowOf('all', waited + worked, { people, time, held, queue, model, call }),
        rowOf('waited', waited),
        rowOf('worked', worked),
      ]
    })
}
