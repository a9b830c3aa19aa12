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
  return onFreshStubs(() => call(taskStub(env, team, task)), patience)
}

async function onFreshStubs<T>(call: () => Promise<T>, { tries, pauseMs, mayGoBetter }: Patience): Promise<T> {
  for (let tried = 1; ; tried++) {
    try {
      // Each try makes its stub: one whose object was reset stays broken.
      return await call()
    } catch (error) {
      if (tried >= tries || !mayGoBetter(error)) throw error
      await new Promise(resolve => setTimeout(resolve, pauseMs(tried)))
    }
  }
}

function isPassing(error: unknown): boolean {
  const tags = error as { retryable?: boolean; overloaded?: boolean }
  return error instanceof Error && tags.retryable === true && tags.overloaded !== true
}
