/** What came to an intake, as people read it: verdict, answer, task, and the request itself. */
import { Tag } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { Search, Select } from '../../http/components/field.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Duration, Time } from '../../http/components/value/time.tsx'
import { PlainText } from '../../http/page/markdown.tsx'
import type { DeliveryRequest, DeliveryRow, Verdict } from '../../records/intake/deliveries.ts'
import { LOOKED_THROUGH } from '../../records/walk.ts'
import { repairInWords } from '../arrival/repair.ts'

export interface DeliveriesView {
  /** The intake's page. */
  at: string
  rows: DeliveryRow[]
  /** Of the tasks that they made, by id. */
  titles: Map<string, string>
  next: string | null
  verdict: Verdict | ''
  q: string
  canChange: boolean
}

const LABELS: Record<Verdict, string> = {
  accepted: 'Accepted',
  unmatched: 'No task',
  duplicate: 'Repeat',
  skipped: 'Passed over',
  refused: 'Refused',
  held: 'Held',
}
const OPTIONS = [{ value: '', label: 'All' }, ...Object.entries(LABELS).map(([value, label]) => ({ value, label }))]

export const Deliveries = ({ view }: { view: DeliveriesView }) => {
  const query = new URLSearchParams({ ...(view.verdict && { verdict: view.verdict }), ...(view.q && { q: view.q }) })
  return (
    <section class="stack" id="deliveries">
      <h2>Deliveries</h2>
      <form class="form form--inline" method="get" action={view.at}>
        <Search label="Search deliveries" value={view.q} />
        <Select label="Verdict" name="verdict" required value={view.verdict} options={OPTIONS} />
        <Button>Find</Button>
      </form>
      {view.rows.length === 0 ? (
        <EmptyState icon="inbox" title={view.q || view.verdict ? 'Nothing like that came' : 'Nothing has come yet'}>
          <p>
            {view.next === null
              ? 'What comes to the address above shows up here, and is kept for 30 days.'
              : `${LOOKED_THROUGH} deliveries were looked through; look further back.`}
          </p>
        </EmptyState>
      ) : (
        <div class="table-scroll">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Came</th>
                <th scope="col">Verdict</th>
                <th scope="col">What became of it</th>
              </tr>
            </thead>
            <tbody>
              {view.rows.map(row => (
                <DeliveryLine row={row} view={view} />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {view.canChange && view.rows.length > 0 && (view.verdict === 'refused' || view.verdict === 'skipped') && (
        <form class="row" method="post" action={`${view.at}/replay`}>
          <input type="hidden" name="verdict" value={view.verdict} />
          <input type="hidden" name="q" value={view.q} />
          <Button icon="retry">Replay all of these</Button>
          <span class="secondary small">
            The newest 50, each once, by the settings as they are now; not those that did not prove who sent them.
          </span>
        </form>
      )}
      <NextPage href={`${view.at}?${query}`} next={view.next} />
    </section>
  )
}

const DeliveryLine = ({ row, view }: { row: DeliveryRow; view: DeliveriesView }) => (
  <tr id={row.id}>
    <td>
      <Time at={row.at} />
    </td>
    <td>
      <Tag>{LABELS[row.verdict]}</Tag>
      <div class="small secondary">
        {row.status} · <Duration ms={row.ms} />
      </div>
    </td>
    <td class="stack-tight">
      <div hx-ignore>
        {namesTask(row) && <a href={`/tasks/${row.task}`}>{view.titles.get(row.task!) ?? 'The task'}</a>}{' '}
        {row.reason !== null && <span>{row.reason}</span>}
      </div>
      <Request row={row} />
      <div class="row">
        {view.canChange && (row.verdict !== 'held' || row.task === null) && (
          <form method="post" action={`${view.at}/deliveries/${row.id}/replay`}>
            <Button size="small" icon="retry">
              Replay
            </Button>
          </form>
        )}
        <ButtonLink size="small" look="quiet" href={`${view.at}/preview?delivery=${row.id}`}>
          Preview
        </ButtonLink>
      </div>
    </td>
  </tr>
)

const Request = ({ row }: { row: DeliveryRow }) => {
  const { headers, query, type, body, length, kept, repaired = [] } = JSON.parse(row.request) as DeliveryRequest
  return (
    <details class="explain">
      <summary>What came{type === null ? '' : `: ${type}`}</summary>
      <div class="stack-tight" hx-ignore>
        {body === '' ? <p class="secondary">Its body was not read.</p> : <PlainText text={body} />}
        {length > body.length && (
          <p class="secondary small">
            The beginning of {Math.ceil(length / 1024)} KiB
            {hasTask(row) ? '; its task has the rest.' : kept ? '; all of it is kept.' : '.'}
          </p>
        )}
        {repaired.length > 0 && (
          <p class="secondary small">
            Repaired, as its sender cannot change it: {repaired.map(repairInWords).join('; ')}.
          </p>
        )}
        <PlainText text={linesOf(headers)} />
        {Object.keys(query).length > 0 && <PlainText text={linesOf(query)} />}
        <p class="secondary small mono">{row.id}</p>
      </div>
    </details>
  )
}

/** What is held names the task that it would be; of a refused one it is the task that had its key before. */
function namesTask({ verdict, task }: DeliveryRow): boolean {
  return task !== null && verdict !== 'held'
}

function hasTask({ verdict, task }: DeliveryRow): boolean {
  return task !== null && (verdict === 'accepted' || verdict === 'duplicate')
}

function linesOf(values: Record<string, string>): string {
  return Object.entries(values)
    .map(([name, value]) => `${name}: ${value}`)
    .join('\n')
}
