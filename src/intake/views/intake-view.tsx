/** The intakes of a workflow, and the page of one: where it is, what may be done with it, what came. */
import type { Child } from 'hono/jsx'
import { Button, ButtonLink, Copyable } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { IntakeRow } from '../../records/intake/intakes.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import { currentSecret } from '../webhook-secret.ts'
import { Deliveries, type DeliveriesView } from './delivery-view.tsx'

export interface IntakesView {
  workflow: { id: string; name: string }
  children?: Child
}

/** All the ways into a workflow, a section for each kind. */
export const Intakes = ({ workflow, children }: IntakesView) => (
  <div class="stack">
    <header class="page-head">
      <div>
        <h1>Intakes</h1>
        <p>
          The ways into{' '}
          <a href={`/workflows/${workflow.id}`} hx-ignore>
            {workflow.name}
          </a>
        </p>
      </div>
    </header>
    {children}
  </div>
)

export interface IntakeView {
  row: IntakeRow
  /** Where it is and how it is used; each kind has its own. */
  about: Child
  /** A secret that was made just now. */
  secret?: { text: string; until: number | null }
  deliveries: DeliveriesView
  canChange: boolean
}

/** Where a webhook is sent to, and how. */
export const Address = ({ url, children }: { url: string; children?: Child }) => (
  <section class="stack-tight">
    <h2>Address</h2>
    <Copyable text={url} />
    {children}
  </section>
)

const KINDS = { webhook: 'Webhook', email: 'E-mail', form: 'Form', schedule: 'Schedule' }

export const IntakePage = ({ view }: { view: IntakeView }) => {
  const { row, about, secret, canChange } = view
  const at = view.deliveries.at
  const type = row.kind === 'webhook' ? `, ${row.config.auth.type}` : ''
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <h1 hx-ignore>{row.name}</h1>
          <p>
            {KINDS[row.kind]}
            {type} · <a href={`/workflows/${row.workflow}/intakes`}>all intakes</a>
          </p>
        </div>
        {canChange && <Tools row={row} at={at} />}
      </header>
      {secret && <NewSecret {...secret} />}
      {about}
      <SettingsOf row={row} at={at} />
      <Deliveries view={view.deliveries} />
    </div>
  )
}

const Tools = ({ row: { kind, config }, at }: { row: IntakeRow; at: string }) => (
  <div class="page-tools">
    {kind === 'webhook' && (
      <PostForm action={`${at}/test`}>
        <Button icon="send">Send a test</Button>
      </PostForm>
    )}
    <ButtonLink href={`${at}/edit`} icon="edit">
      Edit
    </ButtonLink>
    {kind === 'webhook' && config.auth.type !== 'key' && config.auth.type !== 'open' && (
      <PostForm action={`${at}/rotate`}>
        <Button icon="refresh">Rotate the secret</Button>
      </PostForm>
    )}
    <ButtonLink href={`${at}/delete`} look="quiet" icon="trash">
      Close
    </ButtonLink>
  </div>
)

const NewSecret = ({ text, until }: { text: string; until: number | null }) => (
  <Notice state="done" icon="key">
    <p>
      <strong>The secret.</strong> Copy it now: it is not shown again.
      {until !== null && ' The one before still counts for 24 hours.'}
    </p>
    <Copyable text={text} />
  </Notice>
)

const SAME = {
  webhook: 'by the service’s own id or an Idempotency-Key',
  email: 'by the mail’s own Message-ID',
  form: 'the same page with the same content, sent twice',
  schedule: '',
}

const SettingsOf = ({ row, at }: { row: IntakeRow; at: string }) => {
  const { filter, map, event, dedupe, limit, cors, callbacks } = row.config
  return (
    <section class="stack-tight">
      <h2>What becomes of a delivery</h2>
      <dl class="facts" hx-ignore>
        <dt>Filter</dt>
        <dd>{filter === undefined ? 'none' : <code>{filter}</code>}</dd>
        {event && (
          <>
            <dt>Event</dt>
            <dd>
              <code>{event.name}</code> for the open tasks with the key <code>{event.key}</code>
            </dd>
          </>
        )}
        <dt>{event === undefined ? 'Input' : 'Its data'}</dt>
        <dd>
          {map === undefined
            ? 'the body'
            : Object.entries(map).map(([field, template]) => (
                <div>
                  <code>
                    {field}: {template}
                  </code>
                </div>
              ))}
        </dd>
        {row.kind === 'webhook' && <OfferedSecret config={row.config} />}
        <dt>Repeats</dt>
        <dd>{dedupe === undefined ? SAME[row.kind] : <code>{JSON.stringify(dedupe)}</code>}</dd>
        <dt>Limit</dt>
        <dd>{limit === undefined ? 'none' : `${limit.count} tasks in ${limit.seconds} s`}</dd>
        {cors && (
          <>
            <dt>Pages</dt>
            <dd>{cors.join(', ')}</dd>
          </>
        )}
        {callbacks && (
          <>
            <dt>Callbacks</dt>
            <dd>
              to {callbacks.join(', ')}, as senders ask, signed with{' '}
              <a href={`/workflows/${row.workflow}/callbacks`}>the workflow’s secret</a>
            </dd>
          </>
        )}
      </dl>
      <p>
        <a href={`${at}/preview`}>Try filter and map on a delivery</a>
      </p>
    </section>
  )
}

/** Where the sender offers the secret: whether it has, as it proved nothing then. */
const OfferedSecret = ({ config }: { config: IntakeConfig }) => {
  const header = config.auth.type === 'hmac' ? config.auth.secretHeader : undefined
  if (header === undefined) return null
  const current = currentSecret(config)
  return (
    <>
      <dt>Secret</dt>
      <dd>
        {current === undefined ? (
          <>
            none yet: the first that is offered in <code>{header}</code> is taken
          </>
        ) : current.offeredAt === undefined ? (
          'the one that you gave'
        ) : (
          <>
            offered in <code>{header}</code> <Time at={current.offeredAt} />; no other is taken until you rotate it
          </>
        )}
      </dd>
    </>
  )
}

const PostForm = ({ action, children }: { action: string; children?: Child }) => (
  <form method="post" action={action}>
    {children}
  </form>
)

const CLOSED: Record<IntakeRow['kind'], string> = {
  webhook:
    'Its address answers 404 from then on, within 10 s everywhere. Its tasks go on, and what it holds stays held.',
  email: 'Mail to its address goes back from then on, and the address is free for another. Its tasks go on.',
  form: 'Its page is gone from then on. Its tasks go on, and senders may still follow what they sent.',
  schedule: 'No run comes any more. Its tasks go on.',
}

/** Asks once more; `back`: where to go instead. */
export const ClosePage = ({ row, at, back }: { row: IntakeRow; at: string; back: string }) => (
  <div class="stack">
    <header class="page-head">
      <h1>
        Close <span hx-ignore>{row.name}</span>?
      </h1>
    </header>
    <p>{CLOSED[row.kind]}</p>
    <form class="form" method="post" action={`${at}/delete`}>
      <div class="form-actions">
        <Button look="danger" icon="trash">
          Close it
        </Button>
        <ButtonLink href={back} look="quiet">
          Keep it
        </ButtonLink>
      </div>
    </form>
  </div>
)
