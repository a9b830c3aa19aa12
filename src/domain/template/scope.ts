/** What templates and conditions can see of a task. */
import type { Json } from '../json/json.ts'

/** A decision on a step's latest visit, as `steps.<key>.decision` shows it. */
interface ScopeDecision {
  handoff: string
  note: string | null
  by: string | null
}

/** The variables of templates and conditions. */
export interface Scope {
  /** Where it names a file of the task by its id, the file itself. */
  input: Json
  /** The task's files, oldest first: id, name, type, bytes, sha256, text; absent where there is no task. */
  files?: Json[]
  /** By step key: the latest visit's output, with an approver's edit in place of the original; it names files as inputs do. */
  steps: Record<string, { output: Json; decision: ScopeDecision | null }>
  /** The previous visit; always an object, its fields null at first. */
  last: { step: string | null; output: Json; handoff: string | null; note: string | null; by: string | null }
  task: { id: string; title: string; visit: number }
  /** The element at hand, in a map step; it may go by another name. */
  item?: Json
  /** Its place in the list, from 0. */
  index?: number
}

/** What a tool's templates can see: the arguments of the call, and which task makes it. */
interface ToolScope {
  args: Json
  task: { id: string; title: string; visit: number }
}

/** What the templates of a call can see: a task's values, or a tool's arguments. Its query, headers and body: secrets besides. */
export type CallScope = (Scope | ToolScope) & { secrets?: Record<string, string> }

/** The names that a tool's `ask` may start a path with. */
export const ASK_ROOTS = ['args', 'input', 'task'] as const

/** The names that a tool's templates may start a path with. */
export const TOOL_ROOTS = ['args', 'task'] as const

/** The names that templates may start a path with. */
export const TEMPLATE_ROOTS = ['input', 'files', 'steps', 'last', 'task', 'item'] as const
/** The names that a table's columns may start a path with: there is no output of this visit yet. */
export const VALUE_ROOTS = ['input', 'files', 'steps', 'last', 'task'] as const
/** The names that conditions may start a path with; `output` is this visit's. */
export const CONDITION_ROOTS = ['output', 'input', 'files', 'steps', 'last', 'task'] as const

/** The names that say which events a wait takes may start a path with. */
export const EVENT_ROOTS = ['event', ...VALUE_ROOTS] as const

/** What an intake's filter and map can see: the delivery as it came. Names of headers are in lower case. */
export interface DeliveryScope {
  body: Json
  headers: Record<string, string>
  /** A name that came several times has its last value. */
  query: Record<string, string>
}

/** The names that an intake's filter and map may start a path with. */
export const DELIVERY_ROOTS = ['body', 'headers', 'query'] as const

/** What a schedule's input can see. */
export interface SlotScope {
  /** The slot's time, ISO. */
  slot: string
  schedule: { id: string; name: string; cron: string; timezone: string }
}

/** The names that a schedule's input may start a path with. */
export const SLOT_ROOTS = ['slot', 'schedule'] as const
