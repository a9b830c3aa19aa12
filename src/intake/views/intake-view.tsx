/** The intakes of a workflow, and one of them: where to send, what may be done with it, what came. */
import type { Child } from 'hono/jsx'
import { Tag } from '../../http/components/badge.tsx'
import { Button, ButtonLink, Copyable } from '../../http/components/button.tsx'
import { EmptyState, Notice } from '../../http/components/feedback.tsx'
import { Time } from '../../http/components/time.tsx'
import type { IntakeRow } from '../../records/intakes.ts'
import { Deliveries, type DeliveriesView } from './delivery-view.tsx'
import { HowToSend } from './how-to-send.tsx'

export interface IntakesView {
  workflow: { id: string; name: string }
  lines: { row: IntakeRow; url: string }[]
  canChange: boolean
}

/** The webhooks; the sections of other kinds come below them. */
export const Intakes = ({
  view: { workflow, lines, canChange },
  children,
}: {
  view: IntakesView
  children?: Child
}) => {
  const at = `/workflows/${workflow.id}/intakes`
  return (
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
        {canChange && (
          <ButtonLink href={`${at}/new`} look="primary" icon="plus">
            New webhook
          </ButtonLink>
        )}
      </header>
      {lines.length === 0 ? (
        <EmptyState icon="webhook" title="No webhooks yet">
          <p>A webhook gives other services an address that drops tasks into this workflow.</p>
        </EmptyState>
      ) : (
        <div class="table-scroll">
          <table class="table">
            <thead>
              <tr>
                <th>Name</th>
                <th>Proof</th>
                <th>Address</th>
                <th>Since</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ row, url }) => (
                <tr>
                  <th scope="row">
                    <a href={`${at}/${row.id}`} hx-ignore>
                      {row.name}
                    </a>
                  </th>
                  <td>
                    <Tag>{row.config.auth.type}</Tag>
                  </td>
                  <td>
                    <Copyable text={url} />
                  </td>
                  <td>
                    <Time at={row.createdAt} />
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {children}
    </div>
  )
}

export interface IntakeView {
  row: IntakeRow
  url: string
  /** A secret that was made just now. */
  secret?: { text: string; until: number | null }
  deliveries: DeliveriesView
  canChange: boolean
}

export const IntakePage = ({ view }: { view: IntakeView }) => {
  const { row, url, secret, canChange } = view
  const at = view.deliveries.at
  const isSigned = row.config.auth.type !== 'key' && row.config.auth.type !== 'open'
  return (
    <div class="stack">
      <header class="page-head">
        <div>
          <h1 hx-ignore>{row.name}</h1>
          <p>
            Webhook, {row.config.auth.type} · <a href={`/workflows/${row.workflow}/intakes`}>all intakes</a>
          </p>
        </div>
        {canChange && (
          <div class="page-tools">
            <PostForm action={`${at}/test`}>
              <Button icon="send">Send a test</Button>
            </PostForm>
            <ButtonLink href={`${at}/edit`} icon="edit">
              Edit
            </ButtonLink>
            {isSigned && (
              <PostForm action={`${at}/rotate`}>
                <Button icon="refresh">Rotate the secret</Button>
              </PostForm>
            )}
            <ButtonLink href={`${at}/delete`} look="quiet" icon="trash">
              Close
            </ButtonLink>
          </div>
        )}
      </header>
      {secret && <NewSecret {...secret} />}
      <section class="stack-tight">
        <h2>Address</h2>
        <Copyable text={url} />
        <HowToSend url={url} auth={row.config.auth} />
      </section>
      <SettingsOf row={row} at={at} />
      <Deliveries view={view.deliveries} />
    </div>
  )
}

const NewSecret = ({ text, until }: { text: string; until: number | null }) => (
  <Notice state="done" icon="key">
    <p>
      <strong>The secret.</strong> Copy it now: it is not shown again.
      {until !== null && ' The one before still counts for 24 hours.'}
    </p>
    <Copyable text={text} />
  </Notice>
)

const SettingsOf = ({ row, at }: { row: IntakeRow; at: string }) => {
  const { filter, map, dedupe, limit, cors } = row.config
  return (
    <section class="stack-tight">
      <h2>What becomes of a delivery</h2>
      <dl class="facts" hx-ignore>
        <dt>Filter</dt>
        <dd>{filter === undefined ? 'none' : <code>{filter}</code>}</dd>
        <dt>Input</dt>
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
        <dt>Repeats</dt>
        <dd>
          {dedupe === undefined ? (
            'by the service’s own id or an Idempotency-Key'
          ) : (
            <code>{JSON.stringify(dedupe)}</code>
          )}
        </dd>
        <dt>Limit</dt>
        <dd>{limit === undefined ? 'none' : `${limit.count} in ${limit.seconds} s`}</dd>
        {cors && (
          <>
            <dt>Pages</dt>
            <dd>{cors.join(', ')}</dd>
          </>
        )}
      </dl>
      <p>
        <a href={`${at}/preview`}>Try filter and map on a delivery</a>
      </p>
    </section>
  )
}

const PostForm = ({ action, children }: { action: string; children?: Child }) => (
  <form method="post" action={action}>
    {children}
  </form>
)

export const ClosePage = ({ row, at }: { row: IntakeRow; at: string }) => (
  <div class="stack">
    <header class="page-head">
      <h1>
        Close <span hx-ignore>{row.name}</span>?
      </h1>
    </header>
    <p>Its address answers 404 from then on, within 10 s everywhere. Its tasks go on, and what it holds stays held.</p>
    <form class="form" method="post" action={`${at}/delete`}>
      <div class="form-actions">
        <Button look="danger" icon="trash">
          Close the intake
        </Button>
        <ButtonLink href={at} look="quiet">
          Keep it
        </ButtonLink>
      </div>
    </form>
  </div>
)
