/** The forms of a task's page, read into commands. Pure. */
import { typedOutput } from '../../domain/call/typed-output.ts'
import type { Json } from '../../domain/json/json.ts'
import { BODY_LIMITS, guardJson } from '../../domain/json/json-guard.ts'
import type { PricedModel } from '../../domain/money.ts'
import type { Command } from '../../domain/task/commands.ts'
import type { Story } from '../../domain/task/told/story.ts'
import { cut, shorten } from '../../domain/text/cut.ts'
import type { Limits } from '../../domain/workflow/parts.ts'

/** The commands that the task's page has forms for; a rerun makes a task of its own. */
export const PAGE_COMMANDS = ['cancel', 'retry', 'move', 'route', 'assign', 'raise', 'answer', 'rerun'] as const
export type PageCommand = (typeof PAGE_COMMANDS)[number]
type OnTask = Exclude<PageCommand, 'rerun'>
/** Those that are chosen from the task's menu; an answer is given where it is asked for. */
export type MenuCommand = Exclude<PageCommand, 'answer'>

/** A form's field as it was sent, or nothing. */
export type Field = (name: string) => string | undefined

/** An answer is a decision: it is bound to the call that was shown. */
type Given = Exclude<OnTask, 'answer'> | 'decide' | 'delegate'
export type ReadCommand = { ok: true; command: Extract<Command, { type: Given }> } | FormMistake
export type FormMistake = { ok: false; field: string; message: string }

const MAX_NOTE = 5000
const MAX_PEOPLE = 50
const ADDRESS = /^[^\s@<>",;]{1,64}@[^\s@<>",;]+$/
const ROLE = /^role:[a-z]{1,20}$/

/** Reads a command. The task's input that is sent back unchanged is not a change. `model`: what a raise goes on with. */
export function readCommand(
  type: OnTask,
  field: Field,
  { view, asks, limits }: Pick<Story, 'view' | 'asks'> & Partial<Pick<Story, 'limits'>>,
  model?: PricedModel,
): ReadCommand {
  const visit = readVisit(field)
  switch (type) {
    case 'cancel':
      return { ok: true, command: { type, visit, note: noteOf(field) } }
    case 'retry':
      return { ok: true, command: { type, visit, run: readRun(field) } }
    case 'move':
      return readMove(field, visit, view.input)
    case 'route': {
      const handoff = field('handoff')?.slice(0, 80)
      if (!handoff) return mistake('handoff', 'Choose where the task goes.')
      return { ok: true, command: { type, visit, handoff, note: noteOf(field) } }
    }
    case 'assign':
      return readAssign(field, visit)
    case 'raise':
      return readRaise(field, visit, model, limits?.cost ?? null)
    case 'answer':
      return readAnswer(field, visit, asks)
  }
}

/** The visit that the form was made for; a form without one means the visit that is open. */
export function readVisit(field: Field): number | undefined {
  const visit = Number(field('visit') || Number.NaN)
  return Number.isInteger(visit) && visit > 0 ? visit : undefined
}

/** The run that the form is about; one without means the only question, or all that stand still. */
function readRun(field: Field): number | undefined {
  const run = Number(field('run') || Number.NaN)
  return Number.isInteger(run) && run > 0 ? run : undefined
}

/** An input that was changed in the form; undefined: it stays as it is. */
export function readInput(field: Field, known: Json): { ok: true; input: Json | undefined } | FormMistake {
  const text = field('input')?.trim() ?? ''
  if (text === '') return { ok: true, input: undefined }
  const read = guardJson(text, BODY_LIMITS)
  if (!read.ok) return mistake('input', `This is not usable JSON: ${read.message}`)
  return { ok: true, input: JSON.stringify(read.value) === JSON.stringify(known) ? undefined : (read.value as Json) }
}

function readMove(field: Field, visit: number | undefined, known: Json): ReadCommand {
  const step = field('step')?.slice(0, 40)
  if (!step) return mistake('step', 'Choose a step.')
  const input = readInput(field, known)
  return input.ok ? { ok: true, command: { type: 'move', visit, step, input: input.input } } : input
}

function readAssign(field: Field, visit: number | undefined): ReadCommand {
  const to = (field('to') ?? '')
    .toLowerCase()
    .split(/[\s,;]+/)
    .filter(part => part !== '')
  if (to.length === 0) return mistake('to', 'Name at least one person by mail address.')
  if (to.length > MAX_PEOPLE) return mistake('to', `Name at most ${MAX_PEOPLE} people.`)
  const strange = to.find(part => !ADDRESS.test(part) || part.length > 254 || ROLE.test(part))
  if (strange !== undefined) return mistake('to', `"${shorten(strange, 80)}" is not a mail address.`)
  const from = field('from')?.trim()
  const [one, ...others] = to
  if (!from) return { ok: true, command: { type: 'assign', visit, run: readRun(field), to } }
  if (one === undefined || others.length > 0)
    return mistake('to', `Name one person, who is asked in the place of ${from}.`)
  return { ok: true, command: { type: 'delegate', visit, run: readRun(field), from, to: one } }
}

/** Whether a call happened whose answer was lost: one of the three buttons, and what it answered. */
function readAnswer(field: Field, visit: number | undefined, asks: Story['asks']): ReadCommand {
  const handoff = field('handoff')
  if (!handoff) return mistake('handoff', 'Say whether it happened: choose one of the buttons.')
  const run = readRun(field)
  const asked = asks.find(ask => ask.kind === 'outcome' && ask.run === (run ?? ask.run))
  const output = typedOutput(handoff === 'happened' ? (field('output') ?? '') : '', asked?.expects)
  if (!output.ok) return mistake('output', output.message)
  const edits = output.output === undefined ? {} : { edits: output.output }
  return { ok: true, command: { type: 'decide', visit, run, handoff, seen: field('seen'), ...edits } }
}

function readRaise(
  field: Field,
  visit: number | undefined,
  model: PricedModel | undefined,
  now: number | null,
): ReadCommand {
  const limits: Limits = {}
  // By so much more than the limit that was shown, so that a form that comes twice raises once.
  const by = field('by')?.trim().replace(/^\$/, '')
  if (by !== undefined) {
    const cost = Math.round((Number(field('from')) + Number(by)) * 1e6) / 1e6
    if (now !== Number(field('from'))) return mistake('by', 'The limit was changed meanwhile. Look at it again.')
    if (!(Number(by) > 0) || !(cost <= 10_000))
      return mistake('by', 'Give an amount in USD above 0, up to 10,000 in all.')
    limits.cost = cost
  }
  const steps = field('steps')?.trim()
  const calls = field('calls')?.trim()
  const cost = field('cost')?.trim().replace(/^\$/, '')
  const duration = field('duration')?.trim()
  if (steps) limits.steps = Number(steps)
  if (calls) limits.calls = Number(calls)
  if (cost) limits.cost = Number(cost)
  if (duration) limits.duration = duration
  if (limits.steps !== undefined && !(Number.isInteger(limits.steps) && limits.steps >= 1 && limits.steps <= 1000)) {
    return mistake('steps', 'Steps are a whole number from 1 to 1000.')
  }
  if (limits.calls !== undefined && !(Number.isInteger(limits.calls) && limits.calls >= 0 && limits.calls <= 10_000)) {
    return mistake('calls', 'Calls are a whole number, 10,000 at most.')
  }
  if (limits.cost !== undefined && !(limits.cost >= 0 && limits.cost <= 10_000)) {
    return mistake('cost', 'The cost is an amount in USD, 10,000 at most.')
  }
  if (Object.keys(limits).length === 0 && model === undefined) {
    return mistake('steps', 'Raise at least one of the limits.')
  }
  return { ok: true, command: { type: 'raise', visit, limits, ...(model && { model }) } }
}

function noteOf(field: Field): string | undefined {
  return cut(field('note')?.trim() ?? '', MAX_NOTE) || undefined
}

function mistake(field: string, message: string): FormMistake {
  return { ok: false, field, message }
}
