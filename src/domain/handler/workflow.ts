/** The kind `workflow`: a task of another workflow, which this one waits for, or only starts. */
import { z } from 'zod'
import { renderNamingFiles } from '../file/given.ts'
import type { Json } from '../json/json.ts'
import { nearest } from '../nearest.ts'
import { MAX_DEPTH } from '../task/log/source.ts'
import { type LintPath, type Report, suggestion } from '../workflow/lint/item.ts'
import type { Known, KnownWorkflow } from '../workflow/lint/known.ts'
import type { Frame } from '../workflow/parts.ts'
import type { Handler } from './handler.ts'
import { failedStart, textsAt } from './parts/call.ts'

/** A worker only starts the task: whatever a step's `timeout` says is for the task itself. */
const STARTING_MS = 60_000

const workflowSchema = z.strictObject({
  use: z.string().min(1).max(120),
  input: z.custom<Json>(value => value !== undefined, 'must be JSON').optional(),
  wait: z.boolean().optional(),
})
type Own = { workflow?: z.infer<typeof workflowSchema> }

export interface WorkflowJob {
  kind: 'workflow'
  frame: Frame
  /** The other workflow's id, or its exact name. */
  use: string
  input: Json
  waits: boolean
}

export const workflow: Handler<WorkflowJob, Own> = {
  shape: { workflow: workflowSchema.optional() },
  settings: ['timeout', 'retry', 'output'],
  words: {
    who: 'another workflow',
    work: 'the workflow that it starts, or its input,',
    lesson: ({ use, waits }) =>
      waits ? `A task of “${use}” does the work here.` : `A task of “${use}” is started here, and not waited for.`,
    rule: ({ frame, use, waits }) =>
      `“${frame.name ?? frame.key}” starts a task of “${use}” and ${waits ? 'goes on when it is done' : 'goes on at once'}.`,
  },
  gives: ['ok', 'failed', 'timeout'],
  chooses: null,
  read: step => {
    const { use = '', input = {}, wait = true } = step.workflow ?? {}
    return { kind: 'workflow', frame: step, use, input, waits: wait }
  },
  labels: () => ['ok'],
  outputSchema: ({ frame, waits }) => ({
    type: 'object',
    required: ['task', 'status', 'result'],
    properties: {
      task: { type: 'string' },
      status: { type: 'string' },
      result: waits ? (frame.output ?? {}) : { type: 'null' },
    },
  }),
  texts: ({ workflow: own }) => textsAt(own?.input, ['workflow', 'input']),
  acts: () => true,
  workflows: ({ use }) => [use],
  lint: (job, path, { known }, report) => lintUse(job, [...path, 'workflow', 'use'], known, report),
  spends: 'tasks',
  leaseMs: STARTING_MS,
  begin: ({ input }, view) => {
    if (view.depth >= MAX_DEPTH) return [{ kind: 'failed', failure: tooDeep() }]
    const rendered = renderNamingFiles(input, view.scope())
    return [rendered.ok ? { kind: 'due', prompt: JSON.stringify(rendered.value) } : failedStart(rendered.message)]
  },
  order: ({ use, waits }, run, { workflows }) => {
    const facts = run.facts()
    return {
      kind: 'start',
      use,
      workflow: workflows[use] ?? null,
      input: JSON.parse(run.prompt) as Json,
      parent: waits ? { visit: facts.task.visit, run: run.id, attempt: run.attempt } : null,
      // An attempt starts one task, however often it is made; the next one starts its own.
      key: `${run.key}.${run.attempt}`,
      facts,
    }
  },
  judge: () => ({ kind: 'completed', label: 'ok' }),
}

function tooDeep() {
  const message = `This task is the last of ${MAX_DEPTH} that started one another: it starts no further one.`
  return { code: 'too_deep' as const, message, retryable: false }
}

function lintUse({ use }: WorkflowJob, path: LintPath, { workflows, self }: Known, report: Report): void {
  if (workflows === undefined) return
  const found = usedWorkflow(use, workflows)
  if (found === undefined && use === self?.name) return reportSelf(path, `It starts itself, “${use}”.`, report)
  if (found === undefined) {
    const names = workflows.map(({ name }) => name)
    const fix = suggestion(nearest(use, names), names, 'Make that workflow first.')
    return report.error(path, 'unknown_workflow', `There is no workflow “${use}” in this team.`, fix)
  }
  if (found.id === self?.id) return reportSelf(path, `It starts itself, “${found.name}”.`, report)
  const way = self?.id === undefined ? null : wayTo(self.id, found, workflows)
  if (way !== null) {
    const names = way.map(({ name }) => `“${name}”`).join(' and ')
    return reportSelf(path, `It starts itself by way of ${names}.`, report)
  }
  if (found.live) return
  const message = `“${found.name}” has never been published, so no task of it can be started.`
  report.error(path, 'unknown_workflow', message, `Publish “${found.name}” first.`)
}

/** The workflows that a step starts by itself, in its branches or for its items, read from a document that may be wrong in every part. */
export function usesIn(step: unknown): string[] {
  const { workflow, parallel, map } = (step ?? {}) as Record<string, Record<string, unknown> | null | undefined>
  const use = workflow?.use
  const branches = Object.values((parallel?.branches ?? {}) as object).slice(0, 20)
  const inner = [...branches, ...(map?.do === undefined ? [] : [map.do])]
  return [...(typeof use === 'string' ? [use] : []), ...inner.flatMap(usesWithin)]
}

function usesWithin(branch: unknown): string[] {
  const { workflow } = (branch ?? {}) as { workflow?: { use?: unknown } | null }
  return typeof workflow?.use === 'string' ? [workflow.use] : []
}

/** The workflow that is meant: by its id, else by its exact name, the oldest one when there are several. */
export function usedWorkflow(use: string, workflows: readonly KnownWorkflow[]): KnownWorkflow | undefined {
  return workflows.find(({ id }) => id === use) ?? workflows.find(({ name }) => name === use)
}

function reportSelf(path: LintPath, message: string, report: Report): void {
  report.error(path, 'self_start', message, 'Lead back to a step of this workflow instead, by a handoff.')
}

/** The workflows that start one another from `from` on until the last of them starts this one; null: none does. */
function wayTo(self: string, from: KnownWorkflow, workflows: readonly KnownWorkflow[]): KnownWorkflow[] | null {
  const seen = new Set<string>()
  const walk = (at: KnownWorkflow): KnownWorkflow[] | null => {
    if (at.id === self) return []
    if (seen.has(at.id)) return null
    seen.add(at.id)
    for (const id of at.starts) {
      const next = workflows.find(each => each.id === id)
      const rest = next === undefined ? null : walk(next)
      if (rest !== null) return [at, ...rest]
    }
    return null
  }
  return walk(from)
}
