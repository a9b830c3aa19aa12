/** The code that stands in the message of a link to a high-risk question: whoever has the link alone does not have it. */
import type { Env } from '../env.ts'
import { giveTryBack, takeTry } from '../records/task/told/code-tries.ts'
import { allSecrets, derive } from '../team/secret.ts'

type Secrets = Pick<Env, 'BATON_SECRET' | 'BATON_SECRET_OLD'>

const DIGITS = 8
/** Wrong codes that a link takes; after them a new link is needed. */
const MAX_TRIES = 5

/** The code of this link, for its message. It follows from the link by a key of its own and is kept nowhere. */
export function codeOf(env: Secrets, token: string): Promise<string> {
  return codeBy(env.BATON_SECRET, token)
}

async function codeBy(secret: string, token: string): Promise<string> {
  const bytes = await derive(secret, 'approval-code')
  const key = await crypto.subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  const signed = new DataView(await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(token)))
  return String(signed.getBigUint64(0) % BigInt(10 ** DIGITS)).padStart(DIGITS, '0')
}

/** What came of a code that was typed; `left`: tries that are left. */
export type CodeTry = { ok: true } | { ok: false; left: number }

/**
 * Looks whether this is the link's code. Each look is counted before it is made, so that many at once are no more tries; one
 * that was right counts for nothing.
 */
export async function tryCode(
  env: Env,
  link: { team: string; jti: string; token: string },
  typed: string,
  now: number,
): Promise<CodeTry> {
  const taken = await takeTry(env.DB, link, MAX_TRIES, now)
  if (taken === null) return { ok: false, left: 0 }
  if (!(await isCode(env, link.token, typed))) return { ok: false, left: MAX_TRIES - taken }
  await giveTryBack(env.DB, link)
  return { ok: true }
}

/** Compared in constant time, with the codes of earlier secrets, too. */
async function isCode(env: Secrets, token: string, typed: string): Promise<boolean> {
  const text = new TextEncoder()
  const given = text.encode(
    typed
      .replaceAll(/[\s-]/g, '')
      .padEnd(DIGITS, '?')
      .slice(0, DIGITS + 1),
  )
  let found = false
  for (const secret of allSecrets(env)) {
    const code = text.encode(await codeBy(secret, token))
    found = (given.byteLength === code.byteLength && crypto.subtle.timingSafeEqual(given, code)) || found
  }
  return found
}
