/** An agent: a model with its own description, instructions and context, used by many steps and versioned like a workflow. */
import { z } from 'zod'
import { KEY_PATTERN } from './workflow/parts.ts'

export const agentSchema = z.strictObject({
  key: z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most'),
  name: z.string().trim().min(1).max(120),
  /** The system prompt: role, rules, edge cases, "You must never". */
  description: z.string().min(1).max(120_000),
  model: z.string().min(1).max(120).optional(),
  /** Texts the agent always has before it: team material, never a task's. */
  context: z
    .array(z.strictObject({ name: z.string().min(1).max(120), text: z.string().max(200_000) }))
    .max(20)
    .optional(),
  tools: z.array(z.string().min(1).max(64)).max(15).optional(),
})

export type Agent = z.infer<typeof agentSchema>
/** An immutable version of an agent, as a task's pinned definition names it. */
export type AgentVersion = Agent & { version: number }
