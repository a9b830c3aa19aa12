/** By what a task is found besides its title: the words of its input, but for what no model is told. */
import type { Json } from '../../json/json.ts'
import { cut } from '../../text/cut.ts'
import { redactInput } from '../../text/redact.ts'

/** Characters that are kept: the index is no archive. */
const MAX_CHARS = 600

/** The texts and numbers of an input, in lower case, as many as are kept; `redact`: the definition's paths. */
export function searchedText(input: Json, redact?: readonly string[]): string {
  const parts: string[] = []
  let length = 0
  collect(redactInput(input, redact))
  return cut(parts.join(' ').replace(/\s+/g, ' ').trim().toLowerCase(), MAX_CHARS)

  function collect(value: Json): void {
    if (length > MAX_CHARS) return
    if (typeof value === 'string' || typeof value === 'number') {
      const text = String(value).slice(0, MAX_CHARS)
      length += text.length + 1
      parts.push(text)
    } else if (typeof value === 'object' && value !== null) {
      for (const part of Object.values(value)) collect(part)
    }
  }
}
