/** A run's model calls as its team's Gate lets them go: asked where they must, told of where they did, else untouched. */
import type { CallEnd } from '../../domain/gate/lane.ts'
import type { Ask } from '../../domain/gate/state.ts'
import type { Waits } from '../../domain/gate/waits.ts'
import { DEMO } from '../../domain/models/provider.ts'
import { costOrDearest, type Prices, type Tokens } from '../../domain/money.ts'
import type { Work } from '../../domain/task/commands.ts'
import { type Env, gateStub } from '../../env.ts'
import type { Away, ModelOutcome, ModelPort, ModelRequest } from '../models/port.ts'
import { STORAGE_AWAY } from '../orders/report.ts'
import { countOutcome } from './outcomes.ts'
import { standingOf, troubled } from './standing.ts'

/** What the Gate is told of the run whose calls they are. */
export type Turn = Pick<Work, 'task' | 'visit' | 'run' | 'lease' | 'madeAt' | 'leadsTo' | 'waited'>

/** Tokens that an answer is reckoned with where the step sets no most. */
const MOST_ANSWER_TOKENS = 4000
const CHARS_PER_TOKEN = 4
/** Leave outlives its call by this. */
const MARGIN_MS = 15_000
/** A held run looks by itself after this, should the Gate lose it. */
const SAFETY_MS = 600_000

/** Calls under way in this isolate, by provider. */
const flights = new Map<string, number>()

export class GatedRun {
  readonly #env: Env
  readonly #team: string
  readonly #turn: Turn
  readonly #providers = new Set<string>()
  #prices: Prices = {}
  /** The leave that it has, and what the calls under it cost since the Gate was told. */
  #leave: { ask: Ask; settled: number | undefined; began: number } | null = null

  constructor(env: Env, team: string, turn: Turn) {
    this.#env = env
    this.#team = team
    this.#turn = turn
  }

  /** The port of one provider, at the team's prices, whose calls ask first where they must. */
  port(provider: string, port: ModelPort, prices: Prices): ModelPort {
    // Another model of the same provider stands in for the first.
    const isFallback = this.#providers.has(provider)
    this.#providers.add(provider)
    this.#prices = prices
    return { complete: request => this.#complete(this.#askFor(provider, request, isFallback), port, request) }
  }

  /** It makes no more calls: leave that it still has is given back. */
  async close(): Promise<void> {
    const leave = this.#leave
    if (leave === null) return
    await this.#end(leave.ask, { kind: 'answered' }, leave.settled ?? 0, leave.began, 0)
  }

  async #complete(ask: Ask, port: ModelPort, request: ModelRequest): Promise<ModelOutcome> {
    const { provider } = ask
    try {
      const waits = (await this.#mustAsk(ask)) ? await this.#take(ask) : null
      if (waits !== null) return away(request.model, awayBy(waits))
    } catch (error) {
      log('take', this.#turn.task, error)
      return away(request.model, CANNOT_ASK)
    }
    const began = Date.now()
    const flight = (flights.get(provider) ?? 0) + 1
    flights.set(provider, flight)
    try {
      const outcome = await port.complete(request)
      await countOutcome(this.#env.DB, this.#team, provider, outcome)
      return await this.#ended(ask, outcome, began, flights.get(provider) ?? flight)
    } finally {
      flights.set(provider, (flights.get(provider) ?? 1) - 1)
    }
  }

  #askFor(
    provider: string,
    { model, system = '', messages, params, timeoutMs }: ModelRequest,
    isFallback: boolean,
  ): Ask {
    const { task, visit, run, lease, madeAt, leadsTo } = this.#turn
    const chars = messages.reduce((total, message) => total + JSON.stringify(message).length, system.length)
    const tokens = Math.ceil(chars / CHARS_PER_TOKEN)
    const most = { inputTokens: tokens, outputTokens: params?.maxOutputTokens ?? MOST_ANSWER_TOKENS }
    const cost = this.#costOf(model, most)
    const call = { provider, cost, lastsMs: timeoutMs + MARGIN_MS, ...(isFallback && { fallback: true as const }) }
    return { task, visit, run, lease, age: madeAt, people: leadsTo, ...call }
  }

  #costOf(model: string, tokens: Tokens): number {
    return costOrDearest(model, tokens, this.#prices)
  }

  async #mustAsk({ provider, people }: Ask): Promise<boolean> {
    if (this.#turn.waited || this.#leave !== null) return true
    const standing = await standingOf(this.#env, this.#team)
    return standing.all || standing.providers.includes(provider) || (standing.people && people.length > 0)
  }

  async #take(ask: Ask): Promise<Waits | null> {
    const settled = this.#leave?.settled
    this.#leave = null
    const waits = await gateStub(this.#env, this.#team).take(ask, settled)
    if (waits === null) this.#leave = { ask, settled: undefined, began: Date.now() }
    return waits
  }

  /** Tells the Gate what became of a call, where it is to know. */
  async #ended(ask: Ask, outcome: ModelOutcome, began: number, flight: number): Promise<ModelOutcome> {
    const cost = this.#costOf(outcome.usage.model, outcome.usage)
    // What the demo model turns away it does for the one text that asks for it: that says nothing of the others.
    if (outcome.kind === 'away' && ask.provider !== DEMO && outcome.away.reason !== 'provider_not_configured') {
      const { reason, retryAfterMs } = outcome.away
      troubled(this.#team, ask.provider)
      const kind = reason === 'provider_limit' ? 'limited' : 'offline'
      const waits = await this.#end(ask, { kind, retryAfterMs }, cost, began, flight)
      return waits === null ? outcome : { ...outcome, away: { ...outcome.away, retryAfterMs: lookAfter(waits) } }
    }
    if (this.#leave === null) return outcome
    // It goes on: its place is kept for its next turn.
    if (outcome.kind === 'calls') this.#leave.settled = cost
    else await this.#end(ask, endOf(outcome), cost, began, flight)
    return outcome
  }

  /** A Gate that cannot be told learns of it as the leave lapses. */
  async #end(ask: Ask, end: CallEnd, cost: number, began: number, flight: number): Promise<Waits | null> {
    this.#leave = null
    try {
      return await gateStub(this.#env, this.#team).end(ask, { end, cost, began, flight })
    } catch (error) {
      log('end', ask.task, error)
      return null
    }
  }
}

/** One that ran out of time, or met a fault on its way, says nothing of its provider. */
function endOf(outcome: ModelOutcome): CallEnd {
  const isSilent = outcome.kind === 'failed' && ['timeout', 'unreachable'].includes(outcome.failure.code)
  return { kind: isSilent || outcome.kind === 'away' ? 'unknown' : 'answered' }
}

function away(model: string, why: Away): ModelOutcome {
  return { kind: 'away', away: why, usage: { model, inputTokens: 0, outputTokens: 0, calls: 0, durationMs: 0 } }
}

function awayBy(waits: Waits): Away {
  const { reason, message, fix } = waits
  return { reason, message, fix, retryAfterMs: lookAfter(waits) }
}

/** When the run looks by itself: about when its turn comes, where that is known, else as the safety net. */
function lookAfter({ at, ahead }: Waits): number {
  return at !== null && ahead === 0 ? Math.max(1000, at - Date.now()) : SAFETY_MS
}

const CANNOT_ASK: Away = {
  reason: 'storage_unavailable',
  message: STORAGE_AWAY.message,
  fix: STORAGE_AWAY.fix,
}

function log(what: string, task: string, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', what: `gate ${what}`, task, error: String(error) }))
}
