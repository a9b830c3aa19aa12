/** What changed between two versions of a definition, in sentences, and what each change may mean for tasks in flight. */
import { HANDLER_SHAPES, handlerFor, handlerOf } from '../handler/registry.ts'
import { type Definition, type Step, stepOf } from './definition.ts'
import { COMPLETE, type Handoff, stepName } from './parts.ts'

export interface Change {
  kind: 'added' | 'removed' | 'changed' | 'moved' | 'workflow'
  /** The step it is about; null: the workflow. */
  step: string | null
  text: string
  /** Why tasks in flight may feel it; null: they would not. */
  risk: string | null
}

/** The changes from `before` to `after`, steps in the order of `after`, what is gone first. */
export function changesBetween(before: Definition, after: Definition): Change[] {
  return [
    ...before.steps.filter(step => !stepOf(after, step.key)).map(removed),
    ...after.steps.flatMap(step => {
      const old = stepOf(before, step.key)
      return old ? stepChanges(old, step) : [added(step)]
    }),
    ...orderChanges(before, after),
    ...workflowChanges(before, after),
  ]
}

function removed(step: Step): Change {
  const text = `The step “${stepName(step)}” is gone.`
  return { kind: 'removed', step: step.key, text, risk: 'A task that is moved needs another step to go on from.' }
}

function added(step: Step): Change {
  return { kind: 'added', step: step.key, text: `New step “${stepName(step)}” (${handlerOf(step)}).`, risk: null }
}

function stepChanges(old: Step, step: Step): Change[] {
  const name = stepName(step)
  const about = (text: string, risk: string | null = null): Change => ({ kind: 'changed', step: step.key, text, risk })
  const changes: Change[] = []
  if (stepName(old) !== name) changes.push(about(`“${stepName(old)}” is now called “${name}”.`))
  if (handlerOf(old) !== handlerOf(step)) {
    changes.push(about(`“${name}” is now done by ${wordsOf(step).who}, before by ${wordsOf(old).who}.`))
  } else if (!same(work(old), work(step))) {
    changes.push(about(`“${name}”: ${wordsOf(step).work} changed.`))
  }
  if (!same(old.output, step.output)) {
    const risk = 'Later steps that read its output may find other fields in tasks that passed it before.'
    changes.push(about(`“${name}”: the output schema changed.`, risk))
  }
  if (!same(settings(old), settings(step))) changes.push(about(`“${name}”: model, time or retry settings changed.`))
  if (!same(old.handoffs ?? [], step.handoffs ?? [])) changes.push(about(`“${name}” routes to ${routes(step)}.`))
  return changes
}

function wordsOf(step: Step) {
  return handlerFor(handlerOf(step)).words
}

/** What the step's handler was told. */
function work(step: Step): unknown[] {
  return Object.keys(HANDLER_SHAPES).map(key => step[key as keyof typeof HANDLER_SHAPES])
}

function settings({ model, timeout, retry, confidence, cache }: Step) {
  return { model, timeout, retry, confidence, cache }
}

function routes(step: Step): string {
  const handoffs = step.handoffs ?? []
  return handoffs.length === 0 ? 'nothing any more' : handoffs.map(routeText).join('; ')
}

/** A handoff in words: `approved → send`. */
function routeText({ when, if: condition, to }: Handoff): string {
  const by = [when, condition === undefined ? undefined : `if ${condition}`].filter(part => part !== undefined)
  return `${by.length === 0 ? '' : `${by.join(' and ')} → `}${to === COMPLETE ? 'complete' : to}`
}

function orderChanges(before: Definition, after: Definition): Change[] {
  const both = (one: Definition, other: Definition) =>
    one.steps.map(step => step.key).filter(key => stepOf(other, key) !== undefined)
  const entry = after.steps[0]
  const changes: Change[] = []
  if (entry && before.steps[0] && entry.key !== before.steps[0].key) {
    changes.push({ kind: 'moved', step: entry.key, text: `Tasks now begin at “${stepName(entry)}”.`, risk: null })
  }
  if (!same(both(before, after), both(after, before))) {
    changes.push({ kind: 'moved', step: null, text: 'The steps stand in another order on the board.', risk: null })
  }
  return changes
}

const FIELDS: [keyof Definition, string, string | null][] = [
  ['name', 'name', null],
  ['description', 'description', null],
  ['owner', 'owner', null],
  ['tags', 'tags', null],
  ['title', 'title of cards', null],
  ['key', 'business key', 'Tasks in flight keep the key that they began with.'],
  ['duplicates', 'rule for keys seen before', null],
  ['result', 'result', null],
  ['input', 'input schema', 'Tasks in flight keep the input that they came with; it may not fit the new schema.'],
  ['redact', 'fields that no model is told of', null],
  ['callbacks', 'callbacks', 'Tasks in flight keep to the address of their own version.'],
  ['limits', 'limits', 'A task that is moved is held to the new limits.'],
  ['defaults', 'defaults for model, time and retries', null],
]

function workflowChanges(before: Definition, after: Definition): Change[] {
  return FIELDS.filter(([field]) => !same(before[field], after[field])).map(([, words, risk]) => {
    return { kind: 'workflow', step: null, text: `The ${words} changed.`, risk }
  })
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(sorted(a)) === JSON.stringify(sorted(b))
}

/** Objects with their keys in order: the order in which an author wrote them means nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, item]) => [key, sorted(item)]))
}
