/** What a team's Gate tells of itself: who must ask it, how its providers do, what was spent. */
import { GateChange } from './change.ts'
import { isCalm, NEW_LANE } from './lane.ts'
import type { GateState } from './state.ts'

/** Which calls must ask first. All others go on without. */
export interface Standing {
  /** There is a budget. */
  all: boolean
  providers: string[]
  /** Steps that lead to people. */
  people: boolean
}

interface SpendingFigures {
  spent: number
  reserved: number
  /** null: no budget. */
  limit: number | null
}

interface ProviderFigures {
  state: 'ok' | 'limited' | 'down'
  /** Since when it is limited or down. */
  since: number | null
  inFlight: number
  waiting: number
  /** Since when the one has waited that waits longest. */
  oldest: number | null
  /** Calls at a time, as set or found out; null: any number. */
  limit: number | null
  /** When the next call may begin, where that is known. */
  retryAt: number | null
}

export interface GateFigures {
  day: SpendingFigures
  month: SpendingFigures
  providers: Record<string, ProviderFigures>
}

/** What workers need to know to go by without asking. */
export function standingOf({ limits, lanes, waiting }: GateState): Standing {
  const named = Object.keys(limits.providers)
  const troubled = Object.keys(lanes).filter(name => !isCalm(lanes[name]!))
  const waitedFor = waiting.flatMap(({ calls }) => calls.map(call => call.provider))
  return {
    all: limits.budget.day !== null || limits.budget.month !== null,
    providers: [...new Set([...named, ...troubled, ...waitedFor])],
    people: limits.waiting !== null,
  }
}

/** As pages show it, at this moment. */
export function figuresOfGate(state: GateState, now: number): GateFigures {
  const change = new GateChange(state, now)
  const { limits, lanes, waiting, spending } = change.state
  const money = (period: 'day' | 'month'): SpendingFigures => ({
    spent: spending?.[period].spent ?? 0,
    reserved: change.money.reserved,
    limit: limits.budget[period],
  })
  const names = new Set([...Object.keys(lanes), ...Object.keys(limits.providers)])
  for (const { calls } of waiting) for (const { provider } of calls) names.add(provider)
  const providers = [...names].sort().map(name => [name, providerFigures(change, name)] as const)
  return { day: money('day'), month: money('month'), providers: Object.fromEntries(providers) }
}

function providerFigures(change: GateChange, name: string): ProviderFigures {
  const { limits, lanes, waiting } = change.state
  const { ceiling, downSince, since } = lanes[name] ?? NEW_LANE
  const theirs = waiting.filter(({ calls }) => calls.some(({ provider }) => provider === name))
  const oldest = theirs.length === 0 ? null : Math.min(...theirs.map(each => each.since))
  const limit = Math.min(
    limits.providers[name]?.parallel ?? Number.POSITIVE_INFINITY,
    Math.floor(ceiling ?? Number.POSITIVE_INFINITY),
  )
  const at = change.roomAt(name)
  return {
    state: downSince !== null ? 'down' : since !== null || theirs.length > 0 ? 'limited' : 'ok',
    since: downSince ?? since ?? oldest,
    inFlight: change.flightOf(name).all,
    waiting: theirs.length,
    oldest,
    limit: Number.isFinite(limit) ? limit : null,
    retryAt: at !== null && at > change.now ? at : null,
  }
}
