/** A step as the fields of its form, and back; pure. Both ways lose nothing: what the form does not show stays as it is. */
import { BODY_LIMITS, guardJson } from '../domain/json-guard.ts'
import { checkSchema } from '../domain/schema/check.ts'
import { isSchemaObject } from '../domain/schema/walk.ts'
import {
  durationMs,
  HANDLERS,
  type HandlerKind,
  type Human,
  handlerOf,
  type Step,
} from '../domain/workflow/definition.ts'
import { FIELD_TYPES, type FieldRow, rowsOf, schemaOf } from './schema-table.ts'

/** The form's fields as they were sent or are to be shown. */
export type Values = Record<string, string>

export interface FormMistake {
  ok: false
  field: string
  message: string
}

/** Rows of fields that a form may send. */
const MAX_ROWS = 60

export function stepValues(step: Step): Values {
  const { human = {}, retry = {}, output } = step
  const rows = output === undefined ? null : rowsOf(output)
  const values: Record<string, unknown> = {
    key: step.key,
    name: step.name,
    kind: handlerOf(step),
    prompt: step.prompt,
    agent: step.agent,
    instructions: step.instructions,
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
    timeout: step.timeout,
    attempts: retry.attempts,
    delay: retry.delay,
    factor: retry.factor,
    confidence: step.confidence,
    output_as: output === undefined ? 'text' : rows ? 'fields' : 'json',
    output_json: output === undefined ? undefined : JSON.stringify(output, null, 2),
    ...Object.fromEntries((rows ?? []).flatMap((row, index) => rowValues(row, index))),
  }
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

function rowValues(row: FieldRow, index: number): [string, string | undefined][] {
  return [
    [`field-${index}-name`, row.name],
    [`field-${index}-type`, row.type],
    [`field-${index}-choices`, row.choices],
    [`field-${index}-required`, row.required ? 'on' : undefined],
    [`field-${index}-was`, row.was],
  ]
}

/** Reads the form over the step as it is: handoffs, tools and unknown keys stay. */
export function readStep(values: Values, before: Step): { ok: true; step: Step } | FormMistake {
  const text = (name: string) => values[name]?.replaceAll('\r\n', '\n')
  const kind = HANDLERS.find(one => one === values.kind) ?? handlerOf(before)
  const times = readTimes(values)
  if ('field' in times) return times
  const output = kind === 'human' ? { ok: true as const, schema: undefined } : readOutput(values, before)
  if (!output.ok) return output
  const work = readWork(kind, text, before)
  if ('field' in work) return work
  const { prompt: _p, agent: _a, instructions: _i, human: _h, tools, ...rest } = before
  const step: Record<string, unknown> = {
    ...rest,
    key: values.key?.trim() ?? before.key,
    name: values.name?.trim() || undefined,
    ...work,
    tools: kind === 'agent' ? tools : undefined,
    ...(kind === 'human'
      ? { model: undefined, timeout: before.timeout, retry: undefined, confidence: undefined }
      : times),
    output: output.schema,
  }
  return { ok: true, step: inOrder(step, before) }
}

type Work = Pick<Step, 'prompt' | 'agent' | 'instructions' | 'human'>

function readWork(kind: HandlerKind, text: (name: string) => string | undefined, before: Step): Work | FormMistake {
  if (kind === 'prompt') {
    const prompt = text('prompt') ?? ''
    return prompt.trim() === '' ? mistake('prompt', 'Say what the model is to do.') : { prompt }
  }
  if (kind === 'agent') {
    const agent = text('agent')?.trim() ?? ''
    if (agent === '') return mistake('agent', 'Choose an agent.')
    return { agent, instructions: text('instructions')?.trim() ? text('instructions') : undefined }
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
  const reason = (word('reason') ?? '')
    .split(',')
    .map(label => label.trim())
    .filter(label => label !== '')
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

const DURATION = 'Write a duration such as 30s, 5m, 2h or 3d.'

type Times = Pick<Step, 'model' | 'timeout' | 'retry' | 'confidence'>

function readTimes(values: Values): Times | FormMistake {
  const word = (name: string) => values[name]?.trim() || undefined
  for (const field of ['timeout', 'delay']) {
    const text = word(field)
    if (text !== undefined && durationMs(text) === null) return mistake(field, DURATION)
  }
  const attempts = wholeOf(word('attempts'))
  if (attempts === null) return mistake('attempts', 'Attempts are a whole number from 1 to 20.')
  const factor = numberOf(word('factor'))
  if (factor === null) return mistake('factor', 'The factor is a number from 1 to 10.')
  const confidence = numberOf(word('confidence'))
  if (confidence === null || (confidence !== undefined && (confidence < 0 || confidence > 1)))
    return mistake('confidence', 'Confidence is a number from 0 to 1, such as 0.7.')
  const retry = compact({ attempts, delay: word('delay'), factor })
  return {
    model: word('model'),
    timeout: word('timeout'),
    retry: Object.keys(retry).length > 0 ? retry : undefined,
    confidence,
  }
}

function readOutput(values: Values, before: Step): { ok: true; schema: Step['output'] } | FormMistake {
  if (values.output_as === 'json') return readSchema(values.output_json ?? '')
  if (values.output_as !== 'fields') return { ok: true, schema: undefined }
  const rows: FieldRow[] = []
  for (let index = 0; index < MAX_ROWS; index++) {
    const name = values[`field-${index}-name`]?.trim() ?? ''
    if (name === '') continue
    if (rows.some(row => row.name === name)) return mistake(`field-${index}-name`, `There are two fields “${name}”.`)
    rows.push({
      name,
      type: FIELD_TYPES.find(type => type === values[`field-${index}-type`]) ?? 'string',
      required: values[`field-${index}-required`] !== undefined,
      choices: values[`field-${index}-choices`] ?? '',
      was: values[`field-${index}-was`] || undefined,
    })
  }
  if (rows.length === 0) return mistake('field-0-name', 'Name at least one field, or let the output be text.')
  const schema = schemaOf(rows, isSchemaObject(before.output) ? before.output : undefined) as NonNullable<
    Step['output']
  >
  const [problem] = checkSchema(schema)
  return problem ? mistake('field-0-name', `${problem.path}: ${problem.message}`) : { ok: true, schema }
}

function readSchema(text: string): { ok: true; schema: Step['output'] } | FormMistake {
  const read = guardJson(text, BODY_LIMITS)
  if (!read.ok) return mistake('output_json', `This is not usable JSON: ${read.message}`)
  const [problem] = checkSchema(read.value)
  if (problem) return mistake('output_json', `${problem.path ? `${problem.path}: ` : ''}${problem.message}`)
  return { ok: true, schema: read.value as Step['output'] }
}

/** People one a line, or between commas. */
function people(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,;]+/).filter(one => one !== '')
}

/** undefined: nothing given; null: not a whole number. */
function wholeOf(text: string | undefined): number | undefined | null {
  const number = numberOf(text)
  return number === undefined || (number !== null && Number.isInteger(number) && number >= 1) ? number : null
}

function numberOf(text: string | undefined): number | undefined | null {
  if (text === undefined) return undefined
  const number = Number(text.replace(',', '.'))
  return Number.isFinite(number) ? number : null
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

function compact<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

function mistake(field: string, message: string): FormMistake {
  return { ok: false, field, message }
}
