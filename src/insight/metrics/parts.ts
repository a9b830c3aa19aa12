/** Figures of a span of days by step, agent, model, intake and version, and where the time of steps went. */
import { type StepTime, timesOf } from '../../domain/metrics/times.ts'
import type { Dimension } from '../../domain/task/told/parts.ts'
import { consistedOf, type PartFigures, wholeTimesOf } from '../../records/task/parts.ts'
import type { Range } from '../range.ts'

/** Of the tasks that had the part. Of a step, those count as failed, stuck or open that are at it. */
export interface PartMetrics {
  name: string
  tasks: number
  done: number
  open: number
  failed: number
  stuck: number
  cancelled: number
  /** In which a model was unsure there, and the rate of it. */
  unsure: number
  escalationRate: number | null
  /** Of those that people decided on, those that they edited. */
  edited: number
  correctionRate: number | null
  /** In USD, of those whose cost is known. */
  cost: number | null
}

export type Parts = Record<Exclude<Dimension, 'task'>, PartMetrics[]>

export interface Whole {
  parts: Parts
  steps: StepTime[]
  /** Of the tasks that are over, from beginning to end; null: none is. */
  task: StepTime | null
}

const COUNTED = ['step', 'agent', 'model', 'intake', 'version'] as const

/** Of one workflow; of all, by agent and model alone, and without steps. */
export async function partsOf(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  range: Range,
): Promise<Whole> {
  const { parts: figures, times } = await consistedOf(db, { team, workflow, ...range })
  const parts = Object.fromEntries(
    COUNTED.map(dimension => [dimension, byName(figures.filter(one => one.dimension === dimension))]),
  ) as Parts
  const all = timesOf(times)
  return { parts, steps: all.filter(({ step }) => step !== ''), task: all.find(({ step }) => step === '') ?? null }
}

/** The time of the tasks that are over alone; null: none is. */
export async function taskTimeOf(
  db: D1Database,
  team: string,
  workflow: string | undefined,
  range: Range,
): Promise<StepTime | null> {
  return timesOf(await wholeTimesOf(db, { team, workflow, ...range }))[0] ?? null
}

/** Those with most tasks first. */
function byName(figures: PartFigures[]): PartMetrics[] {
  return [...new Set(figures.map(({ name }) => name))]
    .map(name =>
      metricsFrom(
        name,
        figures.filter(one => one.name === name),
      ),
    )
    .filter(({ tasks }) => tasks > 0)
    .toSorted((a, b) => b.tasks - a.tasks || a.name.localeCompare(b.name))
}

function metricsFrom(name: string, figures: PartFigures[]): PartMetrics {
  const sum = (of: (one: PartFigures) => number) => figures.reduce((total, one) => total + of(one), 0)
  const count = (...statuses: string[]) => sum(one => (statuses.includes(one.status) ? one.tasks : 0))
  const [tasks, unsure, decided, edited] = [
    sum(one => one.tasks),
    sum(one => one.unsure),
    sum(one => one.decided),
    sum(one => one.edited),
  ]
  return {
    ...{ name, tasks, done: count('done'), cancelled: count('cancelled') },
    ...{ failed: count('failed'), stuck: count('stuck') },
    open: count('running', 'held', 'waiting', 'stuck', 'failed'),
    ...{ unsure, escalationRate: rate(unsure, tasks), edited, correctionRate: rate(edited, decided) },
    cost: sum(one => one.priced) === 0 ? null : sum(one => one.cost),
  }
}

function rate(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.min(1, part / whole)
}
