/** A run of no task, as its model calls go: each counts against the team's budgets, and waits in no lane. */
import type { Env } from '../../env.ts'
import type { GatedRun } from './gated.ts'
import { tryModel } from './tried.ts'

/** Takes the place of a task's Gate. */
export function triedRun(env: Env, team: string): Pick<GatedRun, 'port'> {
  return { port: (_provider, port) => ({ complete: request => tryModel(env, team, port, request) }) }
}
