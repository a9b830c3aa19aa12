/** How a call signs in, as two choices of a form: one of the team's secrets, and the header that carries it; pure. */
import type { Values } from './form-values.ts'

type Headers = Record<string, string>

/** The ways that services ask for: the header, and what stands in it before the secret. */
const WAYS = {
  bearer: { header: 'authorization', before: 'Bearer ', label: 'As a bearer token (the usual way)' },
  api_key: { header: 'x-api-key', before: '', label: 'In the header x-api-key' },
  plain_key: { header: 'api-key', before: '', label: 'In the header api-key' },
  basic: { header: 'authorization', before: 'Basic ', label: 'As Basic: name and password, encoded as base64' },
  token: { header: 'authorization', before: 'Token ', label: 'As “Token …”' },
  bare: { header: 'authorization', before: '', label: 'In authorization, as it is' },
} as const
type Way = keyof typeof WAYS

export const SIGN_IN_WAYS = Object.entries(WAYS).map(([value, { label }]) => ({ value, label }))

const SIGNING = /^(Bearer |Basic |Token |)\{\{-?\s*secrets\.([a-z][a-z0-9_]{0,39})\s*-?\}\}$/i

interface SignIn {
  /** The header as its author wrote it. */
  name: string
  secret: string
  way: Way
}

/** The first header that is a secret in one of these ways, or null. */
function signInOf(headers: Headers | undefined): SignIn | null {
  for (const [name, value] of Object.entries(headers ?? {})) {
    const [, before, secret] = SIGNING.exec(value) ?? []
    if (before === undefined || secret === undefined) continue
    const isWay = (way: Way) =>
      WAYS[way].header === name.toLowerCase() && WAYS[way].before.toLowerCase() === before.toLowerCase()
    const way = (Object.keys(WAYS) as Way[]).find(isWay)
    if (way !== undefined) return { name, secret, way }
  }
  return null
}

/** The choices, and the headers that are left. */
export function signInValues(headers: Headers | undefined): {
  sign?: string
  as?: string
  others: Headers | undefined
} {
  const found = signInOf(headers)
  if (found === null) return { others: headers }
  const others = Object.entries(headers ?? {}).filter(([name]) => name !== found.name)
  return { sign: found.secret, as: found.way, others: others.length > 0 ? Object.fromEntries(others) : undefined }
}

/** The headers with the one that signs in, spelt as it was before; or what is wrong, in words. */
export function withSignIn(
  others: Headers | undefined,
  values: Values,
  before: Headers | undefined,
): Headers | undefined | string {
  const secret = values.http_sign?.trim() ?? ''
  if (secret === '') return others
  if (!/^[a-z][a-z0-9_]{0,39}$/.test(secret)) return 'Choose one of your secrets.'
  const way = (Object.keys(WAYS) as Way[]).find(one => one === values.http_sign_as) ?? 'bearer'
  const was = signInOf(before)
  const same = was?.secret === secret && was.way === way
  const name = same ? was.name : WAYS[way].header
  if (Object.keys(others ?? {}).some(other => other.toLowerCase() === name.toLowerCase()))
    return `“${name}” is the header that signs in: take it away here, or choose no secret above.`
  return { ...others, [name]: same ? before![name]! : `${WAYS[way].before}{{ secrets.${secret} }}` }
}
