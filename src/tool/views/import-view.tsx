/** The page that makes tools of an OpenAPI document: its text, its operations to choose from, what signs them in. */
import type { ReadOpenApi } from '../../domain/tools/openapi.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Check, TextArea, TextField } from '../../http/components/field.tsx'

export interface ImportView {
  text: string
  /** The name of the secret that the calls name. */
  secret: string
  document: Extract<ReadOpenApi, { ok: true }> | null
  /** Ids of the operations that were chosen. */
  chosen: string[]
  problem: string | null
  /** Why some were not made. */
  refused: string[]
  admin: boolean
}

export const ImportTools = ({ view }: { view: ImportView }) => (
  <div class="stack prose-width">
    <p class="small">
      <a href="/tools">All tools</a>
    </p>
    <h1>Tools from OpenAPI</h1>
    <p>Paste the description of a service, version 3. You choose which of its operations become tools.</p>
    {view.refused.length > 0 && (
      <ErrorNotice>
        <ul hx-ignore>
          {view.refused.map(text => (
            <li>{text}</li>
          ))}
        </ul>
      </ErrorNotice>
    )}
    <form class="form panel" id="import" method="post" action="/tools/import">
      <TextArea
        label="Document, as JSON or YAML"
        name="text"
        value={view.text}
        code
        rows={view.document === null ? 14 : 5}
        required
        spellcheck={false}
        wrap="off"
        error={view.problem ?? undefined}
      />
      {view.document !== null && <Operations view={view} document={view.document} />}
      <div class="form-actions">
        {view.document !== null && (
          <Button look="primary" name="do" value="make">
            Make the chosen tools
          </Button>
        )}
        <Button look={view.document === null ? 'primary' : 'plain'} name="do" value="look">
          Look at it
        </Button>
      </div>
    </form>
  </div>
)

const Operations = ({ view, document }: { view: ImportView; document: NonNullable<ImportView['document']> }) => (
  <>
    <fieldset class="stack-tight">
      <legend class="field-label" hx-ignore>
        Operations of {document.title}, at {document.host}
      </legend>
      {document.tools.map(({ id, tool, problem }, index) => (
        <Check
          name={`op_${index}`}
          value="yes"
          checked={view.chosen.includes(id)}
          disabled={problem !== null}
          label={
            <span hx-ignore>
              <code>{tool.key}</code> {id}
            </span>
          }
          hint={problem ?? tool.description.slice(0, 200)}
        />
      ))}
    </fieldset>
    <TextField
      label="Secret that signs in"
      name="secret"
      value={view.secret}
      maxlength={40}
      hint="The calls name it where the document asks for one."
    />
    {view.admin && (
      <TextField
        label="Its value"
        name="value"
        type="password"
        autocomplete="off"
        hint={`Kept encrypted, for ${document.host} alone. Empty: it is set already, or none is needed.`}
      />
    )}
  </>
)
