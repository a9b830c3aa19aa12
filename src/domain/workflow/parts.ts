/** The parts that a definition is made of, whoever handles a step: keys, labels, durations, handoffs, limits, a step's settings. */
import { z } from 'zod'
import { MAX_GIVEN } from '../file/given.ts'
import type { JsonSchema } from '../json/json.ts'

/** Keys of steps and agents: identifiers, so that `steps.draft.output` is a path and not a subtraction. */
export const KEY_PATTERN = /^[a-z][a-z0-9_]{0,39}$/
/** The end of a workflow, as the target of a handoff. */
export const COMPLETE = 'complete'
export const RESERVED_KEYS = ['complete', 'ask', 'fail'] as const
/** Labels the engine itself gives; a step cannot redefine what they mean. */
export const RESERVED_LABELS = ['done', 'default', 'ok', 'failed', 'timeout', 'unsure'] as const
/** Below this confidence the outcome is `unsure`, unless the step says otherwise. */
export const CONFIDENCE_FLOOR = 0.7

const keySchema = z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most')
/** `90s`, `5m`, `2h`, `3d`; the lint checks that it is one. */
export const durationSchema = z.string()
export const labelSchema = z.string().min(1).max(80)
/** A person's address, or `role:` and a role. */
export const assigneeSchema = z.string().min(1).max(254)
export const jsonSchemaSchema = z.custom<JsonSchema>(
  v => typeof v === 'object' && v !== null && !Array.isArray(v),
  'must be a JSON Schema object',
)

export const handoffSchema = z.strictObject({
  when: labelSchema.optional(),
  if: z.string().min(1).max(2000).optional(),
  to: z.string().min(1).max(40),
})

export const retrySchema = z.strictObject({
  attempts: z.int().min(1).max(20).optional(),
  delay: durationSchema.optional(),
  factor: z.number().min(1).max(10).optional(),
})

export const limitsSchema = z.strictObject({
  steps: z.int().min(1).max(1000).optional(),
  cost: z.number().min(0).max(10_000).optional(),
  calls: z.int().min(0).max(10_000).optional(),
  duration: durationSchema.optional(),
  reached: z.string().min(1).max(40).optional(),
})

export const CALLBACK_ON = ['done', 'failed', 'stuck', 'waiting'] as const
/** What a service may be told of. */
export type CallbackOn = (typeof CALLBACK_ON)[number]

export const callbacksSchema = z.strictObject({
  url: z.string().min(1).max(2000),
  on: z.array(z.enum(CALLBACK_ON)).min(1).max(CALLBACK_ON.length),
})

/** What names a step. */
export const nameShape = { key: keySchema, name: z.string().min(1).max(120).optional() }

/** How much a model thinks before it answers, in its providers' words. */
export const REASONING_EFFORTS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'] as const

/** What a model is asked with besides its prompt. A provider that does not know one of these leaves it, or refuses. */
export const paramsSchema = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().gt(0).max(1).optional(),
  maxOutputTokens: z.int().min(1).max(200_000).optional(),
  reasoningEffort: z.enum(REASONING_EFFORTS).optional(),
  seed: z.int().min(0).max(2_147_483_647).optional(),
})
export type ModelParams = z.infer<typeof paramsSchema>

const modelSchema = z.string().min(1).max(120)
/** Models that one step may fall back on. */
export const MAX_FALLBACK = 5
/** Reusable instructions that one step or agent may name. */
export const MAX_SKILLS = 10
export const skillNamesSchema = z.array(z.string().min(1).max(40)).min(1).max(MAX_SKILLS)

/** What several kinds of handler can be told; each says which of these mean something to it. */
export const settingsShape = {
  model: modelSchema.optional(),
  fallback: z.array(modelSchema).min(1).max(MAX_FALLBACK).optional(),
  params: paramsSchema.optional(),
  skills: skillNamesSchema.optional(),
  /** Templates that come to files of the task, which the model is given. */
  files: z.array(z.string().min(1).max(500)).min(1).max(MAX_GIVEN).optional(),
  timeout: durationSchema.optional(),
  retry: retrySchema.optional(),
  /** For how long an answer to exactly the same is taken again. */
  cache: durationSchema.optional(),
  confidence: z.number().min(0).max(1).optional(),
  output: jsonSchemaSchema.optional(),
}
export type Setting = keyof typeof settingsShape
export const SETTINGS = Object.keys(settingsShape) as Setting[]

/** Where a step leads. */
export const handoffsShape = { handoffs: z.array(handoffSchema).max(20).optional() }

const frameSchema = z.object({ ...nameShape, ...settingsShape, ...handoffsShape })

/** A step but for its handler: what every kind can read of it. */
export type Frame = z.infer<typeof frameSchema>
export type Handoff = z.infer<typeof handoffSchema>
export type Limits = z.infer<typeof limitsSchema>

/** What a reader sees as the step's name. */
export function stepName({ name, key }: Pick<Frame, 'key' | 'name'>): string {
  return name ?? key
}

/** Whether the step has a handoff that takes what no other took. */
export function hasFallback({ handoffs = [] }: Pick<Frame, 'handoffs'>): boolean {
  return handoffs.some(one => one.if === undefined && (one.when === undefined || one.when === 'default'))
}

/** Outcomes that the engine gives and nobody chooses. */
const NEVER_CHOSEN = ['default', 'failed', 'timeout', 'unsure']

/** The labels that the handoffs name, in order, without those that only the engine gives. */
export function namedLabels({ handoffs = [] }: Pick<Frame, 'handoffs'>): string[] {
  const labels = handoffs.flatMap(handoff => (handoff.when === undefined ? [] : [handoff.when]))
  return [...new Set(labels)].filter(name => !NEVER_CHOSEN.includes(name))
}

/** Longest time for which an answer is taken again. */
export const MAX_CACHE_MS = 30 * 86_400_000

/** For how long an answer is taken again, in ms; null: it never is. */
export function cacheMs({ cache }: Pick<Frame, 'cache'>): number | null {
  const ms = cache === undefined ? null : durationMs(cache)
  return ms === null ? null : Math.min(ms, MAX_CACHE_MS)
}

const UNIT_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** `90s`, `5m`, `1.5h`, `30d` → milliseconds; null when it is not a duration. */
export function durationMs(text: string): number | null {
  const match = /^(\d{1,6}(?:\.\d{1,3})?)(s|m|h|d)$/.exec(text.trim())
  return match ? Math.round(Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS]) : null
}
