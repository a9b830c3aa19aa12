/** `/e/:token`: how a task stands, as a small page and as a badge, within the pages of sites that the team has named. It changes nothing. */
import { Hono, type MiddlewareHandler } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { mayShow } from '../../domain/embed.ts'
import { documentOf } from '../../domain/task/told/document/document.ts'
import { secretAddress } from '../../http/guard.ts'
import { errorPage, type PageContext, type PageEnv } from '../../http/page/page.tsx'
import { embedOriginsOf } from '../../records/people/embed-origins.ts'
import { shareById } from '../../records/task/shares.ts'
import { Badge, BadgeOf, EmbedPage, type ShownStatus, statusShown } from './embed-view.tsx'
import { storyForDocument } from './load.ts'
import { readShareLink } from './share-link.ts'
import { sharedChoice } from './shared-view.tsx'

export const embedPages = new Hono<PageEnv>()

const [PATH, BADGE] = ['/e/:token', '/e/:token/badge.svg']

/** Said again at each request, so that a site that was taken away shows nothing more. */
const sealed: MiddlewareHandler<PageEnv> = async (c, next) => {
  await next()
  const { headers } = c.res
  headers.set('Referrer-Policy', 'no-referrer')
  if (!headers.has('Content-Security-Policy')) headers.set('Content-Security-Policy', cspFor([]))
  if (!headers.has('Cross-Origin-Resource-Policy')) headers.set('Cross-Origin-Resource-Policy', 'same-origin')
}

function cspFor(origins: string[]): string {
  const who = origins.length === 0 ? "'none'" : origins.join(' ')
  const none = ["default-src 'none'", "style-src 'self'", "img-src 'self'", "form-action 'none'", "base-uri 'none'"]
  return [...none, `frame-ancestors ${who}`].join('; ')
}

for (const path of [PATH, BADGE]) embedPages.use(path, sealed, secretAddress)

embedPages.get(PATH, async c => {
  const found = await statusOf(c, 'page')
  if (found instanceof Response) return found
  if (found.shown !== null) allow(c, found.origins)
  return c.html(<EmbedPage shown={found.shown} />, found.status)
})

embedPages.get(BADGE, async c => {
  const found = await statusOf(c, 'badge')
  if (found instanceof Response) return found
  const asking = {
    site: c.req.header('Sec-Fetch-Site'),
    referrer: c.req.header('Referer'),
    origin: c.req.header('Origin'),
  }
  const shown = mayShow(asking, found.origins) ? found.shown : null
  if (shown !== null) allow(c, found.origins)
  c.header('Content-Type', 'image/svg+xml; charset=utf-8')
  const status = shown === null && found.shown !== null ? 403 : found.status
  return c.body(
    String(shown === null ? <Badge label="Baton" text="not shown here" /> : <BadgeOf shown={shown} />),
    status,
  )
})

for (const path of [PATH, BADGE])
  embedPages.all(path, c => {
    c.header('Allow', 'GET, HEAD')
    return c.req.method === 'OPTIONS' ? c.body(null, 204) : errorPage(c, 405 as ContentfulStatusCode)
  })

/** Who may show it is known only once the link is known to lead somewhere. */
function allow(c: PageContext, origins: string[]): void {
  c.header('Content-Security-Policy', cspFor(origins))
  if (origins.length > 0) c.header('Cross-Origin-Resource-Policy', 'cross-origin')
}

interface Found {
  /** null: there is nothing to see. */
  shown: ShownStatus | null
  status: 200 | 403 | 410
  origins: string[]
}

async function statusOf(c: PageContext, what: 'page' | 'badge'): Promise<Found | Response> {
  const now = Date.now()
  const nothing = (status: 403 | 410): Found => ({ shown: null, status, origins: [] })
  const reading = await readShareLink(c.env, c.req.param('token') ?? '', now, 'embed-link')
  if (!reading.ok) return nothing(reading.why === 'forged' ? 403 : 410)
  const { team, task, share: id } = reading.claims
  const { success } = await c.env.FORM_LIMIT.limit({ key: `${what}:${id}` })
  if (!success) {
    c.header('Retry-After', '60')
    return c.text('Too many requests. Try again in a minute.', 429)
  }
  const share = await shareById(c.env.DB, team, task, id)
  if (share === null || share.shows === null || share.revokedAt !== null || share.expiresAt <= now) return nothing(410)
  const [story, origins] = await Promise.all([storyForDocument(c.env, team, task), embedOriginsOf(c.env.DB, team)])
  if (story === null) return nothing(410)
  const document = documentOf(story, sharedChoice({ detail: 'summary', inputs: 0 }))
  return { shown: statusShown(document, share.shows), status: 200, origins }
}
