/** `/metrics` and `/workflows/:id/metrics`: the figures of a span of days beside those of the span before it. */
import { Hono } from 'hono'
import { errorPage, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { namesOf } from '../../records/audit.ts'
import { isId } from '../../records/ids.ts'
import { before, rangeOf } from '../range.ts'
import { metricsByWorkflow, metricsOf, metricsOverTime } from './metrics.ts'
import { MetricsPage } from './metrics-view.tsx'

export const metricsPages = new Hono<PageEnv>()

metricsPages.get('/metrics', async c => {
  const { workflow, ...days } = c.req.query()
  if (!workflow) return showMetrics(c, null)
  const query = new URLSearchParams(Object.entries(days).filter(([name]) => name === 'from' || name === 'to'))
  return c.redirect(`/workflows/${encodeURIComponent(workflow)}/metrics?${query}`, 303)
})
metricsPages.get('/workflows/:id/metrics', c => showMetrics(c, c.req.param('id')))

async function showMetrics(c: PageContext, id: string | null) {
  const { team } = c.get('person')
  const now = Date.now()
  const range = rangeOf(c.req.query('from'), c.req.query('to'), now)
  if (id !== null && !isId('wf', id)) return errorPage(c, 404)
  const earlier = before(range)
  const [names, current, previous, spans, workflows] = await Promise.all([
    namesOf(c.env.DB, team.id, []),
    metricsOf(c.env.DB, team.id, id ?? undefined, range.from, range.to),
    metricsOf(c.env.DB, team.id, id ?? undefined, earlier.from, earlier.to),
    metricsOverTime(c.env.DB, team.id, id ?? undefined, range),
    id === null ? metricsByWorkflow(c.env.DB, team.id, range) : [],
  ])
  const name = id === null ? null : names.workflows.get(id)
  if (name === undefined) return errorPage(c, 404)
  const view = { id, name, range, now, names, current, previous, spans, workflows }
  return page(
    c,
    { title: name === null ? 'Metrics' : `Metrics · ${name}`, active: 'insight', styles: ['insight'] },
    <MetricsPage view={view} />,
  )
}
