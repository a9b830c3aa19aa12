/** The workflow's own fields as a form, and back; pure. */
import { DUPLICATES } from '../../domain/task/business-key.ts'
import { cut } from '../../domain/text/cut.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import type { WorkflowFields } from '../../domain/workflow/edit.ts'
import { CALLBACK_ON, type CallbackOn, durationMs, type Limits } from '../../domain/workflow/parts.ts'
import { compact, type FormMistake, listOf, mistake, shown, type Values, wordOf } from './form-values.ts'
import { INPUT, readSchemaForm, schemaValues } from './schema-form.ts'
import { readTimes, timesValues } from './times-form.ts'

/** What is ticked before anything is set (features B9). */
const USUALLY_TOLD: readonly CallbackOn[] = ['done', 'failed', 'stuck']

export function settingsValues(definition: Definition): Values {
  const { limits = {}, defaults = {}, callbacks } = definition
  return shown({
    name: definition.name,
    description: definition.description,
    owner: definition.owner,
    tags: definition.tags?.join(', '),
    title: definition.title,
    key: definition.key,
    duplicates: definition.duplicates,
    result: definition.result,
    ...schemaValues(definition.input, INPUT),
    redact: definition.redact?.join(', '),
    limit_steps: limits.steps,
    limit_cost: limits.cost,
    limit_duration: limits.duration,
    limit_reached: limits.reached,
    model: defaults.model,
    ...timesValues(defaults),
    callback_url: callbacks?.url,
    ...Object.fromEntries(
      CALLBACK_ON.map(on => [`callback_${on}`, (callbacks?.on ?? USUALLY_TOLD).includes(on) ? 'yes' : undefined]),
    ),
  })
}

/** Reads the form; `undefined` takes a field away. */
export function readSettings(values: Values, before: Definition): { ok: true; fields: WorkflowFields } | FormMistake {
  const word = (name: string) => wordOf(values, name)
  const name = word('name')
  if (name === undefined) return mistake('name', 'A workflow needs a name.')
  const input = readSchemaForm(values, before.input, INPUT)
  if (!input.ok) return input
  const limits = readLimits(word, before.limits)
  if ('field' in limits) return limits
  const times = readTimes(values)
  if (!times.ok) return times
  const tags = listOf(word('tags'))
  if (tags.length > 20 || tags.some(tag => tag.length > 40))
    return mistake('tags', 'At most 20 tags, of 40 characters each.')
  const redact = listOf(word('redact')).map(path => (path.startsWith('input.') ? path : `input.${path}`))
  if (redact.length > 50) return mistake('redact', 'At most 50 fields.')
  const callbacks = readCallbacks(word)
  if (callbacks !== undefined && 'field' in callbacks) return callbacks
  const defaults = compact({ ...before.defaults, model: word('model'), timeout: times.timeout, retry: times.retry })
  return {
    ok: true,
    fields: {
      name: cut(name, 120),
      description: word('description'),
      owner: word('owner'),
      tags: tags.length > 0 ? tags : undefined,
      title: word('title'),
      key: word('key'),
      duplicates: DUPLICATES.find(one => one === word('duplicates')),
      result: word('result'),
      input: input.schema,
      redact: redact.length > 0 ? redact : undefined,
      limits: Object.keys(limits).length > 0 ? limits : undefined,
      defaults: Object.keys(defaults).length > 0 ? defaults : undefined,
      callbacks,
    },
  }
}

/** Where services are told of tasks, and of what; undefined: nobody is. */
function readCallbacks(
  word: (name: string) => string | undefined,
): NonNullable<Definition['callbacks']> | FormMistake | undefined {
  const url = word('callback_url')
  if (url === undefined) return undefined
  const on = CALLBACK_ON.filter(each => word(`callback_${each}`) !== undefined)
  if (url.length > 2000) return mistake('callback_url', 'An address of 2,000 characters at most.')
  return on.length === 0 ? mistake('callback_on', 'Choose what is told, or leave the address empty.') : { url, on }
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
  return compact({ ...before, steps: number(steps), cost: number(cost), duration, reached: word('limit_reached') })
}
