/** The page on which a task is saved. */
import { Button } from '../../http/components/button.tsx'
import { Select } from '../../http/components/field.tsx'

export const DocumentPage = ({ task, title }: { task: string; title: string }) => (
  <article class="stack">
    <header class="page-head">
      <div>
        <p>
          <a href={`/tasks/${task}`} hx-ignore>
            {title}
          </a>
        </p>
        <h1>Save as a document</h1>
        <p>What no model is told stays hidden. For a PDF, print the task’s own page.</p>
      </div>
    </header>
    <form class="form panel" method="get" action={`/tasks/${task}/document`} hx-boost="false">
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
  </article>
)

const HOW_MUCH = [
  { value: 'summary', label: 'Summary: steps, decisions and the result' },
  { value: 'full', label: 'Full: outputs, reasons, notes and comments, too' },
]
const YES_OR_NO = [
  { value: 'yes', label: 'Yes' },
  { value: 'no', label: 'No' },
]
