/** `/metrics` and `/workflows/:id/metrics`: the figures of a span of days beside those of the span before it. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { baselineProblem } from '../../domain/metrics/saved.ts'
import { may } from '../../domain/permissions.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { namesOf } from '../../records/audit.ts'
import { baselineOf, putBaseline } from '../../records/definitions/baselines.ts'
import { stepNames, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { intakeNames } from '../../records/intake/intakes.ts'
import { before, rangeOf } from '../range.ts'
import { metricsByWorkflow, metricsOf, metricsOverTime } from './metrics.ts'
import { MetricsPage } from './metrics-view.tsx'
import { type Parts, partsOf, taskTimeOf } from './parts.ts'
import { timeSaved } from './saved.ts'
import type { Wrong } from './saved-view.tsx'

export const metricsPages = new Hono<PageEnv>()

metricsPages.get('/metrics', async c => {
  const { workflow, ...days } = c.req.query()
  if (!workflow) return showMetrics(c, null)
  const query = new URLSearchParams(Object.entries(days).filter(([name]) => name === 'from' || name === 'to'))
  return c.redirect(`/workflows/${encodeURIComponent(workflow)}/metrics?${query}`, 303)
})
metricsPages.get('/workflows/:id/metrics', c => showMetrics(c, c.req.param('id')))

metricsPages.post('/workflows/:id/baseline', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const id = c.req.param('id')
  const row = isId('wf', id) ? await workflowById(c.env.DB, c.get('person').team.id, id) : null
  if (row === null) return errorPage(c, 404)
  const { minutes = '', ownMinutes = '' } = change.given
  const baseline = minutes.trim() === '' ? null : { minutes: numberIn(minutes), ownMinutes: optional(ownMinutes) }
  const wrong = baseline && baselineProblem(baseline)
  if (wrong) return showMetrics(c, id, { ...wrong, given: change.given })
  await putBaseline(c.env.DB, row, baseline, { actor: personActor(c.get('person')), at: Date.now() })
  return goTo(
    c,
    `/workflows/${id}/metrics`,
    baseline === null ? 'Time saved is told no more.' : 'Time saved is told by this now.',
  )
})

/** Ways in that are no intake. */
const WAYS: Record<string, string> = { api: 'API', hand: 'By hand', task: 'Another task' }

/** What parts are called; of what has no name, or is gone, its key. */
function naming(called: [steps: Map<string, string>, intakes: Map<string, string>] | null) {
  const [steps, intakes] = called ?? [new Map<string, string>(), new Map<string, string>()]
  return (dimension: keyof Parts, name: string): string => {
    if (dimension === 'step') return steps.get(name) ?? name
    return dimension === 'intake' ? (WAYS[name] ?? intakes.get(name) ?? name) : name
  }
}

/** What is no number is refused where it belongs. */
const numberIn = (text: string) => Number(text.trim().replace(',', '.'))
const optional = (text: string) => (text.trim() === '' ? null : numberIn(text))

async function showMetrics(c: PageContext, id: string | null, wrong?: Wrong) {
  const { team } = c.get('person')
  const now = Date.now()
  const range = rangeOf(c.req.query('from'), c.req.query('to'), now)
  if (id !== null && !isId('wf', id)) return errorPage(c, 404)
  const earlier = before(range)
  const [names, current, previous, spans, workflows, saved, savedBefore, baseline, whole, wholeBefore, called] =
    await Promise.all([
      namesOf(c.env.DB, team.id, []),
      metricsOf(c.env.DB, team.id, id ?? undefined, range.from, range.to),
      metricsOf(c.env.DB, team.id, id ?? undefined, earlier.from, earlier.to),
      metricsOverTime(c.env.DB, team.id, id ?? undefined, range),
      id === null ? metricsByWorkflow(c.env.DB, team.id, range) : [],
      timeSaved(c.env.DB, team.id, id ?? undefined, range),
      timeSaved(c.env.DB, team.id, id ?? undefined, earlier),
      id === null ? null : baselineOf(c.env.DB, team.id, id),
      partsOf(c.env.DB, team.id, id ?? undefined, range),
      taskTimeOf(c.env.DB, team.id, id ?? undefined, earlier),
      id === null ? null : Promise.all([stepNames(c.env.DB, team.id, id), intakeNames(c.env.DB, team.id, id)]),
    ])
  const name = id === null ? null : names.workflows.get(id)
  if (name === undefined) return errorPage(c, 404)
  const edit = id === null ? null : { id, baseline, mayChange: may(c.get('person'), 'workflows.change'), wrong }
  const view = {
    ...{ id, name, range, now, names, current, previous, spans, workflows, saved, savedBefore, edit },
    ...{ whole, wholeBefore, nameOf: naming(called) },
  }
  return page(
    c,
    { title: name === null ? 'Metrics' : `Metrics · ${name}`, active: 'insight', styles: ['insight'] },
    <MetricsPage view={view} />,
    wrong === undefined ? 200 : 422,
  )
}
