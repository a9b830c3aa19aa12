/** The page of corrections: figures by step, figures over time, and the ledger, for filters that stand in the address. */
import { Button } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { WorkflowSelect } from '../../http/components/field.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Head } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { namesOf } from '../../records/audit.ts'
import {
  type CorrectionRow,
  correctionId,
  type ReviewSpan,
  type ReviewSum,
} from '../../records/task/reviews/learned.ts'
import { LOOKED_THROUGH } from '../../records/walk.ts'
import { DayField, Insight } from '../frame.tsx'
import { dayText, type Range, spanOf } from '../range.ts'
import { percent, ratesOf } from '../rates.ts'

/** The filters as the address has them. */
export interface AskedCorrections {
  workflow: string
  step: string
  agent: string
  from: string
  to: string
}

type Names = Awaited<ReturnType<typeof namesOf>>

interface View {
  asked: AskedCorrections
  range: Range
  /** Of all steps, whatever the filters. */
  sums: ReviewSum[]
  spans: ReviewSpan[]
  rows: CorrectionRow[]
  next: string | null
  names: Names
  now: number
}

export const CorrectionsPage = ({ view }: { view: View }) => (
  <Insight at="corrections">
    <header class="page-head">
      <div>
        <h1>Corrections</h1>
        <p>What people changed of what models had drafted, and how often they did not have to.</p>
      </div>
    </header>
    <div class="stack">
      <Filters view={view} />
      <Steps view={view} />
      <OverTime view={view} />
      <Ledger view={view} />
    </div>
  </Insight>
)

const Filters = ({ view: { asked, range, sums, names } }: { view: View }) => (
  <form class="form--inline" action="/corrections" method="get">
    <WorkflowSelect workflows={names.all} value={asked.workflow} />
    <OneOf name="step" any="Any step" value={asked.step} among={sums.map(({ step }) => step)} />
    <OneOf name="agent" any="Any agent" value={asked.agent} among={sums.flatMap(({ agent }) => agent ?? [])} />
    <DayField name="from" value={dayText(range.from)} />
    <DayField name="to" value={dayText(range.to - 1)} />
    <Button>Show</Button>
    {Object.values(asked).some(value => value !== '') && <a href="/corrections">Clear</a>}
  </form>
)

const OneOf = ({ name, any, value, among }: { name: string; any: string; value: string; among: string[] }) => (
  <select class="input" name={name} aria-label={any.replace('Any s', 'S').replace('Any a', 'A')}>
    <option value="">{any}</option>
    {[...new Set(value === '' ? among : [value, ...among])].toSorted().map(one => (
      <option value={one} selected={one === value}>
        {one}
      </option>
    ))}
  </select>
)

/** Whether a sum is one of those that were asked for. */
function fits({ workflow, step, agent }: ReviewSum, asked: AskedCorrections): boolean {
  const is = (wanted: string, value: string | null) => wanted === '' || wanted === value
  return is(asked.workflow, workflow) && is(asked.step, step) && is(asked.agent, agent)
}

const Steps = ({ view: { asked, range, sums, names } }: { view: View }) => {
  const shown = sums.filter(sum => fits(sum, asked))
  if (shown.length === 0) {
    return (
      <EmptyState icon="check" title="Nobody has decided on a draft yet">
        <p>Where a person approves, edits or rejects what a model drafted, it is counted here, step by step.</p>
      </EmptyState>
    )
  }
  return (
    <section class="stack-tight" aria-labelledby="by-step">
      <h2 id="by-step">By step</h2>
      <section class="table-scroll" aria-label="Figures by step" tabindex={0}>
        <table class="table figures">
          <Head names={['Drafted at', ...COUNTS]} />
          <tbody>
            {shown.map(sum => (
              <tr>
                <th scope="row" hx-ignore>
                  <a href={hrefOf({ ...asked, workflow: sum.workflow, step: sum.step, agent: sum.agent ?? '' }, range)}>
                    {sum.step}
                  </a>
                  <span class="small secondary">
                    {names.workflows.get(sum.workflow) ?? ''}
                    {sum.atStep !== sum.step && ` · decided at ${sum.atStep}`}
                    {sum.agent !== null && ` · agent ${sum.agent}`}
                  </span>
                </th>
                <Counts {...sum} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

/** What `Counts` tells, in its order. */
const COUNTS = ['Decided', 'Unchanged', 'Edited', 'Rejected', 'Not reviewed']

const Counts = (sum: Omit<ReviewSpan, 'from'>) => (
  <>
    <td class="number">{sum.decided}</td>
    <td class="number">{percent(ratesOf(sum).unchangedRate)}</td>
    <td class="number">{sum.edited}</td>
    <td class="number">{sum.rejected}</td>
    <td class="number">{sum.sampled}</td>
  </>
)

const OverTime = ({ view: { range, spans } }: { view: View }) => {
  if (spans.length === 0) return null
  return (
    <section class="stack-tight" aria-labelledby="over-time">
      <h2 id="over-time">Over time</h2>
      <section class="table-scroll" aria-label="Figures over time" tabindex={0}>
        <table class="table figures">
          <Head names={['Days', ...COUNTS]} />
          <tbody>
            {spans.map(span => (
              <tr>
                <th scope="row">{daysOf(span.from, range)}</th>
                <Counts {...span} />
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    </section>
  )
}

function daysOf(from: number, range: Range): string {
  const last = Math.min(from + spanOf(range), range.to) - 1
  return dayText(from) === dayText(last) ? dayText(from) : `${dayText(from)} – ${dayText(last)}`
}

function hrefOf(asked: AskedCorrections, range: Range): string {
  const days = { from: dayText(range.from), to: dayText(range.to - 1) }
  const given = Object.entries({ ...asked, ...days }).filter(([, value]) => value !== '')
  return `/corrections?${new URLSearchParams(given)}`
}

const Ledger = ({ view }: { view: View }) => (
  <section class="stack-tight" aria-labelledby="ledger">
    <h2 id="ledger">What was changed</h2>
    {view.rows.length === 0 ? (
      <p class="secondary">
        {view.next === null
          ? 'Nothing was corrected in these days.'
          : `Nothing among the latest ${LOOKED_THROUGH} fits. Look further back, or choose the days.`}
      </p>
    ) : (
      <CorrectionTable rows={view.rows} names={view.names} now={view.now} />
    )}
    <NextPage href={hrefOf(view.asked, view.range)} next={view.next} />
  </section>
)

const WHY: Record<CorrectionRow['why'], string> = {
  edited: 'edited',
  redrafted: 'sent back',
  answered: 'decided otherwise',
  denied: 'call not allowed',
}

/** Corrections with who made them, and the way to make them notes. */
export const CorrectionTable = ({ rows, names, now }: Pick<View, 'rows' | 'names' | 'now'>) => (
  <section class="table-scroll" aria-label="Corrections" tabindex={0}>
    <table class="table audit">
      <Head names={['When', 'Field', 'What', 'Where']} />
      <tbody>
        {rows.map(row => (
          <Line row={row} names={names} now={now} />
        ))}
      </tbody>
    </table>
  </section>
)

const Line = ({ row, names, now }: { row: CorrectionRow } & Pick<View, 'names' | 'now'>) => (
  <tr>
    <td>
      <Time at={row.at} now={now} />
      <div class="small secondary" hx-ignore>
        {row.person}
      </div>
    </td>
    <td hx-ignore>
      <code>{row.field === '' ? 'all of it' : row.field}</code>
      <div class="small secondary">{WHY[row.why]}</div>
    </td>
    <td hx-ignore>
      <div class="was-became">
        {row.was !== '' && <del>{row.was}</del>} {row.became !== '' && <ins>{row.became}</ins>}
      </div>
      {row.note !== null && <p class="small">“{row.note}”</p>}
    </td>
    <td hx-ignore>
      <a href={`/tasks/${row.task}?tab=log&seq=${row.seq}`}>{names.tasks.get(row.task) ?? row.task}</a>
      <div class="small secondary">
        {row.step}
        {row.agent === null
          ? row.model !== null && ` · ${row.model}`
          : ` · agent ${row.agent}${row.agentVersion === null ? '' : ` v${row.agentVersion}`}`}
      </div>
      {row.agent !== null && (
        <a class="small" href={`/knowledge/new?correction=${row.at}.${correctionId(row)}`}>
          Make it a note for {row.agent}
        </a>
      )}
    </td>
  </tr>
)
