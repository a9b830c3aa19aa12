/**
 * One schedule of a team's Gate: tasks that call providers, providers that refuse and go down, workers that die, messages
 * that are lost, and a Gate that is evicted and crashes, all from one seed. The Gate is the real one, its keeper and what it
 * keeps included; only tasks are drawn with a few strokes.
 */
import { GateChange } from '../../../../src/domain/gate/change.ts'
import { decideGate, type GateDecision } from '../../../../src/domain/gate/decide.ts'
import type { CallEnd } from '../../../../src/domain/gate/lane.ts'
import type { Ask, GateState, RunRef } from '../../../../src/domain/gate/state.ts'
import { keyOf } from '../../../../src/domain/gate/state.ts'
import type { TeamLimits } from '../../../../src/domain/team-limits.ts'
import { Gatekeeper } from '../../../../src/gate/object/gatekeeper.ts'
import { type GateStorage, Kept } from '../../../../src/gate/object/kept.ts'
import { mulberry32 } from '../../random.ts'
import { Agenda } from '../agenda.ts'
import { must, Violation } from '../run-books.ts'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const START = Date.UTC(2026, 10, 28, 22)
const DAY_END = Date.UTC(2026, 10, 29)
/** What a call is over after, by its grant. */
const LASTS_MS = 75 * SECOND
/** A held run looks by itself after this, should the Gate have lost it. */
const SAFETY_MS = 10 * MINUTE
/** Faults strike until at most then. */
const FAULTY_MS = 20 * MINUTE
/** Every task has ended so long after the last fault. */
const BOUND_MS = 3 * HOUR

export interface GateSubject {
  decide: typeof decideGate
  /** What a restarted Gate reads of what was kept. */
  reads(key: string): boolean
}

export const GATE: GateSubject = { decide: decideGate, reads: () => true }

/** What happened, counted to show that schedules were not trivial. */
export interface GateCoverage {
  [what: string]: number
}

interface Provider {
  /** Calls at a time that it answers. */
  capacity: number
  down: [from: number, to: number] | null
  asksForWait: boolean
  /** Calls under way whose leave was not forgotten in a crash. */
  calls: Set<Run>
  starts: number[]
  /** Until when it asked to be left alone, as the Gate was told. */
  asked: number
}

interface Run extends RunRef {
  age: number
  provider: string
  cost: number
  /** Calls that it makes under one leave. */
  turns: number
  phase: 'due' | 'working' | 'held' | 'done'
  /** Fences what an earlier worker still does. */
  lease: number
  forgotten: boolean
  /** When its call began; 0: it makes none. */
  began: number
}

/** Plays the schedule of this seed; answers what was violated, or null. */
export function playGate(seed: number, subject: GateSubject, coverage: GateCoverage): string | null {
  try {
    new World(seed, subject, coverage).play()
    return null
  } catch (error) {
    if (error instanceof Violation) return error.message
    return error instanceof Error ? (error.stack ?? error.message) : String(error)
  }
}

/** Many tasks at once that meet one thing, where nothing else goes wrong. */
export interface Crowd {
  tasks: number
  /** Calls at a time that the provider answers. */
  capacity: number
  /** Calls at a time that the team lets go. */
  parallel?: number
  /** How long the provider is down from the first second on, in ms. */
  downMs?: number
  /** USD that the team may spend in a day. */
  day?: number
}

/** What came of a crowd. */
export interface Crowded {
  violated: string | null
  done: number
  /** The most calls under way at a time. */
  most: number
  /** How far from its place by age each came to its end, on average, as a share of all. */
  disorder: number
  /** USD that were spent on the first day. */
  spent: number
  /** Calls that met a provider that was down. */
  offline: number
}

/** Plays what comes of a crowd; every task waits for all that it must, and ends. */
export function playCrowd(seed: number, crowd: Crowd): Crowded {
  const world = new World(seed, GATE, {}, crowd)
  let violated: string | null = null
  try {
    world.play()
  } catch (error) {
    if (!(error instanceof Violation)) throw error
    violated = error.message
  }
  return { violated, ...world.crowded() }
}

class World {
  readonly #random: () => number
  readonly #agenda = new Agenda(START)
  readonly #subject: GateSubject
  readonly #coverage: GateCoverage
  readonly #providers: Record<string, Provider> = {}
  readonly #runs: Run[] = []
  readonly #limits: TeamLimits
  readonly #disk = new Map<string, string>()
  readonly #faulty: boolean
  readonly #crashes: boolean
  readonly #healed: number
  #keeper: Gatekeeper | null = null
  /** Which life the Gate lives: what an earlier one put off does not happen. */
  #life = 0
  #write: (() => void) | null = null
  #alarm: number | null = null
  #spent = 0
  /** Of calls whose leave or end was forgotten in a crash, or whose end nobody told. */
  #untold = 0
  #open = 0
  #crashCount = 0
  #most = 0
  readonly #over: Run[] = []
  readonly #crowd: Crowd | null

  constructor(seed: number, subject: GateSubject, coverage: GateCoverage, crowd: Crowd | null = null) {
    this.#crowd = crowd
    this.#random = mulberry32(seed)
    this.#subject = subject
    this.#coverage = coverage
    this.#faulty = this.#chance(0.6) && crowd === null
    this.#crashes = this.#faulty && this.#chance(0.4)
    this.#healed = START + (this.#faulty ? this.#between(MINUTE, FAULTY_MS) : 0)
    const names = this.#chance(0.3) && crowd === null ? ['openai', 'house'] : ['openai']
    const providers: TeamLimits['providers'] = {}
    for (const name of names) {
      const from = START + this.#between(0, 5 * MINUTE)
      this.#providers[name] = {
        capacity: this.#chance(0.5) ? this.#between(1, 8) : 1000,
        down: this.#chance(0.3) ? [from, from + this.#between(10 * SECOND, 15 * MINUTE)] : null,
        asksForWait: this.#chance(0.5),
        calls: new Set(),
        starts: [],
        asked: 0,
      }
      if (this.#chance(0.5)) providers[name] = { parallel: this.#between(1, 6) }
      if (this.#chance(0.3)) providers[name] = { ...providers[name], perMinute: this.#between(5, 40) }
    }
    if (crowd !== null) {
      const { capacity, parallel, downMs } = crowd
      const known = { asksForWait: true, calls: new Set<Run>(), starts: [], asked: 0 }
      const down: Provider['down'] = downMs === undefined ? null : [START + SECOND, START + SECOND + downMs]
      this.#providers.openai = { capacity, down, ...known }
      if (parallel === undefined) delete providers.openai
      else providers.openai = { parallel }
    }
    const drawn = this.#chance(0.3) ? this.#between(5, 40) / 10 : null
    const day = crowd === null ? drawn : (crowd.day ?? null)
    this.#limits = { budget: { day, month: null }, providers, waiting: null }
  }

  play(): void {
    this.#count('schedules')
    const tasks = this.#crowd?.tasks ?? this.#between(1, 40)
    for (let n = 0; n < tasks; n++) this.#begin(n)
    if (this.#faulty) this.#agenda.after(this.#between(SECOND, MINUTE), () => this.#strike())
    for (let happened = 0; this.#open > 0; happened++) {
      must(happened < 60_000, 'it never comes to rest')
      must(this.#agenda.step(), `${this.#open} runs wait, and nothing will happen`)
      const late = Math.max(this.#healed, ...Object.values(this.#providers).map(({ down }) => down?.[1] ?? 0))
      const nextDay = this.#limits.budget.day === null ? 0 : DAY_END + 20 * 24 * HOUR
      must(this.#agenda.now < Math.max(late, nextDay) + BOUND_MS, `${this.#open} runs are not over in time`)
    }
  }

  crowded(): Omit<Crowded, 'violated'> {
    const ages = this.#over.toSorted((a, b) => a.age - b.age || (a.task < b.task ? -1 : 1))
    const places = new Map(ages.map((run, place) => [run, place]))
    const off = this.#over.reduce((sum, run, place) => sum + Math.abs(places.get(run)! - place), 0)
    const done = this.#over.length
    const offline = this.#coverage.offline ?? 0
    return { done, most: this.#most, disorder: off / done ** 2, spent: this.#spent, offline }
  }

  #begin(n: number): void {
    const provider = this.#one(Object.keys(this.#providers))
    const at = this.#chance(0.7) ? this.#between(0, 2 * SECOND) : this.#between(0, 5 * MINUTE)
    const cost = this.#between(1, 20) / 100
    const turns = this.#chance(0.2) ? this.#between(2, 4) : 1
    const at0 = { age: START + at, provider, cost, turns, phase: 'due', lease: 0, forgotten: false, began: 0 } as const
    const run: Run = { task: `tsk_${String(n).padStart(3, '0')}`, visit: 1, run: 1, ...at0 }
    this.#runs.push(run)
    this.#open++
    this.#agenda.at(START + at, () => this.#send(run))
  }

  // A task and its workers

  #send(run: Run): void {
    const lease = run.lease
    const isDue = () => run.phase === 'due' && run.lease === lease
    if (!this.#strikes(0.05)) this.#agenda.after(this.#between(1, 400), () => isDue() && this.#work(run))
    // Its own alarm sends what nobody took up.
    this.#agenda.after(10 * SECOND, () => isDue() && this.#send(run))
  }

  #work(run: Run): void {
    run.phase = 'working'
    const lease = ++run.lease
    this.#agenda.after(LASTS_MS + 15 * SECOND, () => {
      if (run.lease !== lease || run.phase !== 'working') return
      this.#count('lapsedRuns')
      this.#due(run)
    })
    this.#take(run, lease, run.turns, undefined)
  }

  #due(run: Run): void {
    run.phase = 'due'
    run.lease++
    this.#send(run)
  }

  #take(run: Run, lease: number, turns: number, settled: number | undefined): void {
    if (run.lease !== lease) return
    if (this.#strikes(0.03)) return this.#hold(run, lease, MINUTE, false)
    const wasWaiting = this.#living().state.waiting.some(each => keyOf(each) === keyOf(run))
    const waits = this.#living().take(this.#ask(run, lease), settled)
    if (this.#strikes(0.03)) {
      this.#count('lostAnswers')
      return this.#hold(run, lease, MINUTE, false)
    }
    if (waits !== null) {
      this.#count(wasWaiting ? 'waitsOn' : 'waits')
      this.#count(waits.reason)
      must(waits.message.length > 10, 'it is not said what it waits for')
      return this.#hold(run, lease, waits.reason === 'team_budget' ? HOUR : SAFETY_MS)
    }
    run.forgotten = false
    this.#inTime(run.provider)
    const { asked } = this.#providers[run.provider]!
    must(this.#crashes || this.#agenda.now >= asked, `a call begins ${asked - this.#agenda.now} ms before it may`)
    if (this.#strikes(0.03)) return this.#count('deadWorkers')
    this.#agenda.after(this.#between(0, 20), () => this.#call(run, lease, turns))
  }

  /** No more leave in any minute than the rate allows. */
  #inTime(name: string): void {
    const { starts } = this.#providers[name]!
    const { perMinute } = this.#limits.providers[name] ?? {}
    starts.push(this.#agenda.now)
    const minute = starts.filter(at => at > this.#agenda.now - MINUTE).length
    must(
      perMinute === undefined || this.#crashes || minute <= perMinute,
      `${minute} calls in a minute, not ${perMinute}`,
    )
  }

  /** `isTurn`: the Gate knows that it waits. */
  #hold(run: Run, lease: number, ms: number, isTurn = true): void {
    const crashes = this.#crashCount
    this.#agenda.after(this.#between(1, 60), () => {
      if (run.lease !== lease || run.phase !== 'working') return
      run.phase = 'held'
      run.lease++
      const held = run.lease
      this.#agenda.after(ms, () => {
        if (run.phase !== 'held' || run.lease !== held) return
        this.#count(isTurn ? 'safetyNets' : 'storageHolds')
        const { waiting, grants } = this.#living().state
        const isKnown = grants.has(keyOf(run)) || waiting.some(each => keyOf(each) === keyOf(run))
        if (isTurn) this.#inNeed(run)
        must(!isTurn || isKnown || crashes !== this.#crashCount, `the Gate has forgotten that ${run.task} waits`)
        this.#due(run)
      })
    })
  }

  /** Where nothing goes wrong the Gate lets go whom it has room for, and nobody has to look by himself. */
  #inNeed({ provider }: Run): void {
    const gate = new GateChange(this.#living().state, this.#agenda.now)
    const at = gate.roomAt(provider)
    const hasRoom = at !== null && at <= this.#agenda.now && this.#limits.budget.day === null
    must(this.#faulty || !hasRoom, 'there is room, and nobody was told')
  }

  #call(run: Run, lease: number, turns: number): void {
    const provider = this.#providers[run.provider]!
    const began = this.#agenda.now
    const { parallel } = this.#limits.providers[run.provider] ?? {}
    run.began = began
    provider.calls.add(run)
    const { size } = provider.calls
    if (size <= provider.capacity) this.#most = Math.max(this.#most, size)
    const downSince = this.#living().state.lanes[run.provider]?.downSince ?? null
    const probes = [...provider.calls].filter(each => downSince !== null && each.began > downSince + 20).length
    must(this.#crashes || probes <= 1, `${probes} calls try at a time whether it is back`)
    const known = [...provider.calls].filter(each => !each.forgotten).length
    must(parallel === undefined || known <= parallel, `${known} calls at a time, ${parallel} are allowed`)
    const isDown = provider.down !== null && began >= provider.down[0] && began < provider.down[1]
    const answer: CallEnd['kind'] = isDown
      ? 'offline'
      : provider.calls.size > provider.capacity
        ? 'limited'
        : this.#chance(0.03)
          ? 'unknown'
          : 'answered'
    const takes =
      answer === 'limited' || isDown ? this.#between(5, 200) : this.#between(100, this.#one([SECOND, 20 * SECOND]))
    this.#agenda.after(takes, () => this.#ended(run, lease, turns, answer, began))
  }

  #ended(run: Run, lease: number, turns: number, kind: CallEnd['kind'], began: number): void {
    const provider = this.#providers[run.provider]!
    const flight = provider.calls.size
    provider.calls.delete(run)
    const isAway = kind === 'limited' || kind === 'offline'
    const cost = isAway ? 0 : Math.round(run.cost * this.#random() * 100) / 100
    this.#pay(run, cost)
    if (this.#strikes(0.03)) return this.#count('deadWorkers')
    this.#count(kind)
    if (kind === 'answered' && turns > 1) return this.#take(run, lease, turns - 1, cost)
    const retryAfterMs = isAway && provider.asksForWait ? this.#between(1, 20) * SECOND : undefined
    const end = (isAway ? { kind, retryAfterMs } : { kind }) as CallEnd
    const isTold = !this.#strikes(0.03)
    if (isTold) {
      this.#living().end(this.#ask(run, lease), { end, cost, began, flight })
      if (began > provider.asked) provider.asked = Math.max(provider.asked, this.#agenda.now + (retryAfterMs ?? 0))
    } else this.#count('lostEnds')
    // After a crash leave may be known under an earlier lease, and lapses.
    const isBack = this.#crashes || isAway || !isTold || !this.#living().state.grants.has(keyOf(run))
    must(isBack, `${run.task} is done and keeps its leave`)
    if (run.lease !== lease) return
    if (isAway) return this.#hold(run, lease, SAFETY_MS, isTold)
    run.phase = 'done'
    this.#over.push(run)
    run.lease++
    this.#open--
  }

  #pay(run: Run, cost: number): void {
    const { day } = this.#limits.budget
    if (this.#agenda.now >= DAY_END) return
    if (run.forgotten) this.#untold += cost
    this.#spent += cost
    if (day === null) return
    must(this.#spent <= day + 0.2 + this.#untold, `$${this.#spent.toFixed(2)} spent of $${day}`)
  }

  #ask({ task, visit, run, age, provider, cost }: Run, lease: number): Ask {
    return { task, visit, run, age, provider, cost, people: [], lease: String(lease), lastsMs: LASTS_MS }
  }

  // The Gate and its platform

  #living(): Gatekeeper {
    if (this.#keeper === null) this.#keeper = this.#born()
    if (this.#keeper.needs([]).settings) {
      const { name, to } = this.#day()
      const day = { name, to, spent: 0 }
      // Of a Gate that never learned what is set, nothing is promised.
      const isAway = this.#disk.has('rest') && this.#strikes(0.1)
      this.#keeper.settle(isAway ? null : { limits: this.#limits, day, month: { ...day, name: 'month' } })
    }
    return this.#keeper
  }

  #day(): { name: string; to: number } {
    const days = Math.max(0, Math.ceil((this.#agenda.now + 1 - DAY_END) / (24 * HOUR)))
    return { name: `day ${days}`, to: DAY_END + days * 24 * HOUR }
  }

  #born(): Gatekeeper {
    const life = ++this.#life
    const storage: GateStorage = {
      read: () => [...this.#disk].filter(([key]) => this.#subject.reads(key)),
      write: (put, remove) => {
        for (const key of remove) this.#disk.delete(key)
        for (const [key, value] of put) this.#disk.set(key, value)
      },
    }
    const kept = new Kept(storage, (ms, act) => {
      this.#write = act
      this.#agenda.after(ms, () => {
        if (life !== this.#life) return
        this.#write = null
        act()
      })
    })
    return new Gatekeeper({
      now: () => this.#agenda.now,
      kept,
      release: (run, told) => this.#release(run, wasHeld => life === this.#life && told(wasHeld)),
      tell: ({ percent }) => this.#count(`told ${percent}`),
      arm: at => this.#arm(at),
      decide: (state, command, now) => {
        const decision = this.#subject.decide(state, command, now)
        this.#inOrder(state, decision)
        return decision
      },
    })
  }

  /** Nobody is let go while an older one waits for the same provider, unless that one cannot be told just now. */
  #inOrder(before: GateState, { state, released }: GateDecision): void {
    const given = [...state.grants.values()].filter(grant => !before.grants.has(keyOf(grant)))
    must(released.length <= given.length, 'a run is told to go on without leave')
    for (const grant of given) {
      const run = this.#runOf(grant)
      const passed = state.waiting.find(
        each =>
          this.#runOf(each).age < run.age &&
          each.notBefore <= this.#agenda.now &&
          each.calls.some(call => call.provider === grant.provider),
      )
      must(passed === undefined, `${grant.task} goes before ${passed?.task}, which is older`)
    }
  }

  #release(ref: RunRef, told: (wasHeld: boolean) => void): void {
    const run = this.#runOf(ref)
    if (this.#strikes(0.05)) return this.#agenda.after(this.#between(50, 2000), () => told(false))
    this.#agenda.after(this.#between(1, 20), () => {
      const wasHeld = run.phase === 'held'
      if (wasHeld) this.#due(run)
      else this.#count('notHeldYet')
      this.#count('released')
      this.#agenda.after(this.#between(1, 20), () => told(wasHeld && !this.#strikes(0.05)))
    })
  }

  #runOf(ref: RunRef): Run {
    return this.#runs.find(each => each.task === ref.task)!
  }

  #arm(at: number): void {
    if (this.#alarm !== null && this.#alarm <= at) return
    this.#alarm = at
    this.#agenda.at(at + this.#between(0, 30), () => {
      if (this.#alarm !== at) return
      this.#alarm = null
      this.#count('alarms')
      this.#living().look()
    })
  }

  /** Now and then the Gate goes: evicted with all that it had written, or struck down. */
  #strike(): void {
    if (this.#agenda.now > this.#healed) return
    this.#agenda.after(this.#between(SECOND, 2 * MINUTE), () => this.#strike())
    if (this.#keeper === null) return
    const crashes = this.#crashes && this.#chance(0.5)
    if (crashes) {
      this.#count('crashes')
      this.#crashCount++
      // Leave that was given or taken within the last second is forgotten with it.
      const { grants } = this.#keeper.state
      for (const run of this.#runs) {
        const isKept = this.#disk.get(`grant:${keyOf(run)}`) === JSON.stringify(grants.get(keyOf(run)))
        run.forgotten ||= run.phase === 'working' && !isKept
      }
      this.#untold += this.#untoldNow()
    } else {
      this.#count('evictions')
      this.#write?.()
    }
    this.#write = null
    this.#keeper = null
    this.#life++
  }

  /** What the Gate was told of spending and had not written. */
  #untoldNow(): number {
    const rest = JSON.parse(this.#disk.get('rest') ?? '{}') as Partial<GateState>
    return (this.#keeper?.state.spending?.day.spent ?? 0) - (rest.spending?.day.spent ?? 0)
  }

  // Chance

  #strikes(share: number): boolean {
    return this.#faulty && this.#agenda.now < this.#healed && this.#random() < share
  }

  #chance(share: number): boolean {
    return this.#random() < share
  }

  #between(low: number, high: number): number {
    return low + Math.floor(this.#random() * (high - low))
  }

  #one<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)]!
  }

  #count(what: string): void {
    this.#coverage[what] = (this.#coverage[what] ?? 0) + 1
  }
}
