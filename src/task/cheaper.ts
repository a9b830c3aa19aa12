/** The models that a task may go on with: those that are set up and have a price, and which of them are cheaper than what it asks now. */

import { notSetUp } from '../domain/models/environment.ts'
import { costOf, dollars, type PricedModel, priceList, priceOf } from '../domain/money.ts'
import type { CostAsk } from '../domain/task/cost.ts'
import { termsOf } from '../team/limits/terms.ts'
import { listModels, type ModelEnv } from '../team/listed-models.ts'

/** A model that a task may go on with; else why it may not. */
export type Chosen = { ok: true; model: PricedModel } | { ok: false; code: string; message: string; hint: string }

/** The model of this name at the price that it has now for the team; refused where nobody would answer for it, or nobody knows its price. */
export async function chosenModel(env: ModelEnv, team: string, name: string): Promise<Chosen> {
  const [listed, { prices }] = await Promise.all([listModels(env, team), termsOf(env.DB, team)])
  const nobody = notSetUp(name, env, listed)
  if (nobody !== null) return { ok: false, code: nobody.code, message: nobody.message, hint: nobody.fix }
  const price = priceOf(name, prices)
  return price === null ? { ok: false, ...unpriced(name) } : { ok: true, model: { name, price } }
}

function unpriced(name: string): { code: string; message: string; hint: string } {
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
 * The models that can be asked and whose next call is cheaper than the present model's and fits what is left, the dearest
 * first; where the present one has no price, all that fit.
 */
export async function cheaperModels(env: ModelEnv, team: string, ask: CostAsk): Promise<Cheaper[]> {
  const [listed, { prices }] = await Promise.all([listModels(env, team), termsOf(env.DB, team)])
  const costWith = (name: string) => costOf(name, ask.tokens, prices)
  const now = ask.model === null ? null : costWith(ask.model)
  const models = priceList(prices).flatMap(({ name }) => {
    const usd = costWith(name)
    const fits = usd !== null && usd <= ask.left && ask.left > 0 && (now === null || usd < now)
    const may = fits && name !== DEMO && name !== ask.model
    return may && notSetUp(name, env, listed) === null ? [{ name, usd }] : []
  })
  return models.toSorted((a, b) => b.usd - a.usd || a.name.localeCompare(b.name))
}

/** "gpt-5-nano: $0.0004 a call". */
export function cheaperText({ name, usd }: Cheaper): string {
  return `${name}: about ${dollars(usd)} a call`
}
