/** The pages of what a team knows: all texts with what is found in them, and one with its words, its users and versions. */
import { estimateTokens, tokensIn } from '../../domain/text/tokens.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState, ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Search, TextArea, TextField } from '../../http/components/field.tsx'
import { DeleteBox, UseList, type VersionLine, VersionList } from '../../http/components/kept-thing.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { PlainText } from '../../http/page/markdown.tsx'
import type { FoundPassage, KnowledgeLine } from '../../records/definitions/knowledge.ts'

interface ListView {
  /** `stale`: since when nobody has looked whether it is right still. */
  lines: (KnowledgeLine & { stale: number | null })[]
  next: string | null
  q: string
  passages: FoundPassage[] | null
  now: number
  mayChange: boolean
  /** Answers that wait for somebody to look at them. */
  answers: number
}

export const KnowledgeList = ({ view: { lines, next, q, passages, now, mayChange, answers } }: { view: ListView }) => (
  <div class="stack">
    <p class="small">
      <a href="/agents">All agents</a>
    </p>
    <div class="page-head">
      <div>
        <h1>Knowledge</h1>
        <p>What your team knows, written once: agents have it before them, or look it up and say where it stands.</p>
      </div>
      {mayChange && (
        <ButtonLink href="/knowledge/new" look="primary" icon="plus" data-key="c">
          Add a text
        </ButtonLink>
      )}
    </div>
    {answers > 0 && (
      <p>
        <a href="/answers">
          {answers === 1 ? 'One approved answer waits' : `${answers} approved answers wait`} to be looked at
        </a>
      </p>
    )}
    {lines.length === 0 ? (
      <EmptyState icon="file" title="Nothing known yet">
        <p>A price list, a policy, how refunds are handled: add it here, and give it to the agents that need it.</p>
      </EmptyState>
    ) : (
      <>
        <LookUp action="/knowledge" q={q} passages={passages} />
        <section class="table-scroll" aria-label="Texts" tabindex={0}>
          <table class="table">
            <thead>
              <tr>
                <th scope="col">Text</th>
                <th scope="col">Version</th>
                <th scope="col">Length</th>
                <th scope="col">Looked at</th>
              </tr>
            </thead>
            <tbody>
              {lines.map(({ key, name, version, chars, checkedAt, updatedAt, stale }) => (
                <tr>
                  <th scope="row">
                    <a href={`/knowledge/${key}`} hx-ignore>
                      {name}
                    </a>
                    <div class="small secondary">
                      <code>{key}</code>
                    </div>
                  </th>
                  <td class="small">v{version}</td>
                  <td class="small">about {tokensIn(chars)} tokens</td>
                  <td class="small">
                    <Time at={checkedAt ?? updatedAt} now={now} />
                    {stale !== null && ' · may be out of date'}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      </>
    )}
    <NextPage href="/knowledge" next={next} />
  </div>
)

/** What an agent would find. */
const LookUp = ({ action, q, passages }: { action: string; q: string; passages: FoundPassage[] | null }) => (
  <section class="stack-tight" aria-label="Look it up">
    <form class="form--inline" action={action} method="get">
      <Search label="What an agent may want to know" value={q} />
      <Button icon="search">Look it up</Button>
    </form>
    {passages?.length === 0 && (
      <p class="secondary" role="status">
        No passage has any of these words, so an agent would find nothing.
      </p>
    )}
    {passages !== null && passages.length > 0 && (
      <ol class="stack-tight">
        {passages.map(({ key, name, page, version, score, text }) => (
          <li class="panel stack-tight" hx-ignore>
            <p class="small secondary">
              <a href={`/knowledge/${key}`}>{name}</a>
              {page !== null && `, page ${page}`}, version {version}
              {score > 0 && ` · fits ${score}`}
            </p>
            <PlainText text={text} />
          </li>
        ))}
      </ol>
    )}
  </section>
)

export interface KnowledgeView {
  /** null: a new one. */
  key: string | null
  name: string
  /** The newest version, and the one that is shown. */
  version: number
  shown: number
  values: Record<string, string>
  mistake: { field: string; message: string } | null
  agents: string[]
  versions: VersionLine[]
  q: string
  passages: FoundPassage[] | null
  /** When somebody last looked at it, in ms since the epoch; `stale`: since when that is too long ago. */
  checked: number
  stale: number | null
  mayChange: boolean
}

export const KnowledgePage = ({ view }: { view: KnowledgeView }) => (
  <div class="stack">
    <p class="small">
      <a href="/knowledge">All knowledge</a>
    </p>
    <h1 hx-ignore>{view.name}</h1>
    {view.shown !== view.version && (
      <Notice icon="history">
        <p>
          This is version {view.shown}; version {view.version} is the newest.{' '}
          <a href={`/knowledge/${view.key}`}>Show the newest</a>
        </p>
      </Notice>
    )}
    {view.key !== null && <Checked view={view} />}
    {view.key !== null && <LookUp action={`/knowledge/${view.key}`} q={view.q} passages={view.passages} />}
    <div class="edit-step">
      {view.mayChange ? <TextForm view={view} /> : <Words values={view.values} />}
      {view.key !== null && (
        <div class="stack">
          <UseList workflows={[]} agents={view.agents}>
            Agents have a new version from their next call on; a call that was made says which one it had.
          </UseList>
          <VersionList href={`/knowledge/${view.key}`} versions={view.versions} />
          {view.mayChange && (
            <DeleteBox href={`/knowledge/${view.key}`} what="text" name={view.key} error={errorOf(view, 'typed')}>
              No agent finds it from then on; those that name it go on without it.
            </DeleteBox>
          )}
        </div>
      )}
    </div>
  </div>
)

/** Whether it is right still, and the button that says so. */
const Checked = ({ view: { key, checked, stale, mayChange } }: { view: KnowledgeView }) => (
  <form class="form--inline" method="post" action={`/knowledge/${key}/check`}>
    <p class={stale === null ? 'secondary small' : 'small'}>
      {stale === null ? 'Looked at ' : 'It may be out of date: nobody has looked at it since '}
      <Time at={checked} />
    </p>
    {mayChange && (
      <Button size="small" icon="check">
        It is right still
      </Button>
    )}
  </form>
)

function errorOf({ mistake }: KnowledgeView, field: string): string | undefined {
  return mistake?.field === field ? mistake.message : undefined
}

const TextForm = ({ view }: { view: KnowledgeView }) => {
  const { key, version, values, mistake } = view
  return (
    <form
      class="form panel"
      id="knowledge"
      method="post"
      action={key === null ? '/knowledge/new' : `/knowledge/${key}`}
      enctype="multipart/form-data"
    >
      {mistake?.field === 'version' && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <input type="hidden" name="version" value={String(version)} />
      <TextField
        label="Name"
        name="name"
        value={values.name}
        required
        maxlength={120}
        hint="How answers cite it, such as Refund policy."
        error={errorOf(view, 'name')}
      />
      {key === null && (
        <TextField
          label="Key"
          name="key"
          value={values.key}
          maxlength={40}
          pattern="[a-z][a-z0-9_]*"
          hint="How agents name it; made from the name when empty."
          error={errorOf(view, 'key')}
        />
      )}
      <TextArea
        label="Text or Markdown"
        name="text"
        value={values.text}
        rows={18}
        hint={values.text ? `About ${estimateTokens(values.text)} tokens.` : 'Nothing of a task belongs here.'}
        error={errorOf(view, 'text')}
      />
      <TextField
        label="or upload it"
        name="upload"
        type="file"
        accept=".txt,.md,.markdown,.csv,.pdf,.docx,.xlsx,.pptx,.html,.eml,text/*"
        hint="A PDF, an office file or text: the words in it stand for the text above, with their pages."
        error={errorOf(view, 'upload')}
      />
      <TextField
        label="Right for how many months"
        name="months"
        value={values.months}
        inputmode="numeric"
        hint="After that it is shown as possibly out of date, until somebody has looked. Empty: for ever."
        error={errorOf(view, 'months')}
      />
      <div class="form-actions">
        <Button look="primary">{key === null ? 'Keep the text' : `Save as version ${version + 1}`}</Button>
      </div>
    </form>
  )
}

const Words = ({ values }: { values: KnowledgeView['values'] }) => (
  <article class="panel stack-tight" hx-ignore>
    <PlainText text={values.text ?? ''} />
  </article>
)
