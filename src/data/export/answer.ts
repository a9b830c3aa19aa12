/** The archive of a team's data as an answer, on record before it begins. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { disposition } from '../../files/serve.ts'
import { actStatement } from '../../records/acts.ts'
import { exportOf } from './archive.ts'

/** The part that begins after this task; '' for the first. */
export async function exportAnswer(env: Env, team: string, actor: Actor, after: string): Promise<Response> {
  const at = Date.now()
  const facts = { from: after === '' ? 'the beginning' : after, to: 'a file' }
  await env.DB.batch([await actStatement(env.DB, { team, at, type: 'team.exported', actor, facts })])
  const name = `baton-${new Date(at).toISOString().slice(0, 10)}${after === '' ? '' : `-after-${after}`}.zip`
  return new Response(exportOf(env, team, after), {
    headers: {
      'Content-Type': 'application/zip',
      'Content-Disposition': disposition('attachment', name),
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    },
  })
}
