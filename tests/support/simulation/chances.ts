/** What can go wrong in a schedule, how often, and how often it did. */

/** Every fault, with the share of its occasions at which it strikes where a schedule has it at all. */
const RATES = {
  /** The object dies after deciding and before its row is written. */
  crashBeforeCommit: 0.08,
  /** It dies with the row written and nothing sent. */
  crashAfterCommit: 0.1,
  /** A call does not arrive. */
  requestLost: 0.08,
  /** A call was carried out, its answer does not arrive. */
  replyLost: 0.12,
  /** The object is evicted between two calls. */
  evicted: 0.1,
  sendFails: 0.15,
  /** What one task tells another does not arrive. */
  wordLost: 0.25,
  messageDropped: 0.2,
  messageDuplicated: 0.3,
  messageDelayed: 0.2,
  workerDiesBeforeClaim: 0.1,
  workerDiesAfterClaim: 0.15,
  workerDiesAfterCall: 0.1,
  workerIsSlow: 0.15,
  /** It tells before a call that it may not be repeated. */
  workerBeats: 0.1,
  providerAway: 0.1,
  lookUpFails: 0.3,
  d1Fails: 0.2,
  d1ReplyLost: 0.2,
  d1Slow: 0.2,
  alarmLate: 0.2,
  alarmTwice: 0.12,
  alarmThrows: 0.15,
  alarmLost: 0.03,
  /** Someone gives a command that nobody waited for. */
  /** An event from outside is sent twice, with the same key. */
  eventDoubled: 0.4,
  meddling: 0.3,
  doubleClick: 0.4,
  staleClick: 0.3,
  /** A question to the Gate for leave is lost, or its answer. */
  leaveLost: 0.05,
  /** Nobody tells the Gate of a call's end. */
  leaveKept: 0.1,
  /** The Gate is struck down, with what it had not written. */
  gateGone: 0.03,
} as const

export type Fault = keyof typeof RATES
export const FAULTS = Object.keys(RATES) as Fault[]
const OF_GATES: Fault[] = ['leaveLost', 'leaveKept', 'gateGone']
/** Those that not every schedule can have. */
const OF_SOME: Fault[] = ['wordLost', ...OF_GATES]

/** What happened besides, counted to show that schedules were not trivial. */
export const HAPPENINGS = [
  'schedules',
  'calmSchedules',
  'commands',
  'refusals',
  'retries',
  'lapses',
  'lateReports',
  'repeatedReports',
  'chainedClaims',
  'refusedClaims',
  'redeliveries',
  'restarts',
  'flushes',
  'flushesRefused',
  'staleFlushes',
  'alarms',
  'alarmsRetried',
  'rearmed',
  'hourlyWakes',
  'votes',
  'edits',
  'overdue',
  'reminded',
  'alreadyDecided',
  'stages',
  'stagesAnew',
  'undone',
  'effected',
  'undoneTooLate',
  'contentChanged',
  'unsure',
  'held',
  'rolesResolved',
  'leftOut',
  'filesRead',
  'limitsReached',
  'raised',
  'migrated',
  'moved',
  'retriedByHand',
  'routedByHand',
  'keepsDying',
  'unknownOutcome',
  'nobodyAssigned',
  'eventsTaken',
  'eventsKept',
  'eventsPassed',
  'waitsOver',
  'waitsMissed',
  'onPaper',
  'queued',
  'gated',
  'turnsAwaited',
  'turnsTold',
  'turnsMissed',
  'waitedForTurn',
  'recordedTaken',
  'fenced',
  'joined',
  'joinsFailed',
  'branchRetried',
  'childrenStarted',
  'childrenReturned',
  'childrenRecalled',
  'childrenOutOfTheBlue',
  'childrenTooLate',
  'wordsHeard',
  'done',
  'cancelled',
  'failed',
  'stuck',
] as const
export type Happening = (typeof HAPPENINGS)[number]

export type Coverage = Record<Fault | Happening, number>

export function noCoverage(): Coverage {
  return Object.fromEntries([...FAULTS, ...HAPPENINGS].map(name => [name, 0])) as Coverage
}

/** One schedule's chance: a sequence of numbers, and the faults that this schedule has. Each has some and lacks others. */
export class Chances {
  readonly random: () => number
  readonly coverage: Coverage
  readonly calm: boolean
  /** No fault strikes any more. */
  healthy = false
  readonly #rates = new Map<Fault, number>()
  readonly #share: number

  constructor(random: () => number, coverage: Coverage) {
    this.random = random
    this.coverage = coverage
    this.calm = random() < 0.05
    this.#share = this.calm ? 0 : 0.15 + 0.6 * random()
    if (this.calm) return
    for (const fault of FAULTS) if (!OF_SOME.includes(fault)) this.#mayHave(fault)
  }

  /** Where there are several tasks, what they tell each other may be lost, too. */
  amongSeveral(): void {
    if (!this.calm) this.#mayHave('wordLost')
  }

  /** Where calls must ask a Gate first. */
  withGate(): void {
    if (!this.calm) for (const fault of OF_GATES) this.#mayHave(fault)
  }

  #mayHave(fault: Fault): void {
    if (this.random() < this.#share) this.#rates.set(fault, RATES[fault] * (0.5 + this.random()))
  }

  has(fault: Fault): boolean {
    return this.#rates.has(fault)
  }

  /** Whether this fault strikes now. */
  strikes(fault: Fault): boolean {
    // Eviction is no fault: it goes on.
    if (this.healthy && fault !== 'evicted') return false
    const rate = this.#rates.get(fault)
    if (rate === undefined || this.random() >= rate) return false
    this.coverage[fault]++
    return true
  }

  happened(what: Happening): void {
    this.coverage[what]++
  }

  chance(share: number): boolean {
    return this.random() < share
  }

  /** A whole number from `low` on, below `high`. */
  between(low: number, high: number): number {
    return low + Math.floor(this.random() * (high - low))
  }

  one<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!
  }
}
