/** The Worker's side of a live board: says who was let in, and hands the socket to the Board DO. */

import type { Person } from '../domain/caller.ts'
import type { Env } from '../env.ts'
import type { Watcher } from './rpc.ts'

/** How long every socket lives; browsers come again by themselves, and are asked who they are. */
const SOCKET_LIFE_MS = 3_600_000
/** The header in which the Worker says who was let in; nobody else reaches a Durable Object. */
export const WATCHER_HEADER = 'x-baton-watcher'

/** Opens the board's socket for a person whose session, team and origin were checked. */
export async function openSocket(env: Pick<Env, 'BOARDS'>, person: Person, workflow: string): Promise<Response> {
  const watcher: Watcher = {
    team: person.team.id,
    workflow,
    person: person.email,
    session: person.session,
    role: person.role,
    until: Date.now() + SOCKET_LIFE_MS,
  }
  // A request of our own making: nothing of the browser's reaches the object.
  const headers = { upgrade: 'websocket', [WATCHER_HEADER]: encodeURIComponent(JSON.stringify(watcher)) }
  const { status, webSocket } = await env.BOARDS.getByName(`${watcher.team}:${workflow}`).fetch('https://board/live', {
    headers,
  })
  // The object's own answer takes no further headers, which every answer of ours gets.
  return new Response(null, { status, webSocket })
}
