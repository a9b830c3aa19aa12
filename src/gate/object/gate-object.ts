/**
 * The Gate: one Durable Object a team, asked before a model call by whoever needs a provider's limit, the team's budget or
 * a person's pile. What happens in which order is gatekeeper.ts'; here it meets the platform: storage, alarm, D1 and tasks.
 */
import { DurableObject } from 'cloudflare:workers'
import { crashPoint } from '../../crash-points.ts'
import type { GateFigures, Standing } from '../../domain/gate/figures.ts'
import type { Crossing } from '../../domain/gate/spending.ts'
import type { Ask, RunRef } from '../../domain/gate/state.ts'
import type { Waits } from '../../domain/gate/waits.ts'
import { stretchOf } from '../../domain/team-limits.ts'
import { type Env, taskStub } from '../../env.ts'
import { readLimits } from '../../records/people/limits.ts'
import { figuresOf } from '../../records/task/figures.ts'
import { openDecisions } from '../../records/task/piles.ts'
import type { EndedCall, GateVerbs } from '../rpc.ts'
import { Gatekeeper, type Settings } from './gatekeeper.ts'
import { type GateStorage, Kept } from './kept.ts'

/** How people hear that a mark of a budget is reached. */
export type TellBudget = (team: string, crossing: Crossing) => Promise<void>

export abstract class GateObject extends DurableObject<Env> implements GateVerbs {
  protected abstract readonly tell: TellBudget
  readonly #gate: Gatekeeper
  #freshening: Promise<void> | null = null
  /** When the alarm is set to fire; null: it is not set. */
  #alarmAt: number | null = null

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    // A restart must not set a later alarm in the place of an earlier one.
    ctx.blockConcurrencyWhile(async () => {
      this.#alarmAt = await ctx.storage.getAlarm()
    })
    this.#gate = new Gatekeeper({
      now: () => Date.now(),
      kept: new Kept(this.#storage(), (ms, act) => setTimeout(act, ms)),
      release: (run, told) => this.#release(run, told),
      tell: crossing => this.#background('tell', this.tell(this.#team, crossing)),
      arm: at => this.#arm(at),
    })
  }

  get #team(): string {
    return this.ctx.id.name ?? ''
  }

  // Verbs

  async standing(): Promise<Standing> {
    await this.#prepare([])
    return this.#gate.standing()
  }

  async take(ask: Ask, settled?: number): Promise<Waits | null> {
    await crashPoint('C20')
    await this.#prepare(ask.people)
    return this.#gate.take(ask, settled)
  }

  async end(ask: Ask, ended: EndedCall): Promise<Waits | null> {
    await crashPoint('C21')
    return this.#gate.end(ask, ended)
  }

  async spent(cost: number): Promise<void> {
    await this.#prepare([])
    this.#gate.spent(cost)
  }

  async figures(): Promise<GateFigures> {
    await this.#prepare([])
    return this.#gate.figures()
  }

  override async alarm(): Promise<void> {
    this.#alarmAt = null
    await this.#prepare(this.#gate.awaited)
    this.#gate.look()
  }

  // What the keeper asks for

  /** Looks up what the Gate does not know, or knew too long ago. While D1 is away, what was known holds. */
  async #prepare(people: string[]): Promise<void> {
    const needs = this.#gate.needs(people)
    if (needs.settings) {
      this.#freshening ??= this.#freshen().finally(() => {
        this.#freshening = null
      })
      await this.#freshening
    }
    // What is set was just learned: before that, nobody's pile mattered.
    const { people: counted } = this.#gate.needs(people)
    if (counted.length === 0) return
    try {
      this.#gate.counted(await openDecisions(this.env.DB, this.#team, counted))
    } catch (error) {
      log('piles', this.#team, error)
    }
  }

  async #freshen(): Promise<void> {
    let settings: Settings | null = null
    try {
      settings = await this.#settings()
    } catch (error) {
      log('settings', this.#team, error)
    }
    this.#gate.settle(settings)
  }

  async #settings(): Promise<Settings> {
    const now = Date.now()
    const { timezone, ...limits } = await readLimits(this.env.DB, this.#team)
    const stretch = async (period: 'day' | 'month') => {
      const { name, from, to } = stretchOf(period, timezone, now)
      // What was spent before there was a budget is known from the tasks.
      const isNew = limits.budget[period] !== null && this.#gate.state.spending === null
      return { name, to, spent: isNew ? await this.#spentSince(from, now) : 0 }
    }
    return { limits, day: await stretch('day'), month: await stretch('month') }
  }

  async #spentSince(from: number, now: number): Promise<number> {
    const figures = await figuresOf(this.env.DB, this.#team, undefined, from, now)
    return figures.reduce((total, { cost }) => total + cost, 0)
  }

  #release({ task, visit, run }: RunRef, told: (wasHeld: boolean) => void): void {
    const release = async () => {
      await crashPoint('C22')
      return taskStub(this.env, this.#team, task).release(visit, run)
    }
    this.#background(
      'release',
      release().then(told, error => {
        told(false)
        throw error
      }),
    )
  }

  async forget(): Promise<void> {
    await this.ctx.storage.deleteAlarm()
    await this.ctx.storage.deleteAll()
  }

  /** Sets the alarm, if it would fire later than this or not at all. */
  #arm(at: number): void {
    if (this.#alarmAt !== null && this.#alarmAt <= at) return
    this.#alarmAt = at
    this.ctx.storage.setAlarm(at)
  }

  #background(what: string, work: Promise<void>): void {
    this.ctx.waitUntil(work.catch(error => log(what, this.#team, error)))
  }

  #storage(): GateStorage {
    const { storage } = this.ctx
    return {
      read: () => storage.kv.list<string>(),
      write: (put, remove) =>
        storage.transactionSync(() => {
          for (const key of remove) storage.kv.delete(key)
          for (const [key, value] of put) storage.kv.put(key, value)
        }),
    }
  }
}

function log(what: string, team: string, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', what: `gate ${what}`, team, error: String(error) }))
}
