/** The mark by which the log tells from where somebody did something: one address is one mark within a team and a month, and no mark tells its address. */
import { BoundedCache } from '../domain/bounded-cache.ts'
import type { Env } from '../env.ts'
import { hex } from '../records/ids.ts'
import { derive } from './secret.ts'

/** A request, as far as its origin goes. */
interface Asking {
  env: Pick<Env, 'BATON_SECRET'>
  req: { method: string; header(name: string): string | undefined }
}

/** Long enough that two addresses of a team have two. */
const BYTES = 8
const MAX_KEPT = 2000
const kept = new BoundedCache<string>(MAX_KEPT)

/** The mark of the address that a request came from, as this team gets to know it; undefined: nobody knows the address. */
export async function originOf({ env, req }: Asking, team: string): Promise<string | undefined> {
  const address = req.header('CF-Connecting-IP')
  if (address === undefined) return undefined
  // By the month, so that nobody is followed for longer than it takes to look into what happened.
  const subject = `${team}\n${new Date().toISOString().slice(0, 7)}\n${address}`
  const id = `${subject}\n${env.BATON_SECRET}`
  return kept.peek(id) ?? kept.keep(id, await markOf(env.BATON_SECRET, subject))
}

/** Whoever asks, with the mark of where they ask from; for a request that changes something, as looking leaves no trace. */
export async function withOrigin<W extends { from?: string }>(asking: Asking, team: string, who: W): Promise<W> {
  if (asking.req.method === 'GET' || asking.req.method === 'HEAD') return who
  const from = await originOf(asking, team)
  return from === undefined ? who : { ...who, from }
}

/** Keyed, as all addresses that there are could be tried against a plain hash. */
async function markOf(secret: string, subject: string): Promise<string> {
  const use = { name: 'HMAC', hash: 'SHA-256' }
  const key = await crypto.subtle.importKey('raw', await derive(secret, 'act-origin'), use, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(subject))
  return hex(new Uint8Array(signed).slice(0, BYTES))
}
