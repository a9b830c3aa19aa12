/** Which deliveries are the same one: by the intake's own rule, else by the id that its scheme gives each. */
import type { Json } from '../../domain/json.ts'
import type { IntakeConfig } from '../../records/schema.ts'
import { messageId } from '../signatures/standard-webhooks.ts'

/** What tells this delivery from others; null: nothing does. */
export function deliveryKey({ auth, dedupe }: IntakeConfig, headers: Headers, body: Json): string | null {
  const own = dedupe === undefined ? null : 'header' in dedupe ? headers.get(dedupe.header) : textAt(body, dedupe.path)
  return own || schemeKey(auth.type, headers, body) || null
}

function schemeKey(type: IntakeConfig['auth']['type'], headers: Headers, body: Json): string | null {
  switch (type) {
    case 'standard-webhooks':
      return messageId(headers)
    case 'github':
      return headers.get('x-github-delivery')
    case 'stripe':
      return textAt(body, 'id')
    case 'slack':
      return textAt(body, 'event_id')
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
