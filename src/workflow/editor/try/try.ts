/** A step's text and routes on a past task or on samples: what the page of a step shows before anything is saved; pure. */

import { handlerFor, jobOf } from '../../../domain/handler/registry.ts'
import { routeVisit } from '../../../domain/handoff/route.ts'
import type { Json } from '../../../domain/json/json.ts'
import { outcomeOf, type PastVisit } from '../../../domain/task/log/past.ts'
import type { TriedHandoff, VisitOutcome } from '../../../domain/task/run/outcome.ts'
import type { Scope } from '../../../domain/template/scope.ts'
import { renderText } from '../../../domain/template/template.ts'
import { redactScope } from '../../../domain/text/redact.ts'
import type { Definition, Step } from '../../../domain/workflow/definition.ts'
import type { Handoff } from '../../../domain/workflow/parts.ts'
import { readJson } from '../../../http/request/body.ts'
import { textOf, type Values } from '../../forms/form-values.ts'
import { kindOf, readStep } from '../../forms/step-form.ts'
import type { Around } from '../handlers/pages.ts'
import { pagesFor } from '../handlers/registry.ts'
import type { PreviewView } from '../steps/step.ts'
import { type PastTask, sampleOutput, sampleScope } from './past-task.ts'
import type { TrialView } from './trial-view.tsx'

/**
 * What the form holds, rendered for the task's latest visit of the step: its text, or the call that is sent; null: the chosen
 * kind has neither. `token` is made for this one rendering and unguessable.
 */
export function previewOf(
  values: Values,
  step: Step,
  around: Around,
  on: PastTask | null,
  token: string,
): PreviewView | null {
  const { definition } = around
  const kind = kindOf(values, step)
  const { template, sends } = pagesFor(kind)
  const whose = template?.whose ?? sends?.whose
  if (whose === undefined) return null
  const visit = on?.past.visits.at(-1)
  const whole = on ? (visit?.entered ?? on.past.now) : sampleScope(definition, step)
  const isForModel = handlerFor(kind).chooses === 'model'
  const scope = isForModel ? redactScope(whole, definition.redact) : whole
  return {
    whose,
    task: on?.task ?? null,
    remark: on && !visit ? 'It has not been at this step; this is as it stands now.' : null,
    rendered:
      template === undefined
        ? sent(values, step, around, scope, token)
        : rendered(textOf(values, template.field), scope),
  }
}

function rendered(text: string | undefined, scope: Scope): PreviewView['rendered'] {
  return text?.trim() ? renderText(text, scope) : { ok: false, message: 'There is no text yet.' }
}

/** The call that the form makes of the step; a form that cannot be read says why. */
function sent(values: Values, before: Step, around: Around, scope: Scope, token: string): PreviewView['rendered'] {
  const read = readStep(values, before)
  if (!read.ok) return read
  const job = jobOf(read.step)
  return pagesFor(job.kind).sends?.render(job, scope, token, around) ?? { ok: false, message: 'It sends nothing.' }
}

export interface TrialOn {
  /** What was pasted in place of the step's output. */
  pasted: string
  /** The outcome that was chosen; empty: as it was. */
  outcome: string
  /** The visit that was chosen; the latest unless it is one of the task's. */
  visit: number | null
}

/** Every handoff of the step, tried on an output. */
export function trialOf(
  step: Step,
  definition: Definition,
  handoffs: Handoff[],
  on: PastTask | null,
  { pasted, outcome, visit: wanted }: TrialOn,
): Omit<TrialView, 'action'> {
  const visits = on?.past.visits ?? []
  const visit = visits.find(one => one.n === wanted) ?? visits.at(-1)
  const text = pasted.trim()
  const view = {
    task: on?.task ?? null,
    visits: visits.map(one => one.n),
    visit: visit?.n ?? null,
    definition,
    ...{ outcome: '', output: '', trace: [], taken: null },
  }
  if (on && !visit && text === '') {
    const problem = `“${on.task.title}” has not been at this step. Choose another task, or paste an output.`
    return { ...view, problem }
  }
  const output = text === '' ? outputOf(step, on ? visit : undefined) : pastedValue(text)
  const scope = on ? (visit?.left ?? on.past.now) : sampleScope(definition, step)
  const reached = outcomeFor(outcome, visit)
  const { trace, taken } = tryEach(step, handoffs, reached, withOutput(scope, step.key, output))
  const shown = typeof output === 'string' ? output : (JSON.stringify(output, null, 2) ?? 'null')
  return { ...view, problem: null, outcome: nameOf(reached), output: shown, trace, taken }
}

/** Each handoff by itself, so that those behind the one that is taken have a verdict, too. */
function tryEach(step: Step, handoffs: Handoff[], outcome: VisitOutcome, scope: Scope & { output: Json }) {
  const trace = handoffs.map((handoff, index): TriedHandoff => {
    const [tried] = routeVisit({ ...step, handoffs: [handoff] }, outcome, scope).trace
    return { ...tried!, index }
  })
  const { chosen } = routeVisit({ ...step, handoffs }, outcome, scope)
  return { trace, taken: chosen?.index ?? null }
}

function outcomeFor(chosen: string, visit: PastVisit | undefined): VisitOutcome {
  if (chosen !== '') return outcomeOf(chosen)
  return visit?.outcome ?? { kind: 'completed', label: 'done' }
}

function nameOf(outcome: VisitOutcome): string {
  return outcome.kind === 'completed' ? (outcome.label ?? 'done') : outcome.kind
}

function outputOf(step: Step, visit: PastVisit | undefined): Json {
  return visit ? visit.output : sampleOutput(step)
}

/** JSON where it reads as JSON, else the text itself. */
function pastedValue(text: string): Json {
  const read = readJson(text)
  return read.ok ? (read.value as Json) : text
}

function withOutput(scope: Scope, key: string, output: Json): Scope & { output: Json } {
  const decision = scope.steps[key]?.decision ?? null
  return { ...scope, steps: { ...scope.steps, [key]: { output, decision } }, output }
}
