/** A model that a person tries, for no task: what it costs counts against the team's budgets, and used up they forbid it. */
import { costOrDearest, dollars } from '../../domain/money.ts'
import { type Env, gateStub } from '../../env.ts'
import { pricesOf } from '../../team/limits/terms.ts'
import type { ModelOutcome, ModelPort, ModelRequest } from '../models/port.ts'

/** Asks the model once; where a budget of the team is used up nobody is asked, and the outcome says which. */
export async function tryModel(env: Env, team: string, port: ModelPort, request: ModelRequest): Promise<ModelOutcome> {
  const full = await usedUp(env, team)
  if (full !== null) {
    const message = `The team’s budget of ${dollars(full.limit)} for this ${full.period} is used up.`
    const fix = `Try again when the next ${full.period} begins; an admin may raise the budget in Settings, Limits.`
    const usage = { model: request.model, inputTokens: 0, outputTokens: 0, calls: 0, durationMs: 0 }
    return { kind: 'away', away: { reason: 'team_budget', message, fix }, usage }
  }
  const outcome = await port.complete(request)
  const cost = costOrDearest(outcome.usage.model, outcome.usage, await pricesOf(env.DB, team))
  if (cost > 0)
    await gateStub(env, team)
      .spent(cost)
      .catch(error => missed(team, error))
  return outcome
}

/** The budget that has nothing left; null: there is none, or nobody knows. */
async function usedUp(env: Env, team: string): Promise<{ period: 'day' | 'month'; limit: number } | null> {
  try {
    const figures = await gateStub(env, team).figures()
    for (const period of ['month', 'day'] as const) {
      const { limit, spent, reserved } = figures[period]
      if (limit !== null && spent + reserved >= limit) return { period, limit }
    }
  } catch (error) {
    missed(team, error)
  }
  return null
}

/** A try is worth more than its exact place in the books. */
function missed(team: string, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', what: 'gate try', team, error: String(error) }))
}
