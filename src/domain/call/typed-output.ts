/** What a person types as the answer of a call whose own answer was lost. */
import type { Json, JsonSchema } from '../json/json.ts'
import { BODY_LIMITS, guardJson } from '../json/json-guard.ts'

export type TypedOutput = { ok: true; output: Json | undefined } | { ok: false; message: string }

/** The typed answer; undefined: none was typed. Text as it is, unless it reads as JSON and `schema` asks for no text. */
export function typedOutput(text: string, schema: JsonSchema | undefined): TypedOutput {
  const typed = text.replaceAll(/\r\n?/g, '\n').trim()
  if (typed === '') return { ok: true, output: undefined }
  if (schema?.type === 'string') return { ok: true, output: typed }
  const read = guardJson(typed, BODY_LIMITS)
  if (read.ok) return { ok: true, output: read.value }
  return /^[[{"]/.test(typed)
    ? { ok: false, message: `What it answered is not usable JSON: ${read.message}` }
    : { ok: true, output: typed }
}
