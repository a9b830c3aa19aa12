/** The page of a new tool: a pasted curl line fills in its form, or a person does. */
import { Button } from '../../http/components/button.tsx'
import { Check, TextArea } from '../../http/components/field.tsx'
import { ToolForm, type ToolFormView } from './tool-form-view.tsx'

export interface NewToolView {
  /** Why the line that was pasted could not be read, or null. */
  problem: string | null
  form: ToolFormView
}

export const NewTool = ({ view }: { view: NewToolView }) => (
  <div class="stack prose-width">
    <p class="small">
      <a href="/tools">All tools</a>
    </p>
    <h1>New tool</h1>
    <form class="form panel" method="post" action="/tools/curl">
      <TextArea
        label="Paste a curl line"
        name="curl"
        code
        rows={4}
        required
        spellcheck={false}
        error={view.problem ?? undefined}
        hint="As documentation shows it, or as a browser copies it. A token in it becomes a secret; nothing is sent."
      />
      <Check
        name="arguments"
        value="yes"
        checked
        label="Make what it sends into arguments"
        hint="Fields of its query and body; you can change them below."
      />
      <div class="form-actions">
        <Button icon="edit">Fill in the form</Button>
      </div>
    </form>
    <ToolForm view={view.form} />
  </div>
)
