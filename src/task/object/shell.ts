/**
 * The order of things around a task: what a command, an alarm and a restart lead to, step by step. Free of the platform, so
 * that the Task DO and the simulation of its faults (tests/support/simulation) run the same.
 */
import type { Command, Refusal } from '../../domain/task/commands.ts'
import { decide } from '../../domain/task/decide.ts'
import { type DueWork, due, dueBetween, nextAlarm } from '../../domain/task/due.ts'
import type { Actor, LogRow } from '../../domain/task/events.ts'
import type { BetweenTasks } from '../../domain/task/run/family.ts'
import { isOver, type TaskState } from '../../domain/task/state.ts'
import type { Idempotency } from '../rpc.ts'
import type { Alarm } from './alarm.ts'
import { CLAIMED_MS, type Flusher, UNCLAIMED_MS } from './flusher.ts'
import type { Notices } from './notices.ts'
import type { Recorded, TaskMemory } from './task-memory.ts'

/** A commit whose flush never answers is looked after by the alarm this much later. */
const FLUSH_GRACE_MS = 15_000
/** An alarm that threw is set again this much later. */
const ALARM_PAUSE_MS = 5_000

export type Applied = { ok: true; repeated: LogRow | null } | { ok: false; refusal: Refusal }

/** The rules that it runs by. */
export interface Rules {
  decide: typeof decide
  due: typeof due
  dueBetween: typeof dueBetween
  nextAlarm: typeof nextAlarm
}

export interface ShellPorts {
  now(): number
  memory: TaskMemory
  alarm: Alarm
  flusher: Pick<Flusher, 'waiting' | 'retryAt' | 'soon'>
  notices: Pick<Notices, 'waiting' | 'retryAt' | 'look'>
  /** A row that is to be flushed: one just appended, or one that a restart found. */
  toFlush(recorded: Recorded): void
  /** Sends a run to its lane. Fails without a word: the alarm does it again, as with all below. */
  send(work: Extract<DueWork, { kind: 'send' }>): void
  /** Looks up who is behind roles. */
  resolve(work: Extract<DueWork, { kind: 'resolve' }>): void
  /** Has a file read. */
  read(work: Extract<DueWork, { kind: 'read' }>): void
  /** Tells another task something. */
  say(said: BetweenTasks): void
  flush(): void
  notify(): void
  rules?: Rules
}

export class Shell {
  readonly #ports: ShellPorts
  readonly #rules: Rules
  /** From when on send slots were not looked at, as an alarm threw. */
  #unserved: number | null = null

  constructor(ports: ShellPorts) {
    this.#ports = ports
    this.#rules = ports.rules ?? { decide, due, dueBetween, nextAlarm }
  }

  get #state(): TaskState | null {
    return this.#ports.memory.state
  }

  /** Folds the stored log, and flushes what D1 may lack. Answers whether there is a task. */
  restore(): boolean {
    const { memory } = this.#ports
    const recorded = memory.restore()
    for (const each of recorded) if (each.row.seq > memory.log.flushed) this.#ports.toFlush(each)
    return recorded.length > 0
  }

  /** An open task must never be without an alarm: one that was lost is set again, and fires at once. */
  rearmIfLost(): void {
    const { alarm, now } = this.#ports
    if (!alarm.isSet && this.#nextTime() !== null) alarm.standIn(now())
  }

  /** The one way of every command: decide, append, set the alarm, answer, and do what the new state calls for. */
  apply(command: Command, actor: Actor, idempotency?: Idempotency): Applied {
    const { memory, notices, toFlush } = this.#ports
    const { newer, state } = memory
    if (newer !== null) return { ok: false, refusal: { kind: 'newer_version', v: newer } }
    const earlier = this.#earlier(command, actor, idempotency)
    if (earlier !== null) return earlier
    const context = memory.context(actor)
    const decision = this.#rules.decide(state, command, context)
    if ('refusal' in decision) return { ok: false, refusal: decision.refusal }
    if (decision.events.length > 0) {
      toFlush(memory.append(decision.events, decision.state, context, idempotency))
      notices.look()
      // With no pause since the row was appended: the row and the alarm that looks after it are one commit.
      this.arm()
      // A wake performs by itself, from the slot it was set for on.
      if (command.type !== 'wake') this.#perform(context.now, context.now, isSlow(state, command, context.now))
    }
    return { ok: true, repeated: null }
  }

  /** The answer to a request that was carried out before, or null. */
  #earlier(command: Command, actor: Actor, idempotency: Idempotency | undefined): Applied | null {
    const known = idempotency && this.#ports.memory.carriedOut(idempotency, actor, command.type === 'create')
    if (known) return 'row' in known ? { ok: true, repeated: known.row } : { ok: false, refusal: known.refusal }
    if (command.type !== 'create' || this.#state === null) return null
    // The Worker tries a create again under the id that it made up; the task is there, once.
    return idempotency === undefined
      ? { ok: true, repeated: null }
      : { ok: false, refusal: { kind: 'idempotency_mismatch' } }
  }

  /** Does what the state calls for: flushes, sends, looks people up. */
  #perform(from: number, now: number, slow = false): void {
    const { flusher, notices, send, resolve, read, say, flush, notify } = this.#ports
    const state = this.#state
    if (state === null) return
    for (const work of this.#rules.due(state, from, now)) {
      if (work.kind === 'send') send(work)
      else if (work.kind === 'read') read(work)
      else resolve(work)
    }
    for (const said of this.#rules.dueBetween(state, from, now)) say(said)
    if (flusher.waiting && flusher.retryAt <= now) {
      const isClaimed = state.visit.runs.some(run => run.phase.name === 'claimed')
      if (state.status === 'running' && !slow) flusher.soon(isClaimed ? CLAIMED_MS : UNCLAIMED_MS)
      else flush()
    }
    if (notices.waiting && notices.retryAt <= now) notify()
  }

  /** Wakes the task outside of its alarm; `from`: since when send slots are looked at. */
  wake(from: number): void {
    this.#wake(from)
    this.arm()
  }

  #wake(from: number): void {
    if (this.#state === null) return
    const now = this.#ports.now()
    this.apply({ type: 'wake' }, { kind: 'system' })
    // Whether people were told is not in the log: an object that was away asks D1 again.
    this.#ports.notices.look()
    this.#perform(from, now)
  }

  /** The alarm fires that was set for `scheduled`. What is due is done by `serve`; until then it counts as not looked at. */
  fired(scheduled: number | undefined): void {
    const from = this.#ports.alarm.fired(scheduled)
    this.#unserved = Math.min(from, this.#unserved ?? from)
  }

  /** Does what the alarm fired for. */
  serve(): void {
    this.#wake(this.#unserved ?? this.#ports.now())
    this.#unserved = null
    // Before anything is waited for: a slot that comes meanwhile has its alarm.
    this.arm()
  }

  /** The alarm has done its work, or threw: the next one is set. */
  settle(): void {
    // What a newer version left in the log is not known here: its alarm stays.
    if (this.#ports.memory.newer === null) this.#ports.alarm.settle(this.#nextTime(), this.#ports.now())
    else this.arm()
  }

  arm(): void {
    this.#ports.alarm.arm(this.#nextTime())
  }

  #nextTime(): number | null {
    const { memory, flusher, notices, now: clock } = this.#ports
    const state = this.#state
    if (state === null) return null
    const now = clock()
    const times = memory.newer === null ? [this.#rules.nextAlarm(state, memory.definition(state), now)] : []
    if (this.#unserved !== null) times.push(now + ALARM_PAUSE_MS)
    for (const { waiting, retryAt } of [flusher, notices]) {
      if (waiting) times.push(retryAt > now ? retryAt : now + FLUSH_GRACE_MS)
    }
    const set = times.filter(time => time !== null)
    return set.length === 0 ? null : Math.min(...set)
  }

  /** D1 has the log up to `seq`. Once that is all there will be, the cursor is written, and there is nothing to wake for. */
  confirmed(seq: number): void {
    const { memory, flusher, alarm } = this.#ports
    memory.log.flushed = seq
    if (this.#state === null || !isOver(this.#state.status) || flusher.waiting) return
    memory.log.noteFlushed()
    if (memory.newer === null && this.#nextTime() === null) alarm.clear()
  }
}

/** Whether steps take so long that the next one's end is not worth a flush's waiting. */
function isSlow(before: TaskState | null, command: Command, now: number): boolean {
  return command.type === 'report' && before !== null && now - before.updatedAt > CLAIMED_MS
}
