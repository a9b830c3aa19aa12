/** The workflow's own fields as a form, and back; pure. */
import { BODY_LIMITS, guardJson } from '../domain/json-guard.ts'
import { checkSchema } from '../domain/schema/check.ts'
import { type Definition, durationMs, type Limits } from '../domain/workflow/definition.ts'
import type { WorkflowFields } from '../domain/workflow/edit.ts'
import type { FormMistake, Values } from './step-form.ts'

export function settingsValues(definition: Definition): Values {
  const { limits = {}, defaults = {} } = definition
  const values = {
    name: definition.name,
    description: definition.description,
    owner: definition.owner,
    tags: definition.tags?.join(', '),
    title: definition.title,
    input: definition.input === undefined ? undefined : JSON.stringify(definition.input, null, 2),
    limit_steps: limits.steps,
    limit_cost: limits.cost,
    limit_duration: limits.duration,
    limit_reached: limits.reached,
    model: defaults.model,
    timeout: defaults.timeout,
  }
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== '')
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}

/** Reads the form; `undefined` takes a field away. */
export function readSettings(values: Values, before: Definition): { ok: true; fields: WorkflowFields } | FormMistake {
  const word = (name: string) => values[name]?.replaceAll('\r\n', '\n').trim() || undefined
  const name = word('name')
  if (name === undefined) return mistake('name', 'A workflow needs a name.')
  const input = readInput(word('input'))
  if (!input.ok) return input
  const limits = readLimits(word, before.limits)
  if ('field' in limits) return limits
  const timeout = word('timeout')
  if (timeout !== undefined && durationMs(timeout) === null) return mistake('timeout', 'Write a duration such as 60s.')
  const tags = (word('tags') ?? '')
    .split(',')
    .map(tag => tag.trim())
    .filter(tag => tag !== '')
  if (tags.length > 20 || tags.some(tag => tag.length > 40))
    return mistake('tags', 'At most 20 tags, of 40 characters each.')
  const defaults = without({ ...before.defaults, model: word('model'), timeout })
  return {
    ok: true,
    fields: {
      name: name.slice(0, 120),
      description: word('description'),
      owner: word('owner'),
      tags: tags.length > 0 ? tags : undefined,
      title: word('title'),
      input: input.schema,
      limits: Object.keys(limits).length > 0 ? limits : undefined,
      defaults: Object.keys(defaults).length > 0 ? defaults : undefined,
    },
  }
}

function readInput(text: string | undefined): { ok: true; schema: Definition['input'] } | FormMistake {
  if (text === undefined) return { ok: true, schema: undefined }
  const read = guardJson(text, BODY_LIMITS)
  if (!read.ok) return mistake('input', `This is not usable JSON: ${read.message}`)
  const [problem] = checkSchema(read.value)
  if (problem) return mistake('input', `${problem.path ? `${problem.path}: ` : ''}${problem.message}`)
  return { ok: true, schema: read.value as Definition['input'] }
}

function readLimits(word: (name: string) => string | undefined, before: Limits = {}): Limits | FormMistake {
  const [steps, cost, duration] = [word('limit_steps'), word('limit_cost'), word('limit_duration')]
  if (steps !== undefined && !(/^\d{1,4}$/.test(steps) && Number(steps) >= 1 && Number(steps) <= 1000))
    return mistake('limit_steps', 'A whole number from 1 to 1000.')
  if (cost !== undefined && !(Number(cost) >= 0 && Number(cost) <= 10_000))
    return mistake('limit_cost', 'An amount in USD, 10,000 at most.')
  if (duration !== undefined && durationMs(duration) === null)
    return mistake('limit_duration', 'Write a duration such as 12h or 30d.')
  const number = (text: string | undefined) => (text === undefined ? undefined : Number(text))
  return without({ ...before, steps: number(steps), cost: number(cost), duration, reached: word('limit_reached') })
}

function without<T extends object>(value: T): T {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as T
}

function mistake(field: string, message: string): FormMistake {
  return { ok: false, field, message }
}
