/** What tasks of a period consisted of: by step, agent, model, intake and version, and where the time of their steps went. */
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

/** Of the tasks that were made in the span, of one workflow; of all, by agent and model alone. A row may come several times. */
export function partFiguresOf(db: D1Database, whose: Whose): Promise<PartFigures[]> {
  return read<PartFigures>(db, whose, PARTS)
}

/** The same of the time at steps that they left, of one workflow; of all, of the tasks as a whole. */
export function stepTimesOf(db: D1Database, whose: Whose): Promise<StepTimes[]> {
  return read<StepTimes>(db, whose, TIMES)
}

function read<Row>(db: D1Database, { team, workflow, from, to }: Whose, rollup: Rollup): Promise<Row[]> {
  const { table, view, keys, sums, ofTeam } = rollup
  const some = workflow === undefined ? [] : [workflow]
  const scope = workflow === undefined ? ` AND ${ofTeam}` : ''
  const counted = `${keys.map(key => `t.${key}`).join(', ')}, count(*) AS tasks, ${sums.map(sum => `sum(t.${sum}) AS ${sum}`).join(', ')}`
  const by = `GROUP BY ${keys.map(key => `t.${key}`).join(', ')}`
  const ofTasks = (over: 0 | 1, span: Span) => {
    const [source, mine] = tasksOf(view, over, workflow !== undefined, false)
    return db
      .prepare(
        `SELECT ${counted} FROM ${source} WHERE ${mine} AND t.created_at >= ?2 AND t.created_at < ?3${scope} ${by}`,
      )
      .bind(team, span.from, span.to, ...some)
  }
  return readAdded<Row>(db, { from, to }, ({ days, rest }, until) => [
    ...(days.from < days.to
      ? [
          db
            .prepare(
              `SELECT ${keys.join(', ')}, ${['tasks', ...sums].map(sum => `sum(${sum}) AS ${sum}`).join(', ')} FROM ${table}
               WHERE team = ?1 AND workflow = ?4 AND day >= ?2 AND day < ?3 AND tasks > 0 GROUP BY ${keys.join(', ')}`,
            )
            .bind(team, days.from, days.to, workflow ?? ''),
          db
            .prepare(
              `SELECT ${counted} FROM late_parts l CROSS JOIN ${view} t ON t.id = l.task AND t.team = ?1
               WHERE l.team = ?1 AND t.created_at >= ?2 AND t.created_at < ?3${scope}${workflow === undefined ? '' : ' AND t.workflow = ?4'} ${by}`,
            )
            .bind(team, days.from * DAY_MS, Math.min(days.to * DAY_MS, until), ...some),
        ]
      : []),
    ofTasks(0, { from, to }),
    ...rest.map(span => ofTasks(1, span)),
  ])
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
