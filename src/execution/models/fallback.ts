/** Several models behind one port: while the first one's provider is away or at its limit, the next is asked. */
import type { Usage } from '../../domain/task/run/outcome.ts'
import type { Away, ModelOutcome, ModelPort, ModelRequest } from './port.ts'

/** A model by its id, and who answers for it. */
export interface Candidate {
  model: string
  port: ModelPort
}

/**
 * Asks the first that is not away; an answer of another than the first says in whose place it came. Each request begins with
 * the first again. Are all away, the reason of the first that is set up counts, and the soonest time that any of them gave.
 */
export const inOrder = (candidates: readonly [Candidate, ...Candidate[]]): ModelPort =>
  candidates.length === 1 ? candidates[0].port : { complete: request => completeInOrder(candidates, request) }

const OF_PROVIDERS: Away['reason'][] = ['provider_offline', 'provider_limit', 'provider_not_configured']

const completeInOrder = async (
  candidates: readonly [Candidate, ...Candidate[]],
  request: ModelRequest,
): Promise<ModelOutcome> => {
  const started = Date.now()
  const away: Extract<ModelOutcome, { kind: 'away' }>[] = []
  for (const { model, port } of candidates) {
    const left = request.timeoutMs - (Date.now() - started)
    // With no time left another try would only fail by the clock.
    if (away.length > 0 && left <= 0) break
    const outcome = await port.complete({ ...request, model, timeoutMs: Math.max(left, 1) })
    if (outcome.kind === 'away') {
      // What is no provider's affair any other model would wait for, too.
      if (!OF_PROVIDERS.includes(outcome.away.reason)) return outcome
      away.push(outcome)
    } else
      return away.length === 0 ? outcome : { ...outcome, usage: inPlaceOf(candidates[0].model, outcome.usage, away) }
  }
  return allAway(away)
}

/** What those that were away had used counts, too. */
const inPlaceOf = (insteadOf: string, usage: Usage, away: { usage: Usage }[]): Usage => {
  const sum = (key: 'inputTokens' | 'outputTokens' | 'calls' | 'durationMs') =>
    away.reduce((total, each) => total + each.usage[key], usage[key])
  return {
    ...usage,
    inputTokens: sum('inputTokens'),
    outputTokens: sum('outputTokens'),
    calls: sum('calls'),
    durationMs: sum('durationMs'),
    insteadOf,
  }
}

const allAway = (away: Extract<ModelOutcome, { kind: 'away' }>[]): ModelOutcome => {
  // One that is not set up will not come by itself.
  const first = away.find(each => each.away.reason !== 'provider_not_configured') ?? away[0]!
  const known = away.flatMap(each => each.away.retryAfterMs ?? [])
  const retryAfterMs = known.length === 0 ? undefined : Math.min(...known)
  return { ...first, away: { ...first.away, retryAfterMs } }
}
