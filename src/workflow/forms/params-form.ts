/** What a model is asked with besides its prompt, as fields of a form and back; pure. */
import type { Step } from '../../domain/workflow/definition.ts'
import { type ModelParams, paramsSchema, REASONING_EFFORTS } from '../../domain/workflow/parts.ts'
import { compact, type FormMistake, inOrder, mistake, numberOf, type Values, wordOf } from './form-values.ts'

type Key = keyof ModelParams

/** Each parameter's field, with what it takes, in words. */
export const PARAM_FIELDS: Record<Key, { field: string; label: string; takes: string }> = {
  temperature: { field: 'temperature', label: 'Temperature', takes: 'a number from 0 to 2' },
  topP: { field: 'top_p', label: 'Top P', takes: 'a number above 0, up to 1' },
  maxOutputTokens: {
    field: 'max_output',
    label: 'Longest answer, in tokens',
    takes: 'a whole number from 1 to 200000',
  },
  reasoningEffort: { field: 'effort', label: 'Reasoning effort', takes: `one of ${REASONING_EFFORTS.join(', ')}` },
  seed: { field: 'seed', label: 'Seed', takes: 'a whole number from 0' },
}
const KEYS = Object.keys(PARAM_FIELDS) as Key[]

/** What is said of models besides which is asked first, as fields. */
export function modelValues({ fallback, params }: Pick<Step, 'fallback' | 'params'>): Record<string, unknown> {
  const own = KEYS.map(key => [PARAM_FIELDS[key].field, params?.[key]])
  return { fallback: fallback?.join(', '), ...Object.fromEntries(own) }
}

/** Reads the fields; the parameters keep the order that they had. */
export function readParams(
  values: Values,
  before: ModelParams | undefined,
): { ok: true; params: ModelParams | undefined } | FormMistake {
  const given: Partial<Record<Key, unknown>> = {}
  for (const key of KEYS) {
    const { field, label, takes } = PARAM_FIELDS[key]
    const text = wordOf(values, field)
    const value = key === 'reasoningEffort' ? text : numberOf(text)
    if (!paramsSchema.shape[key].safeParse(value).success) return mistake(field, `${label} is ${takes}.`)
    given[key] = value
  }
  const params = inOrder<ModelParams>(compact(given as ModelParams), before ?? {}, KEYS)
  return { ok: true, params: Object.keys(params).length === 0 ? undefined : params }
}
