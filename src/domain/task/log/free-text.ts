/** Where a task's log holds what people, models and services said, and how words are taken out of it. The flow stays as it was. */
import type { Json } from '../../json/json.ts'
import type { EventType, TaskEvent } from '../events.ts'
import { mapPaths } from './stored.ts'

/**
 * Each kind of event's free texts and values, as paths like those of STORED_FIELDS. Keys, labels, digests and who did it are
 * none: the fold needs them, and the audit must tell of them.
 */
const FREE_TEXT: { [T in EventType]: readonly string[] } = {
  created: [
    ...[
      'title',
      'key',
      'input',
      'source.data',
      'source.request',
      'begin.outputs.*.output',
      'begin.outputs.*.decision.note',
    ],
    ...['begin.last.output', 'begin.last.note', 'files.*.name', 'files.*.text'],
  ],
  entered: ['input'],
  planned: ['items'],
  queued: [],
  due: ['prompt'],
  claimed: [],
  called: ['args'],
  answered: ['result', 'failure.message'],
  turned: ['text', 'calls'],
  allowed: ['args'],
  lapsed: [],
  reported: ['outcome.output', 'outcome.reasoning', 'outcome.failure.message', 'usage.saw'],
  joined: ['output'],
  fenced: [],
  booked: ['usage.saw'],
  asking: [],
  asked: ['ask.instructions', 'ask.artefact.output', 'ask.call.args', 'ask.form.values'],
  awaiting: [],
  awaited: ['output'],
  listening: [],
  weighed: ['error', 'reads'],
  started: [],
  recalled: [],
  returned: ['result', 'message'],
  told: [],
  assigned: [],
  edited: ['output'],
  filled: ['fields'],
  decided: ['note', 'output', 'files.*.name'],
  reminded: [],
  undone: [],
  effected: [],
  skipped: [],
  staged: ['note'],
  routed: ['note', 'trace.*.value', 'trace.*.reads', 'trace.*.error'],
  left: [],
  stuck: ['message'],
  failed: ['message'],
  held: ['message'],
  released: [],
  raised: [],
  migrated: [],
  noticed: ['data'],
  attached: ['files.*.name', 'files.*.text'],
  detached: ['name'],
  read: ['text'],
  commented: ['text'],
  finished: ['result'],
  cancelled: ['note'],
}

/** What stands where words were. */
export const ERASED = '[erased]'
/** Shorter words would be found in others that have nothing to do with them. */
export const LEAST_ERASED = 4

/** The event without these words, in whatever case they are written; `read` and `keep`: values that lie elsewhere. */
export function eraseIn(
  event: TaskEvent,
  words: readonly string[],
  read: (value: unknown) => unknown,
  keep: (value: unknown) => unknown,
): TaskEvent {
  const pattern = patternOf(words)
  return mapPaths(event, FREE_TEXT[event.type], value => {
    const whole = read(value) as Json
    const left = without(whole, pattern)
    // What tells of none stays as it lies, reference or not.
    return JSON.stringify(left) === JSON.stringify(whole) ? value : keep(left)
  })
}

/** Whether one of the words stands in the text, as it is or as JSON or an address spells it. */
export function tellsOf(text: string, words: readonly string[]): boolean {
  return patternOf(words).test(text)
}

function patternOf(words: readonly string[]): RegExp {
  const spelled = words.flatMap(word => [word, JSON.stringify(word).slice(1, -1), encodeURIComponent(word)])
  const longest = [...new Set(spelled)].toSorted((a, b) => b.length - a.length)
  return new RegExp(longest.map(text => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')).join('|'), 'iu')
}

function without(value: Json, pattern: RegExp): Json {
  if (typeof value === 'string') return value.replace(new RegExp(pattern.source, 'giu'), ERASED)
  if (typeof value === 'number') return pattern.test(String(value)) ? ERASED : value
  if (Array.isArray(value)) return value.map(item => without(item, pattern))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, part]) => [without(name, pattern) as string, without(part, pattern)]),
  )
}
