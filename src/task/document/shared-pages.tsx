/** `/v/:token`: a task as it was chosen to be shown to whoever has the link. It shows, and changes nothing. */
import { Hono, type MiddlewareHandler } from 'hono'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { documentOf } from '../../domain/task/told/document/document.ts'
import { secretAddress } from '../../http/guard.ts'
import { errorPage, type PageContext, type PageEnv, sheet } from '../../http/page/page.tsx'
import { shareById } from '../../records/task/shares.ts'
import { storyForDocument } from './load.ts'
import { readShareLink } from './share-link.ts'
import { SharedTask, ShareEnded, ShareForged, sharedChoice } from './shared-view.tsx'

export const sharedPages = new Hono<PageEnv>()

const PATH = '/v/:token'

/** There is no form on it and nothing to fetch; what it says of itself is less than other pages do. */
const SHARED_CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ')

const sealed: MiddlewareHandler<PageEnv> = async (c, next) => {
  await next()
  c.res.headers.set('Content-Security-Policy', SHARED_CSP)
  c.res.headers.set('Referrer-Policy', 'no-referrer')
}

sharedPages.use(PATH, sealed, secretAddress)

sharedPages.get(PATH, async c => {
  const now = Date.now()
  const reading = await readShareLink(c.env, c.req.param('token'), now)
  if (!reading.ok) {
    return reading.why === 'forged'
      ? show(c, 'This link is not valid', <ShareForged />, 403)
      : show(c, 'This link has ended', <ShareEnded />, 410)
  }
  const { team, task, share: id } = reading.claims
  // Only a link of ours costs more than a signature; each may be opened often, but not without end.
  const { success } = await c.env.FORM_LIMIT.limit({ key: `share:${id}` })
  if (!success) {
    c.header('Retry-After', '60')
    return errorPage(c, 429)
  }
  const share = await shareById(c.env.DB, team, task, id)
  const isOpen = share !== null && share.shows === null && share.revokedAt === null && share.expiresAt > now
  const story = isOpen ? await storyForDocument(c.env, team, task) : null
  if (share === null || story === null) return show(c, 'This link has ended', <ShareEnded />, 410)
  const document = documentOf(story, sharedChoice(share))
  return show(c, document.title, <SharedTask document={document} />, 200)
})

sharedPages.all(PATH, c => {
  c.header('Allow', 'GET, HEAD')
  return c.req.method === 'OPTIONS' ? c.body(null, 204) : errorPage(c, 405 as ContentfulStatusCode)
})

function show(c: PageContext, title: string, content: Child, status: ContentfulStatusCode) {
  return sheet(c, { title }, content, status)
}
