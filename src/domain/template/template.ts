/** Templates: Liquid over a task's scope, rendered to text or, where one `{{ … }}` stands alone, to a value. */
import type { Json } from '../json/json.ts'
import { Budget } from './budget.ts'
import { evaluate, type Parsed, parse, pathsOf, run, runEncoded } from './engine.ts'
import { mistakeIn } from './mistakes.ts'
import type { CallScope, DeliveryScope, Scope, SlotScope } from './scope.ts'

export type Refused = { ok: false; message: string }

/** What there is to read: a task's scope; in an intake's map a delivery, in a schedule's input a slot, in a tool arguments. */
type Variables = Scope | DeliveryScope | SlotScope | CallScope

/** Nesting of a template value; definitions are no deeper. */
const MAX_DEPTH = 32

/**
 * Renders a template to text of at most 256 KiB. A missing variable is a refusal that names it, except in an `if` or
 * before `| default:`; objects and lists print as JSON.
 */
export function renderText(template: string, scope: Scope | CallScope): { ok: true; text: string } | Refused {
  return attempt(() => {
    const budget = new Budget()
    return { ok: true as const, text: run(parsedOrThrow(template), scope, budget) }
  })
}

/** Renders the template of an address: each `{{ … }}` becomes one percent-encoded piece, so that no value can change its shape. */
export function renderAddress(template: string, scope: CallScope): { ok: true; text: string } | Refused {
  return attempt(() => {
    const budget = new Budget()
    return { ok: true as const, text: runEncoded(parsedOrThrow(template), scope, budget, encodeURIComponent) }
  })
}

/**
 * Renders every text in a JSON value, keys left as they are. A text that is exactly one `{{ … }}` becomes that value with
 * its type. The whole counts as one rendering: 256 KiB together.
 */
export function renderValue(template: Json, scope: Variables): { ok: true; value: Json } | Refused {
  return attempt(() => {
    const budget = new Budget()
    return { ok: true as const, value: fill(template, scope, budget, 0) }
  })
}

/** Whether the template can be parsed and nothing in it would be read over, and the paths it reads, such as `['input', 'company']`, for lint. */
export function checkTemplate(template: string): { ok: true; paths: string[][] } | Refused {
  return attempt(() => {
    const paths = pathsOf(parsedOrThrow(template))
    const mistake = mistakeIn(template)
    return mistake === null ? { ok: true as const, paths } : { ok: false as const, message: mistake }
  })
}

function fill(template: Json, scope: Variables, budget: Budget, depth: number): Json {
  if (depth > MAX_DEPTH) throw new Error(`the value is nested over ${MAX_DEPTH} deep`)
  if (typeof template === 'string') return fillText(template, scope, budget)
  if (Array.isArray(template)) return template.map(part => fill(part, scope, budget, depth + 1))
  if (template === null || typeof template !== 'object') return template
  const entries = Object.entries(template).map(([key, part]) => [key, fill(part, scope, budget, depth + 1)] as const)
  return Object.fromEntries(entries)
}

function fillText(template: string, scope: Variables, budget: Budget): Json {
  const parsed = parsedOrThrow(template)
  if (parsed.only === null) return run(parsed, scope, budget)
  return asJson(evaluate(parsed.only, scope, budget), budget)
}

/** A JSON copy: what a filter made may be a number that JSON lacks, or hold one big value many times. */
function asJson(value: unknown, budget: Budget): Json {
  budget.walk(value)
  const text = JSON.stringify(value ?? null)
  budget.write(text.length)
  return JSON.parse(text) as Json
}

function parsedOrThrow(template: string): Parsed {
  const parsed = parse(template)
  if (parsed instanceof Error) throw parsed
  return parsed
}

function attempt<T>(work: () => T): T | Refused {
  try {
    return work()
  } catch (error) {
    return { ok: false, message: explain(error) }
  }
}

/** liquidjs wraps what went wrong; the innermost cause and the line are what its reader needs. */
function explain(error: unknown): string {
  const told = error as Error & { originalError?: Error; token?: { getPosition(): number[] } }
  const message = (told.originalError?.message ?? told.message).replace(/, (file:.*)?line:\d+, col:\d+/, '')
  const line = told.token?.getPosition()[0]
  const where = line === undefined || line === 1 ? '' : ` (line ${line})`
  return message.startsWith('undefined variable: ')
    ? `\`${message.slice('undefined variable: '.length)}\` is missing${where}`
    : `${message}${where}`
}
