/** Where a task came from: which way in, and for a delivery how it came, so that it can be shown and sent again. */

/** How a delivery came; headers and query without secrets. */
interface CameAs {
  headers: Record<string, string>
  query: Record<string, string>
  /** The body's media type. */
  type: string
  /** From its arrival to its task. */
  ms: number
  /** What was repaired of it; absent: nothing. */
  repaired?: string[]
}

/** Tasks in a row that start one another, the first not counted. */
export const MAX_DEPTH = 5

/** The run that started a task and waits for it. */
export interface ParentRun {
  visit: number
  run: number
  attempt: number
}

/** How a task stands, as the one that started it is told: a task that failed may still go on by hand. */
export type Standing = 'open' | 'failed' | 'done' | 'cancelled'

/** What names a task's origin. */
export interface Origin {
  kind: 'api' | 'hand' | 'webhook' | 'schedule' | 'email' | 'form' | 'task'
  /** The key, person, intake or task. */
  id?: string
  delivery?: string
  /** How many tasks in a row have started one another down to this one; absent: no task started it, or it runs one again. */
  depth?: number
  /** The run of the task `id` that waits for this one; absent: none does. */
  parent?: ParentRun
}

export interface Source extends Origin {
  request?: CameAs
  /** The body as it came, where the input is not the same. */
  data?: string
  /** The delivery that was sent again by hand, or `test`. */
  replays?: string
  /** Where whoever started it wants to be told of it. */
  callback?: string
}

/** The origin alone, for readers to whom headers and bodies are of no use. */
export function originOf({ kind, id, delivery, depth, parent }: Origin): Origin {
  return { kind, id, delivery, ...(depth === undefined ? {} : { depth }), ...(parent && { parent }) }
}
