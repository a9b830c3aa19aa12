/** The head that all pages of a workflow's design share: its name, how its draft stands, and the ways between the pages. */
import type { Child } from 'hono/jsx'
import { may } from '../../domain/permissions.ts'
import { ButtonLink } from '../../http/components/button.tsx'
import { leadReaders } from '../../http/page/change.ts'
import { type PageContext, page } from '../../http/page/page.tsx'
import type { WorkflowRow } from '../../records/definitions/workflows.ts'
import { WorkflowBadge } from '../badge.tsx'

export type Tab = 'steps' | 'yaml' | 'graph' | 'dry-run' | 'publish' | 'versions' | 'reviews' | 'docs' | 'manage'

const TABS: [Tab, string, string][] = [
  ['steps', 'Steps', '/edit'],
  ['yaml', 'YAML', '/edit/yaml'],
  ['graph', 'Graph', '/graph'],
  ['dry-run', 'Dry run', '/dry-run'],
  ['publish', 'Publish', '/publish'],
  ['versions', 'Versions', '/versions'],
  ['reviews', 'Reviews', '/reviews'],
  ['docs', 'Docs and checklist', '/docs'],
  ['manage', 'Manage', '/manage'],
]

/** What those who only look can read; the other tabs are forms. */
const TO_READ: readonly Tab[] = ['graph', 'versions', 'reviews', 'docs']

/** Leads viewers from the forms of a workflow to its documentation. */
export const leadToDocs = leadReaders('workflows.change', c => `/workflows/${c.req.param('id')}/docs`)

/** Whether the person of this page may change the design. */
export function mayChange(c: PageContext): boolean {
  return may(c.get('person'), 'workflows.change')
}

/** Tabs that show the steps as columns or as a picture. */
const DRAWN: Partial<Record<Tab, string[]>> = { steps: ['columns', 'design'], graph: ['design'] }

/** Answers with a page of a workflow's design. */
export function designPage(
  c: PageContext,
  row: WorkflowRow,
  { tab, title, scripts }: { tab: Tab; title: string; scripts?: string[] },
  content: Child,
  status: 200 | 409 | 422 = 200,
) {
  return page(
    c,
    { title, active: 'workflows', width: 'wide', styles: [...(DRAWN[tab] ?? []), 'editor', 'runs'], scripts },
    <DesignFrame row={row} tab={tab} mayChange={mayChange(c)}>
      {content}
    </DesignFrame>,
    status,
  )
}

interface FrameProps {
  row: WorkflowRow
  tab: Tab
  mayChange: boolean
  children?: Child
}

const DesignFrame = ({ row, tab, mayChange, children }: FrameProps) => {
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
          {!mayChange && (
            <ButtonLink href={`${at}/export`} icon="download" look="quiet">
              Export as YAML
            </ButtonLink>
          )}
          {mayChange && tab !== 'publish' && (
            <ButtonLink href={`${at}/publish`} icon="send" look="primary">
              Publish…
            </ButtonLink>
          )}
        </div>
      </div>
      <nav class="subnav" aria-label="Design">
        {TABS.filter(([name]) => mayChange || TO_READ.includes(name)).map(([name, label, path]) => (
          <a href={`${at}${path}`} aria-current={name === tab ? 'page' : undefined}>
            {label}
          </a>
        ))}
      </nav>
      {children}
    </div>
  )
}
