/** `/metrics` and `/workflows/:id/metrics`: the figures of a span of days beside those of the span before it. */
import { Hono } from 'hono'
import { dollars } from '../domain/money.ts'
import { Button, ButtonLink } from '../http/components/button.tsx'
import { duration } from '../http/components/value/time.tsx'
import { errorPage, type PageContext, type PageEnv, page } from '../http/page/page.tsx'
import { namesOf } from '../records/audit.ts'
import { isId } from '../records/ids.ts'
import { DayField, Insight } from './frame.tsx'
import { type Metrics, metricsOf } from './metrics.ts'
import { before, dayText, lastDays, type Range, rangeOf } from './range.ts'
import { percent } from './rates.ts'

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
  const [names, current, previous] = await Promise.all([
    namesOf(c.env.DB, team.id, []),
    metricsOf(c.env.DB, team.id, id ?? undefined, range.from, range.to),
    metricsOf(c.env.DB, team.id, id ?? undefined, earlier.from, earlier.to),
  ])
  const name = id === null ? null : names.workflows.get(id)
  if (name === undefined) return errorPage(c, 404)
  const view = { id, name, range, now, workflows: names.all, current, previous }
  return page(
    c,
    { title: name === null ? 'Metrics' : `Metrics · ${name}`, active: 'insight', styles: ['insight'] },
    <MetricsPage view={view} />,
  )
}

interface View {
  /** null: all workflows. */
  id: string | null
  name: string | null
  range: Range
  now: number
  workflows: { id: string; name: string }[]
  current: Metrics
  previous: Metrics
}

const MetricsPage = ({ view }: { view: View }) => (
  <Insight at="metrics">
    <header class="page-head">
      <div>
        <h1>Metrics</h1>
        <p>
          Of the tasks that were made in these days
          {view.name === null ? ', in all workflows' : ''}. A rate without anything to measure shows as –.
        </p>
      </div>
      {view.id !== null && (
        <ButtonLink href={`/workflows/${view.id}`} icon="columns" look="quiet">
          Board
        </ButtonLink>
      )}
    </header>
    <div class="stack">
      <RangeForm view={view} />
      <section class="table-scroll" aria-label="Figures" tabindex={0}>
        <table class="table figures">
          <thead>
            <tr>
              <th scope="col">Figure</th>
              <th scope="col">{spanText(view.range)}</th>
              <th scope="col">{spanText(before(view.range))}</th>
            </tr>
          </thead>
          <tbody>
            {FIGURES.map(figure => (
              <tr>
                <th scope="row">
                  {figure.name}
                  <span class="small secondary">{figure.means}</span>
                </th>
                <td class="number">{figure.of(view.current)}</td>
                <td class="number secondary">{figure.of(view.previous)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p>
        <a href={auditHref(view)}>What happened in these days</a>
      </p>
    </div>
  </Insight>
)

const RangeForm = ({ view: { id, range, now, workflows } }: { view: View }) => (
  <form class="form--inline" action="/metrics" method="get">
    <select class="input" name="workflow" aria-label="Workflow">
      <option value="">All workflows</option>
      {workflows.map(one => (
        <option value={one.id} selected={one.id === id}>
          {one.name}
        </option>
      ))}
    </select>
    <DayField name="from" value={dayText(range.from)} />
    <DayField name="to" value={dayText(range.to - 1)} />
    <Button>Show</Button>
    {[7, 30, 90].map(days => (
      <a href={`${id === null ? '/metrics' : `/workflows/${id}/metrics`}?${new URLSearchParams(lastDays(days, now))}`}>
        {days} days
      </a>
    ))}
  </form>
)

function spanText({ from, to }: Range): string {
  return `${dayText(from)} – ${dayText(to - 1)}`
}

function auditHref({ id, range }: View): string {
  const query = new URLSearchParams({ from: dayText(range.from), to: dayText(range.to - 1) })
  if (id !== null) query.set('workflow', id)
  return `/audit?${query}`
}

const NONE = '–'
const time = (ms: number | null) => (ms === null ? NONE : duration(ms))
const money = (usd: number | null) => (usd === null ? NONE : dollars(usd))

const FIGURES: { name: string; means: string; of(metrics: Metrics): string }[] = [
  { name: 'Tasks', means: 'made', of: m => String(m.volume) },
  { name: 'Open', means: 'not over yet', of: m => String(m.open) },
  { name: 'Done', means: 'ran to the end', of: m => String(m.done) },
  { name: 'Failed', means: 'stand failed now', of: m => String(m.failed) },
  { name: 'Stuck', means: 'stand stuck now', of: m => String(m.stuck) },
  { name: 'Cancelled', means: 'by hand or by key', of: m => String(m.cancelled) },
  { name: 'Completion rate', means: 'done, of those that are over', of: m => percent(m.completionRate) },
  { name: 'Error rate', means: 'failed or stuck, of all', of: m => percent(m.errorRate) },
  { name: 'Escalation rate', means: 'a model was unsure; 5 to 15 % is healthy', of: m => percent(m.escalationRate) },
  { name: 'Correction rate', means: 'edited by a person, of those decided on', of: m => percent(m.correctionRate) },
  { name: 'Time to done, median', means: 'half were faster', of: m => time(m.duration.medianMs) },
  { name: 'Time to done, average', means: 'waits for people included', of: m => time(m.duration.averageMs) },
  { name: 'Time to done, longest', means: 'the slowest of all', of: m => time(m.duration.slowestMs) },
  { name: 'Cost', means: 'of the tasks whose cost is known', of: m => money(m.cost.total) },
  { name: 'Cost of a task', means: 'on average', of: m => money(m.cost.average) },
]
