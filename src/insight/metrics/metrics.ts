/** Figures of a period, from what its tasks add up to; a rate without a base is null, never a guess. */
import type { Status } from '../../domain/task/state.ts'
import { type Figures, figuresByWorkflow, figuresOf, figuresOverTime } from '../../records/task/figures.ts'
import { type Range, spanOf } from '../range.ts'

export interface Metrics {
  volume: number
  open: number
  done: number
  failed: number
  stuck: number
  cancelled: number
  /** Of the tasks that are over. */
  completionRate: number | null
  /** Of all tasks: those that stand failed or stuck. */
  errorRate: number | null
  /** Of all tasks: those in which a model was unsure. */
  escalationRate: number | null
  /** Of the tasks that people decided on: those that they edited. */
  correctionRate: number | null
  duration: { averageMs: number | null; medianMs: number | null; slowestMs: number | null }
  /** In USD, of the tasks whose cost is known. */
  cost: { total: number | null; average: number | null; known: number }
}

/** The figures of the tasks that were made in the period, of one workflow or of all. */
export async function metricsOf(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  from: number,
  to: number,
): Promise<Metrics> {
  return metricsFrom(await figuresOf(db, team, workflow, from, to))
}

/** The figures of one span of a period. */
export interface SpanOfMetrics extends Range {
  metrics: Metrics
}

/** The same by days, weeks or thirty days, whichever are a dozen or so; the last one may be shorter. */
export async function metricsOverTime(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  range: Range,
): Promise<SpanOfMetrics[]> {
  const span = spanOf(range)
  const found = await figuresOverTime(db, team, workflow, range, span)
  return Array.from({ length: Math.ceil((range.to - range.from) / span) }, (_, nth) => {
    const from = range.from + nth * span
    const some = found.filter(one => one.nth === nth)
    return { from, to: Math.min(from + span, range.to), metrics: metricsFrom(some.map(one => ({ ...one, took: -1 }))) }
  })
}

/** The same by workflow, those with most tasks first. */
export async function metricsByWorkflow(
  db: D1Database,
  team: string,
  range: Range,
): Promise<{ workflow: string; metrics: Metrics }[]> {
  const found = await figuresByWorkflow(db, team, range)
  const metricsIn = (workflow: string) =>
    metricsFrom(found.filter(one => one.workflow === workflow).map(one => ({ ...one, took: -1 })))
  return [...new Set(found.map(({ workflow }) => workflow))]
    .map(workflow => ({ workflow, metrics: metricsIn(workflow) }))
    .toSorted((a, b) => b.metrics.volume - a.metrics.volume)
}

/** What these add up to. */
function metricsFrom(all: Figures[]): Metrics {
  const sum = (of: (one: Figures) => number, some = all) => some.reduce((total, one) => total + of(one), 0)
  const tasks = (status: Status) =>
    sum(
      one => one.tasks,
      all.filter(one => one.status === status),
    )
  const [done, cancelled, failed, stuck] = [tasks('done'), tasks('cancelled'), tasks('failed'), tasks('stuck')]
  const volume = sum(one => one.tasks)
  const priced = sum(one => one.priced)
  const timed = all.filter(one => one.took >= 0)
  const ended = sum(one => one.tasks, timed)
  const cost = sum(one => one.cost)
  return {
    volume,
    open: volume - done - cancelled,
    done,
    failed,
    stuck,
    cancelled,
    completionRate: rate(done, done + cancelled),
    errorRate: rate(failed + stuck, volume),
    escalationRate: rate(
      sum(one => one.unsure),
      volume,
    ),
    correctionRate: rate(
      sum(one => one.edited),
      sum(one => one.decided),
    ),
    duration: {
      averageMs: ended === 0 ? null : Math.round(sum(one => one.ms, timed) / ended),
      medianMs: medianOf(timed, ended),
      slowestMs: ended === 0 ? null : Math.max(...timed.map(one => one.slowest)),
    },
    cost: { total: priced === 0 ? null : cost, average: priced === 0 ? null : cost / priced, known: priced },
  }
}

/** The average of the class in which the middle one lies, which is within 3 % of it. */
function medianOf(timed: Figures[], ended: number): number | null {
  const classes = [...new Set(timed.map(one => one.took))].sort((a, b) => a - b)
  let before = 0
  for (const took of classes) {
    const some = timed.filter(one => one.took === took)
    const tasks = some.reduce((total, one) => total + one.tasks, 0)
    before += tasks
    if (before > Math.floor((ended - 1) / 2)) return Math.round(some.reduce((total, one) => total + one.ms, 0) / tasks)
  }
  return null
}

function rate(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.min(1, part / whole)
}
