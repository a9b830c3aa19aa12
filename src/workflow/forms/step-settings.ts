/** The settings of a step, or of a branch, as fields of a form and back; pure. */
import { MAX_GIVEN } from '../../domain/file/given.ts'
import type { Step } from '../../domain/workflow/definition.ts'
import { durationMs, MAX_FALLBACK, MAX_SKILLS, type Setting } from '../../domain/workflow/parts.ts'
import { type FormMistake, listOf, mistake, numberOf, type Values, wordOf } from './form-values.ts'
import { readParams } from './params-form.ts'
import { OUTPUT, readSchemaForm } from './schema-form.ts'
import { DURATION, readTimes } from './times-form.ts'

/** The settings that mean something to the step's kind; what others would leave on the form does not count. */
export function readStepSettings(
  values: Values,
  before: Pick<Step, Setting>,
  takes: readonly Setting[],
): { ok: true; read: Pick<Step, Setting> } | FormMistake {
  const read: Pick<Step, Setting> = {}
  if (takes.includes('model')) read.model = wordOf(values, 'model')
  if (takes.includes('fallback')) {
    const fallback = listOf(wordOf(values, 'fallback'))
    if (fallback.length > MAX_FALLBACK) return mistake('fallback', `Give ${MAX_FALLBACK} models at most.`)
    read.fallback = fallback.length === 0 ? undefined : fallback
  }
  if (takes.includes('skills')) {
    const skills = [...new Set(listOf(wordOf(values, 'skills')))]
    if (skills.length > MAX_SKILLS) return mistake('skills', `Name ${MAX_SKILLS} skills at most.`)
    read.skills = skills.length === 0 ? undefined : skills
  }
  if (takes.includes('files')) {
    const files = listOf(wordOf(values, 'files'))
    if (files.length > MAX_GIVEN) return mistake('files', `Give ${MAX_GIVEN} at most.`)
    read.files = files.length === 0 ? undefined : files
  }
  if (takes.includes('params')) {
    const params = readParams(values, before.params)
    if (!params.ok) return params
    read.params = params.params
  }
  if (takes.includes('timeout') || takes.includes('retry')) {
    const times = readTimes(values)
    if (!times.ok) return times
    if (takes.includes('timeout')) read.timeout = times.timeout
    if (takes.includes('retry')) read.retry = times.retry
  }
  if (takes.includes('cache')) {
    read.cache = wordOf(values, 'cache')
    if (read.cache !== undefined && durationMs(read.cache) === null) return mistake('cache', DURATION)
  }
  if (takes.includes('confidence')) {
    const confidence = numberOf(wordOf(values, 'confidence'))
    if (confidence === null || (confidence !== undefined && (confidence < 0 || confidence > 1)))
      return mistake('confidence', 'Confidence is a number from 0 to 1, such as 0.7.')
    read.confidence = confidence
  }
  if (!takes.includes('output')) return { ok: true, read }
  const output = readSchemaForm(values, before.output, OUTPUT)
  return output.ok ? { ok: true, read: { ...read, output: output.schema } } : output
}
