/**
 * The Task DO: one per task, the only writer of it. Every command goes the same way: load, decide, append in one
 * transaction, answer, then do what the new state calls for. The log is the outbox; a crash anywhere is mended by the
 * alarm, which takes the same way again.
 */
import { DurableObject } from 'cloudflare:workers'
import { crashPoint } from '../../crash-points.ts'
import type {
  Answer,
  AttemptRef,
  CallNote,
  Command,
  CreateTask,
  EventView,
  HoldFor,
  OpenAsk,
  Refusal,
  TaskView,
  Work,
} from '../../domain/task/commands.ts'
import { decide } from '../../domain/task/decide.ts'
import { due, nextAlarm } from '../../domain/task/due.ts'
import type { Actor, LogRow } from '../../domain/task/events.ts'
import { type Carried, carriedTo } from '../../domain/task/log/carry.ts'
import { workOf } from '../../domain/task/run/attempts.ts'
import { leased } from '../../domain/task/run/lease.ts'
import { isOver, type TaskState } from '../../domain/task/state.ts'
import { type Story, storyOf } from '../../domain/task/told/story.ts'
import { eventViews, openAsksOf, viewOf } from '../../domain/task/told/view.ts'
import { boardStub, type Env } from '../../env.ts'
import { isGone } from '../../records/people/former-members.ts'
import { membersByRole } from '../../records/people/teams.ts'
import type { DeliveryRow, Flush, FlushAnswer } from '../../records/task/flush.ts'
import type { Notice, Tell } from '../notice.ts'
import type { CallContext, Report, TaskVerbs } from '../rpc.ts'
import { Alarm } from './alarm.ts'
import { CLAIMED_MS, Flusher, UNCLAIMED_MS } from './flusher.ts'
import { sendCallback, sendRun } from './lanes.ts'
import { Notices, noticeOf } from './notices.ts'
import { auditRow, callbackRows, deliveryRow, indexRow } from './projection.ts'
import { type Recorded, TaskMemory } from './task-memory.ts'

const SYSTEM: Actor = { kind: 'system' }
/** A commit whose flush never answers is looked after by the alarm this much later. */
const FLUSH_GRACE_MS = 15_000
/** An alarm that threw is set again this much later. */
const ALARM_PAUSE_MS = 5_000
/** How long a person's or the API's answer waits for lists and boards to show the change. */
const FLUSH_WAIT_MS = 500

type Applied = { ok: true; repeated: LogRow | null } | { ok: false; refusal: Refusal }

export abstract class TaskObject extends DurableObject<Env> implements TaskVerbs {
  /** How people hear of what needs them; the Worker's entry gives it, as mail is not a task's affair. */
  protected abstract readonly tell: Tell
  readonly #memory: TaskMemory
  readonly #alarm: Alarm
  readonly #flusher: Flusher
  readonly #notices: Notices
  /** The delivery that the task came from, until D1 knows of it. */
  #delivery: DeliveryRow | null = null
  /** From when on send slots were not looked at, as an alarm threw. */
  #unserved: number | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#memory = new TaskMemory(ctx.storage)
    this.#alarm = new Alarm(ctx.storage)
    this.#flusher = new Flusher(this.#flushShell())
    this.#notices = new Notices(this.#noticeShell())
    const recorded = this.#memory.restore()
    for (const each of recorded) if (each.row.seq > this.#memory.log.flushed) this.#toFlush(each)
    if (recorded.length > 0) ctx.blockConcurrencyWhile(() => this.#rearmIfLost())
  }

  get #state(): TaskState | null {
    return this.#memory.state
  }

  // Verbs

  async create(command: Omit<CreateTask, 'type'>, context: CallContext): Promise<Answer<TaskView>> {
    return this.#answer({ type: 'create', ...command }, context)
  }

  async command(command: Exclude<Command, CreateTask>, context: CallContext): Promise<Answer<TaskView>> {
    if (command.type === 'decide' && (await this.#hasLeft(context.actor))) {
      return { ok: false, refusal: { kind: 'no_member' } }
    }
    return this.#answer(command, context)
  }

  /**
   * Whether this person has left the team by now. Whoever sent the decision looked before, but a removal may have come while
   * it was on its way. So it is asked here, right before the decision is written; and a removal is confirmed to its owner
   * only after the questions that waited for them were handed over, each by a command in this same order.
   */
  async #hasLeft(actor: Actor): Promise<boolean> {
    const named = actor.kind === 'link' || actor.kind === 'person'
    return named && this.#state !== null && (await isGone(this.env.DB, this.#state.team, actor.id))
  }

  async view(): Promise<TaskView | null> {
    return this.#state === null ? null : this.#viewOf(this.#state)
  }

  async events(after: number, limit: number): Promise<EventView[] | null> {
    if (this.#state === null) return null
    const views = eventViews(this.#memory.log.rows(), this.#memory.blob)
    return views.filter(view => view.seq > after).slice(0, limit)
  }

  async asks(): Promise<OpenAsk[] | null> {
    return this.#state === null ? null : openAsksOf(this.#state, this.#memory.blob)
  }

  async carriedTo(step: string): Promise<Carried | null> {
    return this.#state === null ? null : carriedTo(step, this.#memory.log.rows(), this.#memory.blob)
  }

  async story(): Promise<Story | null> {
    const { state, log, blob } = this.#memory
    return state === null ? null : storyOf(state, log.rows(), this.#memory.definition(state), Date.now(), blob)
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

  async note(ref: AttemptRef, note: CallNote): Promise<boolean> {
    const { ok } = this.#apply({ type: 'note', ...ref, note }, SYSTEM)
    if (ok && 'called' in note) await crashPoint('C9')
    return ok && this.#state !== null && leased(this.#state, ref) !== undefined
  }

  async hold(ref: { visit: number; run: number; attempt: number; lease?: string }, hold: HoldFor): Promise<boolean> {
    const { reason, message, fix, retryAfterMs, usage } = hold
    return this.#apply({ type: 'hold', ...ref, reason, message, fix, retryAfterMs, usage }, SYSTEM).ok
  }

  async release(visit: number, run: number): Promise<boolean> {
    return this.#apply({ type: 'release', visit, run }, SYSTEM).ok
  }

  async report(ref: AttemptRef, report: Report): Promise<{ accepted: boolean; next: Work | null }> {
    await crashPoint('C10')
    // A consumer of the version before says with its report that the run must wait.
    if (report.kind === 'hold') return { accepted: await this.hold(ref, report), next: null }
    const applied = this.#apply({ ...report, type: 'report', ...ref }, SYSTEM)
    const next = this.#state?.settled[ref.lease] ?? null
    return { accepted: applied.ok, next: next === null ? null : this.#workOf(next) }
  }

  async wake(resend: boolean): Promise<void> {
    if (this.#state === null) return
    // One that is over may still have to tell D1 so.
    if (isOver(this.#state.status) && !this.#flusher.waiting) return
    await this.#alarm.read()
    this.#wake(resend ? 0 : Date.now())
    this.#arm()
  }

  /** Fires at the earliest of: send slot, lease end, retry, timer, flush. Catches everything and sets the next one last. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    const from = this.#alarm.fired(info?.scheduledTime)
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
    // What a newer version left in the log is not known here: its alarm stays.
    if (this.#memory.newer === null) this.#alarm.settle(this.#nextTime())
    else this.#arm()
  }

  // The one way of every command

  async #answer(command: Command, context: CallContext): Promise<Answer<TaskView>> {
    if (command.type === 'create') await crashPoint('C1')
    const applied = this.#apply(command, context.actor, context.idempotency)
    if (!applied.ok) return { ok: false, refusal: applied.refusal }
    if (command.type === 'create') await crashPoint('C2')
    if (context.flushed && applied.repeated === null) await this.#flushedOr(FLUSH_WAIT_MS)
    const state = applied.repeated === null ? this.#state! : this.#memory.stateAfter(applied.repeated)
    return { ok: true, value: this.#viewOf(state), repeated: applied.repeated !== null }
  }

  #apply(command: Command, actor: Actor, idempotency?: CallContext['idempotency']): Applied {
    const { newer, state } = this.#memory
    if (newer !== null) return { ok: false, refusal: { kind: 'newer_version', v: newer } }
    const earlier = this.#earlier(command, actor, idempotency)
    if (earlier !== null) return earlier
    const context = this.#memory.context(actor)
    const decision = decide(state, command, context)
    if ('refusal' in decision) return { ok: false, refusal: decision.refusal }
    if (decision.events.length > 0) {
      this.#toFlush(this.#memory.append(decision.events, decision.state, context, idempotency))
      this.#notices.look()
      // With no pause since the row was appended: the row and the alarm that looks after it are one commit.
      this.#arm()
      // A wake performs by itself, from the slot it was set for on.
      if (command.type !== 'wake') this.#perform(context.now, context.now, isSlow(state, command, context.now))
    }
    return { ok: true, repeated: null }
  }

  /** The answer to a request that was carried out before, or null. */
  #earlier(command: Command, actor: Actor, idempotency: CallContext['idempotency']): Applied | null {
    const known = idempotency && this.#memory.carriedOut(idempotency, actor, command.type === 'create')
    if (known) return 'row' in known ? { ok: true, repeated: known.row } : { ok: false, refusal: known.refusal }
    if (command.type !== 'create' || this.#state === null) return null
    // The Worker tries a create again under the id that it made up; the task is there, once.
    return idempotency === undefined
      ? { ok: true, repeated: null }
      : { ok: false, refusal: { kind: 'idempotency_mismatch' } }
  }

  /** Does what the state calls for: flushes, sends, looks people up. Whatever fails is done again by the alarm. */
  #perform(from: number, now: number, slow = false): void {
    const state = this.#state
    if (state === null) return
    for (const work of due(state, from, now)) {
      if (work.kind === 'send') this.#send(work)
      else this.#background('resolve', this.#resolve(work.visit, work.run, work.roles))
    }
    if (this.#flusher.waiting && this.#flusher.retryAt <= now) {
      const isClaimed = state.visit.runs.some(run => run.phase.name === 'claimed')
      if (state.status === 'running' && !slow) this.#flusher.soon(isClaimed ? CLAIMED_MS : UNCLAIMED_MS)
      else this.#background('flush', this.#flusher.run())
    }
    if (this.#notices.waiting && this.#notices.retryAt <= now) this.#background('notices', this.#notices.run())
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

  #arm(): void {
    this.#alarm.arm(this.#nextTime())
  }

  #nextTime(): number | null {
    const state = this.#state
    if (state === null) return null
    const now = Date.now()
    const times = this.#memory.newer === null ? [nextAlarm(state, this.#memory.definition(state), now)] : []
    if (this.#unserved !== null) times.push(now + ALARM_PAUSE_MS)
    for (const { waiting, retryAt } of [this.#flusher, this.#notices]) {
      if (waiting) times.push(retryAt > now ? retryAt : now + FLUSH_GRACE_MS)
    }
    const set = times.filter(time => time !== null)
    return set.length === 0 ? null : Math.min(...set)
  }

  /** An open task must never be without an alarm: one that was lost is set again, and fires at once. */
  async #rearmIfLost(): Promise<void> {
    await this.#alarm.read()
    if (!this.#alarm.isSet && this.#nextTime() !== null) this.#alarm.standIn(Date.now())
  }

  // Flushing

  #flushShell() {
    return {
      now: () => Date.now(),
      row: () => indexRow(this.#state!, this.#memory.definition(this.#state!), Date.now()),
      send: (flush: Flush) => this.#sendFlush(flush),
      confirmed: (seq: number) => this.#confirmed(seq),
      postponed: () => this.#arm(),
    }
  }

  /** Once D1 has them, the callbacks that went with the flush are sent; one whose message is lost is found by the minute's sweep. */
  async #sendFlush(flush: Flush): Promise<FlushAnswer> {
    const { team, workflow } = flush.row
    const answer = await boardStub(this.env, team, workflow).flush(this.#withDelivery(flush))
    if (!answer.ok) return answer
    for (const { id } of flush.audit.flatMap(({ callbacks }) => callbacks ?? [])) {
      this.#background('callback', sendCallback(this.env, { v: 1, team, callback: id }))
    }
    return answer
  }

  #toFlush({ row, stepBefore }: Recorded): void {
    if (row.seq === 1) this.#delivery = deliveryRow(row)
    const state = this.#state!
    const callbacks = callbackRows(row, state, this.#memory.definition(state))
    this.#flusher.add({ ...auditRow(row, state, stepBefore), ...(callbacks.length > 0 && { callbacks }) })
  }

  /** The first flush tells of the delivery, too, if there was one: the way in writes nothing to D1 itself. */
  #withDelivery(flush: Flush): Flush {
    return this.#delivery === null ? flush : { ...flush, delivery: this.#delivery }
  }

  /** D1 has the log up to `seq`. Once that is all there will be, the cursor is written, and there is nothing to wake for. */
  #confirmed(seq: number): void {
    this.#memory.log.flushed = seq
    this.#delivery = null
    if (this.#state === null || !isOver(this.#state.status) || this.#flusher.waiting) return
    this.#memory.log.noteFlushed()
    if (this.#memory.newer === null && this.#nextTime() === null) this.#alarm.clear()
  }

  #noticeShell() {
    return {
      now: () => Date.now(),
      notice: () => {
        const { newer, state } = this.#memory
        return state === null || newer !== null ? null : noticeOf(state, this.#memory.definition(state), Date.now())
      },
      tell: (notice: Notice) => this.tell(notice),
      postponed: () => this.#arm(),
    }
  }

  async #flushedOr(ms: number): Promise<void> {
    if (!this.#flusher.waiting || this.#flusher.retryAt > Date.now()) return
    await Promise.race([this.#flusher.run(), new Promise(resolve => setTimeout(resolve, ms))])
  }

  // Reading

  #viewOf(state: TaskState): TaskView {
    return viewOf(state, this.#memory.definition(state), Date.now(), this.#memory.blob)
  }

  #workOf(lease: string): Work | null {
    return this.#state === null ? null : workOf(this.#state, this.#memory.context(SYSTEM), lease)
  }
}

/** Whether steps take so long that the next one's end is not worth a flush's waiting. */
function isSlow(before: TaskState | null, command: Command, now: number): boolean {
  return command.type === 'report' && before !== null && now - before.updatedAt > CLAIMED_MS
}

function log(what: string, task: string | undefined, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', what: `task ${what}`, task, error: String(error) }))
}
