/** The rules that a run goes by: those of its step's handler, or of its own branch where each run has its own. */
import type { AnyJob, Handler } from '../../handler/handler.ts'
import { type HandlerKind, handlerFor, jobOf } from '../../handler/registry.ts'
import type { Step } from '../../workflow/definition.ts'

export interface Rules {
  handler: Handler<AnyJob>
  job: AnyJob
}

/** The rules of a step as a whole. */
export function rulesOfStep(step: Step): Rules {
  const job: AnyJob = jobOf(step)
  return { handler: handlerFor(job.kind as HandlerKind), job }
}

/** The rules of one run of the step; `name` is its branch. */
export function rulesOf(step: Step, { name }: { name: string | null }): Rules {
  const { handler, job } = rulesOfStep(step)
  if (name === null || handler.branch === undefined) return { handler, job }
  const branch = handler.branch(job, name)
  return { handler: handlerFor(branch.kind as HandlerKind), job: branch }
}
