/** Drawing lots that nobody can foresee, and that come out the same however often they are drawn. */
import type { Env } from '../env.ts'
import { derive } from './secret.ts'

/** A number from 0 to `among` - 1, by what it is drawn for: from HMAC-SHA-256 under a key of its own. */
export async function drawOf(env: Pick<Env, 'BATON_SECRET'>, subject: string, among: number): Promise<number> {
  const bytes = await derive(env.BATON_SECRET, 'sampling')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(subject))
  return new DataView(signed).getUint32(0) % among
}
