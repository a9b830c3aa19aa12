/**
 * A task as a document that is taken out of Baton: what was chosen of its story, and nothing more. What no model is told
 * (`redact`) is hidden in all of it, echoes included. Pure.
 */
import type { Json } from '../../../json/json.ts'
import type { Definition } from '../../../workflow/definition.ts'
import type { Status } from '../../state.ts'
import type { Story } from '../story.ts'
import type { EventView } from '../views.ts'
import { type DocumentStep, stepsOf } from './steps.ts'
import { asLogged, type DocumentChoice, nameOf, Telling } from './telling.ts'

interface DocumentComment {
  at: string
  by: string
  text: string
}

interface DocumentEvent {
  seq: number
  at: string
  type: string
  by: string
  step: string | null
  data: Record<string, Json>
}

/** Money in USD, times as ISO strings. Of what was not chosen there is no field. */
export interface TaskDocument {
  id: string
  title: string
  key?: string
  workflow: string
  version: number
  status: Status
  /** The step where it is. */
  step: string | null
  why?: string
  startedBy: string
  createdAt: string
  finishedAt: string | null
  cost: number | null
  tokens: { input: number; output: number }
  files: { name: string; type: string; bytes: number }[]
  steps: DocumentStep[]
  result: Json
  input?: Json
  comments?: DocumentComment[]
  log?: DocumentEvent[]
}

/** The document of a story, as chosen. */
export function documentOf(story: Story, choice: DocumentChoice): TaskDocument {
  const { view, definition } = story
  const told = new Telling(story, choice)
  const { title, key, version, status, step, createdAt, finishedAt, usage } = view
  return {
    id: view.id,
    title: told.text(title),
    ...(key !== null && choice.inputs && { key: told.text(key) }),
    workflow: definition.name,
    version,
    status,
    step: step === null ? null : nameOf(definition, step),
    ...(choice.people && choice.detail === 'full' && { why: told.text(view.why) }),
    startedBy: told.who(story.startedBy),
    createdAt,
    finishedAt,
    cost: usage.cost,
    tokens: { input: usage.inputTokens, output: usage.outputTokens },
    files: choice.inputs ? view.files.map(({ name, type, bytes }) => ({ name: told.text(name), type, bytes })) : [],
    steps: stepsOf(story, told),
    result: told.value(view.result),
    ...(choice.inputs && { input: told.input(view.input) }),
    ...(choice.detail === 'full' && { comments: commentsOf(story.events, told) }),
    ...(choice.log && { log: story.events.map(event => eventOf(event, definition, told)) }),
  }
}

function commentsOf(events: EventView[], told: Telling): DocumentComment[] {
  return events.map(asLogged).flatMap(event => {
    if (event.type !== 'commented') return []
    return [{ at: event.on, by: told.who(event.actor), text: told.text(event.text) }]
  })
}

function eventOf({ seq, at, type, actor, step, data }: EventView, definition: Definition, told: Telling) {
  const { detail, inputs, people } = told.choice
  const isWhole = detail === 'full' && inputs && people
  return {
    seq,
    at,
    type,
    by: told.who(actor),
    step: step === null ? null : nameOf(definition, step),
    data: isWhole ? wholeData(type, data, told) : factsIn(data),
  }
}

function wholeData(type: string, data: Record<string, Json>, told: Telling): Record<string, Json> {
  const { source, ...rest } = data
  const origin = typeof source === 'object' && source !== null && !Array.isArray(source) ? source : {}
  // What an intake was sent, word for word, has no fields that could be hidden.
  const { data: _sent, ...from } = origin
  const whole = told.value({ ...rest, ...(source !== undefined && { source: from }) }) as Record<string, Json>
  const isInput = (type === 'created' || type === 'entered') && data.input !== undefined
  return isInput ? { ...whole, input: told.input(data.input!) } : whole
}

/** Facts that hold nothing of what came in, nothing that somebody wrote, and nobody's name. */
const FACTS = [
  ...[
    'visit',
    'run',
    'attempt',
    'turn',
    'version',
    'outcome',
    'to',
    'by',
    'from',
    'handler',
    'handoff',
    'cause',
    'reason',
  ],
  ...['code', 'tool', 'workflow', 'child', 'ok', 'status', 'ms', 'waits', 'standing', 'counted', 'needs', 'settles'],
]

function factsIn(data: Record<string, Json>): Record<string, Json> {
  const facts = FACTS.flatMap(name => {
    const value = data[name]
    if (value === undefined || (typeof value === 'object' && value !== null)) return []
    return [[name, value] as const]
  })
  return Object.fromEntries(facts)
}
