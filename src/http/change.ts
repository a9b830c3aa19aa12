/** What a page's POST begins with: somebody who may change things, and the form they sent. */
import { isViewer } from '../team/session.ts'
import { readForm } from './form.ts'
import { errorPage, type PageContext } from './page.tsx'

export type Change = { ok: true; given: Record<string, string> } | { ok: false; answer: Response | Promise<Response> }

/** Reads the form of a change; `what` says in a few words what viewers may not do. */
export async function openChange(c: PageContext, what: string): Promise<Change> {
  if (isViewer(c.get('person'))) {
    const next = 'Ask an owner or admin of your team to make you a member.'
    return { ok: false, answer: errorPage(c, 403, { title: `Viewers cannot ${what}`, next }) }
  }
  const read = await readForm(c)
  return read.ok ? { ok: true, given: Object.fromEntries(read.form) } : { ok: false, answer: errorPage(c, read.status) }
}
