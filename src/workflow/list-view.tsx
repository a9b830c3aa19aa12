/** The workflows page: what there is, how much runs, waits and is stuck in each, and how it all works. */

import type { WorkflowStatus } from '../domain/workflow/live.ts'
import { Tag } from '../http/components/badge.tsx'
import { Button, ButtonLink } from '../http/components/button.tsx'
import { EmptyState } from '../http/components/feedback.tsx'
import { Search, Select, TextArea, TextField } from '../http/components/field.tsx'
import { Icon } from '../http/components/icon.tsx'
import { NextPage } from '../http/components/pagination.tsx'
import { Time } from '../http/components/value/time.tsx'
import { WORKFLOW_LABEL, WorkflowBadge } from './badge.tsx'

interface WorkflowLine {
  id: string
  name: string
  description: string | null
  owner: string | null
  status: WorkflowStatus
  tags: string[]
  updatedAt: number
  running: number
  waiting: number
  /** Stuck and failed: a person must see to them. */
  stuck: number
}

export interface WorkflowsView {
  lines: WorkflowLine[]
  next: string | null
  q: string
  status: WorkflowStatus | undefined
  tag: string
  owner: string
  template: boolean
  /** The address of whoever looks. */
  asker: string
  mayChange: boolean
}

const HELPER =
  'Run tasks through ordered steps — each handled by a prompt, an agent, or a person — so repeat work always follows the same path.'
const EMPTY =
  'No workflows yet. Create one to run tasks through a sequence of steps — each handled by a prompt, an agent, or a person.'

export const Workflows = ({ view }: { view: WorkflowsView }) => {
  const filtered =
    [view.q, view.tag, view.owner].some(word => word !== '') || view.status !== undefined || view.template
  return (
    <>
      <div class="page-head">
        <div>
          <h1>Workflows</h1>
          <p>{HELPER}</p>
        </div>
        <div class="page-tools">
          <ButtonLink href="/templates" icon="file" look="quiet">
            Templates
          </ButtonLink>
          {view.mayChange && (
            <>
              <ButtonLink href="/workflows/import" icon="download" look="quiet">
                Import
              </ButtonLink>
              <ButtonLink href="/workflows/new" look="primary" icon="plus" data-key="c">
                New workflow
              </ButtonLink>
            </>
          )}
        </div>
      </div>
      <div class="stack">
        <Shelves view={view} />
        {(view.lines.length > 0 || filtered) && <Filters view={view} />}
        {view.lines.length > 0 ? <Lines view={view} /> : filtered ? <Nothing /> : <Empty mayChange={view.mayChange} />}
        <NextPage href={hrefOf(view)} next={view.next} />
        <HowWorkflowsWork open={view.lines.length === 0 && !filtered} />
      </div>
    </>
  )
}

/** Mine, all, templates, archived: each is an address. */
const Shelves = ({ view }: { view: WorkflowsView }) => {
  const mine = view.owner !== '' && view.owner === view.asker
  const shelves: [label: string, href: string, here: boolean][] = [
    ['All', '/workflows', !mine && !view.template && view.status !== 'archived'],
    ['Mine', `/workflows?owner=${encodeURIComponent(view.asker)}`, mine],
    ['Templates', '/workflows?template=1', view.template],
    ['Archived', '/workflows?status=archived', view.status === 'archived'],
  ]
  return (
    <nav class="subnav" aria-label="Which workflows">
      {shelves.map(([label, href, here]) => (
        <a href={href} aria-current={here ? 'page' : undefined}>
          {label}
        </a>
      ))}
    </nav>
  )
}

const Filters = ({ view }: { view: WorkflowsView }) => (
  <form class="form--inline" action="/workflows" method="get">
    <Search label="Search workflows" value={view.q} />
    <select class="input" name="status" aria-label="Status">
      <option value="">All but archived</option>
      {(Object.keys(WORKFLOW_LABEL) as WorkflowStatus[]).map(status => (
        <option value={status} selected={status === view.status}>
          {WORKFLOW_LABEL[status]}
        </option>
      ))}
    </select>
    <input class="input" name="tag" value={view.tag} aria-label="Tag" placeholder="Tag" />
    <input class="input" name="owner" value={view.owner} aria-label="Owner" placeholder="Owner" type="email" />
    {view.template && <input type="hidden" name="template" value="1" />}
    <Button>Search</Button>
  </form>
)

const Nothing = () => (
  <p class="secondary">
    No workflow matches. <a href="/workflows">Show all</a>
  </p>
)

const Empty = ({ mayChange }: { mayChange: boolean }) => (
  <EmptyState icon="workflow" title="No workflows yet">
    <p>{EMPTY}</p>
    {mayChange ? (
      <div class="row">
        <ButtonLink href="/workflows/new" icon="plus">
          Create a workflow
        </ButtonLink>
        <ButtonLink href="/templates" icon="file">
          Start from a template
        </ButtonLink>
      </div>
    ) : (
      <p>A member of your team can create one; viewers see it here then.</p>
    )}
  </EmptyState>
)

const Lines = ({ view }: { view: WorkflowsView }) => (
  <div class="table-scroll">
    <table class="table">
      <thead>
        <tr>
          <th scope="col">Workflow</th>
          <th scope="col">Status</th>
          <th scope="col" class="number">
            Running
          </th>
          <th scope="col" class="number">
            Waiting
          </th>
          <th scope="col" class="number">
            Stuck
          </th>
          <th scope="col" class="number">
            Changed
          </th>
        </tr>
      </thead>
      <tbody>
        {view.lines.map(line => (
          <Line line={line} />
        ))}
      </tbody>
    </table>
  </div>
)

const Line = ({ line }: { line: WorkflowLine }) => {
  const at = `/workflows/${line.id}`
  return (
    <tr>
      <th scope="row">
        <a href={at} hx-ignore>
          {line.name}
        </a>
        {line.description && (
          <p class="secondary small" hx-ignore>
            {line.description}
          </p>
        )}
        {line.owner && (
          <p class="secondary small" hx-ignore>
            <a class="link-line" href={`/workflows?owner=${encodeURIComponent(line.owner)}`}>
              {line.owner}
            </a>
          </p>
        )}
      </th>
      <td>
        <WorkflowBadge status={line.status} />
        {line.tags.map(tag => (
          <>
            {' '}
            <a href={`/workflows?tag=${encodeURIComponent(tag)}`}>
              <Tag>{tag}</Tag>
            </a>
          </>
        ))}
      </td>
      <td class="number">
        <Figure n={line.running} state="running" href={`${at}?status=running`} />
      </td>
      <td class="number">
        <Figure n={line.waiting} state="waiting" href={`${at}?status=waiting`} />
      </td>
      <td class="number">
        <Figure n={line.stuck} state="stuck" href={`${at}?stuck=1`} />
      </td>
      <td class="number secondary">
        <Time at={line.updatedAt} />
      </td>
    </tr>
  )
}

/** Every number leads to its tasks; nothing is not worth a colour. */
const Figure = ({ n, state, href }: { n: number; state: 'running' | 'waiting' | 'stuck'; href: string }) =>
  n === 0 ? (
    <span class="secondary">0</span>
  ) : (
    <a class="state bare" data-state={state} href={href}>
      <Icon name={state} size={14} />
      {n}
    </a>
  )

/** The explainer; its words are fixed. */
const HowWorkflowsWork = ({ open }: { open?: boolean }) => (
  <details class="explain" open={open}>
    <summary>How workflows work</summary>
    <div class="panel prose-width stack-tight explain-body">
      <p>
        Each step is handled by either a prompt, an agent, or a human — pick one: prompt — a text request (no tools, no
        context) · agent — one of your agents (has its own tools and context) · human — a person you assign (work pauses
        until they act). Tasks move through the steps in order. The badge on each step shows who does the work.
      </p>
      <p>
        Other steps need neither a model nor a person: http — one call to another service · tool — one of your tools ·
        wait — the task rests until a time or an event.
      </p>
    </div>
  </details>
)

function hrefOf({ q, status, tag, owner, template }: WorkflowsView): string {
  const query = new URLSearchParams()
  const words = { q, status: status ?? '', tag, owner, template: template ? '1' : '' }
  for (const [name, value] of Object.entries(words)) if (value) query.set(name, value)
  return `/workflows${query.size > 0 ? `?${query}` : ''}`
}

export interface NewWorkflowView {
  name: string
  description: string
  /** Where it may be made, and where it is meant to be; one alone is not asked for. */
  teams: { id: string; name: string }[]
  team: string
  error?: string
}

export const NewWorkflow = ({ view }: { view: NewWorkflowView }) => (
  <form class="form narrow" method="post" action="/workflows/new">
    <h1>New workflow</h1>
    <TextField
      label="Name"
      name="name"
      value={view.name}
      maxlength={120}
      required
      autofocus
      hint="What this workflow does — a short handle you'll see in the workflow list."
      error={view.error}
    />
    {view.teams.length > 1 && (
      <Select
        label="Team"
        name="in"
        value={view.team}
        options={view.teams.map(({ id, name }) => ({ value: id, label: name }))}
        hint="Its people see it. A workflow stays in its team."
      />
    )}
    <TextArea label="Description" name="description" value={view.description} maxlength={2000} rows={3} />
    <div class="form-actions">
      <Button look="primary">Create workflow</Button>
      <ButtonLink href="/workflows" look="quiet">
        Cancel
      </ButtonLink>
    </div>
  </form>
)
