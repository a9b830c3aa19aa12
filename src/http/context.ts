/** What every handler finds in its context. */
import type { Context } from 'hono'
import type { TeamKey } from '../domain/caller.ts'
import type { LiveVersion } from '../domain/workflow/live.ts'
import type { Env } from '../env.ts'

export interface ApiEnv {
  Bindings: Env
  Variables: {
    requestId: string
    /** Set behind the key check. */
    key: TeamKey
    /** The workflow that a task is to be started in, read together with the key. */
    live: LiveVersion | null
  }
}

export type ApiContext = Context<ApiEnv>

/** The public address of a path; the Host header is never trusted for one. */
export function publicUrl(env: Pick<Env, 'BATON_URL'>, path: string): string {
  return `${env.BATON_URL.replace(/\/+$/, '')}${path}`
}
