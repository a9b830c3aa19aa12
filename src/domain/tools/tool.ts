/** A team's tool: what it is for, what it takes, the call that it makes, and when people are asked first. */
import { z } from 'zod'
import { httpSchema, isRead } from '../call/http-call.ts'
import type { TaskFacts } from '../handler/order.ts'
import { evaluateAsk } from '../handoff/condition.ts'
import type { Json } from '../json/json.ts'
import { jsonSchemaSchema, KEY_PATTERN } from '../workflow/parts.ts'

export const toolSchema = z.strictObject({
  key: z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most'),
  description: z.string().trim().min(1).max(4000),
  /** A JSON Schema of an object. */
  parameters: jsonSchemaSchema,
  http: httpSchema,
  effect: z.enum(['read', 'write']).optional(),
  /** Whether a person must allow each call: always, never, or where this CEL over `args`, `input` and `task` holds. */
  ask: z.union([z.boolean(), z.string().min(1).max(2000)]).optional(),
  /** What undoing a call costs, in USD. */
  undoCost: z.number().min(0).max(1e9).optional(),
})
export type TeamTool = z.infer<typeof toolSchema>

/** Whether a tool only reads, or changes something. */
export type Effect = 'read' | 'write'

/** Undoing that costs more than this, in USD, is for a person to allow. */
const ASKS_ABOVE = 100

/** Read where it says so, or its method only reads. */
export function effectOf({ effect, http }: Pick<TeamTool, 'effect' | 'http'>): Effect {
  return effect ?? (isRead(http) ? 'read' : 'write')
}

/** By which rule people are asked before its calls, in words; null: they never are. */
export function askRule({ ask = false, undoCost = 0 }: Pick<TeamTool, 'ask' | 'undoCost'>): string | null {
  if (undoCost > ASKS_ABOVE) return `a person must allow each call, as undoing one costs about $${undoCost}`
  if (ask === false) return null
  return ask === true ? 'a person must allow each call' : `a person must allow a call where ${ask}`
}

/** Why a person must allow this call first, in words; null: it is simply made. A rule that cannot be evaluated asks. */
export function whyAsk(
  { ask = false, undoCost = 0 }: Pick<TeamTool, 'ask' | 'undoCost'>,
  args: Json,
  { input, task }: Pick<TaskFacts, 'input' | 'task'>,
): string | null {
  if (undoCost > ASKS_ABOVE) return `Undoing it costs about $${undoCost}.`
  if (typeof ask === 'boolean') return ask ? 'It is set to ask before each call.' : null
  const evaluated = evaluateAsk(ask, { args, input, task })
  if ('error' in evaluated) return `Its rule for asking could not be evaluated: ${evaluated.error}.`
  return evaluated.verdict ? `Its rule for asking holds: ${ask}` : null
}
