/** How calls of providers ended, as each isolate counts it and D1 keeps it: by this a team is warned of one that is down or silent. */
import { BoundedCache } from '../../domain/bounded-cache.ts'
import { DEMO } from '../../domain/models/provider.ts'
import { noteOutcomes, type Outcomes } from '../../records/alert/outcomes.ts'
import type { ModelOutcome } from '../models/port.ts'

/** What is not yet kept of a provider; `keptAt`: when it last was. */
type Tally = Pick<Outcomes, 'answered' | 'failed' | 'code'> & { keptAt: number }

/** Answers are kept this rarely: they say the same as those before. What failed is kept at once, and soon again. */
const [ANSWERED_MS, FAILED_MS] = [240_000, 10_000]
const tallies = new BoundedCache<Tally>(2000)

/** Tests only: forgets what is counted and not kept. */
export function forgetTallies(): void {
  tallies.forgetAll('')
}

/** Counts how a call ended. Never throws: no run may fail for a count. */
export async function countOutcome(
  db: D1Database,
  team: string,
  provider: string,
  outcome: ModelOutcome,
  now = Date.now(),
): Promise<void> {
  const ended = endOf(outcome)
  if (provider === DEMO || ended === null) return
  const tally = tallies.get(`${team} ${provider}`, () => ({ answered: 0, failed: 0, code: null, keptAt: 0 }))
  if (ended.code === null) tally.answered++
  else Object.assign(tally, { failed: tally.failed + 1, code: ended.code })
  if (Math.abs(now - tally.keptAt) < (tally.failed > 0 ? FAILED_MS : ANSWERED_MS)) return
  const { answered, failed, code } = tally
  Object.assign(tally, { answered: 0, failed: 0, code: null, keptAt: now })
  try {
    await noteOutcomes(db, team, { provider, answered, failed, lastAt: now, code })
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'outcomes', team, error: String(error) }))
  }
}

/** Ends that are no answer: nothing came, or nobody there could give one. */
const UNANSWERED = ['timeout', 'unreachable', 'provider_error', 'provider_auth']

/** What the end says of the provider: it answered (`code` null), or did not; null: nothing, as it was turned away for a while. */
function endOf(outcome: ModelOutcome): { code: string | null } | null {
  if (outcome.kind === 'away') {
    const { reason } = outcome.away
    return reason === 'provider_offline' ? { code: reason } : null
  }
  if (outcome.kind !== 'failed') return { code: null }
  const { code } = outcome.failure
  return { code: UNANSWERED.includes(code) ? code : null }
}
