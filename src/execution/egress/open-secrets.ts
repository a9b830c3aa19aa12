/** Opens the secrets that a call names, for the host that it goes to and for no other. */
import type { Env } from '../../env.ts'
import { type StoredSecret, secretsByName, touchSecrets } from '../../records/people/secrets.ts'
import { sealedTo } from '../../team/secrets/secrets.ts'
import { unseal } from '../../team/vault.ts'

const HOUR_MS = 3_600_000

type Opened =
  | { ok: true; values: Record<string, string> }
  | { ok: false; code: 'secret_missing' | 'secret_host'; message: string }

/** The values by name, or why one of them does not go there. */
export async function openSecrets(env: Env, team: string, names: readonly string[], host: string): Promise<Opened> {
  if (names.length === 0) return { ok: true, values: {} }
  const stored = new Map((await secretsByName(env.DB, team, names)).map(secret => [secret.name, secret]))
  const values: Record<string, string> = {}
  for (const name of names) {
    const secret = stored.get(name)
    if (secret === undefined) return missing(`There is no secret \`${name}\` in this team.`)
    if (!secret.hosts.includes(host)) {
      const message = `The secret \`${name}\` may not go to ${host}: an admin can add the host to it.`
      return { ok: false, code: 'secret_host', message }
    }
    const value = await open(env, team, secret)
    if (value === null) return missing(`The secret \`${name}\` cannot be opened any more: set it again.`)
    values[name] = value
  }
  const now = Date.now()
  // A note only: what takes no writes at the moment stands in no call's way.
  await touchSecrets(env.DB, team, names, now, now - HOUR_MS).catch(error => {
    console.error(JSON.stringify({ level: 'warn', what: 'use of secrets not noted', error: String(error) }))
  })
  return { ok: true, values }
}

function missing(message: string): Opened {
  return { ok: false, code: 'secret_missing', message }
}

function open(env: Env, team: string, { name, sealed }: StoredSecret): Promise<string | null> {
  return unseal(env, sealedTo(team, name), sealed)
}

/** A secret that is itself an address, as incoming webhooks are; it goes to its own host, if that is one of its hosts. */
export async function openAddress(
  env: Env,
  team: string,
  name: string,
): Promise<{ ok: true; url: string; host: string } | Extract<Opened, { ok: false }>> {
  const [secret] = await secretsByName(env.DB, team, [name])
  const url = secret === undefined ? null : await open(env, team, secret)
  const host = url !== null && URL.canParse(url) ? new URL(url).hostname : null
  if (secret === undefined || url === null || host === null) {
    const message = `It needs the secret \`${name}\`, which is an address: an admin can set it.`
    return { ok: false, code: 'secret_missing', message }
  }
  if (secret.hosts.includes(host)) return { ok: true, url, host }
  return { ok: false, code: 'secret_host', message: `The secret \`${name}\` may not go to ${host}.` }
}
