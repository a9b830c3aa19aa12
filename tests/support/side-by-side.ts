/** A kind of handler that only tests have: its branches side by side in one visit, joined when all are done. */
import { z } from 'zod'
import type { AnyJob, Handler } from '../../src/domain/handler/handler.ts'
import { HANDLERS, jobOf } from '../../src/domain/handler/registry.ts'
import type { Step } from '../../src/domain/workflow/definition.ts'
import type { Frame } from '../../src/domain/workflow/parts.ts'

type Branches = Record<string, Partial<Step>>
interface BesideJob extends AnyJob {
  branches: Branches
  /** Whether the first that is done is enough. */
  any: boolean
}

const branchOf = ({ branches }: BesideJob, name: string) => jobOf({ ...branches[name], key: name })

const beside: Handler<BesideJob, { beside?: Branches; any?: boolean }> = {
  shape: { beside: z.any().optional(), any: z.boolean().optional() },
  settings: [],
  words: { who: 'several', work: 'the branches', lesson: () => 'Several are asked here.' },
  gives: ['done', 'failed'],
  chooses: null,
  read: step => ({ kind: 'beside', frame: step as Frame, branches: step.beside ?? {}, any: step.any ?? false }),
  labels: () => ['done'],
  outputSchema: () => null,
  texts: () => [],
  lint: () => {},
  spends: false,
  begin: (job, view) =>
    Object.keys(job.branches).flatMap(name => {
      const branch = branchOf(job, name)
      const handler = HANDLERS[branch.kind] as unknown as Handler<AnyJob>
      return handler.begin(branch, view).map(start => ({ ...start, name }))
    }),
  branch: branchOf,
  judge: () => ({ kind: 'completed', label: 'done' }),
  join: ({ any }, runs) => {
    const done = runs.filter(run => run.state === 'completed')
    const failed = runs.find(run => run.state === 'failed')
    if (failed?.failure) return { kind: 'failed', failure: failed.failure }
    if (any ? done.length === 0 : done.length < runs.length) return { kind: 'open' }
    const output = Object.fromEntries(done.map(run => [run.name ?? '', run.output]))
    return { kind: 'joined', output, outcome: { kind: 'completed', label: 'done' } }
  },
}

/** Makes the kind known until what is returned is called. */
export function withBranches(): () => void {
  Object.assign(HANDLERS, { beside })
  return () => void delete (HANDLERS as Record<string, unknown>).beside
}
