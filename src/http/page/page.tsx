/** Answers of pages: a page in full, or the part of it that htmx asked for; decided here and nowhere else. */
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import { html } from 'hono/html'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { Person } from '../../domain/caller.ts'
import { cut } from '../../domain/text/cut.ts'
import type { Env } from '../../env.ts'
import { ErrorContent, type PageProblem, pageProblem } from '../components/error-page.tsx'
import { Page, type PageProps, SheetPage, type SheetProps } from './layout.tsx'

/** What a page's handler finds in its context. */
export interface PageEnv {
  Bindings: Env
  Variables: {
    requestId: string
    /** Who is signed in; where the address needs somebody to be. */
    person: Person
  }
}

export type PageContext = Context<PageEnv>

type Frame = Omit<PageProps, 'user' | 'local' | 'flash' | 'children'>

/** Answers with a page in the app's frame, as the person who is signed in sees it. */
export function page(c: PageContext, frame: Frame, content: Child, status: ContentfulStatusCode = 200) {
  const user: Person | null = c.get('person') ?? null
  return document(
    c,
    <Page {...frame} user={user} local={isLocal(c.env)} flash={takeFlash(c)}>
      {content}
    </Page>,
    status,
  )
}

/** Answers with a page without navigation, for people who may have no account. */
export function sheet(
  c: PageContext,
  frame: Omit<SheetProps, 'children' | 'flash'>,
  content: Child,
  status: ContentfulStatusCode = 200,
) {
  return document(
    c,
    <SheetPage {...frame} flash={takeFlash(c)}>
      {content}
    </SheetPage>,
    status,
  )
}

/** Answers with a part of a page; a restored tab must not show it on its own, so it is never kept. */
export function fragment(c: PageContext, content: Child, status: ContentfulStatusCode = 200) {
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'HX-Request-Type')
  return c.html(html`${content}`, status)
}

/** Whether htmx asked for a part; boosted and history requests want the whole page. */
export function wantsFragment(c: PageContext): boolean {
  return c.req.header('HX-Request-Type') === 'partial'
}

/** Sends the browser on after a POST, with a message for the next page; htmx is told to go there itself. */
export function goTo(c: PageContext, path: string, message?: string): Response {
  if (message !== undefined) leaveFlash(c, message)
  if (!wantsFragment(c)) return c.redirect(path, 303)
  c.header('HX-Redirect', path)
  return c.body(null, 204)
}

/** Answers with an error page; a part of a page gets its sentences alone. */
export function errorPage(c: PageContext, status: ContentfulStatusCode, over: Partial<PageProblem> = {}) {
  const problem = pageProblem(status, over)
  const content = <ErrorContent problem={problem} requestId={c.get('requestId')} />
  return wantsFragment(c) ? fragment(c, content, status) : page(c, { title: problem.title }, content, status)
}

/** Whether this is somebody's own machine: the outbox and the demo sign-in are there. */
export function isLocal(env: Env): boolean {
  return env.BATON_LOCAL === '1'
}

function document(c: PageContext, content: Child, status: ContentfulStatusCode) {
  c.header('Cache-Control', 'no-store')
  c.header('Vary', 'HX-Request-Type')
  return c.html(html`<!doctype html>${content}`, status)
}

const FLASH = 'baton_flash'

function leaveFlash(c: PageContext, message: string): void {
  const secure = c.env.BATON_URL.startsWith('https:') ? '; Secure' : ''
  const value = encodeURIComponent(cut(message, 500))
  c.header('Set-Cookie', `${FLASH}=${value}; Path=/; Max-Age=30; HttpOnly; SameSite=Lax${secure}`, { append: true })
}

function takeFlash(c: PageContext): string | null {
  const message = getCookie(c, FLASH)
  if (message === undefined) return null
  c.header('Set-Cookie', `${FLASH}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax`, { append: true })
  return message
}
