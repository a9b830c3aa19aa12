/** `/workflows/:id/reviews`: how often people approve its drafts unchanged, and the offer to have fewer of them looked at. */
import { Hono } from 'hono'
import { errorPage, type PageEnv } from '../../http/page/page.tsx'
import { designPage, mayChange } from '../editor/frame.tsx'
import { ownWorkflow } from '../editor/open.ts'
import { standingsOf } from './standing.ts'
import { ReviewsPage } from './view.tsx'

export const reviewPages = new Hono<PageEnv>()

reviewPages.get('/workflows/:id/reviews', async c => {
  const row = await ownWorkflow(c)
  if (!row) return errorPage(c, 404)
  const now = Date.now()
  const steps = await standingsOf(c.env, { team: row.team, workflow: row.id }, now)
  const view = { workflow: row.id, steps, now, mayChange: mayChange(c) }
  return designPage(c, row, { tab: 'reviews', title: `Reviews · ${row.name}` }, <ReviewsPage view={view} />)
})
