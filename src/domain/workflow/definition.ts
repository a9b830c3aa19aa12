/** The workflow definition: its zod schema (the one source of its shape) and the readers every rule uses. */
import { z } from 'zod'
import { HANDLER_SHAPES } from '../handler/registry.ts'
import { DUPLICATES } from '../task/business-key.ts'
import {
  callbacksSchema,
  durationSchema,
  handoffsShape,
  jsonSchemaSchema,
  limitsSchema,
  nameShape,
  retrySchema,
  settingsShape,
} from './parts.ts'

export const stepSchema = z.strictObject({ ...nameShape, ...HANDLER_SHAPES, ...settingsShape, ...handoffsShape })

export const definitionSchema = z.strictObject({
  baton: z.literal(1),
  name: z.string().trim().min(1).max(120),
  description: z.string().max(2000).optional(),
  owner: z.string().max(254).optional(),
  tags: z.array(z.string().min(1).max(40)).max(20).optional(),
  title: z.string().max(500).optional(),
  /** What a task comes to once it is done, as a template; absent: the latest output. */
  result: z.string().max(16_384).optional(),
  /** The business key of a task. */
  key: z.string().min(1).max(500).optional(),
  /** What becomes of a new task with a key that an earlier one of this workflow has; absent: it is allowed. */
  duplicates: z.enum(DUPLICATES).optional(),
  input: jsonSchemaSchema.optional(),
  /** Paths into the input, such as `input.iban`, that no model is told of. */
  redact: z.array(z.string().min(1).max(200)).max(50).optional(),
  limits: limitsSchema.optional(),
  callbacks: callbacksSchema.optional(),
  defaults: z
    .strictObject({
      model: z.string().min(1).max(120).optional(),
      timeout: durationSchema.optional(),
      retry: retrySchema.optional(),
    })
    .optional(),
  steps: z.array(stepSchema).max(100),
})

export type Definition = z.infer<typeof definitionSchema>
export type Step = z.infer<typeof stepSchema>

/** A published version as a task pins it: the definition with each agent resolved to the agent version of that day. */
export interface Pinned {
  workflow: string
  version: number
  definition: Definition
  /** agent key → agent version */
  agents: Record<string, number>
  /** tool name → version; absent: it names none */
  tools?: Record<string, number>
  /** skill's key → version; absent: it names none */
  skills?: Record<string, number>
  /** a workflow as a step names it → its id; absent: it starts none */
  workflows?: Record<string, string>
}

/** The step with this key, or undefined. */
export function stepOf(definition: Definition, key: string): Step | undefined {
  return definition.steps.find(step => step.key === key)
}
