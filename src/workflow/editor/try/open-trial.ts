/** What every trial of a step begins with: the draft's step, and the form as it stands. */
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import { openChange } from '../../../http/page/change.ts'
import { errorPage, type PageContext } from '../../../http/page/page.tsx'
import { type Draft, editable } from '../../draft.ts'
import type { Values } from '../../forms/form-values.ts'
import { ownDraft } from '../open.ts'
import { stepIn } from '../steps/step-page.tsx'

type OpenTrial =
  | { ok: true; draft: Draft; step: Step; definition: Definition; given: Values }
  | { ok: false; answer: Response | Promise<Response> }

/** A trial changes nothing, so a draft that went on meanwhile is no conflict. */
export async function openTrial(c: PageContext): Promise<OpenTrial> {
  const change = await openChange(c)
  if (!change.ok) return change
  const draft = await ownDraft(c)
  const step = draft && stepIn(draft, c.req.param('step') ?? '')
  const definition = draft && editable(draft)
  if (!step || !definition) return { ok: false, answer: errorPage(c, 404) }
  return { ok: true, draft, step, definition, given: change.given }
}
