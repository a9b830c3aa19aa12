/** What a page's POST begins with: somebody who may change things, and the form they sent; and where others are led. */
import type { MiddlewareHandler } from 'hono'
import { isViewer } from '../../domain/caller.ts'
import { readForm } from '../request/form.ts'
import { errorPage, goTo, type PageContext, type PageEnv } from './page.tsx'

export type Change = { ok: true; given: Record<string, string> } | { ok: false; answer: Response | Promise<Response> }

const ASK = 'Ask an owner or admin of your team to make you a member.'

/** Leads viewers from a page that only changes things to the one where they read; `what` completes "Viewers cannot". */
export function leadViewers(what: string, to: (c: PageContext) => string): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    if (c.req.method === 'POST' || !isViewer(c.get('person'))) return next()
    return goTo(c, to(c), `Viewers cannot ${what}. ${ASK}`)
  }
}

/** Reads the form of a change; `what` says in a few words what viewers may not do. */
export async function openChange(c: PageContext, what: string): Promise<Change> {
  if (isViewer(c.get('person'))) {
    return { ok: false, answer: errorPage(c, 403, { title: `Viewers cannot ${what}`, next: ASK }) }
  }
  const read = await readForm(c)
  return read.ok ? { ok: true, given: Object.fromEntries(read.form) } : { ok: false, answer: errorPage(c, read.status) }
}
