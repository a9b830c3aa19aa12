/** Where the time of steps goes, from classes of durations: medians, what one in ten is above, and the bottleneck in a sentence. Pure. */
import { TIME_KINDS, type TimeKind } from '../task/told/parts.ts'

/** Tasks whose time at a step was about the same; a class may come several times. */
export type TimeClass = {
  step: string
  what: 'all' | 'waited' | 'worked'
  took: number
  tasks: number
  ms: number
} & Record<TimeKind, number>

interface Spread {
  ms: number
  medianMs: number | null
  /** One in ten took longer. */
  p90Ms: number | null
}

/** The time of those tasks that left a step, all of a task's stays there together. */
export interface StepTime {
  step: string
  tasks: number
  all: Spread
  waited: Spread
  worked: Spread
  kinds: Record<TimeKind, number>
}

/** By step; of the whole tasks under ''. */
export function timesOf(classes: TimeClass[]): StepTime[] {
  return [...new Set(classes.map(({ step }) => step))].map(step => {
    const of = (what: TimeClass['what']) => classes.filter(one => one.step === step && one.what === what)
    const all = of('all')
    const kinds = Object.fromEntries(TIME_KINDS.map(kind => [kind, sumOf(all, one => one[kind])]))
    return {
      step,
      tasks: sumOf(all, one => one.tasks),
      ...{ all: spreadOf(all), waited: spreadOf(of('waited')), worked: spreadOf(of('worked')) },
      kinds: kinds as Record<TimeKind, number>,
    }
  })
}

function sumOf<T>(all: T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0)
}

function spreadOf(classes: TimeClass[]): Spread {
  return { ms: sumOf(classes, one => one.ms), medianMs: quantileOf(classes, 0.5), p90Ms: quantileOf(classes, 0.9) }
}

/** The average of the class in which it lies, which is within 5 % of it; null: there is nothing. */
function quantileOf(classes: TimeClass[], share: number): number | null {
  const sizes = new Map<number, { tasks: number; ms: number }>()
  for (const { took, tasks, ms } of classes) {
    const known = sizes.get(took) ?? { tasks: 0, ms: 0 }
    sizes.set(took, { tasks: known.tasks + tasks, ms: known.ms + ms })
  }
  const nth = Math.ceil(sumOf(classes, one => one.tasks) * share)
  let before = 0
  for (const [, { tasks, ms }] of [...sizes].sort(([a], [b]) => a - b)) {
    before += tasks
    if (tasks > 0 && before >= nth) return Math.round(ms / tasks)
  }
  return null
}

export const KIND_NAMES: Record<TimeKind, string> = {
  people: 'waiting for people',
  time: 'waiting for a time, an event or another task',
  held: 'held back by a limit or a provider',
  queue: 'waiting for a worker or the next attempt',
  model: 'a model at work',
  call: 'a call or other work',
}

export interface Bottleneck {
  time: StepTime
  /** Of the time of all steps. */
  share: number
  /** Where most of it goes, and how much of it. */
  kind: TimeKind
  kindShare: number
}

/** The step at which most time goes; null: none goes anywhere. */
export function bottleneckOf(times: StepTime[]): Bottleneck | null {
  const steps = times.filter(({ step, all }) => step !== '' && all.ms > 0)
  const [most] = steps.toSorted((a, b) => b.all.ms - a.all.ms)
  if (most === undefined) return null
  const [kind] = TIME_KINDS.toSorted((a, b) => most.kinds[b] - most.kinds[a])
  const total = sumOf(steps, ({ all }) => all.ms)
  return { time: most, share: most.all.ms / total, kind: kind!, kindShare: most.kinds[kind!] / most.all.ms }
}
