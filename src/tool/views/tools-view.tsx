/** The page of all tools: the team's own and those that every team has, what each does, when it asks, and who uses it. */
import { Tag } from '../../http/components/badge.tsx'
import { ButtonLink } from '../../http/components/button.tsx'
import { NextPage } from '../../http/components/pagination.tsx'

export interface ToolLine {
  key: string
  description: string
  /** Where it comes from, in words. */
  from: string
  /** Whether it is held back until somebody accepts what changed in it. */
  changed: boolean
  effect: 'read' | 'write'
  ask: boolean | string
  undoCost: number | undefined
  steps: number
  agents: number
}

export interface ServerLine {
  key: string
  host: string
  /** How many tools it offers, how many are chosen, and how many of these are held back. */
  tools: number
  chosen: number
  changed: number
  error: string | null
}

interface ToolsView {
  tools: ToolLine[]
  servers: ServerLine[]
  next: string | null
  mayChange: boolean
}

export const Tools = ({ view }: { view: ToolsView }) => (
  <div class="stack">
    <div class="page-head">
      <div>
        <h1>Tools</h1>
        <p>What steps and agents do in the world: a call to a service, or one of Baton’s own acts.</p>
      </div>
      {view.mayChange && (
        <div class="row">
          <ButtonLink href="/mcp-servers/new" icon="link">
            MCP server
          </ButtonLink>
          <ButtonLink href="/tools/import" icon="download">
            From OpenAPI
          </ButtonLink>
          <ButtonLink href="/tools/new" look="primary" icon="plus" data-key="c">
            New tool
          </ButtonLink>
        </div>
      )}
    </div>
    <section class="table-scroll" aria-label="Tools" tabindex={0}>
      <table class="table">
        <thead>
          <tr>
            <th scope="col">Tool</th>
            <th scope="col">From</th>
            <th scope="col">Effect</th>
            <th scope="col">Asks</th>
            <th scope="col">Used by</th>
          </tr>
        </thead>
        <tbody>
          {view.tools.map(tool => (
            <Line tool={tool} />
          ))}
        </tbody>
      </table>
    </section>
    <NextPage href="/tools" next={view.next} />
    {view.servers.length > 0 && <Servers servers={view.servers} />}
  </div>
)

const Servers = ({ servers }: { servers: ServerLine[] }) => (
  <section class="stack-tight" id="servers" aria-label="MCP servers">
    <h2>MCP servers</h2>
    <ul class="stack-tight" hx-ignore>
      {servers.map(({ key, host, tools, chosen, changed, error }) => (
        <li>
          <a href={`/mcp-servers/${key}`}>
            <code>{key}</code>
          </a>{' '}
          <span class="secondary small">
            {host} · {chosen} of {tools} {tools === 1 ? 'tool' : 'tools'} chosen
          </span>{' '}
          {changed > 0 && <Tag>{changed} held back</Tag>} {error !== null && <Tag>could not be read</Tag>}
        </li>
      ))}
    </ul>
  </section>
)

const Line = ({ tool }: { tool: ToolLine }) => (
  <tr>
    <th scope="row">
      <a href={`/tools/${tool.key}`}>
        <code>{tool.key}</code>
      </a>
      <div class="small secondary" hx-ignore>
        {tool.description}
      </div>
    </th>
    <td class="small" hx-ignore>
      {tool.from}
    </td>
    <td>
      <Tag>{tool.effect === 'read' ? 'reads' : 'writes'}</Tag> {tool.changed && <Tag>changed: held back</Tag>}
    </td>
    <td class="small" hx-ignore>
      {asksInWords(tool)}
    </td>
    <td class="small">{usesInWords(tool)}</td>
  </tr>
)

/** When people are asked, in a few words. */
export function asksInWords({ ask, undoCost = 0 }: Pick<ToolLine, 'ask'> & { undoCost?: number }): string {
  if (ask === true) return 'always'
  if (undoCost > 100) return `always: undoing costs $${undoCost}`
  return typeof ask === 'string' ? `if ${ask}` : 'never'
}

function usesInWords({ steps, agents }: ToolLine): string {
  const parts = [
    steps > 0 && `${steps} ${steps === 1 ? 'step' : 'steps'}`,
    agents > 0 && `${agents} ${agents === 1 ? 'agent' : 'agents'}`,
  ].filter(Boolean)
  return parts.length === 0 ? 'nothing' : parts.join(', ')
}
