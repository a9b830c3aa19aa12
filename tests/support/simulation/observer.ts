/** Reads every row as it is committed and keeps its own books: whatever breaks a promise of the engine is a violation. */
import type { Json } from '../../../src/domain/json/json.ts'
import type { LogRow, TaskEvent } from '../../../src/domain/task/events.ts'
import { voterOf } from '../../../src/domain/task/people/voter.ts'
import type { Usage } from '../../../src/domain/task/run/outcome.ts'
import type { Status, TaskState } from '../../../src/domain/task/state.ts'
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { durationMs } from '../../../src/domain/workflow/parts.ts'
import type { Coverage } from './chances.ts'
import { ChildBook } from './child-book.ts'
import { RemindBook } from './remind-book.ts'
import { JoinBook, must, newRunBook, type Question, type RunBook } from './run-books.ts'
import { WaitBook } from './wait-book.ts'
import { ROLES } from './workflows.ts'

/** What a consumer was given and brings back under a lease. */
export interface Brought {
  output: Json
  usage: Usage | null
}

type EventOf<T extends TaskEvent['type']> = Extract<TaskEvent, { type: T }>

/** The status that a row comes to which ends with this. */
const CAME_TO: Partial<Record<TaskEvent['type'], Status>> = {
  due: 'running',
  claimed: 'running',
  asking: 'running',
  released: 'running',
  asked: 'waiting',
  held: 'held',
  stuck: 'stuck',
  failed: 'failed',
  finished: 'done',
  cancelled: 'cancelled',
}

/** What is still noted of a task that is over: what was late, and what it and others tell each other. */
const AFTER_THE_END: TaskEvent['type'][] = ['booked', 'started', 'recalled', 'returned', 'told', 'read']

const MAX_LAPSES = 3
/** How long an alarm, a message and a claim may take together when nothing is wrong. */
const SOON_MS = 5000

export class Observer {
  /** The state after the last committed row. */
  state: TaskState | null = null
  /** lease → what its holder brings when it reports. */
  readonly brought = new Map<string, Brought>()
  /** What a click was made for, by the click's note. */
  readonly clicks = new Map<string, { visit: number; run: number; seen: string }>()
  /** Runs, by visit, for which roles were looked up that nobody had. */
  readonly vacant = new Set<string>()
  /** Events from outside, and the waits for them. */
  readonly waits: WaitBook
  /** The tasks that its runs started. */
  readonly children: ChildBook
  /** Clicks that are in the log. */
  readonly decidedBy = new Set<string>()
  /** Leases whose usage is in the log. */
  readonly counted = new Set<string>()
  /** From when on everything happens in time: later than this, lateness is a violation. */
  punctualFrom = Number.POSITIVE_INFINITY
  readonly #definition: Definition
  readonly #coverage: Coverage

  #seq = 1
  #at = 0
  #visit = 0
  #step = ''
  #open = false
  #target: string | null = null
  /** The open visit's runs, each with books of its own. */
  #runs = new Map<number, RunBook>()
  /** What the open visit's runs are to come to together; null: it has one run. */
  #join: JoinBook | null = null
  readonly #leases = new Set<string>()
  #over = false
  #steps: number
  readonly #outputs = new Map<string, { visit: number; value: unknown }>()
  #tokens = 0

  /** `kin`: how another task stands. */
  constructor(definition: Definition, coverage: Coverage, kin: (task: string) => TaskState | null) {
    this.#definition = definition
    this.#steps = definition.limits?.steps ?? 20
    this.#coverage = coverage
    this.waits = new WaitBook(coverage)
    this.children = new ChildBook(coverage, kin)
  }

  get over(): boolean {
    return this.#over
  }

  /** A row was committed. */
  committed(row: LogRow, state: TaskState): void {
    must(row.seq === this.#seq, `row ${row.seq} follows event ${this.#seq - 1}`)
    must(row.at >= this.#at, 'time runs backwards')
    must(row.events.length > 0, 'an empty row')
    this.#at = row.at
    for (const event of row.events) {
      must(!this.#over || AFTER_THE_END.includes(event.type), `${event.type} after the task was over`)
      this.#read(event, row)
      this.#seq++
    }
    this.state = state
    this.#agree(state, row)
  }

  /** The books and the state say the same. */
  #agree(state: TaskState, row: LogRow): void {
    this.waits.agree(state)
    const runs = [...this.#runs]
    const awaited = new Set(runs.flatMap(([, run]) => run.child ?? []))
    this.children.agree(state, awaited, new Map(runs.map(([id, { attempt }]) => [id, attempt])))
    must(state.seq === this.#seq - 1, `the state stands at ${state.seq}, the log at ${this.#seq - 1}`)
    must(state.visit.n === this.#visit && state.visit.step === this.#step, 'the state is in another visit')
    must(state.visit.open === this.#open, `the state has its visit ${state.visit.open ? 'open' : 'left'}`)
    must(state.usage.inputTokens === this.#tokens, `usage is ${state.usage.inputTokens}, reported ${this.#tokens}`)
    must((state.status === 'done' || state.status === 'cancelled') === this.#over, `${state.status}, over or not`)
    must((state.status === 'stuck') === (state.stuck !== null), `${state.status} with a cause ${state.stuck?.cause}`)
    must((state.status === 'failed') === (state.error !== null) || this.#over, `${state.status} with an error`)
    if (this.#join === null) {
      const came = CAME_TO[row.events[row.events.length - 1]!.type]
      must(came === undefined || came === state.status, `${state.status}, it should be ${came}`)
      const lapses = Math.max(0, ...[...this.#runs.values()].map(run => run.lapses))
      must(lapses < MAX_LAPSES || state.status !== 'running', 'it goes on though its workers keep dying')
    } else this.#join.agree(state, row.at, this.#open)
    for (const [id, { lease, question }] of this.#runs) {
      must(question?.toFirst !== true, 'a later stage approves what the first has not seen')
      if (lease === null) continue
      const { phase } = state.visit.runs.find(run => run.id === id) ?? { phase: null }
      const held = phase?.name === 'claimed' && phase.lease === lease.token
      must(held, `lease ${lease.token} is valid but not held after ${row.events.map(e => e.type).join(' ')}`)
    }
  }

  #run(id: number): RunBook {
    const known = this.#runs.get(id)
    if (known !== undefined) return known
    must(this.#join === null, `run ${id} was not planned`)
    const run = newRunBook(null)
    this.#runs.set(id, run)
    return run
  }

  /** At the end: the state holds what was reported and edited. */
  settled(state: TaskState): void {
    for (const [step, { visit, value }] of this.#outputs) {
      const record = state.steps[step]
      must(record !== undefined, `the output of ${step} is gone`)
      // A later visit that brought nothing keeps its own record.
      must(record.visit > visit || same(record.output, value), `${step} has another output than was reported`)
    }
  }

  #read(event: TaskEvent, row: LogRow): void {
    switch (event.type) {
      case 'created':
        return must(this.#seq === 1, 'created twice')
      case 'entered':
        return this.#entered(event)
      case 'due':
        return this.#due(event, row)
      case 'claimed':
        return this.#claimed(event, row)
      case 'planned': {
        must(this.#open && event.visit === this.#visit, 'runs of another visit are planned')
        this.#runs = new Map(event.names.map((name, index) => [index + 1, newRunBook(name)]))
        this.#join = new JoinBook(this.#stepNow(), this.#runs, event.atOnce ?? null, this.#coverage)
        return
      }
      case 'queued': {
        const run = this.#run(event.run)
        must(run.ended !== 'completed', 'what was done waits for another turn')
        Object.assign(run, { begun: false, ended: null, lease: null, question: null, asking: false, child: null })
        this.#coverage.queued++
        return
      }
      case 'fenced': {
        const run = this.#run(event.run)
        must(run.ended === null, 'what had ended is fenced')
        Object.assign(run, { ended: 'fenced', lease: null, question: null, pending: null, asking: false, child: null })
        this.#coverage.fenced++
        return
      }
      case 'joined':
        if (this.#join === null) return
        this.#outputs.set(this.#step, { visit: this.#visit, value: this.#join.joined(event.output) })
        return
      case 'called':
      case 'answered': {
        // What a person says of a call needs no lease.
        if (row.actor.kind !== 'system') return
        const { lease } = this.#run(event.run)
        must(lease !== null && row.at < lease.until, 'a call under a lease that ended')
        lease.until = event.until
        return
      }
      case 'lapsed':
        return this.#lapsed(event, row)
      case 'reported':
        if (event.lease === '' && this.#endedWithChild(event, row)) return
        if (event.lease === '' && event.outcome.kind === 'failed' && event.outcome.failure.code === 'timeout')
          this.waits.missed(row.at, this.punctualFrom)
        return this.#reported(event)
      case 'booked':
        must(this.#leases.has(event.lease), 'usage of a lease that was never given')
        this.#coverage.lateReports++
        return this.#count(event.lease, event.usage)
      case 'asking':
        Object.assign(this.#run(event.run), { dueAt: row.at, asking: true, begun: true })
        return must(this.#open && event.visit === this.#visit, 'it asks for another visit')
      case 'asked':
        return this.#asked(event, row)
      case 'assigned': {
        const { question } = this.#run(event.run)
        must(question !== null, 'assigned where nothing is asked')
        question.assignees = event.to
        question.reminders.changed(row.at)
        question.reassigned.set(question.stage, event.to)
        if (event.by === 'overdue') this.#coverage.overdue++
        return
      }
      case 'reminded': {
        const { question } = this.#run(event.run)
        must(question !== null && this.#open, 'a reminder where nothing is asked')
        question.reminders.reminded(event, openOf(question), row.at, this.punctualFrom)
        this.#coverage.reminded++
        return
      }
      case 'edited':
        this.#run(event.run).question?.reminders.changed(row.at)
        return this.#edited(event)
      case 'decided':
        return this.#decided(event, row)
      case 'undone':
        return this.#undone(event, row)
      case 'staged':
        return this.#staged(event, row.at)
      case 'effected':
        return this.#effected(event, row)
      case 'skipped':
        return this.#skipped(event)
      case 'routed':
        return this.#routed(event)
      case 'left':
        must(this.#open && event.visit === this.#visit, 'it leaves a visit that it left')
        return this.#close(null)
      case 'stuck':
        this.#stoodStill()
        must(event.message !== '' && event.fix !== '', 'stuck without a word')
        if (event.cause.startsWith('limit_')) {
          this.#coverage.limitsReached++
          // Its next attempt is not made yet; that is no failure for good.
          const run = event.run === undefined ? undefined : this.#runs.get(event.run)
          if (run?.ended === 'failed') run.ended = null
        }
        if (event.cause === 'keeps_dying') this.#coverage.keepsDying++
        if (event.cause === 'unknown_outcome') this.#coverage.unknownOutcome++
        if (event.cause === 'nobody_assigned') this.#coverage.nobodyAssigned++
        else if (event.next !== undefined) this.#target = event.next
        return
      case 'failed':
        this.#stoodStill()
        must(event.message !== '' && event.code !== '', 'failed without a word')
        if (event.code.startsWith('limit_')) this.#coverage.limitsReached++
        return
      case 'held': {
        const run = this.#run(event.run)
        must(run.lease !== null || event.reason === 'workers_lost', 'held without a lease')
        run.lease = null
        this.#coverage.held++
        return
      }
      case 'released': {
        this.#run(event.run).dueAt = row.at
        const phase = this.state?.visit.runs.find(each => each.id === event.run)?.phase.name
        return must(phase === 'held', `released while ${phase}`)
      }
      case 'raised':
        this.#steps = event.limits.steps ?? this.#steps
        this.#coverage.raised++
        return
      case 'migrated':
        this.#coverage.migrated++
        return must(!this.#open, 'migrated with a visit open')
      case 'noticed':
        return this.waits.came(event, this.#seq, row.at)
      case 'awaiting':
      case 'listening':
        must(this.#open && event.visit === this.#visit, 'a wait of another visit')
        return this.waits.began(event, this.#stepNow().wait, row.at)
      case 'weighed':
        return this.waits.passed(event)
      case 'started': {
        const run = this.children.started(event)
        if (!run) return
        must(this.#open && event.visit === this.#visit, 'a child of another visit is awaited')
        must(event.attempt === this.#run(event.run).attempt, 'a child of another attempt is awaited')
        Object.assign(this.#run(event.run), { lease: null, child: event.child })
        return
      }
      case 'recalled':
        return this.children.recalled(event)
      case 'returned':
        return this.children.returned(event)
      case 'told':
        return this.children.told()
      case 'awaited':
        if (this.#runs.get(event.run)?.child != null) return this.#childDone(event, row)
        this.waits.ended(event, row.at, this.punctualFrom)
        this.#outputs.set(this.#step, { visit: this.#visit, value: event.output })
        return
      case 'finished':
        must(this.#target === 'complete' && !this.#open, 'finished without being routed there')
        this.#over = true
        return
      case 'cancelled':
        must(!this.#open, 'cancelled with a visit open')
        this.#over = true
        return
    }
  }

  #entered(event: EventOf<'entered'>): void {
    must(!this.#open, `visit ${event.visit} begins before ${this.#visit} was left`)
    must(event.visit === this.#visit + 1, `visit ${event.visit} follows ${this.#visit}`)
    if (event.by === 'handoff' || event.by === 'route') {
      must(this.#target === event.step, `routed to ${this.#target}, entered ${event.step}`)
    }
    must(event.by !== 'handoff' || event.visit <= this.#steps, `visit ${event.visit} of at most ${this.#steps}`)
    this.#visit = event.visit
    this.#step = event.step
    this.#open = true
    this.#target = null
    this.#runs = new Map()
    this.#join = null
  }

  #close(target: string | null): void {
    this.waits.left()
    this.#open = false
    this.#target = target
    this.#runs = new Map()
    this.#join = null
  }

  #stepNow(): Step {
    const step = this.#definition.steps.find(each => each.key === this.#step)
    must(step !== undefined, `there is no step ${this.#step}`)
    return step
  }

  #due(event: EventOf<'due'>, row: LogRow): void {
    must(this.#open && event.visit === this.#visit, 'a run of another visit is due')
    const run = this.#run(event.run)
    must(run.lease === null, 'a run is due while its lease is valid')
    must(this.#join === null || run.ended !== 'completed', 'what was done is due again')
    if (event.fresh === true) {
      run.tries = 0
      run.lapses = 0
    } else if (event.why !== undefined && event.attempt > run.attempt) {
      this.#coverage.retries++
      this.#triedAgain(run, event, row.at)
    }
    must(event.attempt >= run.attempt, 'attempts count backwards')
    Object.assign(run, { attempt: event.attempt, dueAt: event.at, begun: true, ended: null, child: null })
  }

  #triedAgain(run: RunBook, event: EventOf<'due'>, now: number): void {
    const rule = { ...this.#definition.defaults?.retry, ...this.#stepNow().retry }
    must(run.tries < (rule.attempts ?? 3), `attempt ${run.tries + 1} of ${rule.attempts}`)
    const pause = (durationMs(rule.delay ?? '2s') ?? 0) * 2 ** (run.tries - 1)
    must(event.why === 'raised' || event.at - now >= 0.8 * pause, 'tried again without a pause')
  }

  #claimed(event: EventOf<'claimed'>, row: LogRow): void {
    must(this.#open && event.visit === this.#visit, 'a claim of another visit')
    const run = this.#run(event.run)
    must(run.lease === null, `${event.lease} is given while ${run.lease?.token} is valid`)
    must(!this.#leases.has(event.lease), 'a lease is given twice')
    must(run.begun && run.ended === null, 'a claim of a run that waits for its turn, or has ended')
    must(event.attempt === run.attempt, 'a claim of another attempt')
    must(row.at >= run.dueAt, 'claimed before it was due')
    must(run.lapses < MAX_LAPSES, 'it is claimed though its workers keep dying')
    must(event.chained === undefined || this.counted.has(event.chained), 'chained on to a report that was not taken')
    if (event.chained !== undefined) this.#coverage.chainedClaims++
    else if (row.at > this.punctualFrom) this.#punctual(run, row.at)
    run.lease = { token: event.lease, until: event.until, attempt: event.attempt }
    this.#leases.add(event.lease)
  }

  #lapsed(event: EventOf<'lapsed'>, row: LogRow): void {
    const run = this.#run(event.run)
    must(run.lease !== null, 'a lease lapses that nobody has')
    must(run.lease.until <= row.at, 'a lease lapses before its end')
    const late = row.at - run.lease.until
    must(run.lease.until < this.punctualFrom || late <= SOON_MS, `a lease lapsed ${late} ms late`)
    run.lease = null
    run.dueAt = row.at
    if (!event.unseen) run.lapses++
    must(event.lapses === run.lapses, `lapse ${event.lapses}, counted ${run.lapses}`)
    this.#coverage.lapses++
  }

  #reported(event: EventOf<'reported'>): void {
    must(this.#open && event.visit === this.#visit, 'a report of another visit is taken')
    if (event.lease === '') return
    const run = this.#run(event.run)
    must(run.lease?.token === event.lease, `a report under ${event.lease}, ${run.lease?.token} is valid`)
    must(event.attempt === run.lease.attempt, 'a report of another attempt')
    run.lease = null
    run.tries++
    this.#count(event.lease, event.usage)
    run.ended = event.outcome.kind
    if (event.outcome.kind !== 'completed') return
    const { output } = event.outcome
    must(same(output, this.brought.get(event.lease)?.output), `${event.lease} is credited with what it did not bring`)
    run.output = output
    if (this.#join === null) this.#outputs.set(this.#step, { visit: this.#visit, value: output as string })
  }

  #childDone(event: EventOf<'awaited'>, row: LogRow): void {
    const run = this.#run(event.run)
    this.children.taken(run.child ?? '', event.output as Json, row.at, this.punctualFrom)
    Object.assign(run, { child: null, ended: 'completed', output: event.output })
    if (this.#join === null) this.#outputs.set(this.#step, { visit: this.#visit, value: event.output })
  }

  /** A run that waited for a child has failed with it, or has waited too long. */
  #endedWithChild({ run: id, outcome }: EventOf<'reported'>, row: LogRow): boolean {
    const run = this.#runs.get(id)
    if (run?.child == null || outcome.kind !== 'failed') return false
    this.children.failed(run.child, outcome.failure.code, row.at, this.punctualFrom)
    run.tries++
    Object.assign(run, { child: null, ended: 'failed' })
    return true
  }

  /** Nobody is reminded while the task stands still. */
  #stoodStill(): void {
    for (const { question } of this.#runs.values()) if (question !== null) question.reminders.stoodStill = true
  }

  #count(lease: string, usage: Usage | null): void {
    must(!this.counted.has(lease), `the usage of ${lease} is booked twice`)
    this.counted.add(lease)
    const brought = this.brought.get(lease)?.usage ?? null
    must(usage?.inputTokens === brought?.inputTokens, `${lease} is booked with another usage than it brought`)
    this.#tokens += usage?.inputTokens ?? 0
  }

  #asked(event: EventOf<'asked'>, row: LogRow): void {
    must(this.#open && event.visit === this.#visit, 'a question of another visit')
    // Whether a call happened may be asked of a run that was cut short in the midst of it.
    const run = this.#run(event.run)
    must(run.lease === null, 'people are asked while a lease is valid')
    const { digest, labels, approve, needs, assignees, kind } = event.ask
    if (kind === 'unsure') this.#coverage.unsure++
    else if (kind === 'decide') this.#areMeant(run, event.run, assignees)
    if (run.asking && row.at > this.punctualFrom) this.#punctual(run, row.at)
    const reminders = new RemindBook(event.ask, row.at)
    const votes = { approvals: new Map(), notes: new Set<string>() }
    const last = (event.ask.stages?.of.length ?? 1) - 1
    const stages = { stage: 0, last, toFirst: false, before: [], reassigned: new Map() }
    const question = { kind, digest, labels, approve, needs, assignees, ...votes, ...stages, reminders }
    Object.assign(run, { asking: false, begun: true, ended: null, question })
  }

  /** A human step asks those it names, and those who have its roles. */
  #areMeant({ name }: RunBook, id: number, assignees: string[], stage = 0): void {
    const { human, parallel, map } = this.#stepNow()
    const asked = name === null ? human : (parallel?.branches[name]?.human ?? map?.do.human)
    const meant = (asked?.stages?.[stage]?.assign ?? asked?.assign ?? []).flatMap(one =>
      one.startsWith('role:') ? (ROLES[one.slice(5)] ?? []) : [one],
    )
    const vacant = assignees.length === 0 && this.vacant.has(`${this.#visit}.${id}`)
    must(vacant || assignees.join() === meant.join(), `[${assignees}] are asked, it is for [${meant}]`)
  }

  #edited(event: EventOf<'edited'>): void {
    const { question } = this.#run(event.run)
    must(question !== null, 'an edit where nothing is asked')
    must(event.digest !== question.digest, 'an edit that changes nothing')
    question.digest = event.digest
    question.toFirst = question.stage > 0
    const visit = this.#outputs.get(event.step)?.visit ?? this.#visit
    this.#outputs.set(event.step, { visit, value: event.output })
    this.#coverage.edits++
  }

  #decided(event: EventOf<'decided'>, row: LogRow): void {
    const run = this.#run(event.run)
    const { question } = run
    must(question !== null && this.#open && event.visit === this.#visit, 'a decision where nothing is asked')
    must(question.labels.includes(event.handoff), 'a label that was not offered')
    must(event.digest === question.digest, 'a decision on other content')
    must(this.state?.status === 'waiting' || this.state?.status === 'stuck', `decided while ${this.state?.status}`)
    const { actor } = row
    const voter = voterOf(actor)
    const approving = event.handoff === question.approve
    if (actor.kind === 'person' || actor.kind === 'link') {
      // Whoever changes it and chooses otherwise in one go was asked when they did.
      const inOneGo = !approving && row.events.some(each => each.type === 'staged') && question.before.includes(voter)
      must(inOneGo || question.assignees.includes(voter), `${voter} was not asked`)
    }
    must(actor.kind !== 'system' || !approving, 'the system approved')
    this.#clicked(event, question, row)
    let counted = 1
    if (approving) {
      const approvals = question.approvals.get(event.digest) ?? new Set()
      must(!approvals.has(voter), `${voter} counts twice`)
      approvals.add(voter)
      question.approvals.set(event.digest, approvals)
      counted = approvals.size
    }
    must(event.counted === counted, `vote ${event.counted}, counted ${counted}`)
    const isEnough = counted >= (approving ? question.needs : 1)
    const isLast = !approving || question.stage === question.last
    must(event.settles === (isEnough && isLast), 'it settles too early or too late')
    this.#coverage.votes++
    if (!event.settles) return
    run.question = null
    if (actor.kind === 'system') question.reminders.settled(openOf(question), row.at, this.punctualFrom)
    const output = { decision: event.handoff, note: event.note, by: voter }
    if (event.until !== undefined) {
      must(actor.kind !== 'system', 'what time decides can be undone')
      run.pending = { question, until: event.until, voter, output }
      return
    }
    if (this.#join === null || question.kind !== 'decide') return
    run.ended = 'completed'
    run.output = output
  }

  /** Taken back in time, by whoever decided or the owner, it is asked as it was. */
  #undone(event: EventOf<'undone'>, { at, actor }: LogRow): void {
    const run = this.#run(event.run)
    const { pending } = run
    must(pending !== null && this.#open, 'what is undone was not decided')
    must(at < pending.until, 'a decision is undone after its time')
    must([pending.voter, 'ana@acme.test'].includes(voterOf(actor)), `${voterOf(actor)} undoes what is not theirs`)
    const { question } = pending
    const approvals = question.approvals.get(question.digest) ?? new Set()
    // Whoever had approved and then chose otherwise has approved still.
    if (pending.output.decision === question.approve) approvals.delete(pending.voter)
    question.approvals.set(event.digest, approvals)
    question.digest = event.digest
    question.reminders.changed(at)
    Object.assign(run, { question, pending: null })
    this.#coverage.undone++
  }

  /** The next stage is asked once this one has all it needs; the first again once what they approve has changed. */
  #staged(event: EventOf<'staged'>, at: number): void {
    const run = this.#run(event.run)
    const { question } = run
    must(question !== null && this.#open, 'another stage of what is not asked')
    must(event.digest !== question.digest, 'a click for one stage would decide another')
    if (event.stage === 0) must(question.toFirst, 'the first stage is asked again for nothing')
    else {
      must(event.stage === question.stage + 1 && event.stage <= question.last, `stage ${event.stage} is not the next`)
      const approved = question.approvals.get(question.digest)?.size ?? 0
      must(approved >= question.needs && !question.toFirst, `stage ${event.stage} after ${approved} approvals`)
    }
    const others = question.reassigned.get(event.stage)
    if (others === undefined) this.#areMeant(run, event.run, event.assignees, event.stage)
    else must(others.join() === event.assignees.join(), 'whoever was asked instead is not asked again')
    const { stage, digest, assignees, needs } = event
    const before = stage === 0 ? question.assignees : []
    Object.assign(question, { stage, digest, assignees, needs, before, toFirst: false })
    question.reminders.changed(at)
    if (event.note !== undefined) this.decidedBy.add(event.note)
    this.#coverage[event.stage === 0 ? 'stagesAnew' : 'stages']++
  }

  /** The decision holds: not before its time, soon after it, and once. */
  #effected(event: EventOf<'effected'>, { at }: LogRow): void {
    const run = this.#run(event.run)
    const { pending } = run
    must(pending !== null && this.#open, 'a decision takes effect that was not made, was undone, or has')
    must(at >= pending.until, 'a decision takes effect before its time')
    must(at <= Math.max(pending.until, this.punctualFrom) + SOON_MS, 'a decision takes effect too late')
    run.pending = null
    this.#coverage.effected++
    if (this.#join === null) return
    run.ended = 'completed'
    run.output = pending.output
  }

  /** Nobody is asked only where the step says so of what a model drafted, and nothing speaks against it. */
  #skipped(event: EventOf<'skipped'>): void {
    const run = this.#run(event.run)
    const { human } = this.#stepNow()
    must(this.#open && event.visit === this.#visit && run.asking, 'a question is left out that was not to be put')
    must(human?.sample === event.oneIn && human.risk === undefined, 'people must look at it, and were not asked')
    must(event.handoff === 'approved', 'what is left out was not approved')
    Object.assign(run, { asking: false, begun: true })
    this.#coverage.leftOut++
  }

  /** A click decides the question it was made for, as it was seen, once. */
  #clicked(event: EventOf<'decided'>, question: Question, row: LogRow): void {
    const { note } = event
    if (row.actor.kind === 'system' || note === null) return
    const meant = this.clicks.get(note)
    must(meant?.visit === event.visit, `a click meant for visit ${meant?.visit} decided ${event.visit}`)
    must(meant.run === event.run, `a click meant for run ${meant.run} decided ${event.run}`)
    const edited = row.events.some(each => each.type === 'edited')
    must(edited || meant.seen === event.digest, 'content was decided on that was not seen')
    must(!question.notes.has(note), 'one click decided twice')
    question.notes.add(note)
    this.decidedBy.add(note)
  }

  #routed(event: EventOf<'routed'>): void {
    must(event.visit === this.#visit, 'it routes another visit')
    if (event.by === 'handoff') {
      this.#join?.routed(event.outcome)
      must(![...this.#runs.values()].some(run => run.asking), 'it goes on before people were asked')
      const isPending = [...this.#runs.values()].some(run => run.pending !== null)
      must(!isPending, 'it goes on with a decision that can still be undone')
    }
    if (event.to === null) return
    const barred = this.#target !== null && event.by === 'hand'
    must(this.#open || barred, `visit ${event.visit} is left twice`)
    if (event.by === 'hand') this.#coverage.routedByHand++
    this.#close(event.to)
  }

  /** Once the faults are over no send slot is missed, so that a run is taken up right after its next one. */
  #punctual({ dueAt }: RunBook, now: number): void {
    const slot = nextSlot(dueAt, this.punctualFrom)
    must(now <= slot + SOON_MS, `a run is taken up ${now - slot} ms after its next send slot`)
  }
}

function same(a: unknown, b: unknown): boolean {
  return a === b || (typeof a === 'object' && JSON.stringify(a) === JSON.stringify(b))
}

/** The first of the times at which an unclaimed run is to be sent that lies at or after `time`. */
function nextSlot(dueAt: number, time: number): number {
  for (const slot of [0, 10_000, 40_000, 180_000, 660_000]) if (dueAt + slot >= time) return dueAt + slot
  return dueAt + 660_000 + Math.ceil((time - dueAt - 660_000) / 3_600_000) * 3_600_000
}

/** Those who have not approved what is asked now. */
function openOf({ assignees, approvals, digest }: Question): string[] {
  return assignees.filter(email => !approvals.get(digest)?.has(email))
}
