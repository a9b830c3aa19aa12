/** What a team's tasks of a period add up to: of the days that were added up already from `figures`, of the rest from the index. */
import type { figures } from '../schema/task.ts'
import { DAY_MS, readAdded, type Span, tasksOf, UNTIL, type Whose } from './added.ts'

/** Tasks of one status whose durations are about the same. */
export type Figures = Omit<typeof figures.$inferSelect, 'team' | 'workflow' | 'day'>

const SUMS = ['tasks', 'cost', 'priced', 'ms', 'unsure', 'decided', 'edited']
const summed = `count(*) AS tasks, sum(cost) AS cost, sum(priced) AS priced, sum(ms) AS ms, max(ms) AS slowest,
  sum(unsure) AS unsure, sum(decided) AS decided, sum(edited) AS edited`

/** The figures of the tasks that were made from `from` until before `to`, of one workflow or of all; a class may come several times. */
export function figuresOf(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  from: number,
  to: number,
): Promise<Figures[]> {
  return summedBy<Figures>(db, { team, workflow, from, to }, { name: 'took', ofDays: 'f.took', ofTasks: 't.took' })
}

/** Of one status, without classes. */
type Sums = Omit<Figures, 'took'>

/** The same in spans of `span` ms, which the period and every day consist of; `nth` counts them from 0. One may come several times. */
export function figuresOverTime(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  { from, to }: Span,
  span: number,
): Promise<(Sums & { nth: number })[]> {
  const nth = (at: string) => `(${at} - ${from}) / ${span}`
  const by = { name: 'nth', ofDays: nth(`f.day * ${DAY_MS}`), ofTasks: nth('t.created_at') }
  return summedBy<Sums & { nth: number }>(db, { team, workflow, from, to }, by)
}

/** Workflows whose figures are told beside each other, at most: those that were changed last. */
export const SIDE_BY_SIDE_MOST = 25

const CHANGED_LAST = `SELECT id FROM workflows WHERE team = ?1 AND deleted_at IS NULL ORDER BY updated_at DESC, id LIMIT ${SIDE_BY_SIDE_MOST}`

/** The same by workflow, of these, else of those that were changed last; one may come several times. */
export async function figuresByWorkflow(
  db: D1Database,
  team: string,
  { from, to }: Span,
  some?: string[],
): Promise<(Sums & { workflow: string })[]> {
  const last = () => db.prepare(CHANGED_LAST).bind(team).all<{ id: string }>()
  const by = { name: 'workflow', ofDays: 'f.workflow', ofTasks: 't.workflow' }
  const workflows = some ?? (await last()).results.map(({ id }) => id)
  return summedBy<Sums & { workflow: string }>(db, { team, workflow: undefined, workflows, from, to }, by)
}

/** How figures are told apart besides by status, of days that were added up and of tasks. */
interface By {
  name: string
  ofDays: string
  ofTasks: string
}

async function summedBy<Row>(
  db: D1Database,
  { team, workflow, workflows, from, to }: Whose,
  { name, ofDays, ofTasks }: By,
): Promise<Row[]> {
  const some = workflow ?? (workflows && JSON.stringify(workflows))
  const counted = (over: 0 | 1, span: Span) => {
    const [source, mine] = tasksOf('counted_tasks', over, workflow !== undefined, workflows !== undefined)
    return db
      .prepare(
        `SELECT t.status, ${ofTasks} AS ${name}, ${summed} FROM ${source} WHERE ${mine} AND t.created_at >= ?2 AND t.created_at < ?3 GROUP BY 1, 2`,
      )
      .bind(...[team, span.from, span.to], ...(some === undefined ? [] : [some]))
  }
  const sums = SUMS.map(each => `sum(${each}) AS ${each}`).join(', ')
  const source =
    workflows === undefined
      ? 'figures f WHERE f.team = ?1 AND f.workflow = ?4'
      : 'json_each(?4) j CROSS JOIN figures f ON f.team = ?1 AND f.workflow = j.value WHERE true'
  const added = (days: Span) =>
    db
      .prepare(
        `SELECT f.status, ${ofDays} AS ${name}, ${sums}, max(slowest) AS slowest FROM ${source}
       AND f.day >= ?2 AND f.day < ?3 AND f.tasks > 0 GROUP BY 1, 2`,
      )
      .bind(team, days.from, days.to, some ?? '')
  const found = await readAdded<Row>(db, { from, to }, ({ days, rest }) => [
    ...(days.from < days.to ? [added(days)] : []),
    counted(0, { from, to }),
    ...rest.map(span => counted(1, span)),
  ])
  return found.flat()
}

// `figures_until` is asked within the transaction: two passes at one moment would add the same tasks twice.
export const ADD_UP_FIGURES = `INSERT INTO figures (team, workflow, day, status, took, tasks, cost, priced, ms, slowest, unsure, decided, edited)
  SELECT t.team, CASE s.value WHEN 1 THEN t.workflow ELSE '' END AS scope, t.day, t.status, t.took, ${summed}
  FROM organization o CROSS JOIN counted_tasks t ON t.team = o.id AND t.created_at >= ?1 AND t.created_at < ?2 CROSS JOIN json_each('[0,1]') s
  WHERE +t.over = 1 AND ${UNTIL} = ?3 GROUP BY t.team, scope, t.day, t.status, t.took
  ON CONFLICT DO UPDATE SET ${SUMS.map(name => `${name} = ${name} + excluded.${name}`).join(', ')}, slowest = max(slowest, excluded.slowest)`
