/** A team's terms, kept for a moment: every task that begins and every model call asks for them. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import type { Prices, Terms } from '../../domain/money.ts'
import { readTerms, type TeamTerms } from '../../records/people/terms.ts'

/** A change holds in other isolates after this. */
const KEPT_MS = 10_000
const KEPT_TEAMS = 500
const kept = new BoundedCache<{ at: number; terms: TeamTerms }>(KEPT_TEAMS)

/** The team's terms, at most ten seconds old, or as they were before storage went away. Throws when none are kept either. */
export async function termsOf(db: D1Database, team: string, now = Date.now()): Promise<TeamTerms> {
  const known = kept.peek(team)
  if (known !== undefined && now - known.at < KEPT_MS) return known.terms
  try {
    return kept.keep(team, { at: now, terms: await readTerms(db, team) }).terms
  } catch (error) {
    if (known === undefined) throw error
    return known.terms
  }
}

/** The team's own prices; none while storage is away and they were never read: a call is worth more than its exact price. */
export async function pricesOf(db: D1Database, team: string): Promise<Prices> {
  try {
    return (await termsOf(db, team)).prices
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'prices', team, error: String(error) }))
    return {}
  }
}

/** They have changed: whoever asks next in this isolate reads them anew. */
export function forgetTerms(team: string): void {
  kept.forget(team)
}

/** What a task that begins now takes of them: of the prices, those of models that its definition names. */
export async function termsOfTask(db: D1Database, team: string, pinned: string): Promise<Terms> {
  const { budget, model, prices, remind, hours } = await termsOf(db, team)
  const named = Object.entries(prices).filter(([name]) => name === model || pinned.includes(JSON.stringify(name)))
  return {
    budget,
    ...(model !== null && { model }),
    ...(named.length > 0 && { prices: Object.fromEntries(named) }),
    ...(remind !== null && { remind }),
    ...(remind !== null && hours !== null && { hours }),
  }
}
