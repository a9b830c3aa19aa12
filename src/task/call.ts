/** Calls on a Task DO that survive a passing fault of the platform: a fresh stub for each try. */
import { type Env, taskStub } from '../env.ts'
import type { TaskVerbs } from './rpc.ts'

const TRIES = 3
const PAUSE_MS = 50

/**
 * Calls a verb of a task, and again when the platform says that may go better. Only for what may run twice: reads,
 * and commands whose id or idempotency key makes the second run answer like the first.
 */
export async function callTask<T>(
  env: Pick<Env, 'TASKS'>,
  team: string,
  task: string,
  call: (task: TaskVerbs) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      // A stub whose object was reset stays broken.
      return await call(taskStub(env, team, task))
    } catch (error) {
      if (attempt >= TRIES || !mayGoBetter(error)) throw error
      await new Promise(resolve => setTimeout(resolve, PAUSE_MS * attempt))
    }
  }
}

function mayGoBetter(error: unknown): boolean {
  const tags = error as { retryable?: boolean; overloaded?: boolean }
  return error instanceof Error && tags.retryable === true && tags.overloaded !== true
}
