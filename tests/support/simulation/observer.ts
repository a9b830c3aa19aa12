/** Reads every row as it is committed and keeps its own books: whatever breaks a promise of the engine is a violation. */
import type { LogRow, TaskEvent, Usage } from '../../../src/domain/task/events.ts'
import { voterOf } from '../../../src/domain/task/evolve.ts'
import type { Status, TaskState } from '../../../src/domain/task/state.ts'
import type { Definition } from '../../../src/domain/workflow/definition.ts'
import { durationMs } from '../../../src/domain/workflow/parts.ts'
import type { Coverage } from './chances.ts'
import { ROLES } from './workflows.ts'

export class Violation extends Error {}

export function must(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Violation(what)
}

/** What a consumer was given and brings back under a lease. */
export interface Brought {
  output: string
  usage: Usage | null
}

interface Question {
  digest: string
  labels: string[]
  approve: string | null
  needs: number
  assignees: string[]
  /** content → those who approved it */
  approvals: Map<string, Set<string>>
  notes: Set<string>
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

const MAX_LAPSES = 3
/** How long an alarm, a message and a claim may take together when nothing is wrong. */
const SOON_MS = 5000

export class Observer {
  /** The state after the last committed row. */
  state: TaskState | null = null
  /** lease → what its holder brings when it reports. */
  readonly brought = new Map<string, Brought>()
  /** What a click was made for, by the click's note. */
  readonly clicks = new Map<string, { visit: number; seen: string }>()
  /** Visits for which roles were looked up that nobody had. */
  readonly vacant = new Set<number>()
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
  #lease: { token: string; until: number; attempt: number } | null = null
  readonly #leases = new Set<string>()
  #attempt = 0
  #tries = 0
  #lapses = 0
  #dueAt = 0
  #asking = false
  #question: Question | null = null
  #over = false
  #steps: number
  readonly #outputs = new Map<string, { visit: number; value: string }>()
  #tokens = 0

  constructor(definition: Definition, coverage: Coverage) {
    this.#definition = definition
    this.#steps = definition.limits?.steps ?? 20
    this.#coverage = coverage
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
      must(!this.#over || event.type === 'booked', `${event.type} after the task was over`)
      this.#read(event, row)
      this.#seq++
    }
    this.state = state
    this.#agree(state, row)
  }

  /** The books and the state say the same. */
  #agree(state: TaskState, row: LogRow): void {
    must(state.seq === this.#seq - 1, `the state stands at ${state.seq}, the log at ${this.#seq - 1}`)
    must(state.visit.n === this.#visit && state.visit.step === this.#step, 'the state is in another visit')
    must(state.visit.open === this.#open, `the state has its visit ${state.visit.open ? 'open' : 'left'}`)
    must(state.usage.inputTokens === this.#tokens, `usage is ${state.usage.inputTokens}, reported ${this.#tokens}`)
    must((state.status === 'done' || state.status === 'cancelled') === this.#over, `${state.status}, over or not`)
    must((state.status === 'stuck') === (state.stuck !== null), `${state.status} with a cause ${state.stuck?.cause}`)
    must((state.status === 'failed') === (state.error !== null) || this.#over, `${state.status} with an error`)
    const came = CAME_TO[row.events[row.events.length - 1]!.type]
    must(came === undefined || came === state.status, `${state.status}, it should be ${came}`)
    must(this.#lapses < MAX_LAPSES || state.status !== 'running', 'it goes on though its workers keep dying')
    if (this.#lease !== null) {
      const held = state.visit.runs.some(run => run.phase.name === 'claimed' && run.phase.lease === this.#lease?.token)
      must(held, `lease ${this.#lease.token} is valid but not held after ${row.events.map(e => e.type).join(' ')}`)
    }
  }

  /** At the end: the state holds what was reported and edited. */
  settled(state: TaskState): void {
    for (const [step, { visit, value }] of this.#outputs) {
      const record = state.steps[step]
      must(record !== undefined, `the output of ${step} is gone`)
      // A later visit that brought nothing keeps its own record.
      must(record.visit > visit || record.output === value, `${step} has another output than was reported`)
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
      case 'called':
      case 'answered':
        // What a person says of a call needs no lease.
        if (row.actor.kind !== 'system') return
        must(this.#lease !== null && row.at < this.#lease.until, 'a call under a lease that ended')
        this.#lease.until = event.until
        return
      case 'lapsed':
        return this.#lapsed(event, row)
      case 'reported':
        return this.#reported(event)
      case 'booked':
        must(this.#leases.has(event.lease), 'usage of a lease that was never given')
        this.#coverage.lateReports++
        return this.#count(event.lease, event.usage)
      case 'asking':
        this.#dueAt = row.at
        this.#asking = true
        return must(this.#open && event.visit === this.#visit, 'it asks for another visit')
      case 'asked':
        return this.#asked(event, row)
      case 'assigned':
        must(this.#question !== null, 'assigned where nothing is asked')
        this.#question.assignees = event.to
        if (event.by === 'overdue') this.#coverage.overdue++
        return
      case 'edited':
        return this.#edited(event)
      case 'decided':
        return this.#decided(event, row)
      case 'routed':
        return this.#routed(event)
      case 'left':
        must(this.#open && event.visit === this.#visit, 'it leaves a visit that it left')
        return this.#close(null)
      case 'stuck':
        must(event.message !== '' && event.fix !== '', 'stuck without a word')
        if (event.cause.startsWith('limit_')) this.#coverage.limitsReached++
        if (event.cause === 'keeps_dying') this.#coverage.keepsDying++
        if (event.cause === 'unknown_outcome') this.#coverage.unknownOutcome++
        if (event.cause === 'nobody_assigned') this.#coverage.nobodyAssigned++
        else if (event.next !== undefined) this.#target = event.next
        return
      case 'failed':
        must(event.message !== '' && event.code !== '', 'failed without a word')
        if (event.code.startsWith('limit_')) this.#coverage.limitsReached++
        return
      case 'held':
        must(this.#lease !== null || event.reason === 'workers_lost', 'held without a lease')
        this.#lease = null
        this.#coverage.held++
        return
      case 'released':
        this.#dueAt = row.at
        return must(this.state?.status === 'held', `released while ${this.state?.status}`)
      case 'raised':
        this.#steps = event.limits.steps ?? this.#steps
        this.#coverage.raised++
        return
      case 'migrated':
        this.#coverage.migrated++
        return must(!this.#open, 'migrated with a visit open')
      case 'noticed':
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
    this.#attempt = 0
    this.#tries = 0
    this.#lapses = 0
    this.#question = null
  }

  #close(target: string | null): void {
    this.#open = false
    this.#target = target
    this.#lease = null
    this.#question = null
    this.#asking = false
    this.#lapses = 0
  }

  #due(event: EventOf<'due'>, row: LogRow): void {
    must(this.#open && event.visit === this.#visit, 'a run of another visit is due')
    must(this.#lease === null, 'a run is due while its lease is valid')
    if (event.fresh === true) {
      this.#tries = 0
      this.#lapses = 0
    } else if (event.why !== undefined && event.attempt > this.#attempt) {
      this.#coverage.retries++
      this.#triedAgain(event, row.at)
    }
    must(event.attempt >= this.#attempt, 'attempts count backwards')
    this.#attempt = event.attempt
    this.#dueAt = event.at
  }

  #triedAgain(event: EventOf<'due'>, now: number): void {
    const step = this.#definition.steps.find(each => each.key === this.#step)
    const rule = { ...this.#definition.defaults?.retry, ...step?.retry }
    must(this.#tries < (rule.attempts ?? 3), `attempt ${this.#tries + 1} of ${rule.attempts}`)
    const pause = (durationMs(rule.delay ?? '2s') ?? 0) * 2 ** (this.#tries - 1)
    must(event.why === 'raised' || event.at - now >= 0.8 * pause, 'tried again without a pause')
  }

  #claimed(event: EventOf<'claimed'>, row: LogRow): void {
    must(this.#open && event.visit === this.#visit, 'a claim of another visit')
    must(this.#lease === null, `${event.lease} is given while ${this.#lease?.token} is valid`)
    must(!this.#leases.has(event.lease), 'a lease is given twice')
    must(event.attempt === this.#attempt, 'a claim of another attempt')
    must(row.at >= this.#dueAt, 'claimed before it was due')
    must(event.chained === undefined || this.counted.has(event.chained), 'chained on to a report that was not taken')
    if (event.chained !== undefined) this.#coverage.chainedClaims++
    else if (row.at > this.punctualFrom) this.#punctual(row.at)
    this.#lease = { token: event.lease, until: event.until, attempt: event.attempt }
    this.#leases.add(event.lease)
  }

  #lapsed(event: EventOf<'lapsed'>, row: LogRow): void {
    must(this.#lease !== null, 'a lease lapses that nobody has')
    must(this.#lease.until <= row.at, 'a lease lapses before its end')
    const late = row.at - this.#lease.until
    must(this.#lease.until < this.punctualFrom || late <= SOON_MS, `a lease lapsed ${late} ms late`)
    this.#lease = null
    this.#dueAt = row.at
    if (!event.unseen) this.#lapses++
    must(event.lapses === this.#lapses, `lapse ${event.lapses}, counted ${this.#lapses}`)
    this.#coverage.lapses++
  }

  #reported(event: EventOf<'reported'>): void {
    must(this.#open && event.visit === this.#visit, 'a report of another visit is taken')
    if (event.lease === '') return
    must(this.#lease?.token === event.lease, `a report under ${event.lease}, ${this.#lease?.token} is valid`)
    must(event.attempt === this.#lease.attempt, 'a report of another attempt')
    this.#lease = null
    this.#tries++
    this.#count(event.lease, event.usage)
    if (event.outcome.kind !== 'completed') return
    const { output } = event.outcome
    must(output === this.brought.get(event.lease)?.output, `${event.lease} is credited with what it did not bring`)
    this.#outputs.set(this.#step, { visit: this.#visit, value: output as string })
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
    must(this.#lease === null, 'people are asked while a lease is valid')
    const { digest, labels, approve, needs, assignees, kind } = event.ask
    if (kind === 'unsure') this.#coverage.unsure++
    else if (kind === 'decide') this.#areMeant(assignees)
    if (this.#asking && row.at > this.punctualFrom) this.#punctual(row.at)
    this.#asking = false
    this.#question = { digest, labels, approve, needs, assignees, approvals: new Map(), notes: new Set() }
  }

  /** A human step asks those it names, and those who have its roles. */
  #areMeant(assignees: string[]): void {
    const names = this.#definition.steps.find(step => step.key === this.#step)?.human?.assign ?? []
    const meant = names.flatMap(name => (name.startsWith('role:') ? (ROLES[name.slice(5)] ?? []) : [name]))
    const asked = assignees.length === 0 && this.vacant.has(this.#visit) ? meant : assignees
    must(asked.join() === meant.join(), `[${assignees}] are asked, it is for [${meant}]`)
  }

  #edited(event: EventOf<'edited'>): void {
    must(this.#question !== null, 'an edit where nothing is asked')
    must(event.digest !== this.#question.digest, 'an edit that changes nothing')
    this.#question.digest = event.digest
    const visit = this.#outputs.get(event.step)?.visit ?? this.#visit
    this.#outputs.set(event.step, { visit, value: event.output as string })
    this.#coverage.edits++
  }

  #decided(event: EventOf<'decided'>, row: LogRow): void {
    const question = this.#question
    must(question !== null && this.#open && event.visit === this.#visit, 'a decision where nothing is asked')
    must(question.labels.includes(event.handoff), 'a label that was not offered')
    must(event.digest === question.digest, 'a decision on other content')
    must(this.state?.status === 'waiting' || this.state?.status === 'stuck', `decided while ${this.state?.status}`)
    const { actor } = row
    const voter = voterOf(actor)
    const approving = event.handoff === question.approve
    if (actor.kind === 'person' || actor.kind === 'link') {
      must(question.assignees.includes(voter), `${voter} was not asked`)
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
    must(event.settles === counted >= (approving ? question.needs : 1), 'it settles too early or too late')
    this.#coverage.votes++
    if (event.settles) this.#question = null
  }

  /** A click decides the question it was made for, as it was seen, once. */
  #clicked(event: EventOf<'decided'>, question: Question, row: LogRow): void {
    const { note } = event
    if (row.actor.kind === 'system' || note === null) return
    const meant = this.clicks.get(note)
    must(meant?.visit === event.visit, `a click meant for visit ${meant?.visit} decided ${event.visit}`)
    const edited = row.events.some(each => each.type === 'edited')
    must(edited || meant.seen === event.digest, 'content was decided on that was not seen')
    must(!question.notes.has(note), 'one click decided twice')
    question.notes.add(note)
    this.decidedBy.add(note)
  }

  #routed(event: EventOf<'routed'>): void {
    must(event.visit === this.#visit, 'it routes another visit')
    if (event.to === null) return
    const barred = this.#target !== null && event.by === 'hand'
    must(this.#open || barred, `visit ${event.visit} is left twice`)
    if (event.by === 'hand') this.#coverage.routedByHand++
    this.#close(event.to)
  }

  /** Once the faults are over no send slot is missed, so that a run is taken up right after its next one. */
  #punctual(now: number): void {
    const slot = nextSlot(this.#dueAt, this.punctualFrom)
    must(now <= slot + SOON_MS, `a run is taken up ${now - slot} ms after its next send slot`)
  }
}

/** The first of the times at which an unclaimed run is to be sent that lies at or after `time`. */
function nextSlot(dueAt: number, time: number): number {
  for (const slot of [0, 10_000, 40_000, 180_000, 660_000]) if (dueAt + slot >= time) return dueAt + slot
  return dueAt + 660_000 + Math.ceil((time - dueAt - 660_000) / 3_600_000) * 3_600_000
}
