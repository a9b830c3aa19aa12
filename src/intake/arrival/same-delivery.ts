/** Which deliveries are the same one: by the intake's own rule, else by the id that its scheme gives each. */
import type { Json } from '../../domain/json.ts'
import type { IntakeConfig } from '../../records/schema.ts'

/** What tells this delivery from others; null: nothing does. `signedId`: the id that its signature covers. */
export function deliveryKey(
  { auth, dedupe }: IntakeConfig,
  headers: Headers,
  body: Json,
  signedId: string | null,
): string | null {
  const own = dedupe === undefined ? null : 'header' in dedupe ? headers.get(dedupe.header) : textAt(body, dedupe.path)
  return own || schemeKey(auth.type, headers, body, signedId) || null
}

/** Whether a sender's id is anyone's to write beside the body that is signed, and the owner has no better rule. */
export function signsNoId({ auth, dedupe }: IntakeConfig): boolean {
  return auth.type === 'github' && dedupe === undefined
}

function schemeKey(type: IntakeConfig['auth']['type'], headers: Headers, body: Json, signedId: string | null) {
  switch (type) {
    case 'standard-webhooks':
    case 'hmac':
      return signedId
    case 'github':
      return headers.get('x-github-delivery')
    case 'stripe':
      return textAt(body, 'id')
    case 'slack':
      return textAt(body, 'event_id') ?? textAt(body, 'trigger_id')
    default:
      return null
  }
}

/** What stands at a dot path, as text; a number in a part is a place in a list. */
function textAt(body: Json, path: string): string | null {
  let value: Json | undefined = body
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return null
    value = (value as Record<string, Json>)[part]
  }
  if (value === undefined || value === null) return null
  return typeof value === 'string' ? value : JSON.stringify(value)
}
