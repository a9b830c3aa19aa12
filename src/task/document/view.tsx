/** The page on which a task is saved, and shown to others by a link: chosen, looked at, made, taken back. */
import type { TaskDocument } from '../../domain/task/told/document/document.ts'
import { Button, Copyable } from '../../http/components/button.tsx'
import { Select } from '../../http/components/field.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { ShareRow } from '../../records/task/shares.ts'
import type { ShareAsked } from './choice.ts'
import { type Embed, EmbedStatus } from './embed-form.tsx'
import { SharedTask } from './shared-view.tsx'

interface Props {
  task: string
  title: string
  canShare: boolean
  links: { share: ShareRow; url: string }[]
  /** What a link would show; null: nobody has asked yet. */
  preview: { asked: ShareAsked; document: TaskDocument } | null
  embed: Embed
}

export const DocumentPage = ({ task, title, canShare, links, preview, embed }: Props) => (
  <article class="stack">
    <header class="page-head">
      <div>
        <p>
          <a href={`/tasks/${task}`} hx-ignore>
            {title}
          </a>
        </p>
        <h1>Save or share</h1>
        <p>What no model is told stays hidden in both. For a PDF, print the task’s own page.</p>
      </div>
    </header>
    <section class="stack-tight">
      <h2>Save as a document</h2>
      <form class="form panel" method="get" action={`/tasks/${task}/document`}>
        <Select label="How much" name="detail" value="full" options={HOW_MUCH} />
        <Select label="What came in" name="inputs" value="yes" options={YES_OR_NO} />
        <Select
          label="Its log"
          name="log"
          value="no"
          options={YES_OR_NO}
          hint="CSV has the log in any case, and nothing else."
        />
        <div class="form-actions">
          <Button look="primary" icon="download" name="format" value="md">
            Markdown
          </Button>
          <Button icon="download" name="format" value="json">
            JSON
          </Button>
          <Button icon="download" name="format" value="csv">
            CSV of its log
          </Button>
        </div>
      </form>
    </section>
    {canShare && <Share task={task} links={links.filter(({ share }) => share.shows === null)} preview={preview} />}
    {canShare && <EmbedStatus task={task} links={links.filter(({ share }) => share.shows !== null)} embed={embed} />}
  </article>
)

const Share = ({ task, links, preview }: Pick<Props, 'task' | 'links' | 'preview'>) => (
  <section class="stack-tight" id="share">
    <h2>Share by a link</h2>
    <p>
      Whoever has the link sees the task as it then stands, without an account and without names of people, until it
      ends or you take it back.
    </p>
    <form class="form panel" method="get" action={`/tasks/${task}/document#share`}>
      <input type="hidden" name="share" value="look" />
      <Select label="How much" name="detail" value={preview?.asked.detail ?? 'summary'} options={HOW_MUCH} />
      <Select label="What came in" name="inputs" value={preview?.asked.inputs ?? 'no'} options={YES_OR_NO} />
      <Select label="It ends" name="days" value={preview?.asked.days ?? '7'} options={ENDS} />
      <div class="form-actions">
        <Button>See what they would see</Button>
      </div>
    </form>
    {preview !== null && <Preview task={task} {...preview} />}
    {links.length > 0 && <Links task={task} links={links} />}
  </section>
)

const Preview = ({ task, asked, document }: { task: string } & NonNullable<Props['preview']>) => (
  <section class="stack-tight" id="preview" aria-label="What they would see">
    <form method="post" action={`/tasks/${task}/shares`}>
      <input type="hidden" name="detail" value={asked.detail} />
      <input type="hidden" name="inputs" value={asked.inputs} />
      <input type="hidden" name="days" value={asked.days} />
      <Button look="primary" icon="share">
        Make the link that shows this
      </Button>
    </form>
    <div class="panel">
      <SharedTask document={document} />
    </div>
  </section>
)

const Links = ({ task, links }: Pick<Props, 'task' | 'links'>) => (
  <ul class="stack-tight" aria-label="Links">
    {links.map(({ share, url }) => (
      <li class="panel stack-tight">
        <Copyable text={url} />
        <form class="row row-between" method="post" action={`/tasks/${task}/shares/${share.id}/revoke`}>
          <span class="secondary">
            {share.detail === 'full' ? 'In full' : 'Summary'}
            {share.inputs === 1 ? ', with what came in' : ''}, made by {share.createdBy}, ends{' '}
            <Time at={share.expiresAt} />
          </span>
          <Button size="small" look="danger">
            Take it back
          </Button>
        </form>
      </li>
    ))}
  </ul>
)

const HOW_MUCH = [
  { value: 'summary', label: 'Summary: steps, decisions and the result' },
  { value: 'full', label: 'Full: outputs, reasons, notes and comments, too' },
]
const YES_OR_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]
const ENDS = [
  { value: '1', label: 'In a day' },
  { value: '7', label: 'In 7 days' },
  { value: '30', label: 'In 30 days' },
]
