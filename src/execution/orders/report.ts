/** How work is reported: what it came to, that it must wait, or that nobody knows. */
import type { Json, JsonSchema } from '../../domain/json/json.ts'
import { validate } from '../../domain/schema/validate.ts'
import type { RunFailure, RunOutcome, Usage } from '../../domain/task/run/outcome.ts'
import type { Report } from '../../task/rpc.ts'
import { failureOf } from '../tools/receipt.ts'
import type { Result } from '../tools/tool.ts'

/** Baton's own storage is away: that is no fault of the task. */
export const STORAGE_AWAY: Extract<Report, { kind: 'hold' }> = {
  kind: 'hold',
  reason: 'storage_unavailable',
  message: 'Baton cannot read its own storage at the moment.',
  fix: 'Nothing needs doing: it goes on by itself.',
}

export function reportOutcome(outcome: RunOutcome, usage: Usage | null, chain: boolean): Report {
  return { kind: 'outcome', outcome, usage, chain }
}

export function reportFailure(failure: RunFailure, chain: boolean, usage: Usage | null = null): Report {
  return reportOutcome({ kind: 'failed', failure }, usage, chain)
}

/** What a step's one call came to; `checked` is the part of its result that `schema` is about. */
export function reportCall(
  result: Result,
  schema: JsonSchema | null,
  checked: (output: Json) => Json,
  chain: boolean,
): Report {
  if (result.kind === 'failed') return reportFailure(failureOf(result), chain)
  const problems = schema === null ? [] : validate(schema, checked(result.result))
  if (problems.length === 0) return reportOutcome({ kind: 'completed', output: result.result }, null, chain)
  const said = problems
    .slice(0, 5)
    .map(problem => problem.message)
    .join('; ')
  const message = `The answer does not fit the output schema of the step: ${said}.`
  return reportFailure({ code: 'invalid_output', message, retryable: false }, chain)
}
