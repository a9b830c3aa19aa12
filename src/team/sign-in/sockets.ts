/** The end of open boards when somebody may watch no longer: on sign-out, removal, a change of role. */
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import { boardStub, type Env } from '../../env.ts'
import { workflowIds } from '../../records/task/boards.ts'

/** Closes the sockets of a person, or of one session, on every board of the team. */
export async function closeSockets(
  env: Pick<Env, 'DB' | 'BOARDS'>,
  team: string,
  whose: { person: string } | { session: string },
): Promise<void> {
  const workflows = await workflowIds(env.DB, team)
  for (const some of chunks(workflows, SIDE_BY_SIDE)) {
    await Promise.all(some.map(workflow => boardStub(env, team, workflow).closeSockets(whose)))
  }
}
