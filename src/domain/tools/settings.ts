/** What a team sets of the tools that it has anyway: when people are asked, what undoing costs, who a mail may go to. */
import { z } from 'zod'
import { toolSchema } from './tool.ts'

export const settingsSchema = z.strictObject({
  effect: toolSchema.shape.effect,
  ask: toolSchema.shape.ask,
  undoCost: toolSchema.shape.undoCost,
  /** `send_email`: to whom it may go; unless set, addresses of the task's input and the team's. */
  recipients: z.literal('any').optional(),
})
export type ToolSettings = z.infer<typeof settingsSchema>
