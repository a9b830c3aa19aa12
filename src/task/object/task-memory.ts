/** What a Task DO knows of its task: the fold of its log, kept in step with it, and what was carried out under which key. */
import type { CreateTask, Refusal } from '../../domain/task/commands.ts'
import { type Context, readValue } from '../../domain/task/context.ts'
import { type Actor, LOG_VERSION, type LogRow, type TaskEvent } from '../../domain/task/events.ts'
import { isReadable, replay } from '../../domain/task/evolve.ts'
import type { TaskState } from '../../domain/task/state.ts'
import { Parts } from '../../domain/task/told/parts.ts'
import type { Definition, Pinned } from '../../domain/workflow/definition.ts'
import type { Idempotency } from '../rpc.ts'
import { linked } from './chain.ts'
import { pinnedBy, sharedText } from './pinned-cache.ts'
import type { StoredRow, TaskLog } from './task-log.ts'

/** A row of the log with the state before it; null: it is the first. */
export interface Recorded {
  row: StoredRow
  before: TaskState | null
}

/** What a decision may not make up, and the fold that reads the log. */
interface Outside extends Pick<Context, 'token' | 'random' | 'sha256'> {
  /** ms since the epoch */
  now(): number
  replay?: typeof replay
}

/** What it reads and writes of the storage. */
export type LogStorage = Pick<TaskLog, 'rows' | 'append' | 'blob' | 'flushed' | 'noteFlushed'>

export class TaskMemory {
  readonly log: LogStorage
  /** null: there is no such task. */
  state: TaskState | null = null
  /** The version of a log that a newer release wrote; this code must not add to it. */
  newer: number | null = null
  /** What the task consisted of so far. */
  readonly parts = new Parts()
  /** What an idempotency key stands for (`scopeOf`) → what it came with and the row it made. */
  readonly #keys = new Map<string, { hash: string; seq: number }>()

  /** The last row of the log. */
  #last: StoredRow | null = null

  /** The leases that were given since this object began. */
  readonly #given = new Set<string>()

  readonly #outside: Outside
  readonly #replay: typeof replay

  constructor(log: LogStorage, outside: Outside) {
    this.log = log
    this.#outside = outside
    this.#replay = outside.replay ?? replay
  }

  /** Folds the stored log; answers its rows. */
  restore(): Recorded[] {
    const recorded: Recorded[] = []
    for (const row of this.log.rows()) {
      if (!isReadable(row)) {
        this.newer = row.v
        break
      }
      recorded.push(this.#take(row, this.#replay([row], this.state)!))
    }
    return recorded
  }

  /** Appends one command's events; `state` is what they come to. */
  append(events: TaskEvent[], state: TaskState, { now, actor }: Context, key: Idempotency | undefined): Recorded {
    const seq = (this.state?.seq ?? 0) + 1
    const row: LogRow = { seq, v: LOG_VERSION, at: now, actor, events, key: key && { id: key.id, hash: key.hash } }
    const stepBefore = this.state?.visit.step ?? null
    const stored = this.log.append(row, (kept, own) => linked(kept, own, this.#last, state, stepBefore))
    for (const event of events) if (event.type === 'claimed') this.#given.add(event.lease)
    // Big values lie elsewhere now: the state is to hold what the log holds.
    return this.#take(stored, stored.events === events ? state : this.#replay([stored], this.state)!)
  }

  #take(row: StoredRow, state: TaskState): Recorded {
    const before = this.state
    this.#last = row
    const { pinned, digest } = state
    this.parts.take(row, before, this.definition(before ?? state))
    this.state =
      before === null && typeof pinned === 'string' ? { ...state, pinned: sharedText(digest, pinned) } : state
    if (row.key !== undefined) {
      this.#keys.set(scopeOf(row.key, row.actor, row.seq === 1), { hash: row.key.hash, seq: row.seq })
    }
    return { row, before }
  }

  /** What was carried out under this key before: the row it made, or a refusal of other content; null: nothing was. */
  carriedOut(key: Idempotency, actor: Actor, creates: boolean): { row: LogRow } | { refusal: Refusal } | null {
    const known = this.#keys.get(scopeOf(key, actor, creates))
    if (known === undefined) return null
    if (known.hash !== key.hash) return { refusal: { kind: 'idempotency_mismatch' } }
    return { row: this.log.rows().find(row => row.seq === known.seq)! }
  }

  /** There is no such task any more. */
  forget(): void {
    this.state = null
    this.#keys.clear()
  }

  /** Folds the log anew, whose rows tell less than they did; what they came to is the same. */
  reread(): void {
    const rows = this.log.rows()
    const state = this.#replay(rows)!
    const { pinned, digest } = state
    this.state = typeof pinned === 'string' ? { ...state, pinned: sharedText(digest, pinned) } : state
    this.#last = rows.at(-1) ?? null
  }

  /** The state as it was after this row. */
  stateAfter(row: LogRow): TaskState {
    return this.#replay(this.log.rows().filter(each => each.seq <= row.seq))!
  }

  definition(state: TaskState): Definition {
    return this.pinned(state).definition
  }

  /** The version that the task keeps to. */
  pinned(state: TaskState): Pinned {
    return this.#pinned(state.digest, state.pinned)
  }

  /** The version that a new task would keep to. */
  pinnedOf({ digest, pinned }: Pick<CreateTask, 'digest' | 'pinned'>): Pinned {
    return this.#pinned(digest, pinned)
  }

  readonly blob = (digest: string): string | null => this.log.blob(digest)

  readonly #pinned: Context['pinned'] = (digest, text) => pinnedBy(digest, () => readValue(text, this.blob))

  /** What a decision of this moment may not make up. */
  context(actor: Actor): Context {
    const { now, token, random, sha256 } = this.#outside
    return {
      now: now(),
      actor,
      pinned: this.#pinned,
      blob: this.blob,
      sha256,
      token,
      random,
      witnessed: lease => this.#given.has(lease),
    }
  }
}

/**
 * What an idempotency key stands for. A create has the task to itself. By API it is the caller's own, command by command,
 * which their hash begins with; so it can be read from every row that was ever stored. Other keys are of our own making.
 */
function scopeOf({ id, hash }: Idempotency, actor: Actor, creates: boolean): string {
  if (creates) return JSON.stringify(['create', id])
  return JSON.stringify(actor.kind === 'key' ? ['command', id, actor.id, hash.split(':', 1)[0]] : ['command', id])
}
