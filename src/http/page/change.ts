/** What a page's POST begins with: the form that was sent; and where those are led who would find only forms. */
import type { MiddlewareHandler } from 'hono'
import { type Act, may, onlyFor } from '../../domain/permissions.ts'
import { readForm } from '../request/form.ts'
import { errorPage, goTo, type PageContext, type PageEnv } from './page.tsx'

export type Change = { ok: true; given: Record<string, string> } | { ok: false; answer: Response | Promise<Response> }

/** Leads whoever may not do this from a page that is only there to do it to one where they read. */
export function leadReaders(act: Act, to: (c: PageContext) => string): MiddlewareHandler<PageEnv> {
  return async (c, next) => {
    if (c.req.method === 'POST' || may(c.get('person'), act)) return next()
    return goTo(c, to(c), `${onlyFor(act)}. Ask an owner or admin of your team to make you a member.`)
  }
}

/** Reads the form of a change. */
export async function openChange(c: PageContext): Promise<Change> {
  const read = await readForm(c)
  return read.ok ? { ok: true, given: Object.fromEntries(read.form) } : { ok: false, answer: errorPage(c, read.status) }
}
