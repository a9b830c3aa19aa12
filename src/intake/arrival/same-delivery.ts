/**
 * Which deliveries are the same one. The owner's own rule goes first, then the id that the sender's signature covers. Where a
 * sender signs no id, what it signed tells: the same signed message is the same delivery for a while (records/signed-bodies),
 * whatever stands in headers beside it, as anyone who caught one can write those. Where nothing is signed, the proof is a
 * key or a token that came with the whole request, or there is none: headers are then as good as the body.
 */
import type { Json } from '../../domain/json/json.ts'
import type { IntakeConfig } from '../../records/schema/intake-config.ts'

/** A name for a delivery: given by its sender as an id, of which the first wins, or as an Idempotency-Key, which holds to its body. */
export type Name = { by: 'id' | 'key'; text: string }

/** What tells a delivery from others. `message`: what was signed, for a while; beyond it the name, if it has one. */
export type Sameness =
  | { by: 'dedupe' | 'signed id'; text: string }
  | { by: 'message'; name: Name | null }
  | { by: 'name'; name: Name }
  | { by: 'nothing' }

/** What a delivery proved: the id that its signature covers, and the message; null: no signature does. */
export interface Proof {
  id: string | null
  message: Uint8Array | null
}

/** What decides whether this delivery came before. */
export function samenessOf(
  { auth, dedupe }: Pick<IntakeConfig, 'auth' | 'dedupe'>,
  headers: Headers,
  body: Json,
  { id, message }: Proof,
  idempotencyKey: string | undefined,
): Sameness {
  const own = dedupe === undefined ? null : 'header' in dedupe ? headers.get(dedupe.header) : textAt(body, dedupe.path)
  if (own) return { by: 'dedupe', text: own }
  const signed = id || (message && idInBody(auth.type, body))
  if (signed) return { by: 'signed id', text: signed }
  const guid = auth.type === 'github' ? headers.get('x-github-delivery') : null
  const name: Name | null = guid
    ? { by: 'id', text: guid }
    : idempotencyKey === undefined
      ? null
      : { by: 'key', text: idempotencyKey }
  if (message) return { by: 'message', name }
  return name ? { by: 'name', name } : { by: 'nothing' }
}

/** The id that a service writes into the body that it signs. */
function idInBody(type: IntakeConfig['auth']['type'], body: Json): string | null {
  switch (type) {
    case 'stripe':
      return textAt(body, 'id')
    case 'slack':
      return textAt(body, 'event_id') ?? textAt(body, 'trigger_id')
    default:
      return null
  }
}

const DEDUPE = 'same_dedupe: It has the value of “Repeats are told by” that an earlier delivery had.'
const SAME_ID = 'same_id: It has the id of an earlier delivery.'
const KEY = 'same_key: It has the Idempotency-Key of an earlier delivery.'
const MESSAGE =
  'same_message: The same signed content came less than 10 minutes before. Its sender signs no id, so it counts once; set “Repeats are told by” if it is sent twice on purpose.'

/** Why a repeat was taken for one, for the delivery's row. `byMessage`: what was signed told, and not its name. */
export function whyRepeated(sameness: Sameness, byMessage: boolean): string | null {
  switch (sameness.by) {
    case 'dedupe':
      return DEDUPE
    case 'signed id':
      return SAME_ID
    case 'message':
    case 'name':
      if (byMessage || sameness.name === null) return MESSAGE
      return sameness.name.by === 'id' ? SAME_ID : KEY
    case 'nothing':
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
