/** A workflow's callbacks as people read them: where to, the secret, and each one with its answer. */

import { shorten } from '../../domain/text/cut.ts'
import type { CallbackOn } from '../../domain/workflow/parts.ts'
import { StatusPill } from '../../http/components/badge.tsx'
import { Button, ButtonLink, Copyable } from '../../http/components/button.tsx'
import { EmptyState, Notice } from '../../http/components/feedback.tsx'
import { Select } from '../../http/components/field.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { CallbackState } from '../../records/schema/task.ts'
import type { Callback } from '../../records/task/told/callbacks.ts'

/** A secret that was made or opened just now; `until`: how long the one before signs beside it, null: there is none. */
export interface NewSecret {
  text: string
  until: number | null
}

export interface CallbacksView {
  workflow: { id: string; name: string }
  /** What the live version says; null: it tells nobody. */
  told: { url: string; on: readonly CallbackOn[] } | null
  secret: { fresh: NewSecret | null; shownAt: number | null; until: number | null }
  rows: Callback[]
  /** Of their tasks, by id. */
  titles: Map<string, string>
  next: string | null
  status: CallbackState | ''
  canChange: boolean
  now: number
}

const ON_WORDS: Record<CallbackOn, string> = {
  done: 'is done',
  failed: 'has failed',
  stuck: 'is stuck',
  waiting: 'waits for a person',
}

const pathOf = (workflow: string) => `/workflows/${workflow}/callbacks`

export const Callbacks = ({ view }: { view: CallbacksView }) => (
  <div class="stack">
    <header class="page-head">
      <div>
        <h1>Callbacks</h1>
        <p>
          What services are told of the tasks of{' '}
          <a href={`/workflows/${view.workflow.id}`} hx-ignore>
            {view.workflow.name}
          </a>
        </p>
      </div>
    </header>
    {view.secret.fresh && <FreshSecret {...view.secret.fresh} />}
    <WhereTo view={view} />
    <Secret view={view} />
    <Sent view={view} />
  </div>
)

const FreshSecret = ({ text, until }: NewSecret) => (
  <Notice state="done" icon="key">
    <p>
      <strong>The signing secret.</strong> Copy it now: it is not shown again.
      {until !== null && ' Callbacks carry a signature by the one before, too, for 24 hours.'}
    </p>
    <Copyable text={text} />
  </Notice>
)

const WhereTo = ({ view: { workflow, told, canChange } }: { view: CallbacksView }) => (
  <section class="stack-tight">
    <h2>Where to</h2>
    {told === null ? (
      <p>
        No address is set: only those are told who named one when they started their task (<code>callback</code>).
      </p>
    ) : (
      <>
        <p hx-ignore>
          <code>{told.url}</code>
        </p>
        <p>When a task {listed(told.on.map(on => ON_WORDS[on]))}.</p>
      </>
    )}
    {canChange && (
      <div>
        <ButtonLink href={`/workflows/${workflow.id}/edit/settings#callback_url`} icon="edit">
          {told === null ? 'Set an address' : 'Change'}
        </ButtonLink>
      </div>
    )}
  </section>
)

/** "is done, failed or is stuck". */
function listed(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

const Secret = ({ view }: { view: CallbacksView }) => {
  const { fresh, shownAt, until } = view.secret
  const at = pathOf(view.workflow.id)
  return (
    <section class="stack-tight">
      <h2>Signing secret</h2>
      <p>
        Each callback carries <code>webhook-id</code>, <code>webhook-timestamp</code> and <code>webhook-signature</code>
        , as{' '}
        <a href="https://www.standardwebhooks.com/" rel="noreferrer">
          Standard Webhooks
        </a>{' '}
        have it: a receiver that knows the secret can tell that it came from here.
      </p>
      {fresh === null && (
        <p>
          {shownAt === null ? (
            'Nobody has seen it yet.'
          ) : (
            <>
              It was shown <Time at={shownAt} now={view.now} />, and is not shown again. Roll it to get another one: the
              one before signs beside it for 24 hours.
            </>
          )}
          {until !== null && until > view.now && (
            <>
              {' '}
              The one before still signs; that ends <Time at={until} now={view.now} />.
            </>
          )}
        </p>
      )}
      {view.canChange && fresh === null && (
        <form method="post" action={`${at}/${shownAt === null ? 'secret' : 'rotate'}`}>
          <Button icon={shownAt === null ? 'eye' : 'refresh'}>
            {shownAt === null ? 'Show it once' : 'Roll the secret'}
          </Button>
        </form>
      )}
    </section>
  )
}

const STATE_WORDS: Record<CallbackState, string> = {
  pending: 'On its way',
  delivered: 'Delivered',
  failed: 'Given up',
}
const OPTIONS = [
  { value: '', label: 'All' },
  ...Object.entries(STATE_WORDS).map(([value, label]) => ({ value, label })),
]

const Sent = ({ view }: { view: CallbacksView }) => {
  const at = pathOf(view.workflow.id)
  return (
    <section class="stack" id="deliveries">
      <h2>What was sent</h2>
      <form class="form form--inline" method="get" action={at}>
        <Select label="State" name="status" required value={view.status} options={OPTIONS} />
        <Button>Show</Button>
      </form>
      {view.rows.length === 0 ? (
        <EmptyState icon="send" title={view.status ? 'None of these' : 'Nothing was sent yet'}>
          <p>
            Each callback shows up here with what its receiver answered, and is sent again for a day until it is taken.
          </p>
        </EmptyState>
      ) : (
        <section class="table-scroll" aria-label="Callbacks" tabindex={0}>
          <table class="table">
            <HeadWithActions names={['Made', 'Told', 'State', 'Answer']} />
            <tbody>
              {view.rows.map(row => (
                <Line row={row} view={view} />
              ))}
            </tbody>
          </table>
        </section>
      )}
      <NextPage href={view.status ? `${at}?status=${view.status}` : at} next={view.next} />
    </section>
  )
}

const Line = ({ row, view }: { row: Callback; view: CallbacksView }) => (
  <tr id={row.id}>
    <td>
      <Time at={row.createdAt} now={view.now} />
    </td>
    <td>
      <div hx-ignore>
        <a href={`/tasks/${row.task}`}>{view.titles.get(row.task) ?? 'The task'}</a>{' '}
        {ON_WORDS[row.type.replace('task.', '') as CallbackOn] ?? row.type}
      </div>
      <div class="small secondary" hx-ignore>
        {shorten(row.url, 80)}
      </div>
    </td>
    <td>
      <State row={row} now={view.now} />
    </td>
    <td>
      <div hx-ignore>{answerOf(row)}</div>
      <div class="small secondary">{triesOf(row)}</div>
    </td>
    <td class="number">
      {view.canChange && (
        <form method="post" action={`${pathOf(view.workflow.id)}/${row.id}/resend`}>
          <Button size="small" icon="retry">
            Send again
          </Button>
        </form>
      )}
    </td>
  </tr>
)

const State = ({ row, now }: { row: Callback; now: number }) => {
  if (row.status === 'delivered') {
    return (
      <>
        <StatusPill status="done">{STATE_WORDS.delivered}</StatusPill>
        <div class="small secondary">
          <Time at={row.deliveredAt ?? row.createdAt} now={now} />
        </div>
      </>
    )
  }
  if (row.status === 'failed') return <StatusPill status="failed">{STATE_WORDS.failed}</StatusPill>
  return (
    <>
      <StatusPill status={row.lastError === null ? 'running' : 'held'}>{STATE_WORDS.pending}</StatusPill>
      {row.nextAt !== null && row.attempts > 0 && (
        <div class="small secondary">
          next try <Time at={row.nextAt} now={now} />
        </div>
      )}
    </>
  )
}

function answerOf({ status, lastStatus, lastError, attempts }: Callback): string {
  if (status !== 'delivered' && lastError !== null) return lastError
  return lastStatus !== null ? `${lastStatus}` : attempts === 0 ? 'Not tried yet' : 'None yet'
}

function triesOf({ attempts }: Callback): string {
  return attempts === 0 ? '' : attempts === 1 ? '1 try' : `${attempts} tries`
}
