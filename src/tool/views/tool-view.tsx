/** The page of one tool: its form, a box to try it in, where it is used, its versions. */
import type { Json } from '../../domain/json/json.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Check, TextArea } from '../../http/components/field.tsx'
import { InputField } from '../../http/components/input-field.tsx'
import { DeleteBox, UseList, type VersionLine, VersionList } from '../../http/components/kept-thing.tsx'
import { JsonText } from '../../http/components/value/value.tsx'
import { type Given, type InputForm, WHOLE } from '../../http/request/input-form.ts'
import type { ToolUse } from '../../records/definitions/tool-uses.ts'
import { RuleFields, ToolForm, type ToolFormView } from './tool-form-view.tsx'
import { asksInWords } from './tools-view.tsx'

export interface TrialView {
  form: InputForm
  given: Given
  errors: Record<string, string>
  /** What stood in the way, or null. */
  problem: string | null
  came: { request: Json; result: Json; ok: boolean; status: number | null; ms: number; only: boolean } | null
}

interface ToolView {
  key: string
  description: string
  /** Whether the team has it without having made it: it can be set, and not changed. */
  given: boolean
  /** The MCP server that it is of, or null. */
  server: string | null
  /** Whether it is held back, as it changed. */
  changed: boolean
  /** The version that is shown; null: the team did not make it. */
  shown: number | null
  form: ToolFormView
  trial: TrialView
  uses: ToolUse
  versions: VersionLine[]
  rules: { ask: boolean | string; undoCost?: number }
  mayChange: boolean
  admin: boolean
}

export const ToolPage = ({ view }: { view: ToolView }) => (
  <div class="stack">
    <p class="small">
      <a href="/tools">All tools</a>
    </p>
    <h1>{view.key}</h1>
    {view.shown !== null && view.shown !== view.form.version && (
      <Notice icon="history">
        <p>
          This is version {view.shown}; version {view.form.version} is the newest.{' '}
          <a href={`/tools/${view.key}`}>Show the newest</a>
        </p>
      </Notice>
    )}
    {view.changed && (
      <Notice state="stuck" icon="alert">
        <p>
          Its server describes it otherwise now, so it is not called.{' '}
          <a href={`/mcp-servers/${view.server}`}>Look at what changed</a>
        </p>
      </Notice>
    )}
    <div class="edit-step">
      {!view.mayChange || view.given ? <About view={view} /> : <ToolForm view={view.form} />}
      <div class="stack">
        {view.admin && <Trial view={view} />}
        <Uses view={view} />
        {!view.given && <VersionList href={`/tools/${view.key}`} versions={view.versions} />}
        {view.mayChange && !view.given && <DeleteTool view={view} />}
      </div>
    </div>
  </div>
)

const About = ({ view }: { view: ToolView }) => {
  const { values, mistake, lint } = view.form
  const error = (field: string) => (mistake?.field === field ? mistake.message : undefined)
  return (
    <div class="stack">
      <section class="panel stack-tight" hx-ignore>
        <p>{view.description}</p>
        <p class="secondary small">Asks a person first: {asksInWords(view.rules)}.</p>
        {view.server !== null && (
          <p class="secondary small">
            A tool of the MCP server <a href={`/mcp-servers/${view.server}`}>{view.server}</a>.
          </p>
        )}
      </section>
      {view.given && view.mayChange && (
        <form class="form panel" id="tool" method="post" action={`/tools/${view.key}`}>
          <h2>In this team</h2>
          {lint.map(item => (
            <ErrorNotice>{item.message}</ErrorNotice>
          ))}
          <RuleFields values={values} error={error} usual={view.server === null ? 'As usual' : 'As its server says'} />
          {view.key === 'send_email' && (
            <Check
              name="recipients"
              value="any"
              checked={values.recipients === 'any'}
              label="May go to anybody"
              hint="Otherwise only to addresses of the task’s input, its people and the team."
            />
          )}
          <div class="form-actions">
            <Button look="primary">Save</Button>
          </div>
        </form>
      )}
    </div>
  )
}

const Trial = ({ view: { key, trial } }: { view: ToolView }) => (
  <section class="panel stack-tight" id="try">
    <h2>Try it out</h2>
    <p class="secondary small">Calls it once, really, as it is saved, and asks nobody. It belongs to no task.</p>
    {trial.problem !== null && <ErrorNotice>{trial.problem}</ErrorNotice>}
    {Object.entries(trial.errors)
      .filter(([name]) => !trial.form.fields?.some(field => field.name === name))
      .map(([, message]) => (
        <ErrorNotice>{message}</ErrorNotice>
      ))}
    <form class="form" method="post" action={`/tools/${key}/try#try`}>
      {trial.form.fields === null ? (
        <TextArea label="Arguments, as JSON" name={WHOLE} value={trial.given[WHOLE]} rows={4} code />
      ) : (
        trial.form.fields.map(field => (
          <InputField field={field} given={trial.given} error={trial.errors[field.name]} first={false} />
        ))
      )}
      <div class="form-actions">
        <Button icon="play">Call it</Button>
        <Button icon="eye" look="quiet" name="_do" value="show">
          Only show what it would send
        </Button>
      </div>
    </form>
    {trial.came !== null && <Came came={trial.came} />}
  </section>
)

const Came = ({ came }: { came: NonNullable<TrialView['came']> }) => (
  <>
    <h3>{came.only ? 'It would send' : 'It sent'}</h3>
    <JsonText value={came.request} />
    {!came.only && (
      <>
        <h3>
          {came.ok ? 'It answered' : 'It failed'}
          {came.status !== null && ` · ${came.status}`} · {came.ms} ms
        </h3>
        <JsonText value={came.result} />
      </>
    )}
  </>
)

const Uses = ({ view: { uses, server } }: { view: ToolView }) => (
  <UseList {...uses}>
    {server === null
      ? 'Published versions keep the tool as it was; publish again to take up a new version.'
      : 'What changes in it is held back until somebody accepts it; what is published then goes on with it.'}
  </UseList>
)

const DeleteTool = ({ view: { key, form } }: { view: ToolView }) => {
  const error = form.mistake?.field === 'typed' ? form.mistake.message : undefined
  return (
    <DeleteBox href={`/tools/${key}`} what="tool" name={key} error={error}>
      What is published keeps it. Drafts whose steps name it cannot be published until they name another one.
    </DeleteBox>
  )
}
