/** What other parts may call on a workflow's Board DO: its verbs, as types. Callers reach it with `boardStub` (env.ts). */
import type { Flush, FlushAnswer } from '../records/task/flush.ts'

/** Who watches a board through a socket, as the Worker found when it let them in. */
export interface Watcher {
  team: string
  workflow: string
  /** The address of the person's account. */
  person: string
  session: string
  /** As it was when they were let in; another one is another person to us. */
  role: string
  /** When the socket is closed, whatever happens; in ms since the epoch. */
  until: number
}

/** How many deliveries an intake takes in how long. */
export interface IntakeLimit {
  count: number
  seconds: number
}

export interface BoardVerbs {
  /** Shows the task on open boards at once, and answers when D1 has it. */
  flush(flush: Flush): Promise<FlushAnswer>
  /** Counts a delivery against its intake's limit. Answers 0, or in how many ms it may come again. */
  take(intake: string, limit: IntakeLimit): Promise<number>
  /** Has open boards fetched again: the workflow itself has changed. */
  refresh(): Promise<void>
  /** Closes the sockets of a person or of one session: on sign-out, removal, a change of role. Answers how many. */
  closeSockets(whose: { person: string } | { session: string }): Promise<number>
  /** What Health shows: rounds so far, and tasks that D1 refuses, with the reason. */
  health(): Promise<{ rounds: number; tasks: number; refused: Record<string, string> }>
}
