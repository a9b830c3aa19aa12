/** Fields of an envelope that came in another shape than asked for and can mean only one thing. The strict check comes after. */
import type { Json, JsonObject, JsonSchema } from '../../../domain/json/json.ts'
import { harmless } from '../../../domain/text/harmless.ts'
import type { Asked, Validate } from './envelope.ts'
import { findJson } from './find-json.ts'
import { unsafeIn } from './unsafe.ts'

/** The fields that read otherwise than they were written; what is not clear stays as it came, for the check to refuse. */
export const tolerantly = (value: JsonObject, asked: Asked, validate: Validate): JsonObject => ({
  ...(typeof value.confidence === 'string' && { confidence: confidenceIn(value.confidence) }),
  ...(typeof value.handoff === 'string' && { handoff: labelIn(value.handoff, asked.labels ?? []) }),
  ...(typeof value.output === 'string' && asked.schema && { output: dataIn(value.output, asked.schema, validate) }),
})

/** A confidence written as text. Words and percentages stay what they are. */
const confidenceIn = (text: string): Json =>
  /^\s*(?:0|1|0?\.\d{1,20}|1\.0{1,20})\s*$/.test(text) ? Number(text) : text

/** The one label that differs from this in case and blanks at most; the text itself where there is none, or several. */
const labelIn = (text: string, labels: string[]): string => {
  if (labels.includes(text)) return text
  const alike = [...new Set(labels)].filter(label => bareLabel(label) === bareLabel(text))
  return alike.length === 1 ? alike[0]! : text
}

const bareLabel = (label: string): string => label.normalize('NFC').replace(/\s+/g, '').toLowerCase()

/** Data written as a JSON text, where the schema takes no such text but takes the data. */
const dataIn = (text: string, schema: JsonSchema, validate: Validate): Json => {
  if (!/^\s*[[{]/.test(text) || validate(schema, text).length === 0) return text
  const [data, ...others] = findJson(text)
  if (data === undefined || others.length > 0 || unsafeIn(data)) return text
  const clean = harmless(data)
  return unsafeIn(clean) || validate(schema, clean).length > 0 ? text : clean
}
