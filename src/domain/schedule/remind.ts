/** When people are reminded of what waits for them, as a step or a team says it. */
import { z } from 'zod'
import { durationMs, durationSchema } from '../workflow/parts.ts'

const MAX_REMINDERS = 5
/** More often than this is no help. */
export const LEAST_EVERY_MS = 15 * 60_000

/** So long before it is due, and again and again while it is open. */
export const remindSchema = z.strictObject({
  before: z.array(durationSchema).max(MAX_REMINDERS).optional(),
  every: durationSchema.optional(),
})
export type Remind = z.infer<typeof remindSchema>

/** What is wrong with reminders, as a team's default or a step's own; null: nothing. */
export function remindProblem({ before = [], every }: Remind): { path: string; message: string } | null {
  const wrong = before.findIndex(text => (durationMs(text) ?? 0) <= 0)
  if (wrong >= 0) {
    return { path: `before.${wrong}`, message: `“${before[wrong]}” is not a length of time. Write it like 2h or 1d.` }
  }
  const ms = every === undefined ? null : durationMs(every)
  if (every !== undefined && (ms ?? 0) < LEAST_EVERY_MS) {
    return { path: 'every', message: `“${every}” is not a length of time from 15 minutes on. Write it like 4h or 1d.` }
  }
  return null
}
