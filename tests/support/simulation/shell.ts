/** A model of the Task DO's shell (src/task): its disk and memory, the way of a command, the alarm, the flush to D1. */

import type { Command, Refusal, Work } from '../../../src/domain/task/commands.ts'
import type { Context } from '../../../src/domain/task/course.ts'
import type { Decision } from '../../../src/domain/task/decide.ts'
import type { DueWork } from '../../../src/domain/task/due.ts'
import { type Actor, LOG_VERSION, type LogRow } from '../../../src/domain/task/events.ts'
import { workOf } from '../../../src/domain/task/run/attempts.ts'
import { isOver, type Status, type TaskState } from '../../../src/domain/task/state.ts'
import type { Definition } from '../../../src/domain/workflow/definition.ts'
import { SYSTEM, versionOf } from '../task-builders.ts'
import type { Agenda } from './agenda.ts'
import type { Chances } from './chances.ts'
import { must, type Observer } from './observer.ts'

/** The engine under test: the real functions, or with one of them broken. */
export interface Engine {
  decide(state: TaskState | null, command: Command, ctx: Context): Decision
  replay(rows: LogRow[], onto: TaskState | null): TaskState | null
  due(state: TaskState, from: number, now: number): DueWork[]
  nextAlarm(state: TaskState, definition: Definition, now: number): number | null
}

/** Bugs that a shell could have; none is in the model as it stands. */
export interface ShellBugs {
  /** An alarm counts slots from when it fires, not from when it was set for. */
  slotsFromNow?: boolean
  /** The flush cursor is moved when the flush is sent. */
  cursorBeforeConfirmation?: boolean
  /** A confirmed flush also drops the rows that were added while it was under way. */
  confirmsWhatCameLater?: boolean
  /** An alarm that throws is not set again. */
  alarmConsumed?: boolean
  /** The alarm is set after sending, not with the row. */
  alarmAfterCommit?: boolean
  /** A restart folds the last row twice. */
  foldsLastRowTwice?: boolean
  /** A row that could not be written stays in memory. */
  memoryAheadOfDisk?: boolean
  /** Audit rows are inserted without looking whether they are there. */
  plainInsert?: boolean
  /** A task's row in the index is overwritten by an older one. */
  noSeqGuard?: boolean
  /** A task that is over takes its alarm back before D1 has all of it. */
  clearsAlarmEarly?: boolean
  /** After a restart nothing is flushed but what is new. */
  forgetsUnflushed?: boolean
}

const FLUSH_GRACE_MS = 15_000
const FIRST_PAUSE_MS = 1000
const LAST_PAUSE_MS = 300_000
/** Crashes of one alarm after which the platform would drop it are kept below this. */
const ALARM_RETRIES = 4

export interface Flush {
  rows: LogRow[]
  seq: number
  status: Status
  dueAt: number | null
}

/** What D1 has of the task: the audit by seq, and its row in the index. */
export class D1 {
  readonly audit: LogRow[] = []
  row: Omit<Flush, 'rows'> | null = null
  readonly #known = new Set<number>()
  readonly #bugs: ShellBugs

  constructor(bugs: ShellBugs) {
    this.#bugs = bugs
  }

  /** One transaction. Answers whether the index row was older than what is there. */
  commit(flush: Flush): boolean {
    for (const row of flush.rows) {
      if (this.#known.has(row.seq) && !this.#bugs.plainInsert) continue
      this.#known.add(row.seq)
      this.audit.push(row)
    }
    const stale = this.row !== null && flush.seq <= this.row.seq
    if (!stale || this.#bugs.noSeqGuard) this.row = { seq: flush.seq, status: flush.status, dueAt: flush.dueAt }
    return stale
  }
}

/** What is gone when the object dies. */
interface Memory {
  state: TaskState | null
  flushed: number
  pending: LogRow[]
  flushing: boolean
  pause: number
  retryAt: number
  armed: number | null
  foundLost: number | null
  /** The leases that it gave. */
  given: Set<string>
}

export type Applied = { ok: true } | { ok: false; refusal: Refusal }
/** `null`: the object died on the way; the caller cannot know how far it came. */
export type Reply<T> = T | null

export interface Outside {
  send(visit: number, run: number, attempt: number): void
  lookUp(visit: number, run: number, roles: string[]): void
}

export class Shell {
  readonly rows: LogRow[] = []
  readonly d1: D1
  #flushed = 0
  #alarm: number | null = null
  /** Which setting of the alarm is the valid one. */
  #alarmSet = 0
  /** The alarm whose handler is under way: it fires again if the object dies. */
  #firing: { scheduled: number; tries: number } | null = null
  /** Alarms that failed or fire twice, and are still to fire. */
  #refires = 0
  #memory: Memory | null = null
  /** What the object had in memory when it was last alive, to compare with what it comes back with. */
  #before: TaskState | null = null
  #tokens = 0
  /** The platform gave up on an alarm: only a call or the hourly pass helps then. */
  alarmWasLost = false
  readonly #paper: boolean
  readonly #engine: Engine
  readonly #bugs: ShellBugs
  readonly #agenda: Agenda
  readonly #chances: Chances
  readonly #observer: Observer
  readonly #outside: Outside

  constructor(
    parts: { engine: Engine; bugs: ShellBugs; agenda: Agenda; chances: Chances; observer: Observer; paper: boolean },
    outside: Outside,
  ) {
    this.#engine = parts.engine
    this.#bugs = parts.bugs
    this.#agenda = parts.agenda
    this.#chances = parts.chances
    this.#observer = parts.observer
    this.#paper = parts.paper
    this.#outside = outside
    this.d1 = new D1(parts.bugs)
  }

  /** Whether an alarm is to fire, or the hourly pass to wake the task. */
  get isAwaited(): boolean {
    return this.#alarm !== null || this.#refires > 0 || (this.d1.row?.dueAt ?? null) !== null
  }

  // Verbs

  command(command: Command, actor: Actor): Reply<Applied> {
    return this.#call(() => {
      // The Worker tries a create again under the id that it made up; the task is there, once.
      if (command.type === 'create' && this.#load().state !== null) return { ok: true }
      return this.#apply(command, actor, true)
    })
  }

  claim(visit: number, run: number, attempt: number): Reply<Work | Refusal> {
    return this.#call(() => {
      const applied = this.#apply({ type: 'claim', visit, run, attempt }, SYSTEM, true)
      if (applied === null || !applied.ok) return applied === null ? null : applied.refusal
      const state = this.#memory!.state!
      const phase = state.visit.runs.find(each => each.id === run)?.phase
      must(phase?.name === 'claimed', 'a claim was granted and is not there')
      return workOf(state, this.#context(SYSTEM), phase.lease) ?? { kind: 'not_claimable', why: 'stale' }
    })
  }

  report(command: Extract<Command, { type: 'report' | 'hold' }>): Reply<{ accepted: boolean; next: Work | null }> {
    return this.#call(() => {
      const applied = this.#apply(command, SYSTEM, true)
      if (applied === null) return null
      const state = this.#memory!.state!
      const next = state.settled[command.lease ?? ''] ?? null
      return { accepted: applied.ok, next: next === null ? null : workOf(state, this.#context(SYSTEM), next) }
    })
  }

  /** The hourly pass: wakes the task if D1 says that its time has passed. */
  hourly(): void {
    const { row } = this.d1
    if (row === null || isOver(row.status) || row.dueAt === null || row.dueAt >= this.#agenda.now - 120_000) return
    this.#chances.happened('hourlyWakes')
    const memory = this.#load()
    memory.armed = this.#alarm
    if (!this.#wake(memory, 0)) return
    this.#arm(memory)
  }

  /** The object is thrown out of memory; what was under way is gone. */
  die(): void {
    if (this.#memory === null) return
    this.#before = this.#memory.state
    this.#memory = null
    const firing = this.#firing
    this.#firing = null
    if (firing !== null && !this.#bugs.alarmConsumed) this.#fireAgain(firing.scheduled, firing.tries + 1)
  }

  /** The state that the log comes to, and whether memory and D1 agree with it. */
  settled(): TaskState {
    const state = this.#fold()
    must(state !== null, 'no task was made')
    if (this.#memory !== null) must(same(this.#memory.state, state), 'memory and log have come apart')
    must(
      this.d1.audit.length === this.rows.length,
      `${this.d1.audit.length} audit rows, ${this.rows.length} in the log`,
    )
    const bySeq = [...this.d1.audit].sort((a, b) => a.seq - b.seq)
    must(
      bySeq.every((row, index) => row === this.rows[index]),
      'the audit is not the log',
    )
    must(this.d1.row?.seq === state.seq && this.d1.row.status === state.status, 'the index row is behind')
    return state
  }

  // The one way of every command

  /** An outside call: it may meet a dying object, or lose its way there or back. */
  #call<T>(work: () => Reply<T>): Reply<T> {
    const chances = this.#chances
    if (chances.strikes('evicted')) this.die()
    if (chances.strikes('requestLost')) return null
    const reply = work()
    return reply !== null && chances.strikes('replyLost') ? null : reply
  }

  #apply(command: Command, actor: Actor, perform: boolean): Reply<Applied> {
    const memory = this.#load()
    const { now } = this.#agenda
    this.#chances.happened('commands')
    const decision = this.#engine.decide(memory.state, command, this.#context(actor))
    if ('refusal' in decision) {
      this.#chances.happened('refusals')
      return { ok: false, refusal: decision.refusal }
    }
    if (decision.events.length === 0) return { ok: true }
    if (this.#chances.strikes('crashBeforeCommit')) {
      if (this.#bugs.memoryAheadOfDisk) memory.state = decision.state
      else this.die()
      return null
    }
    const row = { seq: (memory.state?.seq ?? 0) + 1, v: LOG_VERSION, at: now, actor, events: decision.events }
    this.rows.push(row)
    this.#flushed = memory.flushed
    memory.state = decision.state
    for (const event of row.events) if (event.type === 'claimed') memory.given.add(event.lease)
    memory.pending.push(row)
    if (!this.#bugs.alarmAfterCommit) this.#arm(memory)
    this.#observer.committed(row, decision.state)
    if (this.#chances.strikes('crashAfterCommit')) {
      this.die()
      return null
    }
    if (perform) this.#perform(memory, now)
    if (this.#bugs.alarmAfterCommit) this.#arm(memory)
    if (this.#bugs.clearsAlarmEarly && isOver(decision.state.status)) this.#clearAlarm(memory)
    return { ok: true }
  }

  #perform(memory: Memory, from: number): void {
    const { now } = this.#agenda
    if (memory.state === null) return
    for (const work of this.#engine.due(memory.state, from, now)) {
      if (work.kind === 'resolve') this.#outside.lookUp(work.visit, work.run, work.roles)
      else if (!this.#chances.strikes('sendFails')) this.#outside.send(work.visit, work.run, work.attempt)
    }
    if (memory.pending.length > 0 && memory.retryAt <= now) this.#flush(memory)
  }

  /** Does what time has brought due; false: the object died. */
  #wake(memory: Memory, from: number): boolean {
    if (memory.state === null) return true
    if (this.#apply({ type: 'wake' }, SYSTEM, false) === null) return false
    this.#perform(memory, from)
    return true
  }

  // Memory

  #load(): Memory {
    if (this.#memory !== null) return this.#memory
    const state = this.#fold()
    if (this.#before !== null) {
      this.#chances.happened('restarts')
      // Every other time: it is what takes most of the simulation's time.
      if (this.rows.length % 2 === 0) must(same(state, this.#before), 'the log folds to another state than was lost')
    }
    const memory: Memory = {
      state,
      flushed: this.#flushed,
      pending: this.#bugs.forgetsUnflushed ? [] : this.rows.filter(row => row.seq > this.#flushed),
      flushing: false,
      pause: FIRST_PAUSE_MS,
      retryAt: 0,
      armed: this.#alarm,
      foundLost: null,
      given: new Set(),
    }
    this.#memory = memory
    if (this.rows.length > 0) this.#rearmIfLost(memory)
    return memory
  }

  #fold(): TaskState | null {
    const rows = this.#bugs.foldsLastRowTwice ? [...this.rows, ...this.rows.slice(-1)] : this.rows
    if (!this.#paper) return this.#engine.replay(rows, null)
    return this.#engine.replay(JSON.parse(JSON.stringify(rows)) as LogRow[], null)
  }

  #context(actor: Actor): Context {
    return {
      now: this.#agenda.now,
      actor,
      pinned: versionOf,
      blob: () => '',
      sha256: shortHash,
      token: () => `lease_${++this.#tokens}`,
      random: this.#chances.random,
      witnessed: lease => this.#memory?.given.has(lease) ?? false,
    }
  }

  // The alarm

  #setAlarm(at: number): void {
    this.#alarm = at
    const set = ++this.#alarmSet
    const fire = () => {
      if (set === this.#alarmSet && this.#alarm === at) this.#fire(at)
    }
    this.#agenda.at(at + this.#chances.between(0, 30), () => {
      if (set === this.#alarmSet && this.#chances.strikes('alarmLate')) {
        this.#agenda.after(this.#chances.between(100, 20_000), fire)
      } else fire()
    })
  }

  #arm(memory: Memory): void {
    const at = this.#nextTime(memory)
    if (at === null || (memory.armed !== null && memory.armed <= at)) return
    memory.armed = at
    this.#setAlarm(at)
  }

  #nextTime(memory: Memory): number | null {
    const { state } = memory
    if (state === null) return null
    const { now } = this.#agenda
    const at = this.#engine.nextAlarm(state, versionOf(state.digest).definition, now)
    must(at === null || at > now, `the next alarm is set for ${at}, it is ${now}`)
    must(at === null || !isOver(state.status), 'a task that is over has an alarm of its own')
    if (memory.pending.length === 0) return at
    const flush = memory.retryAt > now ? memory.retryAt : now + FLUSH_GRACE_MS
    return at === null ? flush : Math.min(at, flush)
  }

  #rearmIfLost(memory: Memory): void {
    if (memory.armed !== null || this.#firing !== null || this.#nextTime(memory) === null) return
    this.#chances.happened('rearmed')
    memory.foundLost = this.#agenda.now + 1
    memory.armed = memory.foundLost
    this.#setAlarm(memory.foundLost)
  }

  #fire(scheduled: number): void {
    this.#alarm = null
    // The platform drops an alarm that failed too often. The index must know of the task, for the hourly pass to find it.
    const known = this.d1.row?.seq === this.#observer.state?.seq
    if (known && !this.alarmWasLost && this.#chances.strikes('alarmLost')) {
      this.alarmWasLost = true
      this.die()
      return
    }
    if (this.#chances.strikes('alarmTwice')) this.#fireAgain(scheduled, 1)
    this.#handle(scheduled, 0)
  }

  #fireAgain(scheduled: number, tries: number): void {
    this.#chances.happened('alarmsRetried')
    this.#refires++
    this.#agenda.after(2000 * tries, () => {
      this.#refires--
      this.#handle(scheduled, tries)
    })
  }

  /** TaskObject.alarm. */
  #handle(scheduled: number, tries: number): void {
    this.#chances.happened('alarms')
    this.#firing = { scheduled, tries }
    const memory = this.#load()
    const from = this.#bugs.slotsFromNow ? this.#agenda.now : scheduled === memory.foundLost ? 0 : scheduled
    memory.armed = null
    if (tries < ALARM_RETRIES && this.#chances.strikes('alarmThrows')) {
      if (this.#chances.chance(0.5)) return this.die()
      // Caught by the handler: nothing was done, and the next time is set.
      this.#firing = null
      if (!this.#bugs.alarmConsumed) this.#arm(memory)
      return
    }
    if (!this.#wake(memory, from)) return
    this.#firing = null
    this.#arm(memory)
  }

  // Flushing

  #flush(memory: Memory): void {
    if (memory.flushing) return
    memory.flushing = true
    this.#chances.happened('flushes')
    const rows = memory.pending
    const count = rows.length
    const sent = rows.slice()
    const state = memory.state!
    const definition = versionOf(state.digest).definition
    const dueAt = this.#engine.nextAlarm(state, definition, this.#agenda.now)
    const flush = { rows: sent, seq: state.seq, status: state.status, dueAt }
    if (this.#bugs.cursorBeforeConfirmation) memory.flushed = sent[count - 1]!.seq
    const slow = this.#chances.strikes('d1Slow') ? this.#chances.between(1000, 60_000) : this.#chances.between(5, 60)
    this.#agenda.after(slow, () => {
      const failed = this.#chances.strikes('d1Fails')
      if (!failed && this.d1.commit(flush)) this.#chances.happened('staleFlushes')
      const told = !failed && !this.#chances.strikes('d1ReplyLost')
      // The object that asked may be gone.
      if (this.#memory !== memory) return
      memory.flushing = false
      if (told) this.#confirmed(memory, this.#bugs.confirmsWhatCameLater ? memory.pending.length : count)
      else this.#postponed(memory)
    })
  }

  #confirmed(memory: Memory, count: number): void {
    const last = memory.pending[count - 1]!
    memory.pending = memory.pending.slice(count)
    memory.pause = FIRST_PAUSE_MS
    memory.retryAt = 0
    memory.flushed = last.seq
    if (memory.pending.length > 0) return this.#flush(memory)
    if (memory.state === null || !isOver(memory.state.status)) return
    this.#flushed = last.seq
    this.#clearAlarm(memory)
  }

  #clearAlarm(memory: Memory): void {
    if (memory.armed === null) return
    memory.armed = null
    this.#alarm = null
    this.#alarmSet++
  }

  #postponed(memory: Memory): void {
    this.#chances.happened('flushesRefused')
    memory.retryAt = this.#agenda.now + memory.pause
    memory.pause = Math.min(memory.pause * 2, LAST_PAUSE_MS)
    this.#arm(memory)
  }
}

/** A digest that is quick: the engine only compares them. */
function shortHash(text: string): string {
  let h = 0x811c9dc5
  for (let i = 0; i < text.length; i++) h = Math.imul(h ^ text.charCodeAt(i), 0x01000193)
  return (h >>> 0).toString(16)
}

/** Whether two values are the same throughout; parts that are one object need no look. */
function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const left = a as Record<string, unknown>
  const right = b as Record<string, unknown>
  for (const key in left) if (!same(left[key], right[key])) return false
  for (const key in right) if (right[key] !== undefined && left[key] === undefined) return false
  return true
}
