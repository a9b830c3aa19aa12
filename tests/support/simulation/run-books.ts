/** What the observer knows of each run of the open visit, and what it holds of several together: who may begin, and when they are joined. */

import type { AskKind } from '../../../src/domain/task/people/ask.ts'
import type { TaskState } from '../../../src/domain/task/state.ts'
import type { Step } from '../../../src/domain/workflow/definition.ts'
import type { Coverage } from './chances.ts'
import type { RemindBook } from './remind-book.ts'

export class Violation extends Error {}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what)
}

export interface Question {
  kind: AskKind
  digest: string
  labels: string[]
  approve: string | null
  needs: number
  assignees: string[]
  /** content → those who approved it */
  approvals: Map<string, Set<string>>
  notes: Set<string>
  reminders: RemindBook
  /** Which of several stages is asked, from 0, and the last of them. */
  stage: number
  last: number
  /** It was changed in a later stage: the first is to be asked. */
  toFirst: boolean
  /** Stages whose people are others now. */
  reassigned: Map<number, string[]>
  /** Who was asked when it was changed. */
  before: string[]
}

export interface RunBook {
  name: string | null
  lease: { token: string; until: number; attempt: number } | null
  attempt: number
  tries: number
  lapses: number
  dueAt: number
  asking: boolean
  question: Question | null
  /** What was decided of it and can be taken back until then. */
  pending: {
    question: Question
    until: number
    voter: string
    output: { decision: string; note: string | null; by: string }
  } | null
  /** Whether it had its turn. */
  begun: boolean
  ended: 'completed' | 'failed' | 'fenced' | null
  output: unknown
  /** The task that it waits for. */
  child: string | null
}

export function newRunBook(name: string | null): RunBook {
  const nothing = {
    lease: null,
    attempt: 0,
    tries: 0,
    lapses: 0,
    dueAt: 0,
    asking: false,
    question: null,
    pending: null,
  }
  return { name, ...nothing, begun: false, ended: null, output: null, child: null }
}

/** The runs of a visit that is done in several. It counts for itself when they come to something, and to what. */
export class JoinBook {
  readonly #step: Step
  readonly #runs: Map<number, RunBook>
  readonly #atOnce: number | null
  readonly #coverage: Coverage
  #joined = false

  constructor(step: Step, runs: Map<number, RunBook>, atOnce: number | null, coverage: Coverage) {
    this.#step = step
    this.#runs = runs
    this.#atOnce = atOnce
    this.#coverage = coverage
    must(atOnce === (step.map === undefined ? null : (step.map.concurrency ?? 5)), `${atOnce} at once`)
  }

  #count(ended: RunBook['ended']): number {
    return [...this.#runs.values()].filter(run => run.ended === ended).length
  }

  /** What they come to as they stand: null: nothing yet. */
  get #verdict(): 'done' | 'failed' | null {
    const all = this.#runs.size
    const { join = 'all' } = this.#step.map ?? this.#step.parallel ?? {}
    const [done, failed] = [this.#count('completed'), this.#count('failed')]
    if (join === 'all' && this.#step.map?.onError === 'keep') return done + failed === all ? 'done' : null
    const need = join === 'all' ? all : join === 'any' ? 1 : join
    if (done >= need) return 'done'
    return all - failed < need ? 'failed' : null
  }

  /** The output that the step was given is what its runs put out, in their order. */
  joined(output: unknown): unknown {
    must(!this.#joined, 'joined twice')
    must(this.#verdict === 'done', 'joined too early, or though it failed')
    this.#joined = true
    this.#coverage.joined++
    const runs = [...this.#runs.values()]
    const completed = runs.filter(run => run.ended === 'completed')
    const own = this.#step.map
      ? runs
          .filter(run => run.ended === 'completed' || run.ended === 'failed')
          .map(run => (run.ended === 'completed' ? run.output : KEPT))
      : Object.fromEntries(completed.map(run => [run.name, run.output]))
    // A child's result may hold errors that it kept itself.
    const asText = (value: unknown) => JSON.stringify(value, (_key, part: unknown) => (isKept(part) ? KEPT : part))
    must(asText(output) === asText(own), `it was joined to ${asText(output)}, its runs put out ${asText(own)}`)
    return output
  }

  routed(outcome: string): void {
    must((outcome === 'done') === this.#joined, `routed as ${outcome}, joined: ${this.#joined}`)
    if (this.#joined) return
    must(this.#verdict === 'failed', `routed as ${outcome} though enough may still be done`)
    this.#coverage.joinsFailed++
  }

  /** After each row: as many are at work as may be, and none too many; what is decided is not waited for. */
  agree(state: TaskState, now: number, isOpen: boolean): void {
    if (!isOpen) return
    const runs = [...this.#runs.values()]
    const atWork = runs.filter(run => run.begun && run.ended === null).length
    const most = this.#atOnce ?? runs.length
    must(atWork <= most, `${atWork} are at work, ${most} may be`)
    if (state.status === 'failed') return
    must(this.#verdict === null, `they came to ${this.#verdict}, and it stays`)
    const held = state.stops.length > 0 || (state.until !== null && now >= state.until)
    const queued = runs.filter(run => !run.begun).length
    // What the cost of others leaves no room for waits for them.
    const isTight = state.raised.cost !== null || this.#step.model !== undefined
    must(held || isTight || queued === 0 || atWork === most, `${queued} wait for a turn though ${atWork} are at work`)
    must(queued === 0 || !isTight || held || atWork > 0, 'all wait for a turn')
    if (queued > 0) this.#coverage.waitedForTurn++
  }
}

const KEPT = 'kept'

function isKept(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).join() === 'error'
}
