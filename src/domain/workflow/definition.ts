/** The workflow definition: its zod schema (the one source of its shape) and the readers every rule uses. Format: blueprint, definition.md. */
import { z } from 'zod'
import type { JsonSchema } from '../json.ts'

/** Keys of steps and agents: identifiers, so that `steps.draft.output` is a path and not a subtraction. */
export const KEY_PATTERN = /^[a-z][a-z0-9_]{0,39}$/
/** The end of a workflow, as the target of a handoff. */
export const COMPLETE = 'complete'
export const RESERVED_KEYS = ['complete', 'ask', 'fail'] as const
/** Labels the engine itself gives; a step cannot redefine what they mean. */
export const RESERVED_LABELS = ['done', 'default', 'ok', 'failed', 'timeout', 'unsure'] as const
/** Below this confidence the outcome is `unsure`, unless the step says otherwise. */
export const CONFIDENCE_FLOOR = 0.7

const key = z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most')
const duration = z.string()
const label = z.string().min(1).max(80)
const jsonSchema = z.custom<JsonSchema>(
  v => typeof v === 'object' && v !== null && !Array.isArray(v),
  'must be a JSON Schema object',
)

export const handoffSchema = z.strictObject({
  when: label.optional(),
  if: z.string().min(1).max(2000).optional(),
  to: z.string().min(1).max(40),
})

export const humanSchema = z.strictObject({
  assign: z.array(z.string().min(1).max(254)).max(50).optional(),
  instructions: z.string().max(20_000).optional(),
  approve: label.optional(),
  needs: z.int().min(1).max(50).optional(),
  edits: z.string().optional(),
  due: duration.optional(),
  overdue: z
    .strictObject({ assign: z.array(z.string().min(1).max(254)).min(1).max(50).optional(), handoff: label.optional() })
    .optional(),
  reason: z.array(label).max(20).optional(),
  requester: z.boolean().optional(),
})

export const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(20).optional(),
  delay: duration.optional(),
  factor: z.number().min(1).max(10).optional(),
})

export const stepSchema = z.strictObject({
  key,
  name: z.string().min(1).max(120).optional(),
  prompt: z.string().min(1).max(60_000).optional(),
  agent: z.string().min(1).max(40).optional(),
  instructions: z.string().max(60_000).optional(),
  tools: z.array(z.string().min(1).max(64)).max(15).optional(),
  human: humanSchema.optional(),
  model: z.string().min(1).max(120).optional(),
  timeout: duration.optional(),
  retry: retrySchema.optional(),
  confidence: z.number().min(0).max(1).optional(),
  output: jsonSchema.optional(),
  handoffs: z.array(handoffSchema).max(20).optional(),
})

export const limitsSchema = z.strictObject({
  steps: z.int().min(1).max(1000).optional(),
  cost: z.number().min(0).max(10_000).optional(),
  duration: duration.optional(),
  reached: z.string().min(1).max(40).optional(),
})

export const definitionSchema = z.strictObject({
  baton: z.literal(1),
  name: z.string().trim().min(1).max(120),
  description: z.string().max(2000).optional(),
  owner: z.string().max(254).optional(),
  tags: z.array(z.string().min(1).max(40)).max(20).optional(),
  title: z.string().max(500).optional(),
  input: jsonSchema.optional(),
  limits: limitsSchema.optional(),
  defaults: z
    .strictObject({
      model: z.string().min(1).max(120).optional(),
      timeout: duration.optional(),
      retry: retrySchema.optional(),
    })
    .optional(),
  steps: z.array(stepSchema).max(100),
})

export type Definition = z.infer<typeof definitionSchema>
export type Step = z.infer<typeof stepSchema>
export type Handoff = z.infer<typeof handoffSchema>
export type Human = z.infer<typeof humanSchema>
export type Limits = z.infer<typeof limitsSchema>

/** A published version as a task pins it: the definition with each agent resolved to the agent version of that day. */
export interface Pinned {
  workflow: string
  version: number
  definition: Definition
  /** agent key → agent version */
  agents: Record<string, number>
}

/** The kinds of handler that this version runs; http, wait, parallel, map and workflow join here. */
export const HANDLERS = ['prompt', 'agent', 'human'] as const
export type HandlerKind = (typeof HANDLERS)[number]

/** Who does a step's work. The definition was linted, so exactly one is there. */
export function handlerOf(step: Step): HandlerKind {
  if (step.human !== undefined) return 'human'
  return step.agent !== undefined ? 'agent' : 'prompt'
}

/** The step with this key, or undefined. */
export function stepOf(definition: Definition, key: string): Step | undefined {
  return definition.steps.find(step => step.key === key)
}

/** What a reader sees as the step's name. */
export function stepName(step: Step): string {
  return step.name ?? step.key
}

/** The labels that a step's handoffs name and a person or model may choose, in order, without the engine's own outcomes. */
export function labelsOf(step: Step): string[] {
  const labels = (step.handoffs ?? []).flatMap(handoff => (handoff.when === undefined ? [] : [handoff.when]))
  const chosen = [...new Set(labels)].filter(name => !['default', 'failed', 'timeout', 'unsure'].includes(name))
  return step.human !== undefined && chosen.length === 0 ? ['done'] : chosen
}

/** Whether the step has a handoff that takes what no other took. */
export function hasFallback(step: Step): boolean {
  return (step.handoffs ?? []).some(h => h.if === undefined && (h.when === undefined || h.when === 'default'))
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `90s`, `5m`, `1.5h`, `30d` → milliseconds; null when it is not a duration. */
export function durationMs(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d)$/.exec(text.trim())
  return match ? Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]) : null
}
