/** A step as the fields of its form, and back; pure. Both ways lose nothing: what the form does not show stays as it is. */
import type { Human } from '../domain/handler/human-shape.ts'
import { type HandlerKind, handlerOf, KINDS } from '../domain/handler/registry.ts'
import type { Step } from '../domain/workflow/definition.ts'
import { durationMs } from '../domain/workflow/parts.ts'
import {
  compact,
  type FormMistake,
  listOf,
  mistake,
  numberOf,
  shown,
  type Values,
  wholeOf,
  wordOf,
} from './form-values.ts'
import { OUTPUT, readSchemaForm, schemaValues } from './schema-form.ts'
import { DURATION, readTimes, timesValues } from './times-form.ts'

export function stepValues(step: Step): Values {
  const { human = {} } = step
  return shown({
    key: step.key,
    name: step.name,
    kind: handlerOf(step),
    prompt: step.prompt,
    agent: step.agent,
    instructions: step.instructions,
    tools: step.tools?.join(', '),
    ask: human.instructions,
    assign: human.assign?.join('\n'),
    approve: human.approve,
    needs: human.needs,
    edits: human.edits,
    due: human.due,
    overdue_assign: human.overdue?.assign?.join('\n'),
    overdue_handoff: human.overdue?.handoff,
    reason: human.reason?.join(', '),
    requester: human.requester === undefined ? undefined : human.requester ? 'yes' : 'no',
    model: step.model,
    ...timesValues(step),
    confidence: step.confidence,
    ...schemaValues(step.output, OUTPUT),
  })
}

/** The text of the form that becomes a prompt, an agent's instructions or a person's, as it is typed. */
export function templateOf(values: Values, step: Step): string {
  const field = { prompt: 'prompt', agent: 'instructions', human: 'ask' }[kindOf(values, step)]
  return (values[field] ?? '').replaceAll('\r\n', '\n')
}

/** The handler that the form chooses. */
export function kindOf(values: Values, step: Step): HandlerKind {
  return KINDS.find(one => one === values.kind) ?? handlerOf(step)
}

/** Reads the form over the step as it is: handoffs, tools and unknown keys stay. */
export function readStep(values: Values, before: Step): { ok: true; step: Step } | FormMistake {
  const text = (name: string) => values[name]?.replaceAll('\r\n', '\n')
  const kind = kindOf(values, before)
  const rules = readRules(values)
  if ('field' in rules) return rules
  const output =
    kind === 'human' ? { ok: true as const, schema: undefined } : readSchemaForm(values, before.output, OUTPUT)
  if (!output.ok) return output
  const work = readWork(kind, text, before)
  if ('field' in work) return work
  const { prompt: _p, agent: _a, instructions: _i, human: _h, tools: _t, ...rest } = before
  const step: Record<string, unknown> = {
    ...rest,
    key: values.key?.trim() ?? before.key,
    name: values.name?.trim() || undefined,
    ...work,
    ...(kind === 'human'
      ? { model: undefined, timeout: before.timeout, retry: undefined, confidence: undefined }
      : rules),
    output: output.schema,
  }
  return { ok: true, step: inOrder(step, before) }
}

type Work = Pick<Step, 'prompt' | 'agent' | 'instructions' | 'tools' | 'human'>

function readWork(kind: HandlerKind, text: (name: string) => string | undefined, before: Step): Work | FormMistake {
  if (kind === 'prompt') {
    const prompt = text('prompt') ?? ''
    return prompt.trim() === '' ? mistake('prompt', 'Say what the model is to do.') : { prompt }
  }
  if (kind === 'agent') {
    const agent = text('agent')?.trim() ?? ''
    if (agent === '') return mistake('agent', 'Choose an agent.')
    const tools = listOf(text('tools'))
    if (tools.length > 15) return mistake('tools', 'A step may use 15 tools at most.')
    return {
      agent,
      instructions: text('instructions')?.trim() ? text('instructions') : undefined,
      tools: tools.length > 0 ? tools : undefined,
    }
  }
  const human = readHuman(text, before.human ?? {})
  return 'field' in human ? human : { human }
}

function readHuman(text: (name: string) => string | undefined, before: Human): Human | FormMistake {
  const word = (name: string) => text(name)?.trim() || undefined
  const needs = wholeOf(word('needs'))
  if (needs === null) return mistake('needs', 'How many must approve is a whole number from 1.')
  const due = word('due')
  if (due !== undefined && durationMs(due) === null) return mistake('due', DURATION)
  const to = people(text('overdue_assign'))
  const overdue = { ...before.overdue, assign: to.length > 0 ? to : undefined, handoff: word('overdue_handoff') }
  const assign = people(text('assign'))
  const reason = listOf(word('reason'))
  const requester = word('requester')
  const human = {
    ...before,
    assign: assign.length > 0 ? assign : undefined,
    instructions: text('ask')?.trim() ? text('ask') : undefined,
    approve: word('approve'),
    needs,
    edits: word('edits'),
    due,
    overdue: overdue.assign || overdue.handoff ? compact(overdue) : undefined,
    reason: reason.length > 0 ? reason : undefined,
    requester: requester === undefined ? undefined : requester === 'yes',
  }
  return inOrder(human, before)
}

type Rules = Pick<Step, 'model' | 'timeout' | 'retry' | 'confidence'>

function readRules(values: Values): Rules | FormMistake {
  const times = readTimes(values)
  if (!times.ok) return times
  const confidence = numberOf(wordOf(values, 'confidence'))
  if (confidence === null || (confidence !== undefined && (confidence < 0 || confidence > 1)))
    return mistake('confidence', 'Confidence is a number from 0 to 1, such as 0.7.')
  const { timeout, retry } = times
  return { model: wordOf(values, 'model'), timeout, retry, confidence }
}

/** People one a line, or between commas. */
function people(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,;]+/).filter(one => one !== '')
}

const ORDER = 'key name prompt agent instructions tools human model timeout retry confidence output handoffs'.split(' ')

/** Known keys as their author had them, new ones where readers look for them; `undefined` is left out. */
function inOrder<T extends object>(value: object, before: object): T {
  const known = Object.keys(before)
  const place = (key: string) =>
    known.includes(key) ? known.indexOf(key) : ORDER.includes(key) ? ORDER.indexOf(key) + 0.5 : 99
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  return Object.fromEntries(entries.toSorted(([a], [b]) => place(a) - place(b))) as T
}
