/** Calls on a Task DO that survive a passing fault of the platform: a fresh stub for each try. */
import { type Env, taskStub } from '../env.ts'
import type { TaskVerbs } from './rpc.ts'

/** How often a call is tried, how long it pauses before the next try, and after which failures there is one. */
export interface Patience {
  tries: number
  pauseMs(tried: number): number
  mayGoBetter(error: unknown): boolean
}

/** Somebody waits for the answer: only what the platform itself says may go better is tried again. */
const SHORT: Patience = { tries: 3, pauseMs: tried => 50 * tried, mayGoBetter: isPassing }

/**
 * Calls a verb of a task, and again when that may go better. Only for what may run twice: reads, and commands whose id,
 * lease or idempotency key makes the second run answer like the first.
 */
export function callTask<T>(
  env: Pick<Env, 'TASKS'>,
  team: string,
  task: string,
  call: (task: TaskVerbs) => Promise<T>,
  patience = SHORT,
): Promise<T> {
  return lineTo(env, team, task, patience)(call)
}

/** For many calls of one task: its stub is kept until a call fails, as making one costs more than some verbs do. */
export function lineTo(
  env: Pick<Env, 'TASKS'>,
  team: string,
  task: string,
  { tries, pauseMs, mayGoBetter }: Patience,
): <T>(call: (task: TaskVerbs) => Promise<T>) => Promise<T> {
  let stub: TaskVerbs | null = null
  return async call => {
    for (let tried = 1; ; tried++) {
      try {
        stub ??= taskStub(env, team, task)
        return await call(stub)
      } catch (error) {
        // One whose object was reset stays broken.
        stub = null
        if (tried >= tries || !mayGoBetter(error)) throw error
        await new Promise(resolve => setTimeout(resolve, pauseMs(tried)))
      }
    }
  }
}

function isPassing(error: unknown): boolean {
  const tags = error as { retryable?: boolean; overloaded?: boolean }
  return error instanceof Error && tags.retryable === true && tags.overloaded !== true
}
