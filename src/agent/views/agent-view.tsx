/** One agent’s page: its form, where it is used, its versions, and a box to try it in. */
import { ErrorNotice, Notice } from '../../http/components/feedback.tsx'
import { DeleteBox, VersionList } from '../../http/components/kept-thing.tsx'
import { MOST_USES } from '../../records/definitions/agent-uses.ts'
import type { AgentWarning } from '../agents.ts'
import { AgentForm, type AgentFormView } from './form-view.tsx'
import { AgentContent } from './read-view.tsx'
import { Trial, type TrialView } from './trial-view.tsx'

export interface AgentView extends AgentFormView {
  /** The version whose values these are. */
  shown: number
  /** What was saved once and no longer is right. */
  faults: { message: string; fix: string }[]
  warnings: AgentWarning[]
  uses: { id: string; name: string; steps: string[] }[]
  versions: { version: number; createdAt: number; createdBy: string }[]
  trial: TrialView | null
  mayChange: boolean
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
          {view.mayChange && <Trial trial={view.trial} agent={view.key} />}
          <Uses view={view} />
          <VersionList href={`/agents/${view.key}`} versions={view.versions} />
          {view.mayChange && <DeleteAgent view={view} agent={view.key} />}
        </div>
      )}
    </div>
  </div>
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
