/** The pages of skills: all of them, and one with its text, where it is used, and its versions. */
import type { Skill } from '../../domain/skill.ts'
import { estimateTokens } from '../../domain/text/tokens.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { EmptyState, ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { TextArea, TextField } from '../../http/components/field.tsx'
import { DeleteBox, UseList, type VersionLine, VersionList } from '../../http/components/kept-thing.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import type { ToolUse } from '../../records/definitions/tool-uses.ts'

interface SkillsView {
  lines: { key: string; version: number; skill: Skill; uses: ToolUse }[]
  next: string | null
  mayChange: boolean
}

export const Skills = ({ view: { lines, next, mayChange } }: { view: SkillsView }) => (
  <div class="stack">
    <p class="small">
      <a href="/agents">All agents</a>
    </p>
    <div class="page-head">
      <div>
        <h1>Skills</h1>
        <p>Instructions that are written once, and that several agents and steps are given.</p>
      </div>
      {mayChange && (
        <ButtonLink href="/skills/new" look="primary" icon="plus" data-key="c">
          New skill
        </ButtonLink>
      )}
    </div>
    {lines.length === 0 ? (
      <EmptyState icon="prompt" title="No skills yet">
        <p>A tone of voice, a way to judge, what may never be promised: write it once, and name it where it holds.</p>
      </EmptyState>
    ) : (
      <section class="table-scroll" aria-label="Skills" tabindex={0}>
        <table class="table">
          <thead>
            <tr>
              <th scope="col">Skill</th>
              <th scope="col">Version</th>
              <th scope="col">Length</th>
              <th scope="col">Used by</th>
            </tr>
          </thead>
          <tbody>
            {lines.map(({ key, version, skill, uses }) => (
              <tr>
                <th scope="row">
                  <a href={`/skills/${key}`}>
                    <code>{key}</code>
                  </a>
                  {skill.description !== undefined && (
                    <div class="small secondary" hx-ignore>
                      {skill.description}
                    </div>
                  )}
                </th>
                <td class="small">v{version}</td>
                <td class="small">about {estimateTokens(skill.text)} tokens</td>
                <td class="small">{inWords(uses)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
    )}
    <NextPage href="/skills" next={next} />
  </div>
)

function inWords({ workflows, agents }: ToolUse): string {
  const steps = workflows.flatMap(each => each.steps).length
  const parts = [
    steps > 0 && `${steps} ${steps === 1 ? 'step' : 'steps'}`,
    agents.length > 0 && `${agents.length} ${agents.length === 1 ? 'agent' : 'agents'}`,
  ].filter(Boolean)
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}

export interface SkillView {
  /** null: a new one. */
  key: string | null
  /** The newest version, and the one that is shown. */
  version: number
  shown: number
  values: Record<string, string>
  mistake: { field: string; message: string } | null
  uses: ToolUse
  versions: VersionLine[]
  mayChange: boolean
}

export const SkillPage = ({ view }: { view: SkillView }) => (
  <div class="stack">
    <p class="small">
      <a href="/skills">All skills</a>
    </p>
    <h1>{view.key ?? 'New skill'}</h1>
    {view.shown !== view.version && (
      <Notice icon="history">
        <p>
          This is version {view.shown}; version {view.version} is the newest.{' '}
          <a href={`/skills/${view.key}`}>Show the newest</a>
        </p>
      </Notice>
    )}
    <div class="edit-step">
      {view.mayChange ? <SkillForm view={view} /> : <SkillText values={view.values} />}
      {view.key !== null && (
        <div class="stack">
          <UseList {...view.uses}>
            Published versions keep the text as it was; publish again to take up a new version.
          </UseList>
          <VersionList href={`/skills/${view.key}`} versions={view.versions} />
          {view.mayChange && (
            <DeleteBox href={`/skills/${view.key}`} what="skill" name={view.key} error={errorOf(view, 'typed')}>
              What is published keeps it. Drafts that name it cannot be published until they name another one.
            </DeleteBox>
          )}
        </div>
      )}
    </div>
  </div>
)

function errorOf({ mistake }: SkillView, field: string): string | undefined {
  return mistake?.field === field ? mistake.message : undefined
}

const SkillForm = ({ view }: { view: SkillView }) => {
  const { key, version, values, mistake } = view
  return (
    <form class="form panel" id="skill" method="post" action={key === null ? '/skills/new' : `/skills/${key}`}>
      {mistake?.field === 'version' && <ErrorNotice>{mistake.message}</ErrorNotice>}
      <input type="hidden" name="version" value={String(version)} />
      {key === null && (
        <TextField
          label="Key"
          name="key"
          value={values.key}
          required
          maxlength={40}
          pattern="[a-z][a-z0-9_]*"
          hint="How agents and steps name it, such as house_style."
          error={errorOf(view, 'key')}
        />
      )}
      <TextField
        label="Description"
        name="description"
        value={values.description}
        maxlength={400}
        hint="What it is for, for whoever chooses it. The model is not told."
        error={errorOf(view, 'description')}
      />
      <TextArea
        label="Instruction"
        name="text"
        value={values.text}
        required
        rows={14}
        maxlength={60_000}
        hint="The model is told this after the agent’s own description and context. Nothing of a task belongs here."
        error={errorOf(view, 'text')}
      />
      <div class="form-actions">
        <Button look="primary">{key === null ? 'Make the skill' : `Save as version ${version + 1}`}</Button>
      </div>
    </form>
  )
}

const SkillText = ({ values }: { values: SkillView['values'] }) => (
  <article class="panel stack-tight" hx-ignore>
    {values.description && <p class="secondary">{values.description}</p>}
    <p class="edit-summary">{values.text}</p>
  </article>
)
