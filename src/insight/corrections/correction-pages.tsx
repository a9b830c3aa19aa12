/** `/corrections`: how often people approve models' drafts unchanged, by step and over time, and the ledger of what they changed. */
import { Hono } from 'hono'
import { cut } from '../../domain/text/cut.ts'
import { type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { namesOf } from '../../records/audit.ts'
import { readCursor } from '../../records/cursor.ts'
import { listCorrections, reviewsOverTime, sumReviews } from '../../records/task/reviews/learned.ts'
import { rangeOf, spanOf } from '../range.ts'
import { type AskedCorrections, CorrectionsPage } from './correction-view.tsx'

export const correctionPages = new Hono<PageEnv>()

correctionPages.get('/corrections', async c => {
  const team = c.get('person').team.id
  const now = Date.now()
  const asked = askedOf(c)
  const range = rangeOf(asked.from, asked.to, now)
  const { workflow, step, agent } = asked
  const filter = {
    ...(workflow && { workflow }),
    ...(step && { step }),
    ...(agent && { agent }),
  }
  const cursor = readCursor(c.req.query('cursor') ?? '')
  const [sums, spans, found] = await Promise.all([
    sumReviews(c.env.DB, team, range.from, range.to),
    reviewsOverTime(c.env.DB, team, { ...range, span: spanOf(range) }, filter),
    listCorrections(c.env.DB, team, { ...filter, ...range }, cursor),
  ])
  const names = await namesOf(c.env.DB, team, found.items)
  const view = { asked, range, sums, spans, rows: found.items, next: found.next, names, now }
  const frame = { title: 'Corrections', active: 'insight' as const, width: 'wide' as const, styles: ['insight'] }
  return page(c, frame, <CorrectionsPage view={view} />)
})

function askedOf(c: PageContext): AskedCorrections {
  const word = (name: string) => cut((c.req.query(name) ?? '').trim(), 40)
  return {
    workflow: word('workflow'),
    step: word('step'),
    agent: word('agent'),
    from: word('from'),
    to: word('to'),
  }
}
