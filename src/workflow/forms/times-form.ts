/** How long a model may take and how often it is tried again, as fields of a form and back: of a step, and of all steps; pure. */
import type { Step } from '../../domain/workflow/definition.ts'
import { durationMs } from '../../domain/workflow/parts.ts'
import { compact, type FormMistake, mistake, numberOf, type Values, wholeOf, wordOf } from './form-values.ts'

export const DURATION = 'Write a duration such as 30s, 5m, 2h or 3d.'

export type Times = Pick<Step, 'timeout' | 'retry'>

export function timesValues({ timeout, retry = {} }: Times): Record<string, unknown> {
  return { timeout, attempts: retry.attempts, delay: retry.delay, factor: retry.factor }
}

export function readTimes(values: Values): ({ ok: true } & Times) | FormMistake {
  for (const field of ['timeout', 'delay']) {
    const text = wordOf(values, field)
    if (text !== undefined && durationMs(text) === null) return mistake(field, DURATION)
  }
  const attempts = wholeOf(wordOf(values, 'attempts'))
  if (attempts === null || (attempts !== undefined && attempts > 20))
    return mistake('attempts', 'Attempts are a whole number from 1 to 20.')
  const factor = numberOf(wordOf(values, 'factor'))
  if (factor === null || (factor !== undefined && (factor < 1 || factor > 10)))
    return mistake('factor', 'The factor is a number from 1 to 10.')
  const retry = compact({ attempts, delay: wordOf(values, 'delay'), factor })
  return {
    ok: true,
    timeout: wordOf(values, 'timeout'),
    retry: Object.keys(retry).length > 0 ? retry : undefined,
  }
}
