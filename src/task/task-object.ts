/**
 * The Task DO: one per task, the only writer of it. Every command goes the same way: load, decide, append in one
 * transaction, answer, then do what the new state calls for. The log is the outbox; a crash anywhere is mended by the
 * alarm, which takes the same way again.
 */
import { DurableObject } from 'cloudflare:workers'
import { notifyAsked } from '../approval/notify.ts'
import { notifyTrouble } from '../approval/trouble.ts'
import { type AuditRow, boardStub, type Flush, type IndexRow } from '../board/rpc.ts'
import { crashPoint } from '../crash-points.ts'
import { workOf } from '../domain/task/attempts.ts'
import { type Carried, carriedTo } from '../domain/task/carry.ts'
import type {
  Answer,
  AttemptRef,
  Command,
  CreateTask,
  EventView,
  OpenAsk,
  Refusal,
  TaskView,
  Work,
} from '../domain/task/commands.ts'
import { type Context, readValue } from '../domain/task/course.ts'
import { decide } from '../domain/task/decide.ts'
import { due, nextAlarm } from '../domain/task/due.ts'
import { type Actor, LOG_VERSION, type LogRow } from '../domain/task/events.ts'
import { isReadable, replay } from '../domain/task/evolve.ts'
import { isOver, type TaskState } from '../domain/task/state.ts'
import { type Story, storyOf } from '../domain/task/story.ts'
import { eventViews, openAsksOf, viewOf } from '../domain/task/view.ts'
import type { Pinned } from '../domain/workflow/definition.ts'
import type { Env } from '../env.ts'
import { sendRun } from '../execution/lanes.ts'
import { membersByRole } from '../records/teams.ts'
import { Flusher } from './flusher.ts'
import { type Notice, Notices, noticeOf } from './notices.ts'
import { pinnedBy } from './pinned-cache.ts'
import { auditRow, deliveryRow, indexRow } from './projection.ts'
import type { CallContext, Report, TaskVerbs } from './rpc.ts'
import { type StoredRow, sha256, TaskLog } from './task-log.ts'

const SYSTEM: Actor = { kind: 'system' }
/** A commit whose flush never answers is looked after by the alarm this much later. */
const FLUSH_GRACE_MS = 15_000
/** How long a running task's flush waits for the next step: well under what a watcher of a board can see. */
const GATHER_MS = 25
/** An alarm that threw is set again this much later. */
const ALARM_PAUSE_MS = 5_000
/** How long a person's or the API's answer waits for lists and boards to show the change. */
const FLUSH_WAIT_MS = 500

type Applied = { ok: true; repeated: LogRow | null } | { ok: false; refusal: Refusal }

export class TaskObject extends DurableObject<Env> implements TaskVerbs {
  #log: TaskLog
  #state: TaskState | null = null
  /** The version of a log that a newer release wrote; this code must not add to it. */
  #newer: number | null = null
  /** Idempotency key → what it came with and the row it made. */
  #keys = new Map<string, { hash: string; seq: number }>()
  #flusher: Flusher
  #notices: Notices
  #flushed: number
  /** When the alarm is set to fire; null: it is not set. */
  #armed: number | null = null
  /** The alarm that stands in for a lost one: send slots before it may have been missed. */
  #foundLost: number | null = null
  /** The flush that waits a moment for more rows. */
  #gathering: ReturnType<typeof setTimeout> | null = null
  /** From when on send slots were not looked at, as an alarm threw. */
  #unserved: number | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#log = new TaskLog(ctx.storage)
    const rows = this.#log.rows()
    this.#flushed = this.#log.flushed()
    this.#flusher = new Flusher(this.#flushShell(), this.#restore(rows))
    this.#notices = new Notices(this.#noticeShell())
    if (rows.length > 0) ctx.blockConcurrencyWhile(() => this.#rearmIfLost())
  }

  // Verbs

  async create(command: Omit<CreateTask, 'type'>, context: CallContext): Promise<Answer<TaskView>> {
    return this.#answer({ type: 'create', ...command }, context)
  }

  async command(command: Exclude<Command, CreateTask>, context: CallContext): Promise<Answer<TaskView>> {
    return this.#answer(command, context)
  }

  async view(): Promise<TaskView | null> {
    return this.#state === null ? null : this.#viewOf(this.#state)
  }

  async events(after: number, limit: number): Promise<EventView[] | null> {
    if (this.#state === null) return null
    const views = eventViews(this.#log.rows(), this.#blob)
    return views.filter(view => view.seq > after).slice(0, limit)
  }

  async asks(): Promise<OpenAsk[] | null> {
    return this.#state === null ? null : openAsksOf(this.#state, this.#blob)
  }

  async carriedTo(step: string): Promise<Carried | null> {
    return this.#state === null ? null : carriedTo(step, this.#log.rows(), this.#blob)
  }

  async story(): Promise<Story | null> {
    const state = this.#state
    if (state === null) return null
    return storyOf(state, this.#log.rows(), this.#definition(state), Date.now(), this.#blob)
  }

  async claim(
    visit: number,
    run: number,
    attempt: number,
  ): Promise<{ ok: true; work: Work } | { ok: false; refusal: Refusal }> {
    const applied = this.#apply({ type: 'claim', visit, run, attempt }, SYSTEM)
    if (!applied.ok) return applied
    const phase = this.#state?.visit.runs.find(each => each.id === run)?.phase
    const work = phase?.name === 'claimed' ? this.#workOf(phase.lease) : null
    return work === null ? { ok: false, refusal: { kind: 'not_claimable', why: 'stale' } } : { ok: true, work }
  }

  async beat(ref: AttemptRef, call?: { id: string; repeatable: boolean }): Promise<boolean> {
    const { ok } = this.#apply({ type: 'beat', ...ref, call }, SYSTEM)
    if (ok && call !== undefined) await crashPoint('C9')
    return ok
  }

  async report(ref: AttemptRef, report: Report): Promise<{ accepted: boolean; next: Work | null }> {
    await crashPoint('C10')
    const command: Command =
      report.kind === 'hold' ? { ...report, type: 'hold', ...ref } : { ...report, type: 'report', ...ref }
    const applied = this.#apply(command, SYSTEM)
    const next = this.#state?.settled[ref.lease] ?? null
    return { accepted: applied.ok, next: next === null ? null : this.#workOf(next) }
  }

  async wake(resend: boolean): Promise<void> {
    if (this.#state === null) return
    // One that is over may still have to tell D1 so.
    if (isOver(this.#state.status) && !this.#flusher.waiting) return
    this.#armed = await this.ctx.storage.getAlarm()
    this.#wake(resend ? 0 : Date.now())
    this.#arm()
  }

  /** Fires at the earliest of: send slot, lease end, retry, timer, flush. Catches everything and sets the next one last. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const scheduled = info?.scheduledTime ?? this.#armed ?? 0
    const from = scheduled === this.#foundLost ? 0 : scheduled
    this.#armed = null
    this.#unserved = Math.min(from, this.#unserved ?? from)
    try {
      await crashPoint('C14')
      this.#wake(this.#unserved)
      this.#unserved = null
      // Before anything is waited for: a slot that comes meanwhile has its alarm.
      this.#arm()
      if (this.#flusher.waiting && this.#flusher.retryAt <= Date.now()) await this.#flusher.run()
      if (this.#notices.waiting && this.#notices.retryAt <= Date.now()) await this.#notices.run()
    } catch (error) {
      log('alarm', this.#state?.task, error)
    }
    this.#arm()
  }

  // The one way of every command

  async #answer(command: Command, context: CallContext): Promise<Answer<TaskView>> {
    if (command.type === 'create') await crashPoint('C1')
    const applied = this.#apply(command, context.actor, context.idempotency)
    if (!applied.ok) return { ok: false, refusal: applied.refusal }
    if (command.type === 'create') await crashPoint('C2')
    if (context.flushed && applied.repeated === null) await this.#flushedOr(FLUSH_WAIT_MS)
    const state = applied.repeated === null ? this.#state! : this.#stateAfter(applied.repeated)
    return { ok: true, value: this.#viewOf(state), repeated: applied.repeated !== null }
  }

  #apply(command: Command, actor: Actor, idempotency?: CallContext['idempotency']): Applied {
    if (this.#newer !== null) return { ok: false, refusal: { kind: 'newer_version', v: this.#newer } }
    const earlier = this.#earlier(command, idempotency)
    if (earlier !== null) return earlier
    const context = this.#context(actor)
    const decision = decide(this.#state, command, context)
    if ('refusal' in decision) return { ok: false, refusal: decision.refusal }
    if (decision.events.length > 0) {
      const key = idempotency && { id: idempotency.id, hash: idempotency.hash }
      const row = {
        seq: (this.#state?.seq ?? 0) + 1,
        v: LOG_VERSION,
        at: context.now,
        actor,
        events: decision.events,
        key,
      }
      this.#commit(row, decision.state)
      // A wake performs by itself, from the slot it was set for on.
      if (command.type !== 'wake') this.#perform(context.now, context.now)
    }
    return { ok: true, repeated: null }
  }

  /** The answer to a request that was carried out before, or null. */
  #earlier(command: Command, idempotency: CallContext['idempotency']): Applied | null {
    const known = idempotency && this.#keys.get(idempotency.id)
    if (known !== undefined) {
      if (known.hash !== idempotency!.hash) return { ok: false, refusal: { kind: 'idempotency_mismatch' } }
      return { ok: true, repeated: this.#log.rows().find(row => row.seq === known.seq)! }
    }
    if (command.type !== 'create' || this.#state === null) return null
    // The Worker tries a create again under the id that it made up; the task is there, once.
    return idempotency === undefined
      ? { ok: true, repeated: null }
      : { ok: false, refusal: { kind: 'idempotency_mismatch' } }
  }

  /** Appends the row and sets the alarm that looks after it, with no pause between: one commit. */
  #commit(row: LogRow, state: TaskState): void {
    const before = this.#state
    const stored = this.#log.append(row, this.#flushed)
    this.#state = stored.events === row.events ? state : replay([stored], before)
    if (row.key !== undefined) this.#keys.set(row.key.id, { hash: row.key.hash, seq: row.seq })
    this.#flusher.add(this.#auditRow(stored, before?.visit.step ?? null))
    this.#notices.look()
    this.#arm()
  }

  /** Does what the state calls for: flushes, sends, looks people up. Whatever fails is done again by the alarm. */
  #perform(from: number, now: number): void {
    const state = this.#state
    if (state === null) return
    for (const work of due(state, from, now)) {
      if (work.kind === 'send') this.#send(work)
      else this.#background('resolve', this.#resolve(work.visit, work.run, work.roles))
    }
    if (this.#flusher.waiting && this.#flusher.retryAt <= now) this.#flushSoon(state)
    if (this.#notices.waiting && this.#notices.retryAt <= now) this.#background('notices', this.#notices.run())
  }

  /** A chain of quick steps ends within milliseconds: while a task runs, one flush gathers a few of them. */
  #flushSoon(state: TaskState): void {
    if (state.status !== 'running') return this.#background('flush', this.#flusher.run())
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null
      this.#background('flush', this.#flusher.run())
    }, GATHER_MS)
  }

  #send(work: { visit: number; run: number; attempt: number }): void {
    const { team, task } = this.#state!
    const { visit, run, attempt } = work
    const send = async () => {
      await crashPoint('C3')
      await sendRun(this.env, { v: 1, task: `${team}:${task}`, visit, run, attempt })
      await crashPoint('C4')
    }
    this.#background('send', send())
  }

  async #resolve(visit: number, run: number, roles: string[]): Promise<void> {
    const { team } = this.#state!
    const people: Record<string, string[]> = {}
    for (const role of roles) people[role] = await membersByRole(this.env.DB, team, role)
    this.#apply({ type: 'resolve', visit, run, people }, SYSTEM)
  }

  #wake(from: number): void {
    if (this.#state === null) return
    const now = Date.now()
    this.#apply({ type: 'wake' }, SYSTEM)
    // Whether people were told is not in the log: an object that was away asks D1 again.
    this.#notices.look()
    this.#perform(from, now)
  }

  #background(what: string, work: Promise<void>): void {
    this.ctx.waitUntil(work.catch(error => log(what, this.#state?.task, error)))
  }

  // The alarm

  /** Sets the alarm when it must fire earlier than it would: a write saved per command. */
  #arm(): void {
    const at = this.#nextTime()
    if (at === null || (this.#armed !== null && this.#armed <= at)) return
    this.#armed = at
    this.ctx.storage.setAlarm(at)
  }

  #nextTime(): number | null {
    const state = this.#state
    if (state === null) return null
    const now = Date.now()
    const times = this.#newer === null ? [nextAlarm(state, this.#definition(state), now)] : []
    if (this.#unserved !== null) times.push(now + ALARM_PAUSE_MS)
    for (const { waiting, retryAt } of [this.#flusher, this.#notices]) {
      if (waiting) times.push(retryAt > now ? retryAt : now + FLUSH_GRACE_MS)
    }
    const set = times.filter(time => time !== null)
    return set.length === 0 ? null : Math.min(...set)
  }

  /** An open task must never be without an alarm: one that was lost is set again, and fires at once. */
  async #rearmIfLost(): Promise<void> {
    this.#armed = await this.ctx.storage.getAlarm()
    if (this.#armed !== null || this.#nextTime() === null) return
    this.#foundLost = Date.now() + 1
    this.#armed = this.#foundLost
    this.ctx.storage.setAlarm(this.#armed)
  }

  // Flushing

  #flushShell() {
    return {
      now: () => Date.now(),
      row: () => this.#indexRow(),
      send: (flush: Flush) => boardStub(this.env, flush.row.team, flush.row.workflow).flush(this.#withDelivery(flush)),
      confirmed: (seq: number) => {
        this.#flushed = seq
        const state = this.#state
        if (state !== null && isOver(state.status) && !this.#flusher.waiting) this.#log.noteFlushed(this.#lastRow, seq)
      },
      postponed: () => this.#arm(),
    }
  }

  #noticeShell() {
    return {
      now: () => Date.now(),
      notice: () => {
        const state = this.#newer === null ? this.#state : null
        return state === null ? null : noticeOf(state, this.#definition(state), Date.now())
      },
      tell: (notice: Notice) =>
        notice.kind === 'asked'
          ? notifyAsked(this.env, notice.asked, Date.now())
          : notifyTrouble(this.env, notice.trouble, Date.now()),
      postponed: () => this.#arm(),
    }
  }

  /** The first flush tells of the delivery, too, if there was one: the way in writes nothing to D1 itself. */
  #withDelivery(flush: Flush): Flush {
    const [first] = flush.audit[0]?.seq === 1 ? this.#log.rows() : []
    const delivery = first ? deliveryRow(first) : null
    return delivery ? { ...flush, delivery } : flush
  }

  async #flushedOr(ms: number): Promise<void> {
    if (!this.#flusher.waiting || this.#flusher.retryAt > Date.now()) return
    await Promise.race([this.#flusher.run(), new Promise(resolve => setTimeout(resolve, ms))])
  }

  #lastRow = 0

  #auditRow(row: StoredRow, stepBefore: string | null): AuditRow {
    this.#lastRow = row.seq
    return auditRow(row, this.#state!, stepBefore)
  }

  #indexRow(): IndexRow {
    const state = this.#state!
    return indexRow(state, this.#definition(state), Date.now())
  }

  // Reading

  /** Folds the stored log; answers the audit rows that D1 may not have yet. */
  #restore(rows: StoredRow[]): AuditRow[] {
    const pending: AuditRow[] = []
    for (const row of rows) {
      if (!isReadable(row)) {
        this.#newer = row.v
        break
      }
      const before = this.#state
      this.#state = replay([row], before)
      if (row.key !== undefined) this.#keys.set(row.key.id, { hash: row.key.hash, seq: row.seq })
      const audit = this.#auditRow(row, before?.visit.step ?? null)
      if (row.seq > this.#flushed) pending.push(audit)
    }
    return pending
  }

  #stateAfter(row: LogRow): TaskState {
    return replay(this.#log.rows().filter(each => each.seq <= row.seq))!
  }

  #viewOf(state: TaskState): TaskView {
    return viewOf(state, this.#definition(state), Date.now(), this.#blob)
  }

  #workOf(lease: string): Work | null {
    return this.#state === null ? null : workOf(this.#state, this.#context(SYSTEM), lease)
  }

  #definition(state: TaskState): Pinned['definition'] {
    return this.#pinned(state.digest, state.pinned).definition
  }

  #blob = (digest: string): string | null => this.#log.blob(digest)

  #pinned: Context['pinned'] = (digest, text) => pinnedBy(digest, () => readValue(text, this.#blob))

  #context(actor: Actor): Context {
    return {
      now: Date.now(),
      actor,
      pinned: this.#pinned,
      blob: this.#blob,
      sha256,
      token: () => crypto.randomUUID(),
      random: () => Math.random(),
    }
  }
}

function log(what: string, task: string | undefined, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', what: `task ${what}`, task, error: String(error) }))
}
