/** `/s/:token`: how something stands that was sent in by a form, for its sender. It shows, and changes nothing. */
import { Hono } from 'hono'
import type { Child } from 'hono/jsx'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { secretAddress } from '../../http/guard.ts'
import { errorPage, type PageContext, type PageEnv, sheet } from '../../http/page/page.tsx'
import { deliveryById } from '../../records/intake/deliveries.ts'
import { formOfLink, heldSince } from '../../records/intake/open-intakes.ts'
import { loadStory } from '../../task/page/load.ts'
import type { FormSettings } from '../kinds/form.ts'
import { settingsOf } from '../kinds/kind.ts'
import { readStatusLink, type StatusClaims } from './status-link.ts'
import { Ended, Forged, LookedAt, StatusPage, Waiting } from './status-view.tsx'

export const statusPages = new Hono<PageEnv>()

const PATH = '/s/:token'

statusPages.use(PATH, secretAddress)

statusPages.get(PATH, async c => {
  const reading = await readStatusLink(c.env, c.req.param('token'), Date.now())
  if (!reading.ok) {
    return reading.why === 'forged'
      ? show(c, 'This link is not valid', <Forged />, 403)
      : show(c, 'This link has ended', <Ended />, 410)
  }
  // Only a link of ours costs more than a signature; each may be opened often, but not without end.
  const { success } = await c.env.FORM_LIMIT.limit({ key: `status:${reading.claims.task}` })
  if (!success) {
    c.header('Retry-After', '60')
    return errorPage(c, 429)
  }
  return showTask(c, reading.claims)
})

statusPages.all(PATH, c => {
  c.header('Allow', 'GET, HEAD')
  return c.req.method === 'OPTIONS' ? c.body(null, 204) : errorPage(c, 405 as ContentfulStatusCode)
})

async function showTask(c: PageContext, { team, task, intake, delivery }: StatusClaims): Promise<Response> {
  const form = await formOfLink(c.env.DB, team, intake)
  const { title, follow = 'no' } = form ? settingsOf<FormSettings>(form) : {}
  // Its owner may take it back at any time, for links that are out, too.
  if (!form || follow === 'no') return show(c, 'This link has ended', <Ended />, 410)
  const heading = title ?? form.workflowName
  const loaded = await loadStory(c.env, team, task)
  if (loaded) return show(c, heading, <StatusPage heading={heading} story={loaded.story} follow={follow} />, 200)
  if (delivery !== undefined) {
    const kept = await deliveryById(c.env.DB, team, delivery)
    return kept === null
      ? show(c, 'This link has ended', <Ended />, 410)
      : show(c, heading, <LookedAt heading={heading} since={kept.at} />, 200)
  }
  const since = await heldSince(c.env.DB, team, task)
  return since === null
    ? show(c, 'This link has ended', <Ended />, 410)
    : show(c, heading, <Waiting heading={heading} since={since} />, 200)
}

function show(c: PageContext, title: string, content: Child, status: ContentfulStatusCode) {
  return sheet(c, { title }, content, status)
}
