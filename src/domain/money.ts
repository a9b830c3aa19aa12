/** What model calls cost: list prices, those of a team, and what a call without a price counts against a task's limit. */

import type { Remind } from './schedule/remind.ts'
import type { WorkingHours } from './schedule/working-hours.ts'

/** USD per million tokens. */
export interface Price {
  input: number
  output: number
  /** Input that the provider had at hand; absent: as much as other input. */
  cached?: number
}

/** A model, and what it costs. */
export interface PricedModel {
  name: string
  price: Price
}

/** Prices by model, such as those that a team has set itself: they go before the list's. */
export type Prices = Readonly<Record<string, Price>>

/** USD that a task may spend whose workflow and team say nothing of it. */
export const TASK_BUDGET = 2

/** What tasks of a team go by that their workflow does not say, as it was when the task began. */
export interface Terms {
  /** USD that it may spend where its definition sets no limit; null: as much as it takes. */
  budget: number | null
  /** The model of steps and agents that name none; absent: the server's. */
  model?: string
  /** The team's own prices of models that it may ask. */
  prices?: Prices
  /** When people are reminded where a human step says nothing of it, and of all other questions; absent: never. */
  remind?: Remind
  /** The team's working hours, for reminders of questions that look none up when they are put; absent: it has set none. */
  hours?: WorkingHours
}

/** What a call of a model without a price counts against a cost limit, in USD, so that such a limit still ends a loop. */
export const UNPRICED_CALL_COST = 0.05

/** OpenAI's list prices, and the embedded demo model. A dated name such as `gpt-4o-2024-08-06` costs what its base does. */
const PRICES = new Map<string, Price>(
  Object.entries({
    demo: { input: 0, output: 0 },
    'gpt-5.2': { input: 1.75, output: 14, cached: 0.175 },
    'gpt-5.2-chat-latest': { input: 1.75, output: 14, cached: 0.175 },
    'gpt-5.2-codex': { input: 1.75, output: 14, cached: 0.175 },
    'gpt-5.2-pro': { input: 21, output: 168 },
    'gpt-5.1': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5.1-chat-latest': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5.1-codex': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5.1-codex-max': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5.1-codex-mini': { input: 0.25, output: 2, cached: 0.025 },
    'gpt-5': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5-chat-latest': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5-codex': { input: 1.25, output: 10, cached: 0.125 },
    'gpt-5-mini': { input: 0.25, output: 2, cached: 0.025 },
    'gpt-5-nano': { input: 0.05, output: 0.4, cached: 0.005 },
    'gpt-5-pro': { input: 15, output: 120 },
    'gpt-4.1': { input: 2, output: 8, cached: 0.5 },
    'gpt-4.1-mini': { input: 0.4, output: 1.6, cached: 0.1 },
    'gpt-4.1-nano': { input: 0.1, output: 0.4, cached: 0.025 },
    'gpt-4o': { input: 2.5, output: 10, cached: 1.25 },
    'gpt-4o-2024-05-13': { input: 5, output: 15 },
    'gpt-4o-mini': { input: 0.15, output: 0.6, cached: 0.075 },
    'chatgpt-4o-latest': { input: 5, output: 15 },
    'gpt-4-turbo': { input: 10, output: 30 },
    'gpt-4': { input: 30, output: 60 },
    'gpt-3.5-turbo': { input: 0.5, output: 1.5 },
    'o4-mini': { input: 1.1, output: 4.4, cached: 0.275 },
    'o4-mini-deep-research': { input: 2, output: 8 },
    o3: { input: 2, output: 8, cached: 0.5 },
    'o3-deep-research': { input: 10, output: 40 },
    'o3-mini': { input: 1.1, output: 4.4, cached: 0.55 },
    'o3-pro': { input: 20, output: 80 },
    o1: { input: 15, output: 60, cached: 7.5 },
    'o1-mini': { input: 1.1, output: 4.4, cached: 0.55 },
    'o1-pro': { input: 150, output: 600 },
  }),
)

/** A date at the end of a model's name: `-2024-08-06`, or `-0613` as older names have it. */
const DATED = /-(\d{4}-\d{2}-\d{2}|\d{4})$/

/** A model's price in USD per million tokens, the team's `own` first; null when it has none that we know. */
export function priceOf(model: string, own: Prices = {}): Price | null {
  const named = (name: string) => (Object.hasOwn(own, name) ? own[name]! : PRICES.get(name))
  return named(model) ?? named(model.replace(DATED, '')) ?? null
}

/** What a call counts against a team's budget, in USD: what it costs, or as much as the dearest would where nobody knows. */
export function costOrDearest(model: string, tokens: Tokens, own: Prices = {}): number {
  return costOf(model, tokens, own) ?? costOf(dearest(own).name, tokens, own) ?? 0
}

/** The dearest model that has a price, by what an answer of it costs. */
export function dearest(own: Prices = {}): PricedModel {
  return priceList(own).reduce((most, each) => (each.price.output > most.price.output ? each : most))
}

/** Every model that has a price, by name: those of the list, with the team's `own` in their place and beside them. */
export function priceList(own: Prices = {}): PricedModel[] {
  const all = { ...Object.fromEntries(PRICES), ...own }
  return Object.entries(all).map(([name, price]) => ({ name, price }))
}

/** The tokens of a call; `cachedTokens`: what of the input the provider had at hand. */
export interface Tokens {
  inputTokens: number
  outputTokens: number
  cachedTokens?: number
}

/** What a call costs in USD, rounded to a millionth; null when the model has no price. */
export function costOf(
  model: string,
  { inputTokens, outputTokens, cachedTokens = 0 }: Tokens,
  own: Prices = {},
): number | null {
  const price = priceOf(model, own)
  if (price === null) return null
  const cached = Math.min(cachedTokens, inputTokens)
  // Prices are per million tokens: tokens × price is the cost in millionths of a dollar.
  const input = (inputTokens - cached) * price.input + cached * (price.cached ?? price.input)
  return Math.round(input + outputTokens * price.output) / 1e6
}

/** "$0", "$0.0004", "$0.031", "$1.20". */
export function dollars(usd: number): string {
  if (usd === 0) return '$0'
  if (usd < 0.0001) return '<$0.0001'
  if (usd < 0.01) return `$${trim(usd.toFixed(4))}`
  return usd < 1 ? `$${trim(usd.toFixed(3))}` : `$${usd.toFixed(2)}`
}

/** At least two decimals stay. */
function trim(text: string): string {
  return text.replace(/(\.\d\d\d*?)0+$/, '$1')
}
