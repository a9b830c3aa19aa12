/** The kind `parallel`: branches side by side in one visit, joined when all, any or enough of them are done. */
import { z } from 'zod'
import { COMPLETE, type Frame, KEY_PATTERN } from '../workflow/parts.ts'
import type { Handler, Part } from './handler.ts'
import { type Branch, branchSchema, outputOf, SHARED, workOf } from './parts/branch.ts'
import { joinAt } from './parts/join.ts'

const MAX_BRANCHES = 20

const keySchema = z.string().regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _, 40 at most')
const joinSchema = z.union([z.enum(['all', 'any']), z.int().min(1).max(MAX_BRANCHES)], {
  error: 'must be `all`, `any`, or how many must complete',
})
const parallelSchema = z.strictObject({
  branches: z.record(keySchema, branchSchema).refine(branches => {
    const count = Object.keys(branches).length
    return count >= 2 && count <= MAX_BRANCHES
  }, `2 to ${MAX_BRANCHES} branches`),
  join: joinSchema.optional(),
})
const shape = { parallel: parallelSchema.optional() }
type Parallel = { branches: Record<string, Branch>; join?: 'all' | 'any' | number }
type Own = { parallel?: Parallel }

export interface ParallelJob {
  kind: 'parallel'
  frame: Frame
  parallel: Parallel
}

export const parallel: Handler<ParallelJob, Own> = {
  shape,
  settings: [...SHARED, 'output'],
  words: {
    who: 'branches side by side',
    work: 'its branches',
    lesson: ({ parallel: { branches } }) => `Worked on side by side here: ${Object.keys(branches).join(', ')}.`,
    rule: job => `“${job.frame.name ?? job.frame.key}” goes on when ${joinWords(job.parallel)}.`,
  },
  gives: ['done', 'failed', 'timeout'],
  chooses: null,
  read: step => ({ kind: 'parallel', frame: step, parallel: step.parallel ?? { branches: {} } }),
  labels: () => ['done'],
  outputSchema: job => {
    const branches = partsOf(job).map(({ work }) => [work.key, outputOf(work)] as const)
    const required = needOf(job.parallel) === branches.length ? branches.map(([name]) => name) : []
    return { type: 'object', required, properties: Object.fromEntries(branches) }
  },
  texts: () => [],
  lint: ({ parallel: own }, path, _around, report) => {
    const { branches, join } = own
    const count = Object.keys(branches).length
    if (typeof join === 'number' && join > count) {
      const message = `${join} branches must complete, but there are only ${count}.`
      report.error([...path, 'parallel', 'join'], 'bad_value', message, 'Lower `join`, or add branches.')
    }
    if (Object.hasOwn(branches, COMPLETE)) {
      const message = `\`${COMPLETE}\` is a word of the format and cannot be a branch’s key.`
      report.error([...path, 'parallel', 'branches', COMPLETE], 'reserved_key', message, 'Choose another key.')
    }
  },
  spends: null,
  begin: () => [],
  judge: () => ({ kind: 'completed', label: 'done' }),
  spread: {
    parts: partsOf,
    plan: job => ({ kind: 'planned', names: Object.keys(job.parallel.branches) }),
    branch: (job, name) => workOf(job.parallel.branches[name] ?? {}, name, job.frame),
    join: (job, runs) =>
      joinAt(needOf(job.parallel), runs, () =>
        Object.fromEntries(runs.filter(run => run.state === 'completed').map(run => [run.name, run.output()])),
      ),
  },
}

function partsOf({ parallel: { branches }, frame }: ParallelJob): Part[] {
  return Object.entries(branches).map(([name, branch]) => ({
    path: ['parallel', 'branches', name],
    work: workOf(branch, name, frame),
  }))
}

/** How many branches must complete. */
function needOf({ branches, join = 'all' }: Parallel): number {
  if (typeof join === 'number') return join
  return join === 'any' ? 1 : Object.keys(branches).length
}

function joinWords({ branches, join = 'all' }: Parallel): string {
  const names = Object.keys(branches).join(', ')
  if (join === 'all') return `all of ${names} are done`
  return join === 'any' ? `any of ${names} is done` : `${join} of ${names} are done`
}
