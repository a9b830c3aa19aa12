/** The head that all pages of a workflow's design share: its name, how its draft stands, and the ways between the pages. */
import type { Child } from 'hono/jsx'
import { ButtonLink } from '../../http/components/button.tsx'
import type { WorkflowRow } from '../../records/workflows.ts'
import { WorkflowBadge } from '../badge.tsx'

export type Tab = 'steps' | 'yaml' | 'graph' | 'publish' | 'versions' | 'docs' | 'manage'

const TABS: [Tab, string, string][] = [
  ['steps', 'Steps', '/edit'],
  ['yaml', 'YAML', '/edit/yaml'],
  ['graph', 'Graph', '/graph'],
  ['publish', 'Publish', '/publish'],
  ['versions', 'Versions', '/versions'],
  ['docs', 'Docs and checklist', '/docs'],
  ['manage', 'Manage', '/manage'],
]

export const DesignFrame = ({ row, tab, children }: { row: WorkflowRow; tab: Tab; children?: Child }) => {
  const at = `/workflows/${row.id}`
  return (
    <div class="design">
      <div class="page-head">
        <div>
          <div class="row">
            <h1 hx-ignore>{row.name}</h1>
            <WorkflowBadge status={row.status} />
            <span class="secondary small">
              {row.live === null ? 'never published' : `v${row.live} is live`}
              {row.draft !== null && row.live !== null && ' · unpublished draft'}
            </span>
          </div>
        </div>
        <div class="page-tools">
          <ButtonLink href={at} icon="columns" look="quiet">
            Board
          </ButtonLink>
          {tab !== 'publish' && (
            <ButtonLink href={`${at}/publish`} icon="send" look="primary">
              Publish…
            </ButtonLink>
          )}
        </div>
      </div>
      <nav class="subnav" aria-label="Design">
        {TABS.map(([name, label, path]) => (
          <a href={`${at}${path}`} aria-current={name === tab ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {children}
    </div>
  )
}
