/**
 * What a prompt may tell the demo model to do, so that every path can be tried by hand without a provider:
 *
 * - `[demo: fail provider_error]`: fail with this code (any of FAILURE_CODES)
 * - `[demo: fail rate_limited]`, `quota`, `overloaded`, `unreachable`: be away, so that the task is held;
 *   `[demo: fail rate_limited after 5s]` adds the wait that a provider would ask for
 * - `[demo: confidence 0.4]`: be this sure
 * - `[demo: choose billing]`: choose this label
 * - `[demo: set score=15]`: answer this in a field of the output (`a.b=…` reaches inside)
 * - `[demo: call send_email to=kim@nimbus.test subject="Hello there"]`: call this tool, with these arguments, of which a
 *   list may hold spaces (`options=["Call back", "Wait"]`); several are called one after another, each once;
 *   `[demo: call none]`: call none of the tools
 * - `[demo: delay 500ms]`: answer after this time (`2s` works too)
 */
import type { Json, JsonObject } from '../../../domain/json/json.ts'

export interface Directives {
  fail?: { code: string; afterMs?: number }
  confidence?: number
  choose?: string
  set: { path: string[]; value: Json }[]
  /** Absent: it chooses its calls itself. */
  calls?: { tool: string; args: JsonObject }[]
  delayMs: number
}

const BEGINNING = /\[demo:\s{0,4}([a-z]{1,20})/gi
// Bounded, so that text from outside cannot make it slow.
const LONGEST = 400
const PAIR = /([\w.-]+)=("(?:[^"\\]|\\.)*"|\[(?:"(?:[^"\\]|\\.)*"|[^[\]"])*\]|\S+)/g

/** Takes the directives out of a prompt: what they ask for, and the prompt without them. */
export const readDirectives = (prompt: string): { directives: Directives; text: string } => {
  const directives: Directives = { set: [], delayMs: 0 }
  let text = ''
  let after = 0
  for (const { index, 0: beginning, 1: verb = '' } of prompt.matchAll(BEGINNING)) {
    const from = index + beginning.length
    const end = index < after ? null : endOf(prompt, from)
    if (end === null) continue
    READERS[verb.toLowerCase()]?.(directives, prompt.slice(from, end).trim())
    text += prompt.slice(after, index)
    after = end + 1
  }
  return { directives, text: (text + prompt.slice(after)).trim() }
}

/** Where a directive's bracket closes: not inside a quoted text or a list of its own, unless these never end; null: nowhere. */
const endOf = (prompt: string, from: number): number | null => {
  let first: number | null = null
  let isQuoted = false
  let depth = 0
  for (let at = from; at < Math.min(prompt.length, from + LONGEST + 1); at++) {
    const sign = prompt[at]
    if (sign === ']') first ??= at
    if (sign === '\\' && isQuoted) at++
    else if (sign === '"') isQuoted = !isQuoted
    else if (sign === '[' && !isQuoted) depth++
    else if (sign === ']' && !isQuoted && --depth < 0) return at
  }
  return first
}

const READERS: Record<string, (directives: Directives, rest: string) => void> = {
  fail: (directives, rest) => {
    const [code = '', after, time] = rest.split(/\s+/)
    directives.fail = { code, ...(after === 'after' && { afterMs: milliseconds(time) }) }
  },
  confidence: (directives, rest) => {
    const confidence = Number(rest)
    if (confidence >= 0 && confidence <= 1) directives.confidence = confidence
  },
  choose: (directives, rest) => {
    directives.choose = rest
  },
  set: (directives, rest) => {
    const at = rest.indexOf('=')
    if (at < 1) return
    directives.set.push({ path: rest.slice(0, at).trim().split('.'), value: jsonOrText(rest.slice(at + 1).trim()) })
  },
  call: (directives, rest) => {
    const [, tool = '', given = ''] = /^(\S+)([\s\S]*)$/.exec(rest) ?? []
    directives.calls ??= []
    if (tool === '' || tool === 'none') return
    const pairs = [...given.matchAll(PAIR)]
    const args = Object.fromEntries(pairs.map(([, name = '', value = '']) => [name, jsonOrText(value)]))
    directives.calls.push({ tool, args })
  },
  delay: (directives, rest) => {
    directives.delayMs = milliseconds(rest)
  },
}

const milliseconds = (text = ''): number => {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(ms|s)?$/.exec(text) ?? []
  if (!amount) return 0
  return Number(amount) * (unit === 's' ? 1000 : 1)
}

const jsonOrText = (text: string): Json => {
  try {
    return JSON.parse(text) as Json
  } catch {
    return text
  }
}
