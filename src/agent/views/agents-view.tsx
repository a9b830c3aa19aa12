/** The list of a team’s agents. */
import { ButtonLink } from '../../http/components/button.tsx'
import { EmptyState } from '../../http/components/feedback.tsx'
import { NextPage } from '../../http/components/pagination.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { MOST_USES } from '../../records/definitions/agent-uses.ts'
import type { AgentRow } from '../../records/definitions/agents.ts'

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
    <p class="small">
      <a href="/skills">Skills</a>: instructions that several agents and steps share ·{' '}
      <a href="/knowledge">Knowledge</a>: texts that they have before them or look up
    </p>
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

function usesText(n: number): string {
  if (n > MOST_USES) return `over ${MOST_USES} workflows`
  return n === 0 ? 'nothing' : `${n} ${n === 1 ? 'workflow' : 'workflows'}`
}
