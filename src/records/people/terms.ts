/** What a team's tasks go by where their workflow says nothing: the budget of a task, the usual model, the team's prices. */

import { type Price, TASK_BUDGET } from '../../domain/money.ts'
import type { Remind } from '../../domain/schedule/remind.ts'

/** The team's own settings of money. */
export interface TeamTerms {
  /** USD that a task may spend; null: as much as it takes. */
  budget: number | null
  /** The model where nothing names one; null: the server's. */
  model: string | null
  prices: Record<string, Price>
  /** When people are reminded where a human step says nothing of it; null: never. */
  remind: Remind | null
}

const SETTINGS = 'SELECT task_budget AS budget, model FROM team_limits WHERE team = ?1'
const REMIND = 'SELECT remind FROM working_hours WHERE team = ?1'
const PRICES = 'SELECT model, input, output, cached FROM model_prices WHERE team = ?1 ORDER BY model'

/** The terms as they are now. */
export async function readTerms(db: D1Database, team: string): Promise<TeamTerms> {
  const [settings, prices, reminders] = await db.batch<Record<string, number | string | null>>([
    db.prepare(SETTINGS).bind(team),
    db.prepare(PRICES).bind(team),
    db.prepare(REMIND).bind(team),
  ])
  const row = (settings?.results[0] ?? { budget: TASK_BUDGET, model: null }) as Pick<TeamTerms, 'budget' | 'model'>
  const own = (prices?.results ?? []) as { model: string; input: number; output: number; cached: number | null }[]
  const remind = reminders?.results[0]?.remind
  return {
    ...row,
    remind: typeof remind === 'string' ? (JSON.parse(remind) as Remind) : null,
    prices: Object.fromEntries(own.map(({ model, cached, ...price }) => [model, priceOf(price, cached)])),
  }
}

function priceOf(price: Price, cached: number | null): Price {
  return cached === null ? price : { ...price, cached }
}
