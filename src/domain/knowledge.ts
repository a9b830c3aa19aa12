/** What a team knows and its agents are told or look up: a text with a name, kept in immutable versions. */
import { z } from 'zod'
import { nearest } from './nearest.ts'
import { suggestion } from './workflow/lint/item.ts'
import { KEY_PATTERN } from './workflow/parts.ts'

/** Characters of one text: some 150 pages. */
export const MAX_KNOWLEDGE = 300_000
const MONTH_MS = 30.44 * 86_400_000

export const knowledgeSchema = z.strictObject({
  key: z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most'),
  /** How it is cited: “Refund policy”. */
  name: z.string().trim().min(1).max(120),
  /** Plain text or Markdown; a form feed parts its pages. */
  text: z.string().min(1).max(MAX_KNOWLEDGE),
  /** How many months it counts as right once somebody has looked at it; without it, for ever. */
  months: z.int().min(1).max(60).optional(),
})
export type Knowledge = z.infer<typeof knowledgeSchema>

/** How an agent has a text: always before it, or found by `read_context` where it is looked for. */
export const USES = ['always', 'searched'] as const
export const knownSchema = z
  .array(z.strictObject({ file: z.string().min(1).max(40), use: z.enum(USES).optional() }))
  .max(20)
export type Known = z.infer<typeof knownSchema>

/** The keys of those that are had this way; unless said, a text is searched. */
export function knownBy(known: Known | undefined, use: (typeof USES)[number]): string[] {
  return (known ?? []).filter(each => (each.use ?? 'searched') === use).map(each => each.file)
}

/** Since when nobody has looked whether it is right still, in ms since the epoch; null: it counts as right. */
export function staleSince(months: number | undefined, checkedAt: number, now: number): number | null {
  const until = months === undefined ? Number.POSITIVE_INFINITY : checkedAt + months * MONTH_MS
  return until <= now ? until : null
}

/** What is said of a name that the team knows nothing under; null: it does. */
export function unknownKnowledge(name: string, known: readonly string[]): { message: string; fix: string } | null {
  if (known.includes(name)) return null
  const fix = suggestion(nearest(name, known), known, 'Add it on the page Knowledge first.')
  return { message: `There is no knowledge \`${name}\` in this team.`, fix }
}
