/** The form of an agent: what it is, its rules, tools, skills and texts. */
import { estimateTokens } from '../../domain/text/tokens.ts'
import { Button } from '../../http/components/button.tsx'
import { ErrorNotice } from '../../http/components/feedback.tsx'
import { Select, TextArea, TextField } from '../../http/components/field.tsx'
import { ModelField, ModelList } from '../../http/components/model-field.tsx'
import { KNOWS, knownIn, skillsIn, TICKED, TICKED_SKILL, toolsIn, type Values } from '../agent-form.ts'
import { Choice } from './choice.tsx'

export interface AgentFormView {
  /** null: a new one. */
  key: string | null
  version: number
  values: Values
  mistake: { field: string; message: string } | null
  /** Names of the tools, skills and models that there are. */
  tools: string[]
  skills: string[]
  /** The team's texts: their keys, and what they are called. */
  knownNames: Map<string, string>
  models: string[]
  /** The model that answers where nothing names one. */
  usual: string
}

export const AgentForm = ({
  view: { key, version, values, mistake, tools, skills, knownNames, models, usual },
}: {
  view: AgentFormView
}) => {
  const error = (field: string) => (mistake?.field === field ? mistake.message : undefined)
  return (
    <form
      class="form panel"
      id="agent"
      method="post"
      action={key === null ? '/agents/new' : `/agents/${key}`}
      enctype="multipart/form-data"
    >
      {mistake &&
        !['key', 'name', 'description', 'model', 'tools', 'skills', 'knowledge', 'upload', 'typed'].includes(
          mistake.field,
        ) && <ErrorNotice>{mistake.message}</ErrorNotice>}
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
      <ModelField
        value={values.model}
        placeholder={usual}
        hint="Empty: the default. “demo” runs without a provider."
        error={error('model')}
      />
      <ModelList models={models} />
      <Choice
        legend="Tools"
        hint="What it may do besides answering; at most 15."
        name="tools"
        start={TICKED}
        chosen={toolsIn(values)}
        among={tools}
        error={error('tools')}
      />
      <Choice
        legend="Skills"
        hint="Reusable instructions that it is given besides its description; at most 10."
        name="skills"
        start={TICKED_SKILL}
        chosen={skillsIn(values)}
        among={skills}
        error={error('skills')}
      />
      <KnowledgeFields values={values} names={knownNames} error={error('knowledge')} />
      <ContextFields values={values} error={error('upload')} />
      <div class="form-actions">
        <Button look="primary">{key === null ? 'Make the agent' : `Save as version ${version + 1}`}</Button>
      </div>
    </form>
  )
}

/** What the team knows, each with how the agent has it; one that is not there any more can be taken away. */
const KnowledgeFields = ({ values, names, error }: { values: Values; names: Map<string, string>; error?: string }) => {
  const lost = knownIn(values).filter(({ file }) => !names.has(file))
  const all = [...names, ...lost.map(({ file }): [string, string] => [file, `${file} (not there any more)`])]
  return (
    <fieldset class="stack-tight">
      <legend class="field-label">Knowledge</legend>
      <p class="field-hint">
        What <a href="/knowledge">your team knows</a>: always before it, or looked up with <code>read_context</code>{' '}
        where it is needed.
      </p>
      {error !== undefined && <p class="field-error">{error}</p>}
      {all.length === 0 && (
        <p class="small">
          Nothing yet. <a href="/knowledge/new">Add a text</a>
        </p>
      )}
      {all.map(([file, name]) => (
        <Select
          label={name}
          name={`${KNOWS}${file}`}
          value={values[`${KNOWS}${file}`] ?? ''}
          options={[
            { value: '', label: 'not given' },
            { value: 'searched', label: 'looked up where it is needed' },
            { value: 'always', label: 'always before it' },
          ]}
        />
      ))}
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
      <TextField
        label="or upload a file"
        name="upload"
        type="file"
        accept=".txt,.md,.markdown,.csv,.pdf,.docx,.xlsx,.pptx,.html,.eml,text/*"
        error={error}
      />
    </fieldset>
  )
}
