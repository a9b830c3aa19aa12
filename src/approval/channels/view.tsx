/** Notifications as people read them: how they are told, by which channels, and what became of each message. */
import { StatusPill, Tag } from '../../http/components/badge.tsx'
import { Button, Copyable } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Check, Select, TextField } from '../../http/components/field.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { Channel } from '../../records/people/channels.ts'
import type { DigestWish } from '../../records/people/digests.ts'
import type { Message } from '../../records/task/told/messages.ts'
import { Settings } from '../../team/settings-frame.tsx'
import { TOLD_KINDS, type ToldKind } from '../tell/message.ts'

/** A secret that was made just now; `rolled`: the one before signs beside it. */
export interface NewSecret {
  text: string
  rolled: boolean
}

export interface Wrong {
  field: 'hour' | 'timezone' | 'url' | 'tells'
  message: string
}

interface View {
  wish: DigestWish
  /** The team's, and the reader's own. */
  channels: Channel[]
  messages: Message[]
  next: string | null
  fresh: NewSecret | null
  wrong?: Wrong
  /** Whether the reader changes the team's. */
  admin: boolean
  now: number
}

const AT = '/settings/notifications'
const KINDS = { slack: 'Slack', webhook: 'Webhook' }

export const Notifications = ({ view }: { view: View }) => (
  <Settings at="notifications">
    <header class="page-head">
      <div>
        <h1>Notifications</h1>
        <p>How you and your team hear of what needs a person. No link in them decides anything when it is opened.</p>
      </div>
    </header>
    {view.fresh && (
      <Notice state="done" icon="key">
        <p>
          <strong>The signing secret.</strong> Copy it now: it is not shown again.
          {view.fresh.rolled && ' The one before signs beside it for 24 hours.'}
        </p>
        <Copyable text={view.fresh.text} />
      </Notice>
    )}
    {view.channels.filter(isFailing(view.now)).map(channel => (
      <ErrorNotice>
        {KINDS[channel.kind]} at {channel.host} has taken nothing for more than a day: {channel.lastError}{' '}
        {channel.person === null ? 'The team’s admins are' : 'You are'} told of it by mail.
      </ErrorNotice>
    ))}
    <You view={view} />
    <Channels view={view} />
    <section class="section">
      <NewChannel view={view} />
    </section>
    <Messages view={view} />
  </Settings>
)

function isFailing(now: number) {
  return ({ failingSince }: Channel) => failingSince !== null && now - failingSince > 86_400_000
}

const You = ({ view: { wish, wrong } }: { view: View }) => {
  const error = (field: Wrong['field']) => (wrong?.field === field ? wrong.message : undefined)
  return (
    <form class="panel form narrow" method="post" action={AT}>
      <h2>How you are told</h2>
      <Select
        label="Mail about what waits for you"
        name="how"
        value={wish.how}
        options={[
          { value: 'now', label: 'At once, one for each' },
          { value: 'hourly', label: 'Together, every hour' },
          { value: 'daily', label: 'Together, once a day' },
        ]}
      />
      <TextField
        label="At this hour, once a day"
        name="hour"
        value={String(wish.hour)}
        error={error('hour')}
        required
      />
      <TextField
        label="Time zone"
        name="timezone"
        value={wish.timezone}
        error={error('timezone')}
        hint="Such as Europe/Berlin."
        required
      />
      <Button>Save</Button>
    </form>
  )
}

const Channels = ({ view: { channels, admin, now } }: { view: View }) => (
  <section class="section stack-tight">
    <h2>Channels</h2>
    {channels.length === 0 && <p class="secondary">There are none yet: everybody is told by mail alone.</p>}
    {channels.length > 0 && (
      <section class="table-scroll" aria-label="Channels" tabindex={0}>
        <table class="table">
          <HeadWithActions names={['Channel', 'Tells of', 'State']} />
          <tbody>
            {channels.map(channel => (
              <ChannelRow channel={channel} mayChange={admin || channel.person !== null} now={now} />
            ))}
          </tbody>
        </table>
      </section>
    )}
  </section>
)

const ChannelRow = ({ channel, mayChange, now }: { channel: Channel; mayChange: boolean; now: number }) => {
  const { id, kind, host, person, tells, failingSince, lastError } = channel
  const named = `${KINDS[kind]} at ${host}`
  return (
    <tr>
      <th scope="row">
        {named} <Tag>{person === null ? 'the team’s' : 'yours'}</Tag>
      </th>
      <td>{toldWords(tells)}</td>
      <td>
        {failingSince === null ? (
          <StatusPill status="done">Works</StatusPill>
        ) : (
          <>
            <StatusPill status="failed">Fails</StatusPill>
            <div class="small secondary">
              since <Time at={failingSince} now={now} />: {lastError}
            </div>
          </>
        )}
      </td>
      <td class="number">
        {mayChange && (
          <div class="row">
            <Act id={id} verb="test" label={`Send a test to ${named}`}>
              Test
            </Act>
            {kind === 'webhook' && (
              <Act id={id} verb="rotate" label={`Roll the secret of ${named}`}>
                Roll secret
              </Act>
            )}
            <Act id={id} verb="delete" label={`Delete ${named}`}>
              Delete
            </Act>
          </div>
        )}
      </td>
    </tr>
  )
}

function toldWords(tells: string[]): string {
  if (Object.keys(TOLD_KINDS).every(each => tells.includes(each))) return 'Everything'
  return tells.map(each => TOLD_KINDS[each as ToldKind] ?? each).join(', ')
}

const Act = ({ id, verb, label, children }: { id: string; verb: string; label: string; children?: string }) => (
  <form method="post" action={`${AT}/channels/${id}/${verb}`}>
    <Button size="small" aria-label={label}>
      {children}
    </Button>
  </form>
)

const NewChannel = ({ view: { admin, wrong } }: { view: View }) => (
  <form class="panel form narrow" method="post" action={`${AT}/channels`}>
    <h2>Add a channel</h2>
    <Select
      label="For"
      name="for"
      value={admin ? 'team' : 'you'}
      options={[
        { value: 'you', label: 'You: what waits for you' },
        ...(admin ? [{ value: 'team', label: 'The team: everything' }] : []),
      ]}
    />
    <Select
      label="Kind"
      name="kind"
      value="slack"
      options={[
        { value: 'slack', label: 'Slack (incoming webhook)' },
        { value: 'webhook', label: 'Webhook, signed (Standard Webhooks)' },
      ]}
    />
    <TextField
      label="Address"
      name="url"
      type="url"
      autocomplete="off"
      required
      error={wrong?.field === 'url' ? wrong.message : undefined}
      hint="It is kept sealed and not shown again."
    />
    <fieldset class="field">
      <legend class="field-label">Tells of</legend>
      {Object.entries(TOLD_KINDS).map(([kind, label]) => (
        <Check name={`tells.${kind}`} label={label} checked />
      ))}
      {wrong?.field === 'tells' && <p class="field-error">{wrong.message}</p>}
    </fieldset>
    <Button>Add</Button>
  </form>
)

const STATES: Record<Message['status'], string> = {
  pending: 'On its way',
  sent: 'Sent',
  failed: 'Given up',
  dropped: 'Not needed',
}

const Messages = ({ view: { messages, next, channels, now } }: { view: View }) => (
  <section class="section stack-tight" id="messages">
    <h2>What was told</h2>
    <p class="secondary">
      By channels, and by mail where it is not a question’s own. What does not arrive is tried again for a day.
    </p>
    {messages.length > 0 && (
      <section class="table-scroll" aria-label="Messages" tabindex={0}>
        <table class="table">
          <HeadWithActions names={['Made', 'Message', 'To', 'State']} />
          <tbody>
            {messages.map(message => (
              <MessageRow message={message} channels={channels} now={now} />
            ))}
          </tbody>
        </table>
      </section>
    )}
    <NextPage href={AT} next={next} />
  </section>
)

const MessageRow = ({ message, channels, now }: { message: Message; channels: Channel[]; now: number }) => {
  const { id, createdAt, subject, path, channel: by, recipient, status, attempts, lastError } = message
  const channel = channels.find(each => each.id === by)
  const way = by === null ? 'Mail' : channel === undefined ? 'A channel' : `${KINDS[channel.kind]} at ${channel.host}`
  return (
    <tr>
      <td>
        <Time at={createdAt} now={now} />
      </td>
      <td hx-ignore>
        <a href={path}>{subject}</a>
      </td>
      <td hx-ignore>
        {way}
        <div class="small secondary">{recipient ?? 'the team'}</div>
      </td>
      <td>
        <StatusPill status={status === 'sent' ? 'done' : status === 'failed' ? 'failed' : 'held'}>
          {STATES[status]}
        </StatusPill>
        <div class="small secondary">
          {attempts === 1 ? '1 try' : `${attempts} tries`}
          {lastError !== null && `: ${lastError}`}
        </div>
      </td>
      <td class="number">
        {(status === 'pending' || status === 'failed') && (
          <form method="post" action={`${AT}/messages/${id}/send`}>
            <Button size="small" icon="retry" aria-label={`Send again: ${subject}`}>
              Send again
            </Button>
          </form>
        )}
      </td>
    </tr>
  )
}
