/**
 * The Task DO: one per task, the only writer of it. What happens in which order is shell.ts'; here it meets the platform:
 * storage, alarm, lanes, board, D1 and mail. The log is the outbox; a crash anywhere is mended by the alarm, which takes the
 * same way again.
 */
import { DurableObject } from 'cloudflare:workers'
import { crashPoint } from '../../crash-points.ts'
import type {
  Answer,
  AttemptRef,
  CallNote,
  ChildSays,
  Command,
  CreateTask,
  HoldFor,
  Refusal,
  Work,
} from '../../domain/task/commands.ts'
import { readValue } from '../../domain/task/context.ts'
import type { Actor } from '../../domain/task/events.ts'
import { type Carried, carriedTo } from '../../domain/task/log/carried.ts'
import { eraseIn } from '../../domain/task/log/free-text.ts'
import { workOf } from '../../domain/task/run/attempts.ts'
import { type BetweenTasks, betweenTasks } from '../../domain/task/run/family.ts'
import { leased } from '../../domain/task/run/lease.ts'
import { isOver, type TaskState } from '../../domain/task/state.ts'
import { type Story, storyOf } from '../../domain/task/told/story.ts'
import { eventViews, openAsksOf, viewOf } from '../../domain/task/told/view.ts'
import type { EventView, OpenAsk, TaskView } from '../../domain/task/told/views.ts'
import { boardStub, type Env } from '../../env.ts'
import { hasLeft } from '../../records/people/former-members.ts'
import type { DeliveryRow, Flush, FlushAnswer } from '../../records/task/flush.ts'
import type { Notice, Tell } from '../notice.ts'
import type { CallContext, Erased, Leaving, Report, TaskVerbs } from '../rpc.ts'
import { Alarm } from './alarm.ts'
import { say } from './between.ts'
import { claimKey } from './business-keys.ts'
import { auditRow } from './chain.ts'
import { afterTimeout, Flusher, sentBy } from './flusher.ts'
import { sendCallback, sendReading, sendRun } from './lanes.ts'
import { type Lookup, lookUp } from './lookup.ts'
import { Notices, noticeOf } from './notices.ts'
import { callbackRows, deliveryRow, erasedOf, indexRow, learnedRows, searchedRow } from './projection.ts'
import { Shell } from './shell.ts'
import { sha256, TaskLog } from './task-log.ts'
import { type Recorded, TaskMemory } from './task-memory.ts'

const SYSTEM: Actor = { kind: 'system' }
/** Time, chance and digests, which no rule makes up. */
const OUTSIDE = { now: () => Date.now(), token: () => crypto.randomUUID(), random: () => Math.random(), sha256 }
/** How long a person's or the API's answer waits for lists and boards to show the change. */
const FLUSH_WAIT_MS = 500

type AttemptOf = { visit: number; run: number; attempt: number }

export abstract class TaskObject extends DurableObject<Env> implements TaskVerbs {
  /** How people hear of what needs them; the Worker's entry gives it, as mail is not a task's affair. */
  protected abstract readonly tell: Tell
  readonly #log: TaskLog
  readonly #memory: TaskMemory
  readonly #alarm: Alarm
  readonly #flusher: Flusher
  readonly #notices: Notices
  readonly #shell: Shell
  /** The delivery that the task came from, until D1 knows of it. */
  #delivery: DeliveryRow | null = null
  /** Whether D1 knows by what words the task is found; an object that was away tells it again. */
  #isFound = false

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    this.#log = new TaskLog(ctx.storage)
    this.#memory = new TaskMemory(this.#log, OUTSIDE)
    this.#alarm = new Alarm(ctx.storage)
    this.#flusher = new Flusher(this.#flushShell())
    this.#notices = new Notices(this.#noticeShell())
    this.#shell = new Shell(this.#ports())
    if (this.#shell.restore()) ctx.blockConcurrencyWhile(() => this.#rearmIfLost())
  }

  get #state(): TaskState | null {
    return this.#memory.state
  }

  // Verbs

  async create(command: Omit<CreateTask, 'type'>, context: CallContext): Promise<Answer<TaskView>> {
    if (this.#log.isGone) return { ok: false, refusal: { kind: 'task_deleted' } }
    const { newer, state } = this.#memory
    if (newer !== null || state !== null) return this.#answer({ type: 'create', ...command }, context)
    const claimed = await claimKey(this.env, command, this.#memory.pinnedOf(command))
    if (!claimed.ok) return claimed
    return this.#answer({ type: 'create', ...command, duplicateOf: claimed.duplicateOf }, context)
  }

  async command(command: Exclude<Command, CreateTask>, context: CallContext): Promise<Answer<TaskView>> {
    if (await this.#hasLeft(context.actor)) return { ok: false, refusal: { kind: 'no_member' } }
    return this.#answer(command, context)
  }

  /**
   * Whether this person has left the team by now. Whoever sent the command looked before, but a removal may have come while
   * it was on its way. So it is asked here, right before the command is written, and again should the answer take long:
   * `STANDING_MS` says what that guarantees.
   */
  async #hasLeft(actor: Actor): Promise<boolean> {
    const named = actor.kind === 'link' || actor.kind === 'person'
    return named && this.#state !== null && (await hasLeft(this.env.DB, this.#state.team, actor.id))
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
    if (state === null) return null
    const pinned = this.#memory.pinned(state)
    return storyOf(state, log.rows(), pinned.definition, Date.now(), blob, pinned)
  }

  async claim(
    visit: number,
    run: number,
    attempt: number,
  ): Promise<{ ok: true; work: Work } | { ok: false; refusal: Refusal }> {
    const applied = this.#shell.apply({ type: 'claim', visit, run, attempt }, SYSTEM)
    if (!applied.ok) return applied
    const phase = this.#state?.visit.runs.find(each => each.id === run)?.phase
    const work = phase?.name === 'claimed' ? this.#workOf(phase.lease) : null
    return work === null ? { ok: false, refusal: { kind: 'not_claimable', why: 'stale' } } : { ok: true, work }
  }

  async note(ref: AttemptRef, note: CallNote): Promise<boolean> {
    if ('answered' in note) await crashPoint('C23')
    const { ok } = this.#shell.apply({ type: 'note', ...ref, note }, SYSTEM)
    if (ok && 'called' in note) await crashPoint('C9')
    return ok && this.#state !== null && leased(this.#state, ref) !== undefined
  }

  async hold(ref: { visit: number; run: number; attempt: number; lease?: string }, hold: HoldFor): Promise<boolean> {
    const { reason, message, fix, retryAfterMs, usage } = hold
    return this.#shell.apply({ type: 'hold', ...ref, reason, message, fix, retryAfterMs, usage }, SYSTEM).ok
  }

  async release(visit: number, run: number): Promise<boolean> {
    return this.#shell.apply({ type: 'release', visit, run }, SYSTEM).ok
  }

  async report(ref: AttemptRef, report: Report): Promise<{ accepted: boolean; next: Work | null }> {
    await crashPoint('C10')
    // A consumer of the version before says with its report that the run must wait.
    if (report.kind === 'hold') return { accepted: await this.hold(ref, report), next: null }
    const applied = this.#shell.apply({ ...report, type: 'report', ...ref }, SYSTEM)
    const next = this.#state?.settled[ref.lease] ?? null
    return { accepted: applied.ok, next: next === null ? null : this.#workOf(next) }
  }

  async heard(said: ChildSays): Promise<boolean> {
    // Where there is no such task, nobody waits.
    if (this.#state === null) return true
    const applied = this.#shell.apply({ type: 'heard', ...said }, SYSTEM)
    return applied.ok || applied.refusal.kind !== 'newer_version'
  }

  async wake(resend: boolean): Promise<void> {
    if (this.#state === null) return
    // One that is over may still have to tell D1 so, or another task.
    if (isOver(this.#state.status) && !this.#flusher.waiting && betweenTasks(this.#state).length === 0) return
    await this.#alarm.read()
    this.#shell.wake(resend ? 0 : Date.now())
  }

  async leaving(): Promise<Leaving> {
    const { newer, state } = this.#memory
    if (state === null) return { as: 'unknown' }
    if (newer !== null) return { as: 'later' }
    if (!isOver(state.status)) return { as: 'open', status: state.status }
    if (this.#flusher.waiting) await this.#flusher.run()
    if (this.#flusher.waiting || betweenTasks(state).length > 0) return { as: 'later' }
    const { workflow, createdAt, updatedAt, seq, source } = this.#state ?? state
    return { as: 'over', seq, workflow, createdAt, updatedAt, delivery: source?.delivery ?? null }
  }

  async erase(words: readonly string[]): Promise<Erased | null> {
    const { newer, state, blob } = this.#memory
    if (state === null || newer !== null || !isOver(state.status) || this.#flusher.waiting) return null
    this.#log.rewrite((event, keep) => eraseIn(event, words, value => readValue(value, blob), keep))
    this.#memory.reread()
    return erasedOf(this.#memory, Date.now())
  }

  async forget(withTeam = false): Promise<void> {
    const { state } = this.#memory
    if (this.#log.isGone || (!withTeam && state !== null && !isOver(state.status))) return
    this.#memory.forget()
    this.#flusher.drop()
    this.#alarm.learn(null)
    await this.#log.empty()
  }

  /** Fires at the earliest of: send slot, lease end, retry, timer, flush. Catches everything and sets the next one last. */
  override async alarm(info?: AlarmInvocationInfo): Promise<void> {
    this.#shell.fired(info?.scheduledTime)
    try {
      await crashPoint('C14')
      this.#shell.serve()
      if (this.#flusher.waiting && this.#flusher.retryAt <= Date.now()) await this.#flusher.run()
      if (this.#notices.waiting && this.#notices.retryAt <= Date.now()) await this.#notices.run()
    } catch (error) {
      log('alarm', this.#state?.task, error)
    }
    this.#shell.settle()
  }

  // The one way of every command

  async #answer(command: Command, context: CallContext): Promise<Answer<TaskView>> {
    if (command.type === 'create') await crashPoint('C1')
    const applied = this.#shell.apply(command, context.actor, context.idempotency)
    if (!applied.ok) return { ok: false, refusal: applied.refusal }
    if (command.type === 'create') await crashPoint('C2')
    // A repeat, too: it may come before the first one's change is anywhere to be seen.
    if (context.flushed) await this.#flushedOr(FLUSH_WAIT_MS)
    const state = applied.repeated === null ? this.#state! : this.#memory.stateAfter(applied.repeated)
    return { ok: true, value: this.#viewOf(state), repeated: applied.repeated !== null }
  }

  // What the shell asks for

  #ports() {
    return {
      now: () => Date.now(),
      memory: this.#memory,
      alarm: this.#alarm,
      flusher: this.#flusher,
      notices: this.#notices,
      toFlush: (recorded: Recorded) => this.#toFlush(recorded),
      send: (work: AttemptOf) => this.#send(work),
      say: (said: BetweenTasks) => this.#background('say', this.#say(said)),
      read: ({ file }: { file: string }) => this.#background('read', this.#read(file)),
      resolve: (lookup: Lookup) => this.#background('resolve', this.#resolve(lookup)),
      flush: () => this.#background('flush', this.#flusher.run()),
      notify: () => this.#background('notices', this.#notices.run()),
    }
  }

  #send({ visit, run, attempt }: AttemptOf): void {
    const { team, task } = this.#state!
    const send = async () => {
      await crashPoint('C3')
      await sendRun(this.env, { v: 1, task: `${team}:${task}`, visit, run, attempt })
      await crashPoint('C4')
    }
    this.#background('send', send())
  }

  #read(file: string): Promise<void> {
    const { team, task } = this.#state!
    return sendReading(this.env, { v: 1, team, task, file })
  }

  async #say(said: BetweenTasks): Promise<void> {
    const state = this.#state!
    const { blob } = this.#memory
    const isHeard = await say(this.env, said, { state, definition: this.#memory.definition(state), blob })
    if (isHeard && said.kind === 'tell') this.#shell.apply({ type: 'told', standing: said.standing }, SYSTEM)
  }

  async #resolve(lookup: Lookup): Promise<void> {
    const state = this.#state!
    const found = await lookUp(this.env, state, this.#memory.pinned(state), lookup)
    this.#shell.apply({ type: 'resolve', visit: lookup.visit, run: lookup.run, ...found }, SYSTEM)
  }

  #background(what: string, work: Promise<void>): void {
    this.ctx.waitUntil(work.catch(error => log(what, this.#state?.task, error)))
  }

  async #rearmIfLost(): Promise<void> {
    await this.#alarm.read()
    this.#shell.rearmIfLost()
  }

  // Flushing

  #flushShell() {
    return {
      now: () => Date.now(),
      row: () => {
        const [state, memory] = [this.#state!, this.#memory]
        return indexRow(state, { definition: memory.definition(state), parts: memory.parts }, Date.now())
      },
      send: sentBy(flush => this.#sendFlush(flush)),
      after: afterTimeout,
      confirmed: (seq: number) => this.#confirmed(seq),
      postponed: () => this.#shell.arm(),
    }
  }

  /** Once D1 has them, the callbacks that went with the flush are sent; one whose message is lost is found by the minute's sweep. */
  async #sendFlush(flush: Flush): Promise<FlushAnswer> {
    const { team, workflow } = flush.row
    const whole = this.#whole(flush)
    const answer = await boardStub(this.env, team, workflow).flush(whole)
    if (!answer.ok) return answer
    this.#isFound ||= whole.searched !== undefined
    for (const { id } of flush.audit.flatMap(({ callbacks }) => callbacks ?? [])) {
      this.#background('callback', sendCallback(this.env, { v: 1, team, callback: id }))
    }
    return answer
  }

  #toFlush({ row, before }: Recorded): void {
    if (row.seq === 1) this.#delivery = deliveryRow(row)
    const state = this.#state!
    const callbacks = callbackRows(row, state, this.#memory.definition(state))
    const learned = learnedRows(row, before, this.#memory)
    this.#flusher.add({
      ...auditRow(row, state, before?.visit.step ?? null),
      ...(callbacks.length > 0 && { callbacks }),
      ...(learned !== null && { learned }),
    })
  }

  /** The first flush tells of the delivery, too, if there was one: the way in writes nothing to D1 itself. */
  #whole(flush: Flush): Flush {
    const state = this.#state!
    const isFirst = flush.audit[0]?.seq === 1
    const searched = searchedRow(state, this.#memory.definition(state), this.#isFound, isFirst)
    return {
      ...flush,
      ...(this.#delivery !== null && { delivery: this.#delivery }),
      ...(searched !== null && { searched }),
    }
  }

  #confirmed(seq: number): void {
    this.#delivery = null
    this.#shell.confirmed(seq)
  }

  #noticeShell() {
    return {
      now: () => Date.now(),
      notice: () => {
        const { newer, state } = this.#memory
        return state === null || newer !== null ? null : noticeOf(state, this.#memory.definition(state), Date.now())
      },
      tell: (notice: Notice) => this.tell(notice),
      postponed: () => this.#shell.arm(),
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

function log(what: string, task: string | undefined, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', what: `task ${what}`, task, error: String(error) }))
}
