/** What in a pasted call signs somebody in: it is named as a secret, and its value stands apart from the call. */
import type { HttpCall } from '../call/http-call.ts'
import { SECRET_NAME, secretsNamed } from '../call/secret-marks.ts'
import type { Json } from '../json/json.ts'

/** A secret that a pasted call held. */
export interface FoundSecret {
  name: string
  /** '' where the call named a variable of the shell. */
  value: string
  /** Where it stood, in words. */
  place: string
}

const TELLING_HEADER =
  /^(?:authorization|proxy-authorization|cookie|x-api-key|api-?key|x-auth-token|x-access-token|.*[-_](?:token|secret|api-?key|password|key))$/i
const TELLING_FIELD =
  /^(?:api_?key|key|token|access_?token|auth_?token|secret|client_?secret|password|passwd|pwd|signature|sig)$/i
/** How well-known services write their tokens. */
const TOKEN =
  /^(?:sk|pk|rk)[-_](?:live|test|proj|ant)?[-_]?\w{12,}|^(?:ghp|gho|ghs|github_pat)_\w{16,}|^glpat-[\w-]{16,}|^xox[abps]-[\w-]{10,}|^AKIA[0-9A-Z]{16}$|^eyJ[\w-]+\.[\w-]+\.[\w-]*$|^SG\.[\w-]{10,}|^btn_live_\w+/
/** Headers that end like one, and say how often a call may be repeated. */
const NO_SECRET = /^(?:idempotency-key|x-idempotency-key|x-request-key)$/i
const SCHEME = /^(bearer|basic|token|bot|apikey|key)\s+(?=\S)/i
const VARIABLE = /^\$\{?([A-Za-z_]\w*)\}?$/

/** The call with secrets named in the place of their values, and these. `taken`: names that are not to be used. */
export function takeSecrets(call: HttpCall, taken: readonly string[] = []): { call: HttpCall; secrets: FoundSecret[] } {
  const secrets: FoundSecret[] = []
  const host = /^https?:\/\/([^/?#:]+)/i.exec(call.url)?.[1] ?? ''
  const keep = (value: string, place: string): string => {
    const [, scheme = ''] = /^((?:bearer|basic|token|bot|apikey|key)\s+)(?=\S)/i.exec(value) ?? []
    const bare = value.slice(scheme.length)
    const known = secrets.find(secret => secret.value === bare && bare !== '')
    if (known !== undefined) return `${scheme}{{ secrets.${known.name} }}`
    const variable = VARIABLE.exec(bare)?.[1]
    const name = freeName(variable ?? nameFor(host), [...taken, ...secrets.map(secret => secret.name)])
    secrets.push({ name, value: variable === undefined ? bare : '', place })
    return `${scheme}{{ secrets.${name} }}`
  }
  const isSecret = (telling: RegExp, name: string, value: string) =>
    value !== '' &&
    secretsNamed(value).length === 0 &&
    !NO_SECRET.test(name) &&
    (telling.test(name) || TOKEN.test(value.replace(SCHEME, '')) || VARIABLE.test(value.replace(SCHEME, '')))
  const inPairs = (pairs: Record<string, string> | undefined, telling: RegExp, what: string) =>
    pairs === undefined
      ? undefined
      : Object.fromEntries(
          Object.entries(pairs).map(([name, value]) => [
            name,
            isSecret(telling, name, value) ? keep(value, `${what} ${name}`) : value,
          ]),
        )
  const inBody = (value: Json, name: string): Json => {
    if (typeof value === 'string') return isSecret(TELLING_FIELD, name, value) ? keep(value, `field ${name}`) : value
    if (Array.isArray(value)) return value.map(item => inBody(item, name))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, inBody(part, key)]))
  }
  const { headers, query, body } = call
  const without = {
    ...call,
    ...(headers && { headers: inPairs(headers, TELLING_HEADER, 'header') }),
    ...(query && { query: inPairs(query, TELLING_FIELD, 'query') }),
    ...(body !== undefined && typeof body !== 'string' && { body: inBody(body, '') }),
  }
  return { call: without, secrets }
}

/** What a secret for this host may be called. */
export function secretNameFor(host: string): string {
  return freeName(nameFor(host), [])
}

/** `api.crm.example` → `crm`. */
function nameFor(host: string): string {
  const labels = host.toLowerCase().split('.')
  const own =
    labels.length > 2 && labels[0] !== 'www' && !/^(?:api|app|rest|v\d+)$/.test(labels[0]!) ? labels[0] : labels.at(-2)
  return own ?? labels[0] ?? 'service'
}

function freeName(wish: string, taken: readonly string[]): string {
  const plain = wish
    .toLowerCase()
    .replaceAll(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, 36)
  const base = SECRET_NAME.test(plain) ? plain : 'service'
  for (let n = 1; ; n++) {
    const name = n === 1 ? base : `${base}_${n}`
    if (!taken.includes(name)) return name
  }
}
