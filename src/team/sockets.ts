/** The end of open boards when somebody may watch no longer: on sign-out, removal, a change of role. */
import { boardStub, type Env } from '../env.ts'
import { workflowIds } from '../records/boards.ts'

/** An invocation has six outgoing connections. */
const SIDE_BY_SIDE = 6

/** Closes the sockets of a person, or of one session, on every board of the team. */
export async function closeSockets(
  env: Pick<Env, 'DB' | 'BOARDS'>,
  team: string,
  whose: { person: string } | { session: string },
): Promise<void> {
  const workflows = await workflowIds(env.DB, team)
  for (let at = 0; at < workflows.length; at += SIDE_BY_SIDE) {
    const some = workflows.slice(at, at + SIDE_BY_SIDE)
    await Promise.all(some.map(workflow => boardStub(env, team, workflow).closeSockets(whose)))
  }
}
