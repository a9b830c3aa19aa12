/** What a wait waits for, as a definition says it: a length of time, a moment, or events from outside. */
import { z } from 'zod'
import { durationSchema, type Frame } from '../../workflow/parts.ts'

const MAX_NAME = 120
const MAX_NAMES = 20

/** The name of an event from outside. */
const eventNameSchema = z.string().min(1).max(MAX_NAME)

export const waitSchema = z.strictObject({
  for: durationSchema.optional(),
  until: z.string().min(1).max(2000).optional(),
  timezone: z.string().min(1).max(200).optional(),
  event: z.union([eventNameSchema, z.array(eventNameSchema).min(1).max(MAX_NAMES)]).optional(),
  if: z.string().min(1).max(2000).optional(),
})
export type Wait = z.infer<typeof waitSchema>

export interface WaitJob {
  kind: 'wait'
  frame: Frame
  wait: Wait
}

/** The events that it waits for, each once; none: it waits for a time. */
export function namesOf({ event = [] }: Wait): string[] {
  return [...new Set(typeof event === 'string' ? [event] : event)]
}

/** `"reply"`, `"reply" or "unsubscribe"`: the events as people read them. */
export function namesText(names: readonly string[]): string {
  return names.map(name => `"${name}"`).join(' or ')
}

/** `"reply" or "unsubscribe", for 7d at most`: what it waits for. */
export function waitText(wait: Wait): string {
  const names = namesOf(wait)
  if (names.length > 0) return `for ${namesText(names)}${wait.for === undefined ? '' : `, for ${wait.for} at most`}`
  if (wait.until !== undefined) return `until ${wait.until}${wait.timezone === undefined ? '' : ` (${wait.timezone})`}`
  return `for ${wait.for ?? ''}`
}
