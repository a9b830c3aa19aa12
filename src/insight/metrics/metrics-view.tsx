/** How the figures of a span of days are shown: drawn over time, beside the span before, by workflow; each number leads to its tasks. */
import type { StepTime } from '../../domain/metrics/times.ts'
import { dollars } from '../../domain/money.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Head } from '../../http/components/table.tsx'
import { SIDE_BY_SIDE_MOST } from '../../records/task/figures.ts'
import { DayField, Insight } from '../frame.tsx'
import { before, dayText, lastDays, type Range, spanOf } from '../range.ts'
import { percent } from '../rates.ts'
import { BarChart, RateChart } from './chart.tsx'
import { COLUMNS, FIGURES, NONE, time } from './figure-list.ts'
import type { Metrics, SpanOfMetrics } from './metrics.ts'
import type { Parts, Whole } from './parts.ts'
import { ByPart, WhereTimeGoes } from './parts-view.tsx'
import type { Saved } from './saved.ts'
import { type EditBaseline, TimeSaved } from './saved-view.tsx'

interface View {
  /** null: all workflows. */
  id: string | null
  name: string | null
  range: Range
  now: number
  names: { all: { id: string; name: string }[]; workflows: Map<string, string> }
  current: Metrics
  previous: Metrics
  spans: SpanOfMetrics[]
  /** By workflow, where all are looked at. */
  workflows: { workflow: string; metrics: Metrics }[]
  saved: Saved | null
  savedBefore: Saved | null
  edit: EditBaseline | null
  whole: Whole
  /** The time of the tasks of the span before that are over. */
  wholeBefore: StepTime | null
  nameOf(dimension: keyof Parts, name: string): string
}

export const MetricsPage = ({ view }: { view: View }) => {
  const { whole, nameOf } = view
  const parts = { whole, nameOf, listOf: (filters: Record<string, string>) => tasksHref(view, view.range, filters) }
  return (
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
          <div class="row">
            <ButtonLink href={`/workflows/${view.id}/review`} icon="history" look="quiet">
              Review
            </ButtonLink>
            <ButtonLink href={`/workflows/${view.id}`} icon="columns" look="quiet">
              Board
            </ButtonLink>
          </div>
        )}
      </header>
      <div class="stack">
        <RangeForm view={view} />
        <Charts view={view} />
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
                  <td class="number">
                    <Linked
                      text={figure.of(view.current)}
                      href={figure.list && tasksHref(view, view.range, figure.list)}
                    />
                  </td>
                  <td class="number secondary">
                    <Linked
                      text={figure.of(view.previous)}
                      href={figure.list && tasksHref(view, before(view.range), figure.list)}
                    />
                  </td>
                </tr>
              ))}
              <WaitingRow now={view.whole.task} before={view.wholeBefore} />
            </tbody>
          </table>
        </section>
        <TimeSaved
          saved={view.saved}
          before={view.savedBefore}
          listOf={id => tasksHref({ id }, view.range, { status: 'done' })}
          nameOf={id => view.names.workflows.get(id) ?? id}
          edit={view.edit}
        />
        <WhereTimeGoes view={parts} />
        {view.workflows.length > 0 && <ByWorkflow view={view} />}
        <ByPart view={parts} />
        <p>
          <a href={correctionsHref(view)}>What people corrected, and what they approved unchanged</a>
          {' · '}
          <a href={auditHref(view)}>What happened in these days</a>
        </p>
      </div>
    </Insight>
  )
}

/** How much of their time tasks that are over waited for people. */
const WaitingRow = ({ now, before }: { now: StepTime | null; before: StepTime | null }) => {
  const text = (of: StepTime | null) =>
    of === null || of.all.ms === 0 ? NONE : `${percent(of.kinds.people / of.all.ms)} · ${time(of.kinds.people)}`
  return (
    <tr>
      <th scope="row">
        Waiting for people
        <span class="small secondary">of the time of those that are over, and in all</span>
      </th>
      <td class="number">{text(now)}</td>
      <td class="number secondary">{text(before)}</td>
    </tr>
  )
}

const RangeForm = ({ view: { id, range, now, names } }: { view: View }) => (
  <form class="form--inline" action="/metrics" method="get">
    <select class="input" name="workflow" aria-label="Workflow">
      <option value="">All workflows</option>
      {names.all.map(one => (
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

function correctionsHref(view: View): string {
  return auditHref(view).replace('/audit?', '/corrections?')
}

function auditHref({ id, range }: View): string {
  const query = new URLSearchParams({ from: dayText(range.from), to: dayText(range.to - 1) })
  if (id !== null) query.set('workflow', id)
  return `/audit?${query}`
}

/** The list of the tasks that a number counts. */
function tasksHref({ id }: Pick<View, 'id'>, { from, to }: Range, list: Record<string, string>): string {
  const query = new URLSearchParams({ ...list, from: dayText(from), to: dayText(to - 1) })
  if (id !== null) query.set('workflow', id)
  return `/search?${query}`
}

/** A number with the list of what it counts; nothing is not worth a list. */
const Linked = ({ text, href }: { text: string; href: string | undefined }) =>
  href === undefined || ['0', '–', '0 %'].includes(text) ? text : <a href={href}>{text}</a>

const SERIES = [
  { name: 'done', look: 'done' as const, of: (m: Metrics) => m.done },
  { name: 'open', look: 'open' as const, of: (m: Metrics) => m.open - m.failed - m.stuck },
  { name: 'failed or stuck', look: 'failed' as const, of: (m: Metrics) => m.failed + m.stuck },
  { name: 'cancelled', look: 'cancelled' as const, of: (m: Metrics) => m.cancelled },
]

/** Outside of this band either too much is asked of people, or models decide what they are not sure of. */
const HEALTHY = { from: 0.05, to: 0.15, name: 'healthy: 5 to 15 %' }

/** What a bar stands for, by its length in ms. */
const EACH: Record<number, string> = { 86400000: 'by day', 604800000: 'by week', 2592000000: 'by 30 days' }

const Charts = ({ view }: { view: View }) => {
  const { spans } = view
  const labels = spans.map(({ from }) => dayText(from))
  const each = EACH[spanOf(view.range)]!
  const money = (usd: number) => (usd === 0 ? '$0' : dollars(usd))
  return (
    <>
      <div class="charts">
        <BarChart
          title={`Tasks ${each}`}
          labels={labels}
          text={String}
          series={SERIES.map(({ of, ...one }) => ({ ...one, values: spans.map(({ metrics }) => of(metrics)) }))}
        />
        <RateChart
          title={`Escalation rate ${each}`}
          labels={labels}
          text={percent}
          values={spans.map(({ metrics }) => metrics.escalationRate)}
          band={HEALTHY}
        />
        <BarChart
          title={`Cost ${each}`}
          labels={labels}
          text={money}
          series={[{ name: 'spent', look: 'plain', values: spans.map(({ metrics }) => metrics.cost.total ?? 0) }]}
        />
        <RateChart
          title={`Error rate ${each}`}
          labels={labels}
          text={percent}
          values={spans.map(({ metrics }) => metrics.errorRate)}
        />
      </div>
      <details class="explain">
        <summary>The same as a table</summary>
        <OverTime view={view} />
      </details>
    </>
  )
}

const OverTime = ({ view }: { view: View }) => (
  <section class="table-scroll" aria-label="Figures over time" tabindex={0}>
    <table class="table figures">
      <Head names={['From', ...COLUMNS.map(({ name }) => name)]} />
      <tbody>
        {view.spans.map(span => (
          <tr>
            <th scope="row">{dayText(span.from)}</th>
            {COLUMNS.map(({ of, list }) => (
              <td class="number">
                <Linked text={of(span.metrics)} href={list && tasksHref(view, span, list)} />
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </section>
)

const ByWorkflow = ({ view }: { view: View }) => (
  <section class="stack" aria-labelledby="by-workflow">
    <h2 id="by-workflow">By workflow</h2>
    {view.names.all.length > SIDE_BY_SIDE_MOST && (
      <p class="secondary">The {SIDE_BY_SIDE_MOST} that were changed last; others are chosen above.</p>
    )}
    <section class="table-scroll" aria-label="Figures by workflow" tabindex={0}>
      <table class="table figures">
        <Head names={['Workflow', ...COLUMNS.map(({ name }) => name)]} />
        <tbody>
          {view.workflows.map(({ workflow, metrics }) => (
            <tr>
              <th scope="row">
                <a href={`/workflows/${workflow}/metrics?${daysOf(view.range)}`} hx-ignore>
                  {view.names.workflows.get(workflow) ?? workflow}
                </a>
              </th>
              {COLUMNS.map(({ of, list }) => (
                <td class="number">
                  <Linked text={of(metrics)} href={list && tasksHref({ id: workflow }, view.range, list)} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  </section>
)

function daysOf({ from, to }: Range): URLSearchParams {
  return new URLSearchParams({ from: dayText(from), to: dayText(to - 1) })
}
