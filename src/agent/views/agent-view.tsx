/** The agents' pages: the list, one agent with its form, where it is used, its versions, and a box to try it in. */
import type { Json } from '../../domain/json/json.ts'
import { estimateTokens } from '../../domain/text/tokens.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState, ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { Check, Field, TextArea, TextField } from '../../http/components/field.tsx'
import { DeleteBox, VersionList } from '../../http/components/kept-thing.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { MOST_USES } from '../../records/definitions/agent-uses.ts'
import type { AgentRow } from '../../records/definitions/agents.ts'
import { TICKED, toolsIn, type Values } from '../agent-form.ts'
import type { AgentWarning } from '../agents.ts'
import { AgentContent } from './read-view.tsx'

export interface AgentsView {
  agents: AgentRow[]
  uses: Map<string, number>
  next: string | null
  mayChange: boolean
}

export const Agents = ({ view }: { view: AgentsView }) => (
  <div class="stack">
    <div class="page-head">
      <div>
        <h1>Agents</h1>
        <p>A model with its own role, rules and context, used by as many steps as you like.</p>
      </div>
      {view.mayChange && (
        <ButtonLink href="/agents/new" look="primary" icon="plus" data-key="c">
          New agent
        </ButtonLink>
      )}
    </div>
    {view.agents.length === 0 ? (
      <EmptyState icon="agent" title="No agents yet">
        <p>An agent knows its role, what it must never do, and the texts you give it. Steps then name it.</p>
        {view.mayChange && (
          <ButtonLink href="/agents/new" icon="plus">
            Make an agent
          </ButtonLink>
        )}
      </EmptyState>
    ) : (
      <div class="table-scroll">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Agent</th>
              <th scope="col">Version</th>
              <th scope="col">Used by</th>
              <th scope="col" class="number">
                Changed
              </th>
            </tr>
          </thead>
          <tbody>
            {view.agents.map(agent => (
              <tr>
                <th scope="row">
                  <a href={`/agents/${agent.key}`} hx-ignore>
                    {agent.name}
                  </a>{' '}
                  <code>{agent.key}</code>
                </th>
                <td>v{agent.version}</td>
                <td>{usesText(view.uses.get(agent.key) ?? 0)}</td>
                <td class="number secondary">
                  <Time at={agent.updatedAt} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    )}
    <NextPage href="/agents" next={view.next} />
  </div>
)

export interface AgentView {
  /** null: a new one. */
  key: string | null
  version: number
  /** The version whose values these are. */
  shown: number
  values: Values
  mistake: { field: string; message: string } | null
  /** What was saved once and no longer is right. */
  faults: { message: string; fix: string }[]
  warnings: AgentWarning[]
  /** Names of the tools that there are. */
  tools: string[]
  uses: { id: string; name: string; steps: string[] }[]
  versions: { version: number; createdAt: number; createdBy: string }[]
  trial: TrialView | null
  mayChange: boolean
}

export interface TrialView {
  prompt: string
  system: string
  model: string
  answer: { text: Json; tokens: string } | null
  problem: string | null
}

export const AgentPage = ({ view }: { view: AgentView }) => (
  <div class="stack">
    <p class="small">
      <a href="/agents">All agents</a>
    </p>
    <h1 hx-ignore>{view.key === null ? 'New agent' : (view.values.name ?? view.key)}</h1>
    {view.shown !== view.version && (
      <Notice icon="history">
        <p>
          This is version {view.shown}; version {view.version} is the newest.{' '}
          {view.mayChange && `Saving it makes it version ${view.version + 1}. `}
          <a href={`/agents/${view.key}`}>Show the newest</a>
        </p>
      </Notice>
    )}
    {view.faults.map(({ message, fix }) => (
      <ErrorNotice>
        {message} {fix}
      </ErrorNotice>
    ))}
    {view.mayChange &&
      view.warnings.map(warning => (
        <Notice icon="alert" state="waiting">
          <p>
            {warning.message} <span class="secondary">{warning.fix}</span>
          </p>
        </Notice>
      ))}
    <div class="edit-step">
      {view.mayChange || view.key === null ? (
        <AgentForm view={view} />
      ) : (
        <AgentContent agent={view.key} values={view.values} />
      )}
      {view.key !== null && (
        <div class="stack">
          {view.mayChange && <Trial view={view} agent={view.key} />}
          <Uses view={view} />
          <VersionList href={`/agents/${view.key}`} versions={view.versions} />
          {view.mayChange && <DeleteAgent view={view} agent={view.key} />}
        </div>
      )}
    </div>
  </div>
)

const AgentForm = ({ view: { key, version, values, mistake, tools } }: { view: AgentView }) => {
  const error = (field: string) => (mistake?.field === field ? mistake.message : undefined)
  return (
    <form
      class="form panel"
      id="agent"
      method="post"
      action={key === null ? '/agents/new' : `/agents/${key}`}
      enctype="multipart/form-data"
    >
      {mistake && !['key', 'name', 'description', 'tools', 'upload', 'typed'].includes(mistake.field) && (
        <ErrorNotice>{mistake.message}</ErrorNotice>
      )}
      <input type="hidden" name="version" value={String(version)} />
      <TextField label="Name" name="name" value={values.name} required maxlength={120} error={error('name')} />
      {key === null ? (
        <TextField
          label="Key"
          name="key"
          value={values.key}
          maxlength={40}
          pattern="[a-z][a-z0-9_]*"
          hint="How steps name it; made from the name when empty."
          error={error('key')}
        />
      ) : (
        <p class="secondary small">
          Steps name it <code>{key}</code>.
        </p>
      )}
      <TextArea
        label="Description"
        name="description"
        value={values.description}
        required
        rows={10}
        hint="Its standing instructions: role, rules, edge cases. Nothing of a task belongs here."
        error={error('description')}
      />
      <TextArea
        label="You must never"
        name="never"
        value={values.never}
        rows={3}
        hint="Such as: invent figures, promise dates, write to a customer."
      />
      <TextField
        label="Model"
        name="model"
        value={values.model}
        hint="Empty: the default. “demo” runs without a provider."
      />
      <ToolChoice values={values} tools={tools} error={error('tools')} />
      <ContextFields values={values} error={error('upload')} />
      <div class="form-actions">
        <Button look="primary">{key === null ? 'Make the agent' : `Save as version ${version + 1}`}</Button>
      </div>
    </form>
  )
}

/** The tools that there are, to be ticked; any other can be named, so that nothing that was saved is lost. */
const ToolChoice = ({ values, tools, error }: { values: Values; tools: string[]; error?: string }) => {
  const chosen = toolsIn(values)
  return (
    <fieldset class="stack-tight">
      <legend class="field-label">Tools</legend>
      <p class="field-hint">What it may do besides answering; at most 15.</p>
      <div class="row">
        {tools.map(tool => (
          <Check name={`${TICKED}${tool}`} value="yes" checked={chosen.includes(tool)} label={<code>{tool}</code>} />
        ))}
      </div>
      <TextField
        label="Other tools"
        name="tools"
        value={chosen.filter(tool => !tools.includes(tool)).join(', ')}
        hint="Names, between commas."
        error={error}
      />
    </fieldset>
  )
}

const ContextFields = ({ values, error }: { values: Values; error?: string }) => {
  const count = Object.keys(values).filter(name => /^file-\d+-text$/.test(name) && values[name] !== '').length
  return (
    <fieldset class="stack-tight">
      <legend class="field-label">Context</legend>
      <p class="field-hint">Texts that it always has before it. Empty one to take it away.</p>
      {Array.from({ length: Math.min(20, count + 1) }, (_, index) => {
        const text = values[`file-${index}-text`] ?? ''
        return (
          <details class="edit-section">
            <summary hx-ignore>
              {values[`file-${index}-name`] || 'Add a text'}{' '}
              {text !== '' && <span class="secondary small">about {estimateTokens(text)} tokens</span>}
            </summary>
            <div class="form">
              <TextField
                label="Name"
                name={`file-${index}-name`}
                value={values[`file-${index}-name`]}
                maxlength={120}
              />
              <TextArea label="Text or Markdown" name={`file-${index}-text`} value={text} rows={8} />
            </div>
          </details>
        )
      })}
      <Field label="or upload a text or Markdown file" name="upload" error={error}>
        <input
          class="input"
          type="file"
          id="field-upload"
          name="upload"
          aria-invalid={error ? 'true' : undefined}
          aria-describedby={error ? 'field-upload-error' : undefined}
          accept=".txt,.md,.markdown,.csv,text/*"
        />
      </Field>
    </fieldset>
  )
}

const Trial = ({ view, agent }: { view: AgentView; agent: string }) => (
  <section class="panel stack-tight" id="try">
    <h2>Try it out</h2>
    <p class="secondary small">
      Runs the saved version once, on its model. Nothing is kept; tokens are counted as in a task.
    </p>
    <form class="form" method="post" action={`/agents/${agent}/try#try`}>
      <TextArea label="Instructions" name="prompt" value={view.trial?.prompt} required rows={4} maxlength={60_000} />
      <div class="form-actions">
        <Button icon="play">Run it</Button>
        <Button icon="eye" look="quiet" name="do" value="show">
          Only show what it would get
        </Button>
      </div>
    </form>
    {view.trial && <TrialResult trial={view.trial} />}
  </section>
)

const TrialResult = ({ trial }: { trial: TrialView }) => (
  <>
    {trial.problem !== null && <ErrorNotice>{trial.problem}</ErrorNotice>}
    {trial.answer && (
      <>
        <h3>Answer</h3>
        <pre class="code" hx-ignore>
          {typeof trial.answer.text === 'string' ? trial.answer.text : JSON.stringify(trial.answer.text, null, 2)}
        </pre>
        <p class="secondary small">
          {trial.model} · {trial.answer.tokens}
        </p>
      </>
    )}
    <details class="explain" open={trial.answer === null}>
      <summary>Exactly what the model gets</summary>
      <div class="stack-tight">
        <p class="secondary small">
          System, about {estimateTokens(trial.system)} tokens, on {trial.model}
        </p>
        <pre class="code" hx-ignore>
          {trial.system}
        </pre>
        <p class="secondary small">Prompt</p>
        <pre class="code" hx-ignore>
          {trial.prompt}
        </pre>
      </div>
    </details>
  </>
)

const Uses = ({ view }: { view: AgentView }) => (
  <section class="panel stack-tight">
    <h2>Where it is used</h2>
    {view.uses.length === 0 ? (
      <p class="secondary">No workflow names it.</p>
    ) : (
      <ul hx-ignore>
        {view.uses.slice(0, MOST_USES).map(use => (
          <li>
            <a href={`/workflows/${use.id}`}>{use.name}</a> <span class="secondary">{use.steps.join(', ')}</span>
          </li>
        ))}
        {view.uses.length > MOST_USES && <li class="secondary">and more</li>}
      </ul>
    )}
    <p class="secondary small">Published versions keep the agent as it was; publish again to take up a new version.</p>
  </section>
)

const DeleteAgent = ({ view, agent }: { view: AgentView; agent: string }) => {
  const error = view.mistake?.field === 'typed' ? view.mistake.message : undefined
  return (
    <DeleteBox href={`/agents/${agent}`} what="agent" name={agent} error={error}>
      Versions of workflows that are published keep it. Drafts that name it cannot be published until they name another
      one, or until an agent of this key is made again.
    </DeleteBox>
  )
}

function usesText(n: number): string {
  if (n > MOST_USES) return `over ${MOST_USES} workflows`
  return n === 0 ? 'nothing' : `${n} ${n === 1 ? 'workflow' : 'workflows'}`
}
