/** What every page of the editor begins with: the team's workflow, its draft, and for changes a form of the state that was shown. */
import { openChange } from '../../http/page/change.ts'
import { errorPage, type PageContext } from '../../http/page/page.tsx'
import { type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { type Draft, openDraft } from '../draft.ts'

export async function ownWorkflow(c: PageContext): Promise<WorkflowRow | null> {
  const id = c.req.param('id') ?? ''
  return isId('wf', id) ? workflowById(c.env.DB, c.get('person').team.id, id) : null
}

export async function ownDraft(c: PageContext): Promise<Draft | null> {
  const row = await ownWorkflow(c)
  return row ? openDraft(c.env, row) : null
}

export type Opened =
  | { ok: true; draft: Draft; given: Record<string, string> }
  | { ok: false; answer: Response | Promise<Response> }

/** The draft and the form that changes it. */
export async function openEdit(c: PageContext): Promise<Opened> {
  const change = await openChange(c)
  if (!change.ok) return change
  const draft = await ownDraft(c)
  return draft ? { ok: true, draft, given: change.given } : { ok: false, answer: errorPage(c, 404) }
}

/** The same for what stands beside the draft: its workflow and the form. */
export async function openWorkflowChange(
  c: PageContext,
): Promise<
  { ok: true; row: WorkflowRow; given: Record<string, string> } | { ok: false; answer: Response | Promise<Response> }
> {
  const change = await openChange(c)
  if (!change.ok) return change
  const row = await ownWorkflow(c)
  return row ? { ok: true, row, given: change.given } : { ok: false, answer: errorPage(c, 404) }
}
