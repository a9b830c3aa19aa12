/** The models that a task may go on with: those that have a price, and which of them are cheaper than what it asks now. */
import { costOf, dollars, type PricedModel, priceList, priceOf } from '../domain/money.ts'
import type { CostAsk } from '../domain/task/cost.ts'
import { termsOf } from '../team/limits/terms.ts'

/** The model at the price that it has now for the team; null: it has none. */
export async function pricedModel(db: D1Database, team: string, name: string): Promise<PricedModel | null> {
  const price = priceOf(name, (await termsOf(db, team)).prices)
  return price && { name, price }
}

/** Why a model without a price is not taken. */
export function unpriced(name: string): { code: string; message: string; hint: string } {
  return {
    code: 'unpriced_model',
    message: `The model ${name} has no price, so no limit would hold.`,
    hint: 'Give it a price first (PUT /prices/:model), or name one that has one.',
  }
}

/** A model to choose, and what its next call may cost in USD. */
export interface Cheaper {
  name: string
  usd: number
}

/** Not to be chosen: what it answers is made up. */
const DEMO = 'demo'

/**
 * The models whose next call is cheaper than the present model's and fits what is left, the dearest first; where the
 * present one has no price, all that fit.
 */
export async function cheaperModels(db: D1Database, team: string, ask: CostAsk): Promise<Cheaper[]> {
  const { prices } = await termsOf(db, team)
  const costWith = (name: string) => costOf(name, ask.tokens, prices)
  const now = ask.model === null ? null : costWith(ask.model)
  const models = priceList(prices).flatMap(({ name }) => {
    const usd = costWith(name)
    const fits = usd !== null && usd <= ask.left && ask.left > 0 && (now === null || usd < now)
    return fits && name !== DEMO && name !== ask.model ? [{ name, usd }] : []
  })
  return models.toSorted((a, b) => b.usd - a.usd || a.name.localeCompare(b.name))
}

/** "gpt-5-nano: $0.0004 a call". */
export function cheaperText({ name, usd }: Cheaper): string {
  return `${name}: about ${dollars(usd)} a call`
}
