/** A period of a workflow in review: where models were unsure, what failed, and which steps were slow and dear; from its audit. */
import { factsIn } from '../proof/link.ts'

/** A row of the audit, as far as a review reads it. */
export interface ReviewedRow {
  at: number
  task: string
  seq: number
  /** JSON: what happened, in order. */
  facts: string
}

/** A task, and where in its log something happened to it. */
export interface Place {
  task: string
  seq: number
  at: number
}

/** What happened several times alike. */
export interface Alike {
  step: string
  /** What went wrong; '' where the step says it all. */
  code: string
  /** In the words of the latest. */
  message: string
  times: number
  /** The latest few, of different tasks, latest first. */
  latest: Place[]
}

export interface StepReview {
  step: string
  /** Stays at it that began in the period. */
  visits: number
  /** Those that ended. */
  ended: number
  /** From coming to leaving, of those that ended; waits for people included. */
  ms: number
  slowest: (Place & { ms: number }) | null
  /** USD. */
  cost: number
  dearest: (Place & { cost: number }) | null
}

export interface Review {
  /** How many tasks anything happened to. */
  tasks: number
  escalations: Alike[]
  failures: Alike[]
  /** The slowest on average first. */
  steps: StepReview[]
}

const LATEST = 5

interface Fact {
  type: string
  visit?: number
  step?: string
  outcome?: string
  cost?: number | null
  cause?: string
  code?: string
  message?: string
}

interface Visit extends Place {
  step: string
  cost: number
  ms: number | null
}

/** What these rows, oldest first, come to. What happened at a step that was come to before them counts, but is not timed. */
export function reviewOf(rows: readonly ReviewedRow[]): Review {
  const visits = new Map<string, Visit>()
  const escalations = new Map<string, Alike>()
  const failures = new Map<string, Alike>()
  for (const row of rows) {
    const { task, seq, at } = row
    const here: Place = { task, seq, at }
    for (const fact of factsIn<Fact>(row.facts)) {
      const key = `${task} ${fact.visit}`
      const visit = visits.get(key)
      const step = visit?.step ?? ''
      switch (fact.type) {
        case 'entered':
          visits.set(key, { ...here, step: fact.step ?? '', cost: 0, ms: null })
          break
        case 'reported':
        case 'turned':
        case 'booked':
          if (visit !== undefined) visit.cost += fact.cost ?? 0
          break
        case 'routed':
          if (visit !== undefined) visit.ms ??= at - visit.at
          if (fact.outcome === 'unsure') count(escalations, { step, code: '', message: '' }, here)
          break
        case 'stuck':
          count(failures, { step, code: fact.cause ?? '', message: fact.message ?? '' }, here)
          break
        case 'failed':
          count(failures, { step, code: fact.code ?? '', message: fact.message ?? '' }, here)
          break
      }
    }
  }
  return {
    tasks: new Set(rows.map(({ task }) => task)).size,
    escalations: mostFirst(escalations),
    failures: mostFirst(failures),
    steps: stepsOf([...visits.values()]),
  }
}

function count(all: Map<string, Alike>, what: Pick<Alike, 'step' | 'code' | 'message'>, here: Place): void {
  const key = `${what.step} ${what.code}`
  const before = all.get(key)
  const others = (before?.latest ?? []).filter(({ task }) => task !== here.task)
  all.set(key, { ...what, times: (before?.times ?? 0) + 1, latest: [here, ...others].slice(0, LATEST) })
}

function mostFirst(all: Map<string, Alike>): Alike[] {
  return [...all.values()].sort((a, b) => b.times - a.times)
}

function stepsOf(visits: Visit[]): StepReview[] {
  const steps = new Map<string, StepReview>()
  for (const { step, cost, ms, task, seq, at } of visits) {
    const sum = steps.get(step) ?? { step, visits: 0, ended: 0, ms: 0, slowest: null, cost: 0, dearest: null }
    steps.set(step, sum)
    sum.visits++
    sum.cost += cost
    if (cost > (sum.dearest?.cost ?? 0)) sum.dearest = { task, seq, at, cost }
    if (ms === null) continue
    sum.ended++
    sum.ms += ms
    if (ms > (sum.slowest?.ms ?? -1)) sum.slowest = { task, seq, at, ms }
  }
  const average = ({ ms, ended }: StepReview) => (ended === 0 ? 0 : ms / ended)
  return [...steps.values()].sort((a, b) => average(b) - average(a))
}
