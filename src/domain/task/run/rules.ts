/** The rules that a run goes by: those of its step's handler, or of its own branch where each run has its own. */
import type { AnyJob, Handler } from '../../handler/handler.ts'
import { type Handled, type HandlerKind, handlerFor, jobOf } from '../../handler/registry.ts'
import type { Step } from '../../workflow/definition.ts'
import { stepName } from '../../workflow/parts.ts'

export interface Rules {
  handler: Handler<AnyJob>
  job: AnyJob
}

/** The rules of a step as a whole, or of what is read like one. */
export function rulesOfStep(step: Handled): Rules {
  const job: AnyJob = jobOf(step)
  return { handler: handlerFor(job.kind as HandlerKind), job }
}

/** The rules of one run of the step; `name` is its branch. */
export function rulesOf(step: Step, { name }: { name: string | null }): Rules {
  const { handler, job } = rulesOfStep(step)
  if (name === null || handler.spread === undefined) return { handler, job }
  return rulesOfStep(handler.spread.branch(job, name))
}

/** The run as people know it: the step, and which of its branches or items. */
export function runName(step: Step, name: string | null): string {
  const whole = `"${stepName(step)}"`
  return name === null ? whole : `${name} of ${whole}`
}
