/** The record that somebody tried a step's call, or a tool: it really went out, for no task. */
import type { Actor } from '../../domain/task/events.ts'
import { actStatement } from '../acts.ts'

/** Notes it before it is sent; `call`: its method and host, or the tool's name. */
export async function noteTriedCall(
  db: D1Database,
  { team, ...facts }: { team: string; workflow?: string; step?: string; call: string },
  actor: Actor,
  at: number,
): Promise<void> {
  await (await actStatement(db, { team, at, type: 'call.tried', actor, facts })).run()
}
