/** The models that a task may go on with: those that have a price, and which of them are cheaper than what it asks now. */
import { type PricedModel, priceOf } from '../domain/money.ts'
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
