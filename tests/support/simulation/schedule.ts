/** One schedule: a task, its consumers, its people and everything that goes wrong, all from one seed. */

import type { OrderOf } from '../../../src/domain/handler/order.ts'
import type { Command, Refusal, Work } from '../../../src/domain/task/commands.ts'
import type { Actor } from '../../../src/domain/task/events.ts'
import { allowedIn } from '../../../src/domain/task/machine.ts'
import { openAsks } from '../../../src/domain/task/people/asking.ts'
import { undoable } from '../../../src/domain/task/people/undoing.ts'
import { type BetweenTasks, betweenTasks } from '../../../src/domain/task/run/family.ts'
import type { Completed, RunOutcome, Usage } from '../../../src/domain/task/run/outcome.ts'
import { isOver, type TaskState } from '../../../src/domain/task/state.ts'
import { childSays } from '../../../src/domain/task/told/child-says.ts'
import { mulberry32 } from '../random.ts'
import { ANA, ANA_BY_LINK, aFile, BEN, BOSS, BOT, HOUR, MINUTE, SECOND, START } from '../task-builders.ts'
import { Agenda } from './agenda.ts'
import { Chances, type Coverage } from './chances.ts'
import type { GateSubject } from './gate/world.ts'
import { type Engine, Host, type HostBugs } from './host.ts'
import { Observer } from './observer.ts'
import { must, Violation } from './run-books.ts'
import { isGated, SAFETY_MS, Turns } from './turns.ts'
import { FAMILIES, ROLES, WORKFLOWS, type Workflow, workflowCalled } from './workflows.ts'

/** What is simulated: an engine and a shell around it. */
export interface Subject {
  engine: Engine
  bugs: HostBugs
  /** Whether its bug is one of tasks that start others. */
  ofFamilies?: boolean
  /** And whether of files that are read. */
  ofFiles?: boolean
  /** The Gate of schedules that have one; absent: as it is. */
  gate?: GateSubject
}

interface Message {
  visit: number
  run: number
  attempt: number
  /** How often it was delivered before. */
  tries: number
}

type Report = Extract<Command, { type: 'report' | 'hold' }>
type Decide = Extract<Command, { type: 'decide' }>

/** Tries of one call, each on a fresh stub, as the consumer makes them. */
const TRIES = 4
const MAX_DELIVERIES = 4
/** Faults strike until at most then. */
const FAULTY_MS = 15 * MINUTE
/** After the faults every task has ended by then: an hourly send slot, a few visits and their people. */
const BOUND_MS = 8 * HOUR
const MAX_HAPPENINGS = 4000
/** How late the last alarm that was set during the faults may fire. */
const GRACE_MS = 40 * SECOND

const PEOPLE: Record<string, Actor[]> = {
  'ana@acme.test': [ANA, ANA_BY_LINK],
  'ben@acme.test': [BEN],
  'boss@acme.test': [BOSS],
}

/** Plays the schedule of this seed; answers what was violated, or null. Bugs that throw are violations too. */
export function play(seed: number, subject: Subject, coverage: Coverage): string | null {
  try {
    new Schedule(seed, subject, coverage).play()
    return null
  } catch (error) {
    if (error instanceof Violation) return error.message
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

/** One of 32 schedules is about tasks that start others: each has several tasks, and takes as long as several. */
export const isOfFamily = (seed: number) => seed % 32 === 21
/** And one of 64 about a task whose files are read. */
export const isOfFiles = (seed: number) => seed % 64 === 37

class Schedule {
  readonly chances: Chances
  readonly agenda = new Agenda(START)
  readonly subject: Subject
  readonly coverage: Coverage
  /** The team's Gate, where calls must ask it. */
  readonly turns: Turns | null
  readonly #tasks = new Map<string, Life>()
  /** What models were asked → what they answered, for steps that say `cache`. */
  readonly recorded = new Map<string, { at: number; task: string; answer: Completed }>()
  /** Who started what: the run's attempt → the tasks that were started for it. */
  readonly #started = new Map<string, { parent: string; task: string; waits: boolean }[]>()
  readonly #root: Life
  readonly #filed: boolean

  constructor(seed: number, subject: Subject, coverage: Coverage) {
    this.subject = subject
    this.coverage = coverage
    this.chances = new Chances(mulberry32(seed), coverage)
    const family = isOfFamily(seed)
    this.#filed = isOfFiles(seed)
    const workflow = this.chances.one(family ? FAMILIES : WORKFLOWS)
    if (family) this.chances.amongSeveral()
    this.turns = isGated(seed) ? this.#gated() : null
    this.#root = this.#live('tsk_1', workflow)
  }

  #gated(): Turns {
    this.chances.withGate()
    const tell = (task: string, visit: number, run: number) => this.#tasks.get(task)?.release(visit, run) ?? false
    return new Turns(this.agenda, this.chances, tell, this.subject.gate)
  }

  #live(task: string, workflow: Workflow): Life {
    const life = new Life(task, workflow, this)
    this.#tasks.set(task, life)
    return life
  }

  lifeOf(task: string): Life | undefined {
    return this.#tasks.get(task)
  }

  stateOf(task: string): TaskState | null {
    return this.#tasks.get(task)?.state ?? null
  }

  /** The task that this order is to start, which may be there already. */
  childOf({ key, use, parent }: OrderOf<'start'>, of: string): Life {
    const task = this.subject.bugs.childPerDelivery ? `tsk_${key}_${this.chances.between(0, 1_000_000)}` : `tsk_${key}`
    const life = this.#tasks.get(task) ?? this.#live(task, workflowCalled(use))
    const started = this.#started.get(key) ?? []
    if (!started.some(each => each.task === task)) {
      this.#started.set(key, [...started, { parent: of, task, waits: parent !== null }])
    }
    return life
  }

  play(): void {
    const { chances } = this
    chances.happened('schedules')
    if (chances.calm) chances.happened('calmSchedules')
    this.#root.create(this.#filed)
    const healed = START + (chances.calm ? 0 : chances.between(0, FAULTY_MS))
    this.agenda.at(healed, () => {
      chances.healthy = true
      for (const life of this.#tasks.values()) life.healed(healed)
    })
    this.#root.goOn()
    for (let happened = 0; this.agenda.step(); happened++) {
      must(happened < MAX_HAPPENINGS * this.#tasks.size, 'it never comes to rest')
      // One level waits for the one below.
      const bound = healed + BOUND_MS * Math.min(this.#tasks.size, 4)
      must(this.agenda.now < bound, `it does not end: ${this.#root.state?.status}`)
    }
    for (const life of this.#tasks.values()) {
      if (life.state !== null) life.end(this.#startedFor(life.task))
    }
  }

  #startedFor(task: string) {
    const all = [...this.#started.values()]
    for (const each of all) {
      const there = each.filter(one => this.stateOf(one.task) !== null)
      must(there.length < 2, 'one attempt has started two tasks')
    }
    return all.flat().filter(({ parent }) => parent === task)
  }
}

/** One task of a schedule: its object, its consumers, its people. */
class Life {
  readonly task: string
  readonly #schedule: Schedule
  readonly #chances: Chances
  readonly #agenda: Agenda
  readonly #observer: Observer
  readonly #host: Host
  readonly #workflow: Workflow
  /** Leases that a worker has in hand. */
  readonly #inHand = new Set<string>()
  #clicks = 0
  #fixes: number
  /** Whether somebody looks at it from time to time. */
  #looking = false

  constructor(task: string, workflow: Workflow, schedule: Schedule) {
    const { chances, agenda, coverage, subject } = schedule
    const { engine, bugs } = subject
    this.task = task
    this.#schedule = schedule
    this.#chances = chances
    this.#agenda = agenda
    this.#workflow = workflow
    this.#fixes = chances.between(0, 4)
    this.#observer = new Observer(workflow.definition, coverage, kin => schedule.stateOf(kin))
    if (chances.healthy) this.#observer.punctualFrom = agenda.now
    const paper = chances.chance(0.01)
    if (paper) chances.happened('onPaper')
    this.#host = new Host(
      { engine, bugs, agenda, chances, observer: this.#observer, paper },
      {
        send: (visit, run, attempt) => this.#send({ visit, run, attempt, tries: 0 }),
        lookUp: (visit, run, roles) => this.#lookUp(visit, run, roles),
        read: file => this.#read(file),
        say: (said, state, heard) => this.#say(said, state, heard),
      },
    )
  }

  get state(): TaskState | null {
    return this.#observer.state
  }

  /** It is a run's turn; null: nobody knows whether it was told. */
  release(visit: number, run: number): boolean | null {
    const isHeld = () =>
      this.state?.status === 'held' &&
      this.state.visit.n === visit &&
      this.state.visit.runs.some(({ id, phase }) => id === run && phase.name === 'held')
    const wasHeld = isHeld()
    const reply = this.#host.command({ type: 'release', visit, run }, { kind: 'system' })
    if (reply === null) return null
    must(!wasHeld || !isHeld(), 'a run that waits for its turn is told of it, and stays')
    return reply.ok
  }

  /** No fault strikes from now on. */
  healed(at: number): void {
    if (!this.#host.alarmWasLost) this.#observer.punctualFrom = at + GRACE_MS
  }

  /** People look at it from now on, services tell it of events, and the hourly pass finds it. */
  goOn(): void {
    const chances = this.#chances
    if (!this.#looking) {
      this.#looking = true
      this.#agenda.after(chances.between(SECOND, MINUTE), () => this.#look())
      if (this.#workflow.definition.steps.some(step => step.wait?.event !== undefined)) this.#sendEvents()
      if (chances.has('alarmLost')) this.#agenda.after(HOUR, () => this.#hourly())
    }
  }

  end(started: { task: string; waits: boolean }[]): void {
    const state = this.#host.settled()
    this.#observer.settled(state)
    this.#observer.children.settled(state, started)
    const { status } = state
    // One below it may be stuck, with nobody who cares.
    const isLeft = status === 'waiting' && this.#waitsForTheStuck()
    must(
      isLeft || (status !== 'running' && status !== 'held' && status !== 'waiting'),
      `it ends ${status}, and nothing will happen`,
    )
    must(isOver(status) || state.files.every(({ reading }) => reading === undefined), 'a file is being read for ever')
    if (status === 'stuck') must((state.stuck?.fix ?? '') !== '', 'stuck without a fix')
    if (!isLeft) this.#chances.happened(status as 'done')
  }

  /** Whether all that it waits for are tasks that nothing will happen to. */
  #waitsForTheStuck(): boolean {
    const runs = this.state?.visit.runs ?? []
    const open = runs.filter(({ phase }) => !['completed', 'failed', 'fenced', 'queued'].includes(phase.name))
    return (
      open.length > 0 &&
      open.every(({ phase }) => {
        if (phase.name !== 'awaiting' || phase.child === undefined || phase.until !== null) return false
        return this.#schedule.lifeOf(phase.child)?.isAtRest() ?? false
      })
    )
  }

  /** One task tells another something. */
  #say(said: BetweenTasks, state: TaskState, heard: () => void): void {
    const to = said.kind === 'tell' ? state.source?.id : said.child
    const other = this.#schedule.lifeOf(to ?? '')
    must(other !== undefined, `there is no ${to} to be told`)
    const says = said.kind === 'tell' ? childSays(state, this.#workflow.definition, said.standing, () => null) : null
    this.#agenda.after(this.#chances.between(1, 100), () => {
      if (said.kind === 'recall') other.callOff()
      else if (says !== null && other.hear({ type: 'heard', ...says })) {
        this.#agenda.after(this.#chances.between(1, 50), heard)
      }
    })
  }

  /** Answers whether it is known to have it. */
  hear(command: Extract<Command, { type: 'heard' }>): boolean {
    return this.#host.command(command, { kind: 'system' }) !== null
  }

  callOff(): void {
    this.#host.command({ type: 'cancel' }, { kind: 'system' })
  }

  create(filed: boolean): void {
    const files = ['fil_1', 'fil_2'].map(id => aFile({ id, toRead: true }))
    const brought = filed ? { files } : {}
    const first = { ...brought, ...this.#workflow.first }
    const command: Command = { type: 'create', task: 'tsk_1', team: 'acme', input: INPUT, ...first }
    const starter: Actor = this.#chances.chance(0.5) ? ANA : { kind: 'key', id: 'key_signup' }
    const tryIt = () => {
      if (this.#host.command(command, starter) === null) this.#agenda.after(100, tryIt)
    }
    tryIt()
  }

  /** Is begun by a worker of another task; null: it does not know whether. */
  begin({ key, input, facts, parent }: OrderOf<'start'>): boolean | null {
    const source = { kind: 'task' as const, id: facts.task.id, depth: facts.depth + 1, ...(parent && { parent }) }
    const command: Command = { type: 'create', task: this.task, team: 'acme', input, source, ...this.#workflow.first }
    const reply = this.#host.command(command, { kind: 'system' }, { id: key, hash: 'same' })
    if (this.state !== null) this.goOn()
    return reply === null ? null : reply.ok
  }

  isAtRest(): boolean {
    return this.#atRest()
  }

  #hourly(): void {
    this.#host.hourly()
    if (!this.#atRest()) this.#agenda.after(HOUR, () => this.#hourly())
  }

  /** Nothing will happen any more unless a person does it. */
  #atRest(): boolean {
    const state = this.#observer.state
    if (state === null) return false
    if (this.#observer.over) return betweenTasks(state).length === 0
    if (this.#host.isAwaited) return false
    if (state.status === 'waiting') return this.#waitsForTheStuck()
    return (state.status === 'stuck' || state.status === 'failed') && this.#fixes === 0
  }

  // The lanes and their consumers

  #send(message: Message): void {
    const chances = this.#chances
    if (chances.strikes('messageDropped')) return
    const delay = () =>
      chances.strikes('messageDelayed') ? chances.between(SECOND, 2 * MINUTE) : chances.between(1, 200)
    this.#agenda.after(delay(), () => this.#deliver(message))
    if (chances.strikes('messageDuplicated')) this.#agenda.after(delay(), () => this.#deliver(message))
  }

  #redeliver(message: Message): void {
    if (message.tries + 1 >= MAX_DELIVERIES) return
    this.#chances.happened('redeliveries')
    const again = { ...message, tries: message.tries + 1 }
    this.#agenda.after(1000 * 2 ** again.tries, () => this.#deliver(again))
  }

  #deliver(message: Message): void {
    if (this.#chances.strikes('workerDiesBeforeClaim')) return this.#redeliver(message)
    this.#claim(message, 1)
  }

  #claim(message: Message, tried: number): void {
    const reply = this.#host.claim(message.visit, message.run, message.attempt)
    if (reply === null) {
      if (tried >= TRIES) return this.#redeliver(message)
      this.#agenda.after(50 * 4 ** tried, () => this.#claim(message, tried + 1))
    } else if ('kind' in reply) this.#chances.happened('refusedClaims')
    else this.#work(reply, this.#agenda.now, message)
  }

  #work(work: Work, began: number, message: Message): void {
    const chances = this.#chances
    must(!this.#inHand.has(work.lease), `${work.lease} is handed to two workers`)
    this.#inHand.add(work.lease)
    if (work.order.kind === 'model')
      must(JSON.stringify(work.order.messages).length > 20, 'a worker is given nothing to do')
    if (chances.strikes('workerDiesAfterClaim')) return this.#redeliver(message)
    const { visit, run, attempt, lease } = work
    const ref = { visit, run, attempt, lease }
    if (chances.strikes('workerBeats')) {
      const called = { call: lease, tool: 'http', args: null, safe: chances.chance(0.7), key: null }
      this.#host.command({ type: 'note', ...ref, note: { called } }, { kind: 'system' })
    }
    if (work.order.kind === 'start') {
      const order = work.order
      return this.#agenda.after(chances.between(20, 2000), () => this.#begin(work, order, 1, began, message))
    }
    const taken = this.#recorded(work)
    if (taken !== null) {
      return this.#agenda.after(chances.between(1, 60), () =>
        this.#report({ type: 'report', ...ref, outcome: taken, usage: null, chain: true }, 1, began, message),
      )
    }
    const { turns } = this.#schedule
    if (turns !== null && !turns.take(work)) {
      const told = { reason: 'provider_limit', message: 'Waits for its turn.', fix: 'Wait.' } as const
      this.#observer.brought.set(lease, { output: '', usage: null })
      return this.#agenda.after(chances.between(1, 60), () =>
        this.#report({ type: 'hold', ...ref, ...told, retryAfterMs: SAFETY_MS }, 1, began, message),
      )
    }
    const takes = chances.strikes('workerIsSlow')
      ? chances.between(60 * SECOND, 5 * MINUTE)
      : chances.between(50, chances.chance(0.1) ? 40 * SECOND : 3 * SECOND)
    const outcome = this.#outcome(work)
    this.#agenda.after(takes, () => {
      const dies = chances.strikes('workerDiesAfterCall')
      turns?.over(work, !dies)
      if (dies) return this.#redeliver(message)
      if (outcome?.outcome.kind === 'completed') this.#record(work, outcome.outcome)
      const report: Report =
        outcome === null
          ? { type: 'hold', ...ref, reason: 'provider_offline', message: 'It is offline.', fix: 'Wait.' }
          : { type: 'report', ...ref, ...outcome, chain: this.#agenda.now - began < 10 * SECOND }
      this.#report(report, 1, began, message)
    })
  }

  /** What was answered to exactly this within the time that its step says: nobody is asked, not even the Gate. */
  #recorded(work: Work): Completed | null {
    const { cacheMs, messages } = modelOrder(work)
    const found = cacheMs === null ? undefined : this.#schedule.recorded.get(JSON.stringify(messages))
    if (cacheMs === null || found === undefined || found.at <= this.#agenda.now - cacheMs) return null
    this.#chances.happened('recordedTaken')
    this.#observer.brought.set(work.lease, { output: found.answer.output as string, usage: null })
    return { ...found.answer, recorded: { task: found.task, at: found.at } }
  }

  /** A worker records the answer before it reports it, which may be too late or get lost. */
  #record(work: Work, answer: Completed): void {
    const { cacheMs, messages } = modelOrder(work)
    if (cacheMs === null) return
    this.#schedule.recorded.set(JSON.stringify(messages), { at: this.#agenda.now, task: this.task, answer })
  }

  /** The order `start`, as its performer carries it out. */
  #begin(work: Work, order: OrderOf<'start'>, tried: number, began: number, message: Message): void {
    const child = this.#schedule.childOf(order, this.task)
    const begun = child.begin(order)
    if (begun === null) {
      if (tried >= TRIES) return this.#redeliver(message)
      return this.#agenda.after(50 * 4 ** tried, () => this.#begin(work, order, tried + 1, began, message))
    }
    must(begun, 'a task that is to be started is refused')
    if (this.#chances.strikes('workerDiesAfterCall')) return this.#redeliver(message)
    this.#noteChild(work, order, child, 1, began, message)
  }

  #noteChild(work: Work, order: OrderOf<'start'>, child: Life, tried: number, began: number, message: Message): void {
    const { visit, run, attempt, lease } = work
    const ref = { visit, run, attempt, lease }
    const { workflow, first } = child.#published
    const started = { child: child.task, workflow, of: first }
    const reply = this.#host.command({ type: 'note', ...ref, note: { started } }, { kind: 'system' })
    if (reply === null) {
      if (tried >= TRIES) return this.#redeliver(message)
      return this.#agenda.after(50, () => this.#noteChild(work, order, child, tried + 1, began, message))
    }
    if (!reply.ok || order.parent !== null) return
    const output = { task: child.task, status: 'running', result: null }
    this.#observer.brought.set(lease, { output, usage: null })
    const outcome = { kind: 'completed' as const, output }
    const chain = this.#agenda.now - began < 10 * SECOND
    this.#report({ type: 'report', ...ref, outcome, usage: null, chain }, 1, began, message)
  }

  get #published(): { workflow: string; first: string } {
    return { workflow: 'wf_onboarding', first: this.#workflow.definition.name }
  }

  #report(report: Report, tried: number, began: number, message: Message): void {
    if (tried > 1) this.#chances.happened('repeatedReports')
    const reply = this.#host.report(report)
    if (reply === null) {
      if (tried >= TRIES) return this.#redeliver(message)
      this.#agenda.after(50 * 4 ** tried, () => this.#report(report, tried + 1, began, message))
      return
    }
    if (report.type === 'report' && report.usage !== null) {
      must(this.#observer.counted.has(report.lease), `the usage of ${report.lease} was acknowledged and is lost`)
    }
    if (reply.next !== null) this.#work(reply.next, began, message)
  }

  /** What the model makes of it; null: the provider is away. */
  #outcome(work: Work): { outcome: RunOutcome; usage: Usage | null } | null {
    const chances = this.#chances
    if (chances.strikes('providerAway')) {
      this.#observer.brought.set(work.lease, { output: '', usage: null })
      return null
    }
    const model = chances.one(['gpt-5-mini', 'demo', 'house-model'])
    const usage = chances.chance(0.9)
      ? {
          model,
          inputTokens: chances.between(1, 1000),
          outputTokens: chances.between(1, 3000),
          calls: 1,
          durationMs: 1,
        }
      : null
    const output = `the work of ${work.lease}`
    this.#observer.brought.set(work.lease, { output, usage })
    return { outcome: this.#answer(work, output), usage }
  }

  #answer(work: Work, output: string): RunOutcome {
    const chances = this.#chances
    const luck = chances.random() * (chances.healthy ? 3 : 1)
    if (luck < 0.12)
      return failed('rate_limited', true, chances.chance(0.3) ? chances.between(1, 30) * SECOND : undefined)
    if (luck < 0.2) return failed('timeout', true)
    if (luck < 0.23) return failed('provider_auth', false)
    const confidence = chances.random() < 0.2 ? 0.3 : 0.9
    return {
      kind: 'completed',
      output,
      handoff: modelOrder(work).labels.length > 0 ? chances.one(modelOrder(work).labels) : undefined,
      confidence,
    }
  }

  #lookUp(visit: number, run: number, roles: string[]): void {
    this.#agenda.after(this.#chances.between(1, 3000), () => {
      if (this.#chances.strikes('lookUpFails')) return
      const nobody = this.#chances.chance(0.1)
      if (nobody) this.#observer.vacant.add(`${visit}.${run}`)
      const people = Object.fromEntries(roles.map(role => [role, nobody ? [] : ROLES[role]!]))
      // Whether it may be left out is said of questions, too, of which it is not so.
      const skip = this.#chances.chance(0.3) && { skip: true as const }
      const command = { type: 'resolve' as const, visit, run, people, hours: null, ...skip }
      const reply = this.#host.command(command, { kind: 'system' })
      if (reply?.ok) this.#chances.happened('rolesResolved')
    })
  }

  /** A worker reads a file, or does not come to it. */
  #read(file: string): void {
    const chances = this.#chances
    if (chances.strikes('messageDropped')) return
    this.#agenda.after(chances.between(1, chances.healthy ? 5000 : 2 * MINUTE), () => {
      if (chances.strikes('workerDiesAfterCall')) return
      const found = chances.chance(0.8) ? { text: 'What stands in it.' } : { noText: 'broken' as const }
      const reply = this.#host.command({ type: 'read', file, ...found }, { kind: 'system' })
      if (reply?.ok) chances.happened('filesRead')
    })
  }

  // People

  /** Someone looks at the board, does what it asks for, and comes back later. */
  #look(): void {
    if (this.#atRest()) return
    this.#agenda.after(this.#chances.between(3 * SECOND, 3 * MINUTE), () => this.#look())
    const state = this.#observer.state
    if (state === null) return
    const open = openAsks(state)
    const asked = open.length === 0 ? undefined : this.#chances.one(open)
    const decides =
      asked !== undefined && (state.status === 'waiting' || (state.status === 'stuck' && this.#chances.chance(0.3)))
    if (decides) {
      const people = this.#chances.chance(0.3) ? 2 : 1
      for (let i = 0; i < people; i++) this.#click(state, asked.id)
    } else if (state.status === 'stuck' || state.status === 'failed') this.#fix(state)
    this.#regret(state)
    if (this.#chances.strikes('meddling')) this.#meddle(state)
    // What has no end of its own ends by somebody's event.
    const endless = state.visit.runs.some(
      ({ phase }) => phase.name === 'awaiting' && phase.until === null && phase.child === undefined,
    )
    if (endless && this.#chances.chance(0.3)) this.#sendEvent(0)
  }

  /** Events come when they like: before anybody waits for them, too late, of a name that nobody waits for. */
  #sendEvents(): void {
    for (let n = this.#chances.between(0, 7); n > 0; n--) this.#sendEvent(this.#chances.between(0, 20 * MINUTE))
  }

  #sendEvent(after: number): void {
    const chances = this.#chances
    const n = this.#observer.waits.sent.size + 1
    const name = chances.one(['reply', 'stop', 'paid', 'paid', 'other'])
    this.#observer.waits.sent.set(n, name)
    const send = () => this.#tell({ type: 'event', name, data: { n, good: chances.chance(0.7) } }, n, 1)
    this.#agenda.after(after, send)
  }

  #tell(command: Extract<Command, { type: 'event' }>, n: number, tried: number): void {
    const again = (in_: number) => this.#agenda.after(in_, () => this.#tell(command, n, tried + 1))
    if (tried === 1 && this.#chances.strikes('eventDoubled')) again(this.#chances.between(0, 5 * MINUTE))
    const reply = this.#host.command(command, BOT, { id: `event ${n}`, hash: 'same' })
    if (reply === null && tried < 4) again(this.#chances.between(500, 4000))
    if (reply?.ok) must(this.#observer.waits.noticed.has(n), 'an event was acknowledged and is lost')
  }

  #click(state: TaskState, run: number): void {
    const chances = this.#chances
    const { ask } = openAsks(state).find(each => each.id === run)!.phase
    const others = PEOPLE[chances.one(ask.assignees)]
    const actor = others === undefined || chances.chance(0.2) ? BOT : chances.one(others)
    const note = `click ${++this.#clicks}`
    const approves = ask.approve !== null && chances.chance(0.7)
    const command: Decide = {
      type: 'decide',
      handoff: approves ? ask.approve! : chances.one(ask.labels),
      note,
      visit: state.visit.n,
      run,
      seen: ask.digest,
    }
    if (ask.edits !== null && chances.chance(0.25)) command.edits = `the edit of ${note}`
    this.#observer.clicks.set(note, { visit: state.visit.n, run, seen: ask.digest })
    this.#agenda.after(chances.between(0, 5000), () => this.#decide(command, actor, 1))
    if (chances.strikes('doubleClick'))
      this.#agenda.after(chances.between(0, 5000), () => this.#decide(command, actor, 1))
    if (chances.strikes('staleClick')) {
      this.#agenda.after(chances.between(MINUTE, 20 * MINUTE), () => this.#decide(command, actor, 1))
    }
  }

  /** Somebody takes a decision back, in time or not, with the same click coming twice or meeting another's. */
  #regret(state: TaskState): void {
    const chances = this.#chances
    for (const run of undoable(state)) {
      if (!chances.chance(0.5)) continue
      const { decision } = run.phase
      const actor = chances.chance(0.2) ? ANA : decision.by
      const command = { type: 'undo' as const, visit: state.visit.n, run: run.id }
      const send = () => {
        const reply = this.#host.command(command, actor)
        if (reply?.ok === false && reply.refusal.kind === 'too_late') chances.happened('undoneTooLate')
      }
      this.#agenda.after(chances.between(0, 90 * SECOND), send)
      if (chances.strikes('doubleClick')) this.#agenda.after(chances.between(0, 90 * SECOND), send)
    }
  }

  #decide(command: Decide, actor: Actor, tried: number): void {
    const reply = this.#host.command(command, actor)
    if (reply === null) {
      if (tried < 3) this.#agenda.after(this.#chances.between(500, 4000), () => this.#decide(command, actor, tried + 1))
    } else if (reply.ok) must(this.#observer.decidedBy.has(command.note!), 'a decision was acknowledged and is lost')
    else this.#refused(reply.refusal)
  }

  #refused(refusal: Refusal): void {
    if (refusal.kind === 'already_decided') this.#chances.happened('alreadyDecided')
    if (refusal.kind === 'content_changed') this.#chances.happened('contentChanged')
  }

  /** Someone helps a task on, unless nobody cares any more. */
  #fix(state: TaskState): void {
    if (this.#fixes === 0) return
    this.#fixes--
    this.#order(this.#chances.one(allowedIn(state.status)), state, state.visit.n)
  }

  #meddle(state: TaskState): void {
    const type = this.#chances.one(['assign', 'route', 'retry', 'move', 'raise', 'cancel', 'migrate', 'event'] as const)
    if (type === 'cancel' && this.#chances.chance(0.7)) return
    const visit = this.#chances.chance(0.3) ? undefined : this.#chances.between(1, state.visit.n + 1)
    this.#order(type, state, visit)
  }

  #order(type: ReturnType<typeof allowedIn>[number] | 'event', state: TaskState, visit: number | undefined): void {
    const open = this.#observer.state?.visit.n
    const command = this.#commandFor(type, state, visit)
    const reply = command === null ? null : this.#host.command(command, ANA)
    if (reply === null) return
    if (!reply.ok) {
      const late = reply.refusal.kind === 'already_decided' || reply.refusal.kind === 'moved_on'
      must(!late || visit !== open || type === 'assign', `${type} was meant for what is open, and is refused`)
      return
    }
    if (type === 'move') this.#chances.happened('moved')
    if (type === 'retry') this.#chances.happened('retriedByHand')
    if (command?.type === 'retry' && command.run !== undefined) this.#chances.happened('branchRetried')
  }

  /** Of several runs mostly one is meant. */
  #aRun({ visit: { runs } }: TaskState): number | undefined {
    return runs.length < 2 || this.#chances.chance(0.3) ? undefined : this.#chances.one(runs).id
  }

  #commandFor(type: ReturnType<typeof allowedIn>[number] | 'event', state: TaskState, visit?: number): Command | null {
    const { definition, second } = this.#workflow
    const step = this.#chances.one(definition.steps).key
    switch (type) {
      case 'assign':
        return {
          type,
          to: this.#chances.chance(0.1) ? [] : ['ana@acme.test', 'ben@acme.test'],
          visit,
          run: this.#aRun(state),
        }
      case 'route':
        return { type, handoff: this.#chances.one(['complete', step, 'approved', 'failed']), visit }
      case 'retry':
        return { type, visit, run: this.#aRun(state) }
      case 'move':
        return {
          type,
          step,
          input: this.#chances.chance(0.3) ? { company: 'Globex', lines: ['x', 'y', 'z'] } : undefined,
          visit,
        }
      case 'raise':
        return { type, limits: { steps: state.visit.n + 2, cost: 1, duration: '2h' }, visit }
      case 'cancel':
        return { type, visit }
      case 'migrate':
        return { type, ...second, step, visit }
      case 'event':
        return { type, name: 'by hand', data: null }
      default:
        return null
    }
  }
}

const INPUT = { company: 'Acme', lines: ['a', 'b', 'c', 'd'] }

function failed(
  code: 'rate_limited' | 'timeout' | 'provider_auth',
  retryable: boolean,
  retryAfterMs?: number,
): RunOutcome {
  return { kind: 'failed', failure: { code, message: 'It failed.', retryable, retryAfterMs } }
}

/** The order of a run that a model answers, as all of these schedules' are. */
function modelOrder({ order }: Work): OrderOf<'model'> {
  if (order.kind !== 'model') throw new Error(`an order ${order.kind} is not put to a model`)
  return order
}
