/** What the observer knows of the tasks that a task started: each is there once, comes back with what it came to, and is not left alone. */
import type { Json } from '../../../src/domain/json/json.ts'
import { spentInAll } from '../../../src/domain/task/cost.ts'
import type { TaskEvent } from '../../../src/domain/task/events.ts'
import { standingOf, type TaskState } from '../../../src/domain/task/state.ts'
import type { Coverage } from './chances.ts'
import { must } from './run-books.ts'

type EventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>

interface Kept {
  at: string
  waits: boolean
  until: number | null
  recalled: boolean
  standing: 'failed' | 'done' | 'cancelled' | null
}

/** How late the end of a wait may be when nothing is wrong. */
const SOON_MS = 5000

export class ChildBook {
  readonly #kept = new Map<string, Kept>()
  /** Whether the task stands still: nothing ends its wait then, not even its time. */
  #halted = false
  readonly #coverage: Coverage
  readonly #kin: (task: string) => TaskState | null

  constructor(coverage: Coverage, kin: (task: string) => TaskState | null) {
    this.#coverage = coverage
    this.#kin = kin
  }

  /** Answers whether the run waits for it from now on. */
  started({ visit, run, attempt, child, waits, until }: EventOf<'started'>): boolean {
    must(!this.#kept.has(child), `${child} is started twice`)
    must(this.#kin(child) !== null, `${child} is said to be started, and is not there`)
    const at = `${visit}.${run}.${attempt}`
    const isAlone = ![...this.#kept.values()].some(kept => kept.waits && kept.at === at)
    must(!waits || isAlone, `two tasks are awaited for the attempt ${at}`)
    this.#kept.set(child, { at, waits, until, recalled: false, standing: null })
    this.#coverage.childrenStarted++
    return waits
  }

  recalled({ child }: EventOf<'recalled'>): void {
    const kept = this.#of(child)
    must(!kept.recalled, `${child} is called back twice`)
    kept.recalled = true
    this.#coverage.childrenRecalled++
    if (!kept.waits) this.#coverage.childrenOutOfTheBlue++
  }

  returned({ child, standing, result }: EventOf<'returned'>): void {
    const kept = this.#of(child)
    must(kept.standing !== standing, `${child} comes back as ${standing} twice`)
    must(kept.standing === null || kept.standing === 'failed', `${child} comes back though it was ${kept.standing}`)
    kept.standing = standing
    const state = this.#kin(child)
    if (standing !== 'failed') must(state?.status === standing, `${child} is said to be ${standing}`)
    if (standing === 'done') must(same(state?.result, result), `${child} came to something else`)
    this.#coverage.childrenReturned++
  }

  /** A run goes on with what its child came to. */
  taken(child: string, output: Json, at: number, punctualFrom: number): void {
    const { until } = this.#of(child)
    const late = at - (until ?? at)
    must(this.#halted || (until ?? 0) < punctualFrom || late <= SOON_MS, `${child} is waited for ${late} ms too long`)
    must(this.#of(child).standing === 'done', `a run goes on though ${child} is ${this.#of(child).standing}`)
    const result = (this.#kin(child)?.result ?? null) as Json
    must(same(output, { task: child, status: 'done', result }), `a run goes on with another output than ${child} had`)
  }

  failed(child: string, code: string, at: number, punctualFrom: number): void {
    const { standing, until } = this.#of(child)
    if (code === 'timeout') {
      must(until !== null && until <= at && standing === null, `${child} is given up too early`)
      must(until < punctualFrom || at - until <= SOON_MS, `${child} is given up ${at - until} ms late`)
      this.#coverage.childrenTooLate++
      return
    }
    const expected = { failed: 'child_failed', cancelled: 'child_cancelled', done: 'invalid_output' }
    must(standing !== null && expected[standing] === code, `a run fails as ${code}, ${child} is ${standing}`)
  }

  /** After each row: what nobody waits for any more is called back. `awaited`: the children that runs wait for, `attempts`: at which attempt they are. */
  agree({ halted, visit }: TaskState, awaited: ReadonlySet<string>, attempts: ReadonlyMap<number, number>): void {
    this.#halted = halted !== null
    for (const [task, { waits, recalled, standing, at }] of this.#kept) {
      if (!waits || recalled || standing === 'done' || standing === 'cancelled' || awaited.has(task)) continue
      must(standing === 'failed', `nobody waits for ${task} any more, and it does not know`)
      must(halted !== 'cancelled', `${task}, which failed, outlives its task`)
      const [n, run, attempt] = at.split('.').map(Number) as [number, number, number]
      const isReplaced = n === visit.n && (attempts.get(run) ?? 0) > attempt
      must(!isReplaced, `another is started in the place of ${task}, which failed and may still go on`)
    }
  }

  told(): void {
    this.#coverage.wordsHeard++
  }

  /** At the end: everything that was started for this task is known to it, and how it ended; nothing goes on for nobody. */
  settled(state: TaskState, started: { task: string; waits: boolean }[]): void {
    for (const { task, waits } of started) {
      const child = this.#kin(task)
      if (child === null || !waits) continue
      const kept = this.#kept.get(task)
      must(kept !== undefined, `nobody knows of ${task}, which was started`)
      // It may have been booked more since it told.
      const { spent = 0 } = state.children.find(each => each.task === task) ?? {}
      must(spent <= spentInAll(child), `${task} is said to have spent $${spent}, more than it did`)
      const standing = standingOf(child)
      if (standing === 'open') {
        const isAwaited = state.visit.runs.some(({ phase }) => phase.name === 'awaiting' && phase.child === task)
        // One that has failed is people's business, who may have taken it up again.
        must(
          (isAwaited && state.visit.open) || kept.standing === 'failed',
          `${task} is ${child.status} though nobody waits for it`,
        )
      } else must(kept.standing === standing, `${task} is ${standing}, which is known as ${kept.standing}`)
      if (state.status === 'cancelled')
        must(standing === 'done' || standing === 'cancelled', `${task} outlives its task`)
    }
  }

  #of(child: string): Kept {
    const kept = this.#kept.get(child)
    must(kept !== undefined, `nobody knows of ${child}`)
    return kept
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b)
}
