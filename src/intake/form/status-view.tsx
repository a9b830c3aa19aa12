/** What a sender sees of their task: how it stands in plain words, what they sent, and its result where that is shared. No one's name, no prompt, no reasoning, no error text. */
import type { Json } from '../../domain/json/json.ts'
import { isBlobRef } from '../../domain/task/context.ts'
import type { StoredSource } from '../../domain/task/events.ts'
import type { Stored } from '../../domain/task/log/blob.ts'
import type { Status } from '../../domain/task/state.ts'
import type { Story } from '../../domain/task/told/story.ts'
import { stepOf } from '../../domain/workflow/definition.ts'
import { stepName } from '../../domain/workflow/parts.ts'
import { ButtonLink } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { StoredValue } from '../../http/components/value/stored-value.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { PlainText } from '../../http/page/markdown.tsx'
import { publicForm } from './form-view.tsx'

interface Props {
  heading: string
  story: Story
  follow: 'status' | 'result'
}

export const StatusPage = ({ heading, story, follow }: Props) => {
  const { view } = story
  const shown = SHOWN[view.status]
  return (
    <article class="stack" id="status">
      <header class="stack-tight">
        <p class="secondary" hx-ignore>
          {heading}
        </p>
        <h1 hx-ignore>{view.title}</h1>
      </header>
      <Notice state={shown.as} icon={shown.icon}>
        <strong>{shown.title}</strong>
        <p>{sentenceOf(story)}</p>
      </Notice>
      <dl class="facts">
        <dt>Sent</dt>
        <dd>
          <Time at={view.createdAt} />
        </dd>
        {view.finishedAt === null ? (
          <>
            <dt>Last change</dt>
            <dd>
              <Time at={view.updatedAt} />
            </dd>
          </>
        ) : (
          <>
            <dt>Ended</dt>
            <dd>
              <Time at={view.finishedAt} />
            </dd>
          </>
        )}
      </dl>
      {follow === 'result' && view.status === 'done' && view.result !== null && (
        <section class="stack-tight" id="result">
          <h2>Result</h2>
          <div class="panel">
            <StoredValue value={view.result} />
          </div>
        </section>
      )}
      <section class="stack-tight" id="sent">
        <h2>What you sent</h2>
        <Sent story={story} />
      </section>
      {view.finishedAt === null && (
        <p>
          <ButtonLink href="" icon="refresh">
            Look again
          </ButtonLink>
        </p>
      )}
    </article>
  )
}

interface Shown {
  title: string
  /** The hue; a sender is shown no red for what is the team's to mend. */
  as: Status
  icon: 'clock' | 'done' | 'info' | 'close'
}

const SHOWN: Record<Status, Shown> = {
  running: { title: 'In progress', as: 'running', icon: 'clock' },
  held: { title: 'In progress', as: 'running', icon: 'clock' },
  waiting: { title: 'In progress', as: 'waiting', icon: 'clock' },
  stuck: { title: 'Delayed', as: 'waiting', icon: 'info' },
  failed: { title: 'Delayed', as: 'waiting', icon: 'info' },
  done: { title: 'Done', as: 'done', icon: 'done' },
  cancelled: { title: 'Ended', as: 'cancelled', icon: 'close' },
}

function sentenceOf({ view, asks, definition }: Story): string {
  const step = view.step === null ? undefined : stepOf(definition, view.step)
  const at = step === undefined ? '' : ` It is at “${stepName(step)}”.`
  switch (view.status) {
    case 'running':
      return `It is being worked on.${at}`
    case 'held':
      return `It waits for its turn.${at}`
    case 'waiting':
      return `${asks.length > 0 ? 'It waits for a person to look at it.' : 'It waits for what comes next.'}${at}`
    case 'stuck':
    case 'failed':
      return `Something has to be sorted out before it goes on. Nothing of it is lost.${at}`
    case 'done':
      return 'Everything is done.'
    case 'cancelled':
      return 'It was ended before it was finished.'
  }
}

/** What the sender wrote, and not what was made of it since. */
const Sent = ({ story }: { story: Story }) => {
  const sent = sentBy(story)
  if (isBlobRef(sent) || typeof sent !== 'object' || sent === null || Array.isArray(sent))
    return <StoredValue value={sent} />
  const fields = publicForm(story.definition.input).fields
  return (
    <dl class="facts" hx-ignore>
      {Object.entries(sent).map(([name, value]) => (
        <>
          <dt>{fields.find(field => field.name === name)?.label ?? name}</dt>
          <dd>
            <Written value={value} />
          </dd>
        </>
      ))}
    </dl>
  )
}

/** A sender's own text is shown as they wrote it. */
const Written = ({ value }: { value: Json }) => {
  if (typeof value === 'boolean') return <>{value ? 'Yes' : 'No'}</>
  if (typeof value === 'string') return value.includes('\n') ? <PlainText text={value} /> : <span>{value}</span>
  return <StoredValue value={value} />
}

function sentBy({ events, view }: Story): Stored<Json> {
  const { source, input = view.input } = (events[0]?.data ?? {}) as { source?: StoredSource; input?: Stored<Json> }
  const { data } = source ?? {}
  if (data === undefined) return input
  return isBlobRef(data) ? data : (JSON.parse(data) as Json)
}

/** It was kept while the workflow was paused. */
export const Waiting = ({ heading, since }: { heading: string; since: number }) => (
  <article class="stack" id="status">
    <h1 hx-ignore>{heading}</h1>
    <Notice state="waiting" icon="clock">
      <strong>Received</strong>
      <p>
        What you sent came <Time at={since} /> and has not been started yet.
      </p>
    </Notice>
  </article>
)

/** Kept back, as a machine may have sent it. */
export const LookedAt = ({ heading, since }: { heading: string; since: number }) => (
  <article class="stack" id="status">
    <h1 hx-ignore>{heading}</h1>
    <Notice state="waiting" icon="clock">
      <strong>Received</strong>
      <p>
        What you sent came <Time at={since} />. Somebody is looking at it before work on it begins; this page will then
        show how it stands.
      </p>
    </Notice>
  </article>
)

export const Ended = () => (
  <section class="stack">
    <h1>There is nothing to see here any more</h1>
    <p>This link has ended, or how things stand is no longer shared. Ask whoever gave you the form.</p>
  </section>
)

export const Forged = () => (
  <section class="stack">
    <h1>This link is not valid</h1>
    <p>Check that you copied all of it.</p>
  </section>
)
