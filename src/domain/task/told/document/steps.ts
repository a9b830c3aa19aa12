/** The steps of a task's document: each visit with what it came to, what it cost, and what people decided in it. */
import type { Json } from '../../../json/json.ts'
import { isBlobRef } from '../../context.ts'
import type { Usage } from '../../run/outcome.ts'
import type { Story } from '../story.ts'
import { asLogged, type Logged, nameOf, type Telling } from './telling.ts'

export interface DocumentDecision {
  at: string
  by: string
  handoff: string
  note?: string
  /** Somebody took it back before anything came of it. */
  undone?: true
}

/** Where a model worked, `confidence` and `reasoning` are those of its last answer. */
export interface DocumentStep {
  visit: number
  step: string
  key: string
  handler: string
  from: string
  /** null: the task is here. */
  to: string | null
  outcome: string | null
  /** null: nowhere, or not yet. */
  next: string | null
  models: string[]
  cost: number | null
  decisions: DocumentDecision[]
  stopped: string[]
  output?: Json
  confidence?: number
  reasoning?: string
}

/** The visits, first to last. */
export function stepsOf(story: Story, told: Telling): DocumentStep[] {
  const steps: DocumentStep[] = []
  for (const event of story.events.map(asLogged)) {
    if (event.type === 'entered') steps.push(entered(story, event))
    const step = 'visit' in event ? steps.find(each => each.visit === event.visit) : steps.at(-1)
    if (step !== undefined) tell(step, event, story, told)
  }
  return steps.map(step => withLatestOutput(step, steps, story, told))
}

function entered({ definition }: Story, event: Logged & { type: 'entered' }): DocumentStep {
  return {
    ...{ visit: event.visit, step: nameOf(definition, event.step), key: event.step, handler: event.handler },
    ...{ from: event.on, to: null, outcome: null, next: null, models: [], cost: 0, decisions: [], stopped: [] },
  }
}

function tell(step: DocumentStep, event: Logged, { definition }: Story, told: Telling): void {
  const isFull = told.choice.detail === 'full'
  // Such sentences may name people.
  const tellsWhy = isFull && told.choice.people
  switch (event.type) {
    case 'turned':
    case 'booked':
      return book(step, event.usage)
    case 'reported': {
      book(step, event.usage)
      const { outcome } = event
      if (outcome.kind === 'failed')
        return void step.stopped.push(tellsWhy ? told.text(outcome.failure.message) : 'failed')
      if (!isFull) return
      if (event.joins) step.output = told.value(outcome.output)
      if (outcome.confidence !== undefined) step.confidence = outcome.confidence
      if (outcome.reasoning !== undefined) step.reasoning = told.text(outcome.reasoning)
      return
    }
    case 'joined':
      if (isFull) step.output = told.value(event.output)
      return
    case 'decided': {
      const note = event.note !== null && isFull ? { note: told.text(event.note) } : {}
      step.decisions.push({ at: event.on, by: told.who(event.actor), handoff: event.handoff, ...note })
      return
    }
    case 'undone': {
      const last = step.decisions.at(-1)
      if (last !== undefined) last.undone = true
      return
    }
    case 'routed':
      step.outcome = event.outcome
      if (event.to === null) return
      step.next = event.to === 'complete' ? 'complete' : nameOf(definition, event.to)
      step.to = event.on
      return
    case 'left':
      step.to = event.on
      step.outcome ??= event.why
      return
    case 'finished':
    case 'cancelled':
      step.to ??= event.on
      return
    case 'failed':
    case 'stuck':
    case 'held':
      step.stopped.push(tellsWhy ? told.text(event.message) : event.type)
      return
    default:
  }
}

function book(step: DocumentStep, usage: Usage | null): void {
  if (usage === null) return
  const { model, calls, cost } = usage
  if (calls > 0 && !step.models.includes(model)) step.models.push(model)
  const isUnpriced = calls > 0 && (cost === null || cost === undefined)
  step.cost = step.cost === null || isUnpriced ? null : Math.round((step.cost + (cost ?? 0)) * 1e6) / 1e6
}

/** Large outputs are whole in the task's state, which has the latest of each step, as people edited it. */
function withLatestOutput(step: DocumentStep, all: DocumentStep[], { view }: Story, told: Telling): DocumentStep {
  const latest = all.findLast(({ key }) => key === step.key)
  const output = view.outputs[step.key]
  if (latest !== step || step.output === undefined || output === undefined || isBlobRef(output)) return step
  return { ...step, output: told.value(output) }
}
