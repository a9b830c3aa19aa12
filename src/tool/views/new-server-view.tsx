/** The page that adds an MCP server, and the fields that say where it is and how Baton signs in. */
import type { LintItem } from '../../domain/workflow/lint.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { TextArea, TextField } from '../../http/components/field.tsx'
import { Findings } from '../../workflow/editor/findings.tsx'
import type { Values } from '../../workflow/forms/form-values.ts'

export interface ServerFormView {
  values: Values
  mistake: { field: string; message: string } | null
  /** Why the server could not be read, or null. */
  problem: string | null
  lint: LintItem[]
  /** Whether the reader may set secrets. */
  admin: boolean
}

export const NewServer = ({ view }: { view: ServerFormView }) => {
  const error = (field: string) => (view.mistake?.field === field ? view.mistake.message : undefined)
  return (
    <div class="stack prose-width">
      <p class="small">
        <a href="/tools">All tools</a>
      </p>
      <h1>Add an MCP server</h1>
      <p class="secondary">
        Many services offer their tools by the Model Context Protocol. Give the address that the service names for it;
        you then tick which of its tools your steps and agents may use. Nothing is called before that.
      </p>
      <form class="form panel" id="server" method="post" action="/mcp-servers/new">
        <Problems view={view} />
        <TextField
          label="Short name"
          name="key"
          value={view.values.key}
          required
          maxlength={40}
          pattern="[a-z][a-z0-9_]*"
          hint="Its tools are named after it: with crm, they are crm.find_contact and so on."
          error={error('key')}
        />
        <AddressField view={view} />
        {view.admin && (
          <TextField
            label="Access token"
            name="token"
            type="password"
            required={false}
            autocomplete="off"
            hint="Where the service gives you one. Kept encrypted as a secret, for this server’s host alone, and never shown again."
            error={error('token')}
          />
        )}
        <HeadersField view={view} />
        <div class="form-actions">
          <Button look="primary">Read its tools</Button>
        </div>
      </form>
    </div>
  )
}

/** What is wrong, but for what stands at its field. */
export const Problems = ({ view: { problem, lint } }: { view: ServerFormView }) => (
  <>
    {problem !== null && (
      <ErrorNotice>
        <span hx-ignore>{problem}</span>
      </ErrorNotice>
    )}
    <Findings lint={lint} />
  </>
)

export const AddressField = ({ view: { values, mistake } }: { view: ServerFormView }) => (
  <TextField
    label="Address"
    name="url"
    value={values.url}
    required
    maxlength={2000}
    inputmode="url"
    hint="Such as https://mcp.example.com/mcp"
    error={mistake?.field === 'url' ? mistake.message : undefined}
  />
)

export const HeadersField = ({ view: { values, mistake } }: { view: ServerFormView }) => (
  <TextArea
    label="Headers"
    name="headers"
    value={values.headers}
    rows={3}
    required={false}
    code
    spellcheck={false}
    hint="One a line, where the service asks for others, such as  x-api-key: {{ secrets.crm }}"
    error={mistake?.field === 'headers' ? mistake.message : undefined}
  />
)
