/** Rows of earlier log formats as this code reads them. Stored rows stay as they are; only the fold sees them so. */
import type { LogRow, TaskEvent } from '../events.ts'

/** The lease was prolonged, in format 1, before a call or without one. */
interface Beaten {
  type: 'beaten'
  visit: number
  run: number
  attempt: number
  until: number
  call?: { id: string; repeatable: boolean }
}

/** The events of a row, in today's words. */
export function upcast({ v, events }: Pick<LogRow, 'v' | 'events'>): readonly TaskEvent[] {
  return v === 1 ? events.map(fromFormat1) : events
}

/** An event of format 1: its reports join, and calls were noted by the beat of a lease. */
export function fromFormat1(event: TaskEvent | Beaten): TaskEvent {
  if (event.type === 'beaten') return fromBeaten(event)
  return event.type === 'reported' && event.outcome.kind === 'completed' ? { ...event, joins: true } : event
}

function fromBeaten({ call, type: _type, ...ref }: Beaten): TaskEvent {
  // A beat without a call said that none is open any more.
  if (call === undefined) return { type: 'answered', ...ref, call: null, ok: true, ms: 0 }
  return { type: 'called', ...ref, call: call.id, tool: '', args: null, safe: call.repeatable, key: null }
}
