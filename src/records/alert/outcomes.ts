/** How calls of providers ended, in D1: by five minutes, for two days. */
import type { providerOutcomes } from '../schema/alert.ts'

export type Outcomes = Omit<typeof providerOutcomes.$inferSelect, 'team' | 'slot'>

const SLOT_MS = 300_000
const KEPT_SLOTS = 576
/** As far back a provider is judged by: the last quarter of an hour in which it was called. */
const JUDGED_SLOTS = 3

const NOTE = `INSERT INTO provider_outcomes (team, provider, slot, answered, failed, last_at, code) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
  ON CONFLICT (team, provider, slot) DO UPDATE SET answered = answered + excluded.answered, failed = failed + excluded.failed,
    last_at = max(last_at, excluded.last_at), code = coalesce(excluded.code, code)`
const FORGET = 'DELETE FROM provider_outcomes WHERE team = ?1 AND provider = ?2 AND slot < ?3'

/** Adds these to what is known of a provider. */
export async function noteOutcomes(db: D1Database, team: string, given: Outcomes): Promise<void> {
  const { provider, answered, failed, lastAt, code } = given
  const slot = Math.floor(lastAt / SLOT_MS)
  await db.batch([
    db.prepare(NOTE).bind(team, provider, slot, answered, failed, lastAt, code),
    db.prepare(FORGET).bind(team, provider, slot - KEPT_SLOTS),
  ])
}

const LAST = `SELECT provider, answered, failed, last_at AS lastAt, code FROM provider_outcomes
  WHERE team = ?1 AND slot >= ?2 ORDER BY provider, slot DESC`

/** How the last calls of each provider ended that was called within a day. */
export function lastOutcomes(db: D1Database, team: string, now: number): D1PreparedStatement {
  return db.prepare(LAST).bind(team, Math.floor(now / SLOT_MS) - KEPT_SLOTS / 2)
}

/** Its rows, one a provider. */
export function byProvider(rows: Outcomes[]): Outcomes[] {
  const names = [...new Set(rows.map(({ provider }) => provider))]
  return names.map(provider => {
    const last = rows.filter(row => row.provider === provider).slice(0, JUDGED_SLOTS)
    const sum = (of: (row: Outcomes) => number) => last.reduce((total, row) => total + of(row), 0)
    const code = last.find(row => row.code !== null)?.code ?? null
    return {
      provider,
      answered: sum(row => row.answered),
      failed: sum(row => row.failed),
      lastAt: last[0]!.lastAt,
      code,
    }
  })
}
