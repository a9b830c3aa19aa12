/** Figures of a period, from the task index and the audit log; a rate without a base is null, never a guess. */
import { tasksWith } from '../records/audit.ts'
import { figures } from '../records/task/tasks.ts'

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
  const [tasks, with_] = await Promise.all([
    figures(db, team, workflow, from, to),
    tasksWith(db, team, workflow, from, to),
  ])
  const { volume, done, failed, stuck, cancelled, open, averageMs, medianMs, slowestMs } = tasks
  return {
    volume,
    open,
    done,
    failed,
    stuck,
    cancelled,
    completionRate: rate(done, done + cancelled),
    errorRate: rate(failed + stuck, volume),
    escalationRate: rate(with_.unsure, volume),
    correctionRate: rate(with_.edited, with_.decided),
    duration: { averageMs: averageMs === null ? null : Math.round(averageMs), medianMs, slowestMs },
    cost: {
      total: tasks.cost,
      average: tasks.cost === null || tasks.priced === 0 ? null : tasks.cost / tasks.priced,
      known: tasks.priced,
    },
  }
}

function rate(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.min(1, part / whole)
}
