/** A delivery as it came: what the filter and the map may read of it, and what is kept of it. Secrets are in neither. */

import type { NewFile } from '../../domain/file/file.ts'
import type { Json } from '../../domain/json/json.ts'
import type { DeliveryScope } from '../../domain/template/scope.ts'
import { cut } from '../../domain/text/cut.ts'
import { newDeliveryId } from '../../records/intake/deliveries.ts'
import type { Content } from './content.ts'
import type { Repair } from './repair.ts'
import { mediaType, type Sent } from './sent.ts'

export interface Delivery {
  id: string
  /** When it arrived, in ms since the epoch. */
  at: number
  scope: DeliveryScope
  /** The body's media type; null: it has not been read. */
  type: string | null
  /** The body as text. */
  text: string
  /** The length of all of it. */
  length: number
  isForm: boolean
  /** What of it was repaired, as its sender cannot change it. */
  repaired: Repair[]
  /** Files that came with it and lie in storage, each under the name of its field. */
  files?: { field: string; file: NewFile }[]
  /** The bytes of a body that was not read, or not to its end. */
  unread?: Uint8Array
}

/** Names that hold secrets, by themselves or as a part. A signature is none: it says nothing without its secret. */
const SECRET = /authorization|cookie|token|secret|passw|api-?key|session|credential/
/** What stands between the sender and us adds these. */
const OF_THE_WAY =
  /^(cf-|x-forwarded-|x-real-ip$|cdn-loop$|connection$|host$|accept-encoding$|content-length$|true-client-ip$|mf-)/
const MAX_HEADERS = 60
const MAX_VALUE = 1024
const MAX_TOTAL = 8192

/** A delivery of which only the way in is known so far. `hidden`: headers that hold this intake's secret, whatever their names. */
export function arrived(intake: string, headers: Headers, url: string, at: number, hidden: string[] = []): Delivery {
  const { searchParams } = new URL(url)
  const shown = [...headers].filter(([name]) => !hidden.includes(name))
  const scope = { body: null, headers: open(shown), query: open(searchParams) }
  return { id: newDeliveryId(intake, at), at, scope, type: null, text: '', length: 0, isForm: false, repaired: [] }
}

/** The same with its body. */
export function withContent(delivery: Delivery, { value, type, text, isForm, repaired }: Content): Delivery {
  const scope = { ...delivery.scope, body: value }
  return { ...delivery, scope, type, text, length: text.length, isForm, repaired }
}

/** What is shown of a body that was never taken for one. */
const UNREAD_CHARS = 2048

/** The same with a body that was refused before anything was made of it: all of it is kept, to be sent again. */
export function withUnread(delivery: Delivery, { bytes, contentType }: Sent): Delivery {
  const text = new TextDecoder().decode(bytes.subarray(0, UNREAD_CHARS))
  const length = bytes.length > UNREAD_CHARS ? bytes.length : text.length
  return { ...delivery, type: mediaType(contentType), text, length, unread: bytes }
}

/** A delivery made up of its parts: a test, a preview, or one that is sent again. */
export function madeUp(
  intake: string,
  parts: { body: Json; headers: Record<string, string>; query: Record<string, string> },
  as: { type: string; text: string; isForm: boolean; repaired?: Repair[] },
  at: number,
): Delivery {
  const headers = open(Object.entries(parts.headers).map(([name, value]) => [name.toLowerCase(), value]))
  const scope = { body: parts.body, headers, query: open(Object.entries(parts.query)) }
  return { id: newDeliveryId(intake, at), at, scope, repaired: [], ...as, length: as.text.length }
}

/** Names and values without those that hold secrets, and no more than can be kept. */
function open(entries: Iterable<[string, string] | string[]>): Record<string, string> {
  const kept = new Map<string, string>()
  let total = 0
  for (const [name = '', value = ''] of entries) {
    const lower = name.toLowerCase()
    if (SECRET.test(lower) || OF_THE_WAY.test(lower) || name.length > 200) continue
    const short = cut(value, MAX_VALUE)
    total += name.length + short.length
    if (kept.size >= MAX_HEADERS || total > MAX_TOTAL) break
    kept.set(name, short)
  }
  return Object.fromEntries(kept)
}
