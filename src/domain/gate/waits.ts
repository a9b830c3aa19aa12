/** What a run waits for at the Gate, in words, and when the Gate has to look again by itself. */
import { dollars } from '../money.ts'
import type { HeldReason } from '../task/events.ts'
import type { GateChange } from './change.ts'
import { type Ask, beforeOf, type GateState, isSame } from './state.ts'

export interface Waits {
  reason: Extract<HeldReason, 'provider_limit' | 'provider_offline' | 'team_budget' | 'persons_pile'>
  message: string
  fix: string
  /** Since when it waits. */
  since: number
  /** When it may be its turn; null: when others are done. */
  at: number | null
  /** How many wait for the same and come first. */
  ahead: number
}

type Said = Pick<Waits, 'reason' | 'message' | 'fix'>

/** What this run, which waits, waits for. */
export function waitsOf(change: GateChange, ask: Ask): Waits {
  const since = change.state.waiting.find(each => isSame(each, ask))?.since ?? change.now
  const ahead = aheadOf(change.state, ask)
  const person = change.piles.fullFor(ask.people)
  if (person !== null) return { ...piled(change, person), since, at: null, ahead }
  const at = change.roomAt(ask.provider)
  const isPoor = change.budgetBlocks && at !== null && at <= change.now
  if (isPoor || !change.money.fitsIn(ask.cost)) return { ...poor(change, ask), since, ahead }
  return { ...turn(change, ask.provider, ahead, since), since, at, ahead }
}

/** The runs that wait for the same provider and are older. */
function aheadOf({ waiting }: Pick<GateState, 'waiting'>, ask: Ask): number {
  return waiting.filter(
    each => beforeOf(each, ask) < 0 && each.calls.some(call => call.provider === ask.provider) && !isSame(each, ask),
  ).length
}

function turn(change: GateChange, provider: string, ahead: number, since: number): Said {
  const { downSince } = change.laneOf(provider)
  const place = `${ahead === 0 ? 'none' : ahead} before it, since ${clock(since)}`
  const fix = 'Nothing needs doing: it goes on by itself, the oldest task first.'
  if (downSince === null)
    return { reason: 'provider_limit', message: `Waits for its turn at ${provider}: ${place}.`, fix }
  const message = `${provider} has not answered since ${clock(downSince)}. Waits for its turn there: ${place}.`
  return { reason: 'provider_offline', message, fix }
}

function poor(change: GateChange, { cost }: Ask): Said & Pick<Waits, 'at'> {
  const { limits, spending } = change.state
  const short = (['month', 'day'] as const).find(period => {
    const limit = limits.budget[period]
    return limit !== null && (spending?.[period].spent ?? 0) + change.money.reserved + cost > limit
  })
  const period = short ?? 'day'
  const { spent = 0, to = null } = spending?.[period] ?? {}
  const under = change.money.reserved > 0 ? `, ${dollars(change.money.reserved)} more is under way` : ''
  const limit = dollars(limits.budget[period] ?? 0)
  return {
    reason: 'team_budget',
    message: `The team’s budget of ${limit} for this ${period} has no room for its next call: ${dollars(spent)} is spent${under}.`,
    fix: `It goes on by itself when there is room, or the next ${period} begins; an admin may raise the budget in Settings, Limits.`,
    at: to,
  }
}

function piled(change: GateChange, person: string): Said {
  const most = change.state.limits.waiting ?? 0
  const open = change.piles.openOf(person)
  return {
    reason: 'persons_pile',
    message: `${person} has ${open} ${open === 1 ? 'decision' : 'decisions'} open or on their way, and the team lets ${most} wait. A draft for them would only get old.`,
    fix: 'It goes on by itself as soon as some of them are decided.',
  }
}

/** What of a sentence is the run's own: its place, and what was spent or open as it came. */
const OWN: [RegExp, string][] = [
  [/: (?:none|\d+) before it, since \d\d:\d\d UTC/g, ''],
  [/: \S+ is spent(?:, \S+ more is under way)?/g, ''],
  [/ \d+ decisions? open or on their way, and/g, ' as many decisions open as they may,'],
]

/** The sentence as it is the same for all that wait for one thing, so that they can be counted together. */
export function sameForAll(why: string): string {
  return OWN.reduce((text, [own, instead]) => text.replace(own, instead), why)
}

/** To the minute, in UTC: the sentence is the same for whoever reads it. */
function clock(at: number): string {
  return `${new Date(at).toISOString().slice(11, 16)} UTC`
}

/** Piles are counted again so often while somebody waits for one. */
const PILES_EVERY_MS = 15_000

/** When something may change here without anybody telling; null: only when somebody comes. */
export function nextLook(change: GateChange): number | null {
  const { now, state } = change
  const { waiting, grants, limits, spending } = state
  if (waiting.length === 0 && [...grants.values()].every(({ taken }) => taken)) return null
  const times: number[] = [...grants.values()].map(({ until }) => until)
  for (const provider of new Set(waiting.flatMap(({ calls }) => calls.map(call => call.provider)))) {
    const at = change.roomAt(provider)
    if (at !== null && at > now) times.push(at)
  }
  for (const { notBefore } of waiting) if (notBefore > now) times.push(notBefore)
  if (limits.waiting !== null && waiting.some(({ people }) => people.length > 0)) times.push(now + PILES_EVERY_MS)
  if (spending !== null && (limits.budget.day ?? limits.budget.month) !== null) {
    times.push(Math.min(spending.day.to, spending.month.to))
  }
  const later = times.filter(time => time > now)
  return later.length === 0 ? now + PILES_EVERY_MS : Math.min(...later)
}
