/** Saves one edit of the draft: applied, written into the YAML, kept over exactly what was shown; else 409 with both sides. */
import { applyEdit, type Edit, type EditRefusal } from '../../domain/workflow/edit.ts'
import { goTo, type PageContext } from '../../http/page/page.tsx'
import { rewriteYaml } from '../document/rewrite.ts'
import { authorOf, type Draft, editable, keep, openDraft } from '../draft.ts'
import { Conflict } from './conflict-view.tsx'
import { designPage } from './frame.tsx'
import { ownWorkflow } from './open.ts'

type Saved =
  | { ok: true; kept: boolean }
  | { ok: false; refusal: EditRefusal | { kind: 'conflict' } | { kind: 'unreadable' } }

/** Applies the edits, one after the other, and keeps the draft. */
async function saveEdits(c: PageContext, draft: Draft, given: Record<string, string>, edits: Edit[]): Promise<Saved> {
  if (given.revision !== draft.revision) return { ok: false, refusal: { kind: 'conflict' } }
  const before = editable(draft)
  if (before === null) return { ok: false, refusal: { kind: 'unreadable' } }
  let definition = before
  for (const edit of edits) {
    const edited = applyEdit(definition, edit)
    if (!edited.ok) return edited
    definition = edited.definition
  }
  const written = rewriteYaml(draft.text, definition)
  const done = await keep(c.env.DB, draft.row, written.text, definition, c.get('person').email)
  return done ? { ok: true, kept: written.kept } : { ok: false, refusal: { kind: 'conflict' } }
}

/** Goes on after an edit, or says what stood in its way. `again` shows the form with the mistake in it. */
export async function saveAndGo(
  c: PageContext,
  draft: Draft,
  given: Record<string, string>,
  edits: Edit[],
  next: { to: string; message?: string; again: (refusal: EditRefusal) => Response | Promise<Response> },
): Promise<Response> {
  const saved = await saveEdits(c, draft, given, edits)
  if (saved.ok) {
    const lost = saved.kept ? '' : ' Its YAML was written anew, without its comments.'
    return goTo(
      c,
      next.to,
      next.message === undefined && lost === '' ? undefined : `${next.message ?? ''}${lost}`.trim(),
    )
  }
  if (saved.refusal.kind === 'conflict') return conflict(c, given, edits)
  if (saved.refusal.kind === 'unreadable') return goTo(c, `/workflows/${draft.row.id}/edit/yaml`)
  return next.again(saved.refusal)
}

/** The 409: who changed the draft, and both sides. The change is shown as it would be on top of theirs. */
export async function conflict(c: PageContext, given: Record<string, string>, edits: Edit[] | null): Promise<Response> {
  const row = (await ownWorkflow(c))!
  const draft = await openDraft(c.env, row)
  const view = {
    workflow: row.id,
    revision: draft.revision,
    author: await authorOf(c.env.DB, row),
    theirs: draft.text,
    mine: edits === null ? (given.text?.replaceAll('\r\n', '\n') ?? null) : onTop(draft, edits),
    sent: Object.entries(given).filter(([name, value]) => name !== 'revision' && value !== ''),
  }
  return designPage(c, row, { tab: 'steps', title: 'Changed meanwhile' }, <Conflict view={view} />, 409)
}

function onTop(draft: Draft, edits: Edit[]): string | null {
  let definition = editable(draft)
  for (const edit of edits) {
    const edited = definition === null ? null : applyEdit(definition, edit)
    definition = edited?.ok ? edited.definition : null
  }
  return definition === null ? null : rewriteYaml(draft.text, definition).text
}

/** A refusal as a sentence. */
export function refusalText(refusal: EditRefusal): string {
  switch (refusal.kind) {
    case 'unknown_step':
      return `There is no step “${refusal.key}” any more.`
    case 'key_taken':
      return `Another step has the key “${refusal.key}”.`
    case 'bad_key':
      return `“${refusal.key}” cannot be a key: a letter first, then a–z, 0–9 and _, 40 at most; complete, ask and fail are taken.`
    case 'too_many':
      return `There can be at most ${refusal.most} ${refusal.what}.`
    case 'bad_field':
      return `${refusal.field}: ${refusal.message}`
  }
}
