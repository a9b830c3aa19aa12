/** What tasks of a period consisted of: by step, agent, model, intake and version, and where the time of their steps went. */
import { type CountedTask, partsOfTask, timesOfTask } from '../../domain/metrics/count-parts.ts'
import type { PartFilter } from '../../domain/metrics/part.ts'
import type { partFigures, stepTimes } from '../schema/task.ts'
import { DAY_MS, readAdded, type Span, tasksOf, UNTIL, type Whose } from './added.ts'

type Rest = 'team' | 'workflow' | 'day'
/** Tasks of one status that had the part. Of a step, `passed`: they are open, and elsewhere. */
export type PartFigures = Omit<typeof partFigures.$inferSelect, Rest>
/** Tasks whose time at a step was about the same; step '': their whole time, of those that are over. */
export type StepTimes = Omit<typeof stepTimes.$inferSelect, Rest>

/** A rollup: its table, the view that it adds up, what it is told apart by, and its sums. */
interface Rollup {
  table: string
  view: string
  keys: string[]
  sums: string[]
  /** What counts for the team as a whole, too. */
  ofTeam: string
}

const PARTS: Rollup = {
  table: 'part_figures',
  view: 'counted_parts',
  keys: ['dimension', 'name', 'status'],
  sums: ['cost', 'priced', 'unsure', 'decided', 'edited'],
  ofTeam: "t.dimension IN ('agent', 'model')",
}
const TIMES: Rollup = {
  table: 'step_times',
  view: 'counted_times',
  keys: ['step', 'what', 'took'],
  sums: ['ms', 'people', 'time', 'held', 'queue', 'model', 'call'],
  ofTeam: "t.step = ''",
}

const KINDS = TIMES.sums.filter(sum => sum !== 'ms')
const NO_TIME = { people: 0, time: 0, held: 0, queue: 0, model: 0, call: 0 }
const ALL_OF_IT = { what: 'all' as const, took: 0, tasks: 0, ms: 0 }
/** Many rows have the spread of times, and where they went is asked apart: that is a third less work. */
const SPREAD: Rollup = { ...TIMES, sums: ['ms'] }

/** Where the time went, by step alone. */
function kindsOf(db: D1Database, { team, workflow }: Whose, days: Span): D1PreparedStatement {
  return db
    .prepare(
      `SELECT step, ${KINDS.map(kind => `sum(${kind}) AS ${kind}`).join(', ')} FROM step_times
       WHERE team = ?1 AND workflow = ?4 AND day >= ?2 AND day < ?3 AND what = 'all' GROUP BY step`,
    )
    .bind(team, days.from, days.to, workflow ?? '')
}

export interface Consisted {
  parts: PartFigures[]
  times: StepTimes[]
}

/** Tasks that are counted here, at most; more are counted by D1, which takes it longer but needs no room. */
const COUNTED_HERE = 20_000

/**
 * Of the tasks that were made in the span, of one workflow; of all, agents and models, and the time of whole tasks. A row may
 * come several times, and where the time of a step went may stand in a row of no tasks.
 */
export async function consistedOf(db: D1Database, whose: Whose, most = COUNTED_HERE): Promise<Consisted> {
  const scope = whose.workflow === undefined ? 'team' : 'workflow'
  type Row = PartFigures & StepTimes & CountedTask
  let isAdded = false
  const answers = await readAdded<Row>(db, whose, ({ days, rest }, until) => {
    isAdded = days.from < days.to
    return [
      ...(isAdded ? [addedOf(db, PARTS, whose, days), addedOf(db, SPREAD, whose, days), kindsOf(db, whose, days)] : []),
      ...one(db, whose, { days, rest }, until, most),
    ]
  })
  const [parts, spread, kinds] = isAdded ? answers : [[], [], []]
  const tasks = answers.slice(isAdded ? 3 : 0)
  if (tasks.some(found => found.length > most)) {
    const [allParts, allTimes] = await Promise.all([
      counted<PartFigures>(db, whose, PARTS),
      counted<StepTimes>(db, whose, TIMES),
    ])
    return { parts: allParts, times: allTimes }
  }
  return {
    parts: [...parts!, ...tasks.flat().flatMap(task => partsOfTask(task, scope))],
    times: [
      ...spread!.map(one => ({ ...NO_TIME, ...one })),
      ...kinds!.map(one => ({ ...ALL_OF_IT, ...one })),
      ...tasks.flat().flatMap(task => timesOfTask(task, scope)),
    ],
  }
}

/** The time of whole tasks that are over alone. */
export async function wholeTimesOf(db: D1Database, whose: Whose): Promise<StepTimes[]> {
  return (await counted<StepTimes>(db, whose, TIMES, " AND step = ''")).filter(({ step }) => step === '')
}

type Divided = { days: Span; rest: Span[] }

function addedOf(db: D1Database, { table, keys, sums }: Rollup, { team, workflow }: Whose, days: Span, more = '') {
  const all = ['tasks', ...sums].map(sum => `sum(${sum}) AS ${sum}`).join(', ')
  return db
    .prepare(
      `SELECT ${keys.join(', ')}, ${all} FROM ${table}
       WHERE team = ?1 AND workflow = ?4 AND day >= ?2 AND day < ?3 AND tasks > 0${more} GROUP BY ${keys.join(', ')}`,
    )
    .bind(team, days.from, days.to, workflow ?? '')
}

/** Statements that find what is not added up: what came late, what is open, and what lies beside the whole days. */
function beside(
  { team, workflow, from, to }: Whose,
  { days, rest }: Divided,
  until: number,
  view: string,
  select: (source: string, where: string, values: (string | number)[]) => D1PreparedStatement,
  overAlone = false,
): D1PreparedStatement[] {
  const some = workflow === undefined ? [] : [workflow]
  const ofTasks = (over: 0 | 1, span: Span) => {
    const [source, mine] = tasksOf(view, over, workflow !== undefined, false)
    return select(source, `${mine} AND t.created_at >= ?2 AND t.created_at < ?3`, [team, span.from, span.to, ...some])
  }
  const mine = workflow === undefined ? '' : ' AND t.workflow = ?4'
  const late = select(
    `late_parts l CROSS JOIN ${view} t ON t.id = l.task AND t.team = ?1`,
    `l.team = ?1 AND t.created_at >= ?2 AND t.created_at < ?3${mine}`,
    [team, days.from * DAY_MS, Math.min(days.to * DAY_MS, until), ...some],
  )
  return [
    ...(days.from < days.to ? [late] : []),
    ...(overAlone ? [] : [ofTasks(0, { from, to })]),
    ...rest.map(span => ofTasks(1, span)),
  ]
}

/** The tasks one by one. */
function one(db: D1Database, whose: Whose, divided: Divided, until: number, most: number): D1PreparedStatement[] {
  return beside(whose, divided, until, 'tasks', (source, where, values) =>
    db
      .prepare(`SELECT t.status, t.step, t.over, t.parts FROM ${source} WHERE ${where} LIMIT ${most + 1}`)
      .bind(...values),
  )
}

/** All of a rollup, what is not added up counted by D1. `whole`: a condition by which only what is over counts. */
async function counted<Row>(db: D1Database, whose: Whose, rollup: Rollup, whole = ''): Promise<Row[]> {
  const { view, keys, sums, ofTeam } = rollup
  const of = keys.map(key => `t.${key}`).join(', ')
  const columns = `${of}, count(*) AS tasks, ${sums.map(sum => `sum(t.${sum}) AS ${sum}`).join(', ')}`
  const scope = whose.workflow === undefined ? ` AND ${ofTeam}` : ''
  const found = await readAdded<Row>(db, whose, (divided, until) => [
    ...(divided.days.from < divided.days.to ? [addedOf(db, rollup, whose, divided.days, whole)] : []),
    ...beside(
      whose,
      divided,
      until,
      view,
      (source, where, values) =>
        db.prepare(`SELECT ${columns} FROM ${source} WHERE ${where}${scope} GROUP BY ${of}`).bind(...values),
      whole !== '',
    ),
  ])
  return found.flat()
}

/** Adds up what `from` has, for its workflow and, where it counts for the team as a whole, for that. */
function addUp({ table, keys, sums, ofTeam }: Rollup, from: string, where: string): string {
  const all = ['tasks', ...sums]
  const by = keys.map(key => `t.${key}`).join(', ')
  return `INSERT INTO ${table} (team, workflow, day, ${keys.join(', ')}, ${all.join(', ')})
    SELECT t.team, CASE s.value WHEN 1 THEN t.workflow ELSE '' END AS scope, t.day, ${by}, count(*), ${sums.map(sum => `sum(t.${sum})`).join(', ')}
    FROM ${from} CROSS JOIN json_each('[0,1]') s WHERE ${where} AND (s.value = 1 OR ${ofTeam})
    GROUP BY t.team, scope, t.day, ${by}
    ON CONFLICT DO UPDATE SET ${all.map(sum => `${sum} = ${sum} + excluded.${sum}`).join(', ')}`
}

/** Adds up tasks that were made from ?1 until before ?2 and are over, while all is added up until ?3. */
export const ADD_UP_PARTS = [PARTS, TIMES].map(rollup =>
  addUp(
    rollup,
    `organization o CROSS JOIN ${rollup.view} t ON t.team = o.id AND t.created_at >= ?1 AND t.created_at < ?2`,
    `+t.over = 1 AND ${UNTIL} = ?3`,
  ),
)

const LATE =
  'SELECT l.team, l.task FROM organization o CROSS JOIN late_parts l ON l.team = o.id ORDER BY l.team, l.task LIMIT 2000'

/** Adds up some of what came late, and takes it from what is late: of the last statement it is seen whether there were any. */
export const ADD_UP_LATE = [
  ...[PARTS, TIMES].map(rollup =>
    addUp(rollup, `(${LATE}) l CROSS JOIN ${rollup.view} t ON t.id = l.task AND t.team = l.team`, 'true'),
  ),
  `DELETE FROM late_parts WHERE (team, task) IN (${LATE})`,
]

/** The condition on a task's row `t` (or none) that it has the part; `told`: a bit of what happened to that part. */
export function hasPart(
  { kind, name }: PartFilter,
  told: number | undefined,
  bound: (value: string | number) => string,
  row = '',
): string {
  if (kind === 'at') return `${row}over = 0 AND ${row}step = ${bound(name)}`
  const more = kind === 'left' ? ' AND p.value->>4 > 0' : ''
  const bit = told === undefined ? '' : ` AND (p.value->>3) & ${bound(told)} > 0`
  const dimension = bound(kind === 'left' ? 'step' : kind)
  return `EXISTS (SELECT 1 FROM json_each(${row}parts) p WHERE p.value->>0 = ${dimension} AND p.value->>1 = ${bound(name)}${more}${bit})`
}
