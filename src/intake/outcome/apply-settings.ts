/** What an intake's settings make of a delivery: whether the filter lets it pass, the input that the map gives, and whether the schema takes it. */
import { placeFiles } from '../../domain/file/fields.ts'
import { type Evaluated, evaluateFilter } from '../../domain/handoff/condition.ts'
import type { Json, JsonSchema } from '../../domain/json/json.ts'
import { coerceScalars } from '../../domain/schema/coerce.ts'
import type { DeliveryScope } from '../../domain/template/scope.ts'
import { renderValue } from '../../domain/template/template.ts'
import type { ApiProblem } from '../../http/errors.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'
import type { OutsideEvent } from '../../task/outside-event.ts'
import type { PinnedVersion } from '../../task/pinned.ts'
import { checkInput } from '../../task/start.ts'
import type { Delivery } from '../arrival/delivery.ts'
import { readEvent } from './read-event.ts'

type Settings = Pick<IntakeConfig, 'filter' | 'map' | 'event'>

export interface Applied {
  /** What the filter came to, and what it looked at; null: there is none. */
  filter: Evaluated | null
  /** Why it is passed over; null: it is not. */
  skipped: string | null
  /** The event that it is, with the input as its data; null: the intake takes tasks, or it never came to that. */
  event: OutsideEvent | null
  /** The task's input; undefined: the map could not be rendered, or it never came to that. */
  input: Json | undefined
  problem: ApiProblem | null
}

/** Goes through filter, map and schema, as far as the delivery gets. */
export function applySettings(settings: Settings, version: PinnedVersion, delivery: Delivery): Applied {
  const filter = settings.filter === undefined ? null : evaluateFilter(settings.filter, delivery.scope)
  const skipped = filter && reasonToSkip(filter)
  const nothing = { filter, event: null, input: undefined }
  if (skipped !== null) return { ...nothing, skipped, problem: null }
  if (settings.event !== undefined) {
    const read = eventOf(settings.event, settings.map, delivery)
    return 'problem' in read
      ? { ...nothing, skipped, problem: read.problem }
      : { filter, skipped, event: read.event, input: read.event.data, problem: null }
  }
  const schema = version.pinned.definition.input
  const mapped = inputOf(settings.map, schema, delivery)
  if ('problem' in mapped) return { ...nothing, skipped, problem: mapped.problem }
  const input = placeFiles(schema, mapped.input, delivery.files ?? [])
  return { filter, skipped, event: null, input, problem: checkInput(version, input, '') }
}

/** A filter that cannot be evaluated lets nothing pass, and says so. */
function reasonToSkip(filter: Evaluated): string | null {
  if ('error' in filter) return `The filter could not be evaluated: ${filter.error}`
  return filter.verdict ? null : 'The filter does not let it pass.'
}

/** The event that a delivery is: its data is what the map makes, else the body. */
function eventOf(
  event: NonNullable<Settings['event']>,
  map: Settings['map'],
  delivery: Delivery,
): { event: OutsideEvent } | { problem: ApiProblem } {
  const read = readEvent(event, text => renderValue(text, delivery.scope))
  if (!read.ok) return { problem: eventProblem(read.part, read.message) }
  const data = inputOf(map, undefined, delivery)
  return 'problem' in data ? data : { event: { ...read.event, data: data.input } }
}

function eventProblem(part: 'name' | 'key', message: string): ApiProblem {
  const hint = "The intake's event and this delivery do not fit together; a filter passes over what is none."
  return { kind: 'invalid', code: 'event_failed', message: `event.${part}: ${message}`, hint, path: `event.${part}` }
}

function inputOf(
  map: Settings['map'],
  schema: JsonSchema | undefined,
  { scope, isForm }: Delivery,
): { input: Json } | { problem: ApiProblem } {
  const fitted = (input: Json) => ({ input: schema === undefined ? input : coerceScalars(schema, input) })
  if (map === undefined) return isForm ? fitted(scope.body) : { input: scope.body }
  const rendered = renderValue(map, scope)
  return rendered.ok ? fitted(rendered.value) : { problem: mapProblem(map, scope, rendered.message) }
}

/** Names the field whose template failed: each is tried by itself. */
function mapProblem(map: Record<string, string>, scope: DeliveryScope, all: string): ApiProblem {
  for (const [field, template] of Object.entries(map)) {
    const tried = renderValue(template, scope)
    if (!tried.ok) return failed(`map.${field}`, tried.message)
  }
  return failed('map', all)
}

function failed(path: string, message: string): ApiProblem {
  const hint = "The intake's map and this delivery do not fit together; `| default:` makes a part optional."
  return { kind: 'invalid', code: 'map_failed', message: `${path}: ${message}`, hint, path }
}
