/** The values of an event that may be kept apart from it, as events.ts declares them. */
import { STORED_FIELDS, type TaskEvent } from '../events.ts'

/** The event with each value that may be big put through `keep`; what is absent stays so. */
export function mapStored(event: TaskEvent, keep: (value: unknown) => unknown): TaskEvent {
  return mapPaths(event, STORED_FIELDS[event.type], keep)
}

/** The event with what lies at these paths put through `map`; what is absent stays so. */
export function mapPaths(event: TaskEvent, paths: readonly string[], map: (value: unknown) => unknown): TaskEvent {
  return paths.reduce<unknown>((whole, path) => mapAt(whole, path.split('.'), map), event) as TaskEvent
}

function mapAt(value: unknown, [key, ...rest]: string[], keep: (value: unknown) => unknown): unknown {
  if (key === undefined) return value === undefined ? value : keep(value)
  if (typeof value !== 'object' || value === null) return value
  if (key === '*') return Array.isArray(value) ? value.map(item => mapAt(item, rest, keep)) : value
  if (!Object.hasOwn(value, key)) return value
  return { ...value, [key]: mapAt((value as Record<string, unknown>)[key], rest, keep) }
}
