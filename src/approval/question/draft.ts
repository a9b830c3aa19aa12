/**
 * What somebody has begun to fill in, kept on the server for them and this question: it outlives a reload, another device and
 * a page without scripts.
 */
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { type DraftKey, draftOf, keepDraft } from '../../records/task/told/drafts.ts'
import { formReader } from './decision.ts'
import type { FormReader } from './edit.ts'
import { FIELDS, FILLED } from './fill.ts'

/** As large as what may be filled in, in a form's encoding. */
const MAX_DRAFT = 1024 * 1024
/** What is said of the decision itself, or is nobody's to keep. */
const NOT_KEPT = ['handoff', 'draft', 'code', 'back', 'next', 'visit', 'run', 'renew', 'undo']

/** How a form says that it is to be kept: by its button, or by the script, which needs no page. */
export function keeping(read: FormReader): 'page' | 'quiet' | null {
  const said = read('draft')
  return said === '1' ? 'page' : said === 'quiet' ? 'quiet' : null
}

/** Keeps what the form holds; false: it is too large. */
export async function keep(db: D1Database, key: DraftKey, form: URLSearchParams, now: number): Promise<boolean> {
  const kept = new URLSearchParams([...form].filter(([name]) => !NOT_KEPT.includes(name)))
  const text = kept.toString()
  if (text.length > MAX_DRAFT) return false
  await keepDraft(db, key, { form: text, at: now })
  return true
}

/** The draft as the question's form reads it; what was typed over another content than is there now is left out. */
export async function draftFor(
  db: D1Database,
  key: DraftKey,
  { digest }: StoryAsk,
): Promise<{ read: FormReader; keptAt: number } | null> {
  const draft = await draftOf(db, key)
  if (draft === null) return null
  const read = formReader(new URLSearchParams(draft.form))
  const isOfThis = read('seen') === digest
  const isOwn = (name: string) => name === 'note' || name === FILLED || name.startsWith(FIELDS)
  return { read: name => (isOfThis || isOwn(name) ? read(name) : null), keptAt: draft.at }
}
