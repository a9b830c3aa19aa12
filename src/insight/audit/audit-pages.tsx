/** `/audit`: what happened in the team, searched by a form whose filters are in the address, and the same as files. */
import { Hono } from 'hono'
import { cut, shorten } from '../../domain/text/cut.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { Search, WorkflowSelect } from '../../http/components/field.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Head } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { JsonText } from '../../http/components/value/value.tsx'
import { fragment, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { type AuditRow, namesOf } from '../../records/audit.ts'
import { readCursor } from '../../records/cursor.ts'
import { isTaskId } from '../../records/ids.ts'
import { LOOKED_THROUGH } from '../../records/walk.ts'
import { DayField, Insight } from '../frame.tsx'
import { openRange } from '../range.ts'
import { EXPORT_TYPES, exportAudit } from './audit-export.ts'
import { type AuditNames, type AuditSearch, searchAudit } from './audit-search.ts'
import { actorInWords, factsInWords, originInWords, TYPE_WORDS, typesInWords } from './audit-words.ts'

export const auditPages = new Hono<PageEnv>()

auditPages.get('/audit', async c => {
  const { team } = c.get('person')
  const asked = askedOf(c)
  const now = Date.now()
  const since = sinceOf(c)
  if (since !== null) return newRows(c, asked, since, now)
  const cursor = readCursor(c.req.query('cursor') ?? '')
  const { items, next } = await searchAudit(c.env.DB, team.id, filterOf(asked), cursor)
  const names = await namesOf(c.env.DB, team.id, items)
  const isLive = cursor === null && (filterOf(asked).to ?? now + 1) > now
  const live = isLive ? { since: now - LATE_MS } : null
  const content = <AuditPage asked={asked} rows={items} next={next} names={names} now={now} live={live} />
  return page(c, { title: 'Audit log', active: 'insight', width: 'wide', styles: ['insight'] }, content)
})

for (const format of ['csv', 'jsonl'] as const) {
  auditPages.get(`/audit.${format}`, c => {
    c.header('Content-Type', EXPORT_TYPES[format])
    c.header('Content-Disposition', `attachment; filename="audit.${format}"`)
    return c.body(exportAudit(c.env.DB, c.get('person').team.id, filterOf(askedOf(c)), format))
  })
}

/** So late a row may come: what is newer than that is read anew at each look. */
const LATE_MS = 15_000
const LOOK_EVERY_S = 5
/** So many rows that came since the page was opened are shown on it; then it is opened anew. */
const MOST_NEW = 200

/** From when on the page asks for what is new; null: it asks for a page. */
function sinceOf(c: PageContext): number | null {
  const text = c.req.query('since') ?? ''
  return /^\d{1,15}$/.test(text) ? Number(text) : null
}

/** What came since the page was opened, as the part of its table; 204 where that is what the page shows. */
async function newRows(c: PageContext, asked: Asked, since: number, now: number) {
  const filter = filterOf(asked)
  const narrowed = { ...filter, from: Math.max(filter.from ?? 0, since) }
  const { team } = c.get('person')
  const { items } = await searchAudit(c.env.DB, team.id, narrowed, null, MOST_NEW)
  if (c.req.query('seen') === `${items.length}`) return c.body(null, 204)
  const names = await namesOf(c.env.DB, team.id, items)
  return fragment(c, <NewRows asked={asked} rows={items} names={names} now={now} since={since} />)
}

/** The filters as the form has them. */
interface Asked {
  q: string
  task: string
  workflow: string
  actor: string
  type: string
  from: string
  to: string
}

function askedOf(c: PageContext): Asked {
  const word = (name: string, most = 254) => cut((c.req.query(name) ?? '').trim(), most)
  return {
    q: word('q', 200),
    task: word('task', 40),
    workflow: word('workflow', 40),
    actor: word('actor'),
    type: word('type', 40),
    from: word('from', 10),
    to: word('to', 10),
  }
}

function filterOf(asked: Asked): AuditSearch {
  const given = Object.entries(asked).filter(([name, value]) => value !== '' && name !== 'from' && name !== 'to')
  return { ...Object.fromEntries(given), ...openRange(asked.from || undefined, asked.to || undefined) }
}

function queryOf(asked: Asked): string {
  return new URLSearchParams(Object.entries(asked).filter(([, value]) => value !== '')).toString()
}

interface View {
  asked: Asked
  rows: AuditRow[]
  next: string | null
  names: AuditNames
  now: number
  /** It shows what comes while it is open; `since`: from when on. */
  live: { since: number } | null
}

const AuditPage = ({ asked, rows, next, names, now, live }: View) => (
  <Insight at="audit">
    <header class="page-head">
      <div>
        <h1>Audit log</h1>
        <p>
          What people, keys and Baton did, newest first. It trails the tasks by up to two seconds
          {live === null ? '' : ', and this page follows it'}.
        </p>
      </div>
      <div class="row">
        <ButtonLink href="/audit/proof" look="quiet">
          Proof
        </ButtonLink>
        {['csv', 'jsonl'].map(format => (
          <ButtonLink href={`/audit.${format}?${queryOf(asked)}`} icon="download" look="quiet">
            {format === 'csv' ? 'CSV' : 'JSON Lines'}
          </ButtonLink>
        ))}
      </div>
    </header>
    <div class="stack">
      <Filters asked={asked} workflows={names.all} />
      {(rows.length > 0 || live !== null) && (
        <div class="table-scroll">
          <table class="table audit">
            <Head names={['When', 'What', 'Who', 'Where']} />
            {live !== null && (
              <NewRows
                asked={asked}
                rows={rows.filter(({ at }) => at >= live.since)}
                names={names}
                now={now}
                since={live.since}
              />
            )}
            <tbody>
              {rows
                .filter(({ at }) => live === null || at < live.since)
                .map(row => (
                  <Line row={row} names={names} now={now} />
                ))}
            </tbody>
          </table>
        </div>
      )}
      {rows.length === 0 && (
        <EmptyState icon="history" title={next === null ? 'Nothing on record fits' : 'Nothing recent fits'}>
          <p>
            {next === null
              ? 'Take a filter away, or widen the days.'
              : `${LOOKED_THROUGH} entries were looked through. Look further back, or choose the days.`}
          </p>
          <a class="button" href="/audit">
            Show everything
          </a>
        </EmptyState>
      )}
      <NextPage href={`/audit?${queryOf(asked)}`} next={next} />
    </div>
  </Insight>
)

/** The rows that came since the page was opened; it asks for more of them while somebody looks at it. */
const NewRows = ({ asked, rows, names, now, since }: Omit<View, 'next' | 'live'> & { since: number }) => {
  const query = new URLSearchParams([...new URLSearchParams(queryOf(asked)), ['since', `${since}`]])
  query.set('seen', `${rows.length}`)
  const again = {
    'hx-get': `/audit?${query}`,
    'hx-trigger': `every ${LOOK_EVERY_S}s`,
    'hx-swap': 'outerMorph',
    'hx-target': 'this',
  }
  const isFull = rows.length >= MOST_NEW
  return (
    <tbody id="audit-new" {...(isFull ? {} : again)}>
      {isFull && (
        <tr>
          <td colspan={4}>
            <a href={`/audit?${queryOf(asked)}`}>Much has happened since: show the newest</a>
          </td>
        </tr>
      )}
      {rows.map(row => (
        <Line row={row} names={names} now={now} />
      ))}
    </tbody>
  )
}

const Filters = ({ asked, workflows }: { asked: Asked; workflows: AuditNames['all'] }) => (
  <form class="form--inline" action="/audit" method="get">
    <Search label="Words in an entry" value={asked.q} />
    <select class="input" name="type" aria-label="What happened">
      <option value="">Anything</option>
      {Object.entries(TYPE_WORDS).map(([type, word]) => (
        <option value={type} selected={type === asked.type}>
          {word}
        </option>
      ))}
    </select>
    <WorkflowSelect workflows={workflows} value={asked.workflow} />
    <Button icon="search">Search</Button>
    {Object.values(asked).some(value => value !== '') && <a href="/audit">Clear</a>}
    <details class="explain" open={[asked.actor, asked.task, asked.from, asked.to].some(value => value !== '')}>
      <summary>Who, which task, which days</summary>
      <div class="form--inline">
        <input
          class="input"
          name="actor"
          value={asked.actor}
          placeholder="Who: address, key, system"
          aria-label="Who"
        />
        <input class="input" name="task" value={asked.task} placeholder="Task: tsk_…" aria-label="Task" />
        <DayField name="from" value={asked.from} />
        <DayField name="to" value={asked.to} />
      </div>
    </details>
  </form>
)

const Line = ({ row, names, now }: { row: AuditRow; names: AuditNames; now: number }) => {
  const facts = factsInWords(row.facts)
  const isTask = isTaskId(row.task)
  return (
    <tr id={`at-${row.task}-${row.seq}`}>
      <td>
        <Time at={row.at} now={now} />
      </td>
      <td>
        <details>
          <summary hx-ignore>
            <strong>{typesInWords(row.types)}</strong>
            {facts === '' ? '' : ` · ${shorten(facts, 300)}`}
          </summary>
          <JsonText value={JSON.parse(row.facts)} />
          <p class="small secondary">
            <code>SHA-256 {row.digest}</code>
          </p>
        </details>
      </td>
      <td hx-ignore>
        {actorInWords(row.actor)}
        {originInWords(row.actor) !== '' && (
          <div class="small secondary" title="One mark is one network address, for a month">
            from {originInWords(row.actor)}
          </div>
        )}
      </td>
      <td hx-ignore>
        {isTask ? (
          <>
            <a href={`/tasks/${row.task}?tab=log&seq=${row.seq}`}>{names.tasks.get(row.task) ?? row.task}</a>
            <div class="small secondary">
              {names.workflows.get(row.workflow) ?? ''}
              {row.step === null ? '' : ` · ${row.step}`}
            </div>
          </>
        ) : (
          <span class="secondary">{names.workflows.get(row.workflow) ?? 'the team'}</span>
        )}
      </td>
    </tr>
  )
}
