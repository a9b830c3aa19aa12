/** The kind `map`: the same work for each item of a list, some at a time, joined to a list in the same order. */
import { z } from 'zod'
import { renderNamingFiles } from '../file/given.ts'
import type { Json, JsonSchema } from '../json/json.ts'
import type { renderValue } from '../template/template.ts'
import { type Frame, KEY_PATTERN } from '../workflow/parts.ts'
import type { Handler, JoinedRun, Plan } from './handler.ts'
import { type Branch, branchSchema, outputOf, SHARED, workOf } from './parts/branch.ts'
import { joinAt, joinEnded } from './parts/join.ts'

/** Items that one visit works on (definition.md, Sizes). */
const MAX_ITEMS = 200
/** Items at work at the same time, unless the step says otherwise, and at most. */
const CONCURRENCY = 5
const MAX_CONCURRENCY = 50
/** What texts read already, and an item may not be called. */
const TAKEN = ['input', 'steps', 'last', 'task', 'index', 'secrets', 'output']

const mapSchema = z.strictObject({
  over: z.string().min(1).max(2000),
  as: z
    .string()
    .regex(KEY_PATTERN, 'must start with a letter and hold only a–z, 0–9 and _')
    .refine(name => !TAKEN.includes(name), 'is a word that templates have already')
    .optional(),
  do: branchSchema,
  concurrency: z.int().min(1).max(MAX_CONCURRENCY).optional(),
  onError: z.enum(['fail', 'keep']).optional(),
  join: z
    .union([z.literal('all'), z.int().min(1).max(MAX_ITEMS)], { error: 'must be `all`, or how many must complete' })
    .optional(),
})
const shape = { map: mapSchema.optional() }
type Map = z.infer<typeof mapSchema>
type Own = { map?: Map }

export interface MapJob {
  kind: 'map'
  frame: Frame
  map: Map
}

const KEPT: JsonSchema = {
  type: 'object',
  required: ['error'],
  properties: {
    error: { type: 'object', properties: { code: { type: 'string' }, message: { type: 'string' } } },
  },
}

export const map: Handler<MapJob, Own> = {
  shape,
  settings: [...SHARED, 'output'],
  words: {
    who: 'the same work for each item',
    work: 'the list, or what is done with each item,',
    lesson: ({ map: { over } }) => `Each item of ${over} is worked on here.`,
    rule: ({ frame, map: { over, concurrency = CONCURRENCY, onError, join = 'all' } }) => {
      const enough = join === 'all' ? 'all are done' : `${join} are done`
      const kept = onError === 'keep' ? 'an item that fails is kept as an error' : 'an item that fails fails the step'
      return `“${frame.name ?? frame.key}” works on each item of ${over}, ${concurrency} at a time, until ${enough}; ${kept}.`
    },
  },
  gives: ['done', 'failed', 'timeout'],
  chooses: null,
  read: step => ({ kind: 'map', frame: step, map: step.map ?? { over: '', do: {} } }),
  labels: () => ['done'],
  outputSchema: job => {
    const item = outputOf(workOfItem(job))
    return { type: 'array', items: job.map.onError === 'keep' ? { anyOf: [item, KEPT] } : item }
  },
  texts: ({ map: own }) => (own === undefined ? [] : [{ path: ['map', 'over'], text: own.over }]),
  lint: ({ map: { over } }, path, _around, report) => {
    if (/^\s*\{\{[^{}]*\}\}\s*$/.test(over)) return
    const fix = 'Write one expression that is a list, such as `{{ input.lines }}`.'
    report.error([...path, 'map', 'over'], 'not_a_list', `\`${over}\` is a text, not a list.`, fix)
  },
  spends: null,
  begin: () => [],
  judge: () => ({ kind: 'completed', label: 'done' }),
  spread: {
    parts: job => [
      { path: ['map', 'do'], work: workOfItem(job), names: [job.map.as ?? 'item', 'index'], over: job.map.over },
    ],
    plan: (job, view) => planOf(job, renderNamingFiles(job.map.over, view.scope())),
    branch: job => workOfItem(job),
    reads: (job, index, item) => ({ [job.map.as ?? 'item']: item, index }),
    join: ({ map: { join = 'all', onError = 'fail' } }, runs) => {
      const output = () => outputsOf(runs)
      if (join === 'all' && onError === 'keep') return joinEnded(runs, output)
      return joinAt(join === 'all' ? runs.length : join, runs, output)
    },
  },
}

function workOfItem({ map: { do: work }, frame }: MapJob): Frame {
  return workOf(work as Branch, frame.key, frame)
}

function planOf({ map: { concurrency = CONCURRENCY } }: MapJob, over: ReturnType<typeof renderValue>): Plan {
  const fail = (code: 'template' | 'not_a_list' | 'too_many_items', message: string): Plan => ({
    kind: 'failed',
    failure: { code, message, retryable: false },
  })
  if (!over.ok) return fail('template', over.message)
  const items = over.value
  if (!Array.isArray(items)) return fail('not_a_list', `\`over\` came to ${typeName(items)}, not a list.`)
  if (items.length > MAX_ITEMS) {
    return fail('too_many_items', `The list has ${items.length} items; a step works on ${MAX_ITEMS} at most.`)
  }
  return { kind: 'planned', names: items.map((_item, index) => `item ${index + 1}`), items, atOnce: concurrency }
}

function typeName(value: Json): string {
  if (value === null) return 'nothing'
  return typeof value === 'object' ? 'an object' : `a ${typeof value === 'string' ? 'text' : typeof value}`
}

/** In the order of the list; what was kept of a failure stands in its place, what never ended is left out. */
function outputsOf(runs: readonly JoinedRun[]): Json[] {
  return runs
    .filter(run => run.state !== 'open')
    .map(run =>
      run.state === 'completed'
        ? run.output()
        : { error: { code: run.failure?.code ?? '', message: run.failure?.message ?? '' } },
    )
}
