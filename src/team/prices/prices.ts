/** What models cost a team: the list's prices with its own, which models are used without one, and how a price is set. */
import { modelsIn } from '../../domain/handler/of-step.ts'
import { modelNames } from '../../domain/models/environment.ts'
import { dearest, type Price, type PricedModel, priceList, priceOf } from '../../domain/money.ts'
import { isModelName } from '../../domain/team-limits.ts'
import type { By } from '../../records/people/limits.ts'
import { deletePrice, listPrices, mayNameModels, type PriceRow, putPrice } from '../../records/people/prices.ts'
import { forgetTerms, termsOf } from '../limits/terms.ts'
import { listModels, type ModelEnv } from '../listed-models.ts'

/** Prices that a team may set. */
export const MAX_PRICES = 200
/** Most USD that a million tokens may cost. */
const MAX_PRICE = 100_000

/** Where a model is named. */
export interface ModelUse {
  kind: 'workflow' | 'agent'
  name: string
  href: string
}

/** A model with its price and where it is used. `own`: the team's own price, and who set it; null: the list's. */
export interface PriceLine extends PricedModel {
  own: Pick<PriceRow, 'updatedAt' | 'updatedBy'> | null
  uses: ModelUse[]
}

export interface ModelPrices {
  /** Those in use first, then those that the team has set itself. */
  lines: PriceLine[]
  /** Models in use that have no price. */
  unpriced: { name: string; uses: ModelUse[] }[]
  /** Models that can be asked and are offered where one chooses, have no price, and are not used yet. */
  offered: string[]
  /** All models that can be asked and are offered where one chooses. */
  usable: string[]
  /** What these count as against the team's budget. */
  dearest: string
}

/** All models that have a price, are used, or are offered by one of the team's providers. */
export async function pricesOf(env: ModelEnv, team: string): Promise<ModelPrices> {
  const [rows, uses, listed] = await Promise.all([
    listPrices(env.DB, team),
    modelUses(env.DB, team),
    listModels(env, team),
  ])
  const own = Object.fromEntries(rows.map(({ model, ...row }) => [model, row]))
  const prices = Object.fromEntries(rows.map(row => [row.model, priceIn(row)]))
  const lines = priceList(prices).map(({ name, price }) => ({
    name,
    price,
    own: own[name] ?? null,
    uses: uses.get(name) ?? [],
  }))
  const usable = modelNames(listed)
  const hasNone = (name: string) => priceOf(name, prices) === null
  const unpriced = [...uses].filter(([name]) => hasNone(name))
  return {
    lines: lines.toSorted((a, b) => placeOf(a) - placeOf(b)),
    dearest: dearest(prices).name,
    usable,
    offered: usable.filter(name => hasNone(name) && !uses.has(name)),
    unpriced: unpriced.map(([name, uses]) => ({ name, uses })).toSorted((a, b) => a.name.localeCompare(b.name)),
  }
}

function placeOf({ uses, own }: PriceLine): number {
  if (uses.length > 0) return 0
  return own === null ? 2 : 1
}

function priceIn({ input, output, cached }: PriceRow): Price {
  return cached === null ? { input, output } : { input, output, cached }
}

/** Model's name → the live workflows and the agents that name it, and the team's default. */
async function modelUses(db: D1Database, team: string): Promise<Map<string, ModelUse[]>> {
  const [{ workflows, agents }, { model }] = await Promise.all([mayNameModels(db, team), termsOf(db, team)])
  const uses = new Map<string, ModelUse[]>()
  const note = (name: string | undefined, ...use: ModelUse[]) => {
    if (name !== undefined && name !== 'default') uses.set(name, [...(uses.get(name) ?? []), ...use])
  }
  for (const { id, name, definition } of workflows) {
    const use: ModelUse = { kind: 'workflow', name, href: `/workflows/${id}` }
    for (const each of new Set([...modelsIn(definition.steps), definition.defaults?.model])) note(each, use)
  }
  for (const agent of agents) note(agent.model, { kind: 'agent', name: agent.name, href: `/agents/${agent.key}` })
  if (model !== null) note(model)
  return uses
}

/** What is wrong with a price, and in which field. */
export interface PriceProblem {
  path: 'model' | 'input' | 'output' | 'cached'
  message: string
}

/** Why this cannot be a model's price, or null. */
export function priceProblem(model: string, { input, output, cached = 0 }: Price): PriceProblem | null {
  if (!isModelName(model)) return { path: 'model', message: 'Give the model’s name as its provider writes it.' }
  const wrong = Object.entries({ input, output, cached }).find(([, usd]) => !(usd >= 0 && usd <= MAX_PRICE))
  if (wrong === undefined) return null
  const message = 'Give USD for a million tokens, from 0 to 100,000.'
  return { path: wrong[0] as PriceProblem['path'], message }
}

/** Sets the price: calls from now on cost so much. `full`: the team has as many as it may. */
export async function setPrice(db: D1Database, model: string, price: Price, by: By): Promise<'set' | 'full'> {
  const written = await putPrice(db, model, price, MAX_PRICES, by)
  forgetTerms(by.team)
  return written ? 'set' : 'full'
}

/** Takes the team's own price away: the list's counts again, if it has one. false: there is none of its own. */
export async function dropPrice(db: D1Database, model: string, by: By): Promise<boolean> {
  const gone = await deletePrice(db, model, by)
  forgetTerms(by.team)
  return gone
}
