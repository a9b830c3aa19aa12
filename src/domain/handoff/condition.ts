/** Conditions: CEL over a visit's output and the task's scope, with what each of them looked at. */
import type { EvaluationError } from '@marcbachmann/cel-js'
import type { Json } from '../json/json.ts'
import type { DeliveryScope, Scope } from '../template/scope.ts'
import { shorten } from '../text/cut.ts'
import { type Compiled, compile, type Subject } from './compile.ts'
import { Work } from './cost.ts'

/** What a condition sees: the scope, and the output of the visit at hand. */
export type ConditionScope = Scope & { output: Json }

/** Longest value shown among the reads, in characters. */
const MAX_SHOWN = 200

export type Evaluated =
  | { verdict: boolean; value: Json; reads: Record<string, Json> }
  | { error: string; reads: Record<string, Json> }

/**
 * Evaluates a condition. `reads` holds each path it names with its value, cut to 200 characters. A missing key, a value
 * that is not true or false, or too much work is an error in words.
 */
export function evaluateCondition(expression: string, scope: ConditionScope): Evaluated {
  const { output, input, steps, last, task } = scope
  return evaluate(expression, 'visit', { output, input, steps, last, task } as unknown as Record<string, Json>)
}

/** Evaluates an intake's filter in the same way, over the delivery. */
export function evaluateFilter(expression: string, { body, headers, query }: DeliveryScope): Evaluated {
  return evaluate(expression, 'delivery', { body, headers, query })
}

/** Evaluates a tool's `ask`: whether a person must allow this call first. */
export function evaluateAsk(expression: string, facts: { args: Json; input: Json; task: Json }): Evaluated {
  return evaluate(expression, 'call', facts)
}

/** Evaluates a wait's `if`: whether it takes this event. */
export function evaluateEvent(expression: string, { input, steps, last, task }: Scope, event: Json): Evaluated {
  return evaluate(expression, 'event', { event, input, steps, last, task } as unknown as Record<string, Json>)
}

/**
 * Evaluates an expression that may come to any value, such as a table's column. `missing` says that it reads something that
 * is not there.
 */
export function evaluateValue(
  expression: string,
  { input, steps, last, task }: Scope,
): { value: Json } | { error: string; missing: boolean } {
  const compiled = compile(expression, 'value')
  if (compiled instanceof Error) return { error: compiled.message, missing: false }
  try {
    return { value: jsonOf(run(compiled, { input, steps, last, task } as unknown as Record<string, Json>)) }
  } catch (error) {
    const missing = (error as Partial<EvaluationError>).code === 'no_such_key'
    return { error: summaryOf(error, expression), missing }
  }
}

/** A value of CEL as JSON: whole numbers are its own type there, and times are dates. */
function jsonOf(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value)
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(jsonOf)
  if (value instanceof Map) return Object.fromEntries([...value].map(([key, one]) => [String(key), jsonOf(one)]))
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, jsonOf(one)]))
  }
  return value === undefined ? null : (value as Json)
}

function evaluate(expression: string, subject: Subject, variables: Record<string, Json>): Evaluated {
  const compiled = compile(expression, subject)
  if (compiled instanceof Error) return { error: compiled.message, reads: {} }
  const reads = readsOf(compiled.paths, variables)
  try {
    const value = run(compiled, variables)
    if (typeof value === 'boolean') return { verdict: value, value, reads }
    return { error: `it comes to ${shownText(value)}, which is neither true nor false`, reads }
  } catch (error) {
    return { error: summaryOf(error, expression), reads }
  }
}

/** Whether the condition can be parsed and its types fit, and the paths it reads, such as `['output', 'score']`, for lint. */
export function checkCondition(
  expression: string,
  subject: Subject = 'visit',
): { ok: true; paths: string[][] } | { ok: false; message: string } {
  const compiled = compile(expression, subject)
  return compiled instanceof Error ? { ok: false, message: compiled.message } : { ok: true, paths: compiled.paths }
}

function run(compiled: Compiled, variables: Record<string, Json>): unknown {
  const work = new Work()
  const value = compiled.run(variables, work)
  if (work.exceeded !== null) throw work.exceeded
  return value
}

function readsOf(paths: string[][], variables: Record<string, Json>): Record<string, Json> {
  const found = paths.flatMap(path => {
    const value = at(variables, path)
    return value === undefined ? [] : [[path.join('.'), shown(value)] as const]
  })
  return Object.fromEntries(found)
}

function at(variables: Json, path: string[]): Json | undefined {
  let value: Json | undefined = variables
  for (const key of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string, Json>)[key]
  }
  return value
}

function shown(value: Json): Json {
  if (typeof value === 'string') return shorten(value, MAX_SHOWN)
  if (typeof value !== 'object' || value === null) return value
  const text = JSON.stringify(value)
  return text.length > MAX_SHOWN ? shorten(text, MAX_SHOWN) : value
}

function shownText(value: unknown): string {
  if (typeof value === 'string') return `the text ${shorten(JSON.stringify(value), MAX_SHOWN)}`
  if (typeof value === 'object' && value !== null) return Array.isArray(value) ? 'a list' : 'an object'
  return String(value)
}

/** cel-js puts a drawing of the place under its messages; the summary is the message alone. A missing key is named in full. */
function summaryOf(error: unknown, expression: string): string {
  const { code, summary, node } = error as Partial<EvaluationError>
  if (code === 'no_such_key' && node) return `\`${expression.slice(node.start, node.end)}\` is missing`
  return summary ?? (error as Error).message
}
