/** What a team's tasks go by where their workflow says nothing: the budget of a task, the usual model, the team's prices. */

import { type Price, TASK_BUDGET } from '../../domain/money.ts'
import type { Remind } from '../../domain/schedule/remind.ts'
import type { WorkingHours } from '../../domain/schedule/working-hours.ts'

/** The team's own settings of money. */
export interface TeamTerms {
  /** USD that a task may spend; null: as much as it takes. */
  budget: number | null
  /** The model where nothing names one; null: the server's. */
  model: string | null
  prices: Record<string, Price>
  /** When people are reminded where a human step says nothing of it; null: never. */
  remind: Remind | null
  /** The hours in which people are reminded; null: at any time. */
  hours: WorkingHours | null
}

const SETTINGS = 'SELECT task_budget AS budget, model, timezone FROM team_limits WHERE team = ?1'
const REMIND = 'SELECT remind, hours FROM working_hours WHERE team = ?1'
const PRICES = 'SELECT model, input, output, cached FROM model_prices WHERE team = ?1 ORDER BY model'

/** The terms as they are now. */
export async function readTerms(db: D1Database, team: string): Promise<TeamTerms> {
  const [settings, prices, reminders] = await db.batch<Record<string, number | string | null>>([
    db.prepare(SETTINGS).bind(team),
    db.prepare(PRICES).bind(team),
    db.prepare(REMIND).bind(team),
  ])
  const found = settings?.results[0] ?? { budget: TASK_BUDGET, model: null, timezone: 'UTC' }
  const { timezone, ...row } = found as Pick<TeamTerms, 'budget' | 'model'> & { timezone: string }
  const own = (prices?.results ?? []) as { model: string; input: number; output: number; cached: number | null }[]
  const { remind, hours } = reminders?.results[0] ?? {}
  return {
    ...row,
    remind: typeof remind === 'string' ? (JSON.parse(remind) as Remind) : null,
    hours: typeof hours === 'string' ? { timezone, ...JSON.parse(hours) } : null,
    prices: Object.fromEntries(own.map(({ model, cached, ...price }) => [model, priceOf(price, cached)])),
  }
}

function priceOf(price: Price, cached: number | null): Price {
  return cached === null ? price : { ...price, cached }
}
