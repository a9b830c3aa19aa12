/** A filter and a map tried on a delivery before they count: the verdict, what the filter looked at, and the input it would make. */
import { Tag } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { JsonText } from '../../http/components/value/value.tsx'
import { PlainText } from '../../http/page/markdown.tsx'
import type { Preview } from '../outcome/replay.ts'
import { FilterField, MapField } from './setting-fields.tsx'

export interface PreviewView {
  /** The intake's page. */
  at: string
  delivery: string
  body: string
  filter: string
  map: string
  seen: Preview | null
  error: string | null
  canChange: boolean
}

export const PreviewPage = ({ view }: { view: PreviewView }) => (
  <div class="stack">
    <header class="page-head">
      <h1>Preview</h1>
      <ButtonLink href={view.at} icon="arrow-left">
        The intake
      </ButtonLink>
    </header>
    <p>What would become of this delivery. Nothing is saved and no task is made.</p>
    {view.error !== null && <ErrorNotice>{view.error}</ErrorNotice>}
    <form class="form panel" method="post" action={`${view.at}/preview`}>
      <input type="hidden" name="delivery" value={view.delivery} />
      {view.delivery === '' && (
        <TextArea label="Body (JSON)" name="body" required code rows={8} value={view.body} spellcheck={false} />
      )}
      <FilterField given={{ filter: view.filter }} fault={null} example={'body.type == "order.created"'} />
      <MapField given={{ map: view.map }} fault={null} example={'company: {{ body.customer.name }}'} />
      {view.canChange && (
        <div class="form-actions">
          <Button look="primary">Try</Button>
          {view.seen && (
            <Button name="do" value="keep">
              Keep filter and map
            </Button>
          )}
        </div>
      )}
    </form>
    {view.delivery !== '' && (
      <details class="explain">
        <summary>The delivery</summary>
        <div hx-ignore>
          <PlainText text={view.body} />
        </div>
      </details>
    )}
    {view.seen && <Seen seen={view.seen} />}
  </div>
)

const WORDS = { accepted: 'It would make a task', skipped: 'It would be passed over', refused: 'It would be refused' }

const Seen = ({ seen }: { seen: Preview }) => (
  <section class="stack" id="verdict">
    <Notice icon={seen.verdict === 'accepted' ? 'done' : 'info'}>
      <strong>{WORDS[seen.verdict]}</strong>
      {seen.reason && <p hx-ignore>{seen.reason}</p>}
    </Notice>
    {seen.filter && (
      <div class="stack-tight">
        <h2>
          Filter <Tag>{'error' in seen.filter ? 'error' : String(seen.filter.verdict)}</Tag>
        </h2>
        <div hx-ignore>
          <JsonText value={seen.filter.reads} />
        </div>
      </div>
    )}
    {seen.input !== undefined && (
      <div class="stack-tight" hx-ignore>
        <h2>Input</h2>
        <JsonText value={seen.input} />
      </div>
    )}
  </section>
)
