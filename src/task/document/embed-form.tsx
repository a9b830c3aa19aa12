/** Where the status of a task is prepared for other sites: chosen, looked at, made, copied, taken back. */
import { SHOWS, type Shows } from '../../domain/embed.ts'
import type { TaskDocument } from '../../domain/task/told/document/document.ts'
import { Button, Copyable } from '../../http/components/button.tsx'
import { Check, Select } from '../../http/components/field.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { ShareRow } from '../../records/task/shares.ts'
import { type StatusAsked, showsOf } from './choice.ts'
import { BadgeOf, Status, statusShown } from './embed-view.tsx'

export interface Embed {
  /** What was chosen to be looked at; null: nothing yet. */
  asked: StatusAsked | null
  document: TaskDocument
  /** The sites that may show it. */
  sites: string[]
}

interface Props {
  task: string
  links: { share: ShareRow; url: string }[]
  embed: Embed
}

export const EmbedStatus = ({ task, links, embed: { asked, document, sites } }: Props) => (
  <section class="stack-tight" id="embed">
    <h2>Show its status on another site</h2>
    <p>
      A badge or a small page that says how the task stands at that moment, and nothing but what you choose.{' '}
      {sites.length === 0 ? (
        <>
          No site may show it yet: an admin names them under <a href="/settings/embedding">Embedding</a>.
        </>
      ) : (
        <>
          It shows on <span hx-ignore>{sites.join(', ')}</span> (<a href="/settings/embedding">Embedding</a>).
        </>
      )}
    </p>
    <form class="form panel" method="get" action={`/tasks/${task}/document#embed`}>
      <input type="hidden" name="embed" value="look" />
      {SHOWS.map(one => (
        <Check
          name={`show.${one}`}
          id={`field-show-${one}`}
          label={LABELS[one]}
          checked={asked !== null && asked[`show.${one}`] === 'on'}
          value="on"
        />
      ))}
      <Select label="It ends" name="days" id="field-embed-days" value={asked?.days ?? '30'} options={ENDS} />
      <div class="form-actions">
        <Button>See what a site would show</Button>
      </div>
    </form>
    {asked !== null && <Looked task={task} asked={asked} document={document} />}
    {links.length > 0 && (
      <ul class="stack-tight" aria-label="Links of its status">
        {links.map(link => (
          <LinkOf task={task} {...link} />
        ))}
      </ul>
    )}
  </section>
)

const Looked = ({ task, asked, document }: { task: string; asked: StatusAsked; document: TaskDocument }) => {
  const shown = statusShown(document, showsOf(asked))
  return (
    <section class="stack-tight" aria-label="What a site would show">
      <form method="post" action={`/tasks/${task}/shares`}>
        <input type="hidden" name="as" value="status" />
        {Object.entries(asked).map(([name, value]) => (
          <input type="hidden" name={name} value={value} />
        ))}
        <Button look="primary" icon="share">
          Make the link that shows this
        </Button>
      </form>
      <p hx-ignore>
        <BadgeOf shown={shown} />
      </p>
      <div class="panel stack-tight" hx-ignore>
        <Status shown={shown} />
      </div>
    </section>
  )
}

const LinkOf = ({ task, share, url }: { task: string; share: ShareRow; url: string }) => (
  <li class="panel stack-tight">
    <Copyable text={`<img src="${url}/badge.svg" alt="Status of the task">`} />
    <Copyable text={`<iframe src="${url}" title="Status of the task"></iframe>`} />
    <form class="row row-between" method="post" action={`/tasks/${task}/shares/${share.id}/revoke`}>
      <span class="secondary">
        Status{share.shows === '' ? '' : `, with ${share.shows!.replaceAll(' ', ', ')}`}, made by {share.createdBy},
        ends <Time at={share.expiresAt} />
      </span>
      <Button size="small" look="danger">
        Take it back
      </Button>
    </form>
  </li>
)

const LABELS: Record<Shows, string> = {
  title: 'Its title',
  step: 'The step where it is',
  times: 'When it started and ended',
}
const ENDS = [
  { value: '1', label: 'In a day' },
  { value: '7', label: 'In 7 days' },
  { value: '30', label: 'In 30 days' },
  { value: '365', label: 'In a year' },
]
