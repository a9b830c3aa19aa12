/** From bytes to text: unpacked, without a byte order mark, in the charset that their sender named. */
import { wellFormed } from '../../domain/text/clean.ts'
import type { ApiProblem } from '../../http/errors.ts'
import type { Read } from '../../http/request/body.ts'
import { LIMIT } from './limit.ts'
import type { Repairs } from './repair.ts'

/** The bytes as they were before they were packed. */
export async function unpacked(
  bytes: Uint8Array,
  encoding: string | null,
  repairs: Repairs,
): Promise<Read<Uint8Array>> {
  const how = encoding?.trim().toLowerCase() || 'identity'
  if (how === 'identity') return { ok: true, value: bytes }
  if (how !== 'gzip' && how !== 'x-gzip') return refuse({ kind: 'content_encoding', given: encoding! })
  repairs.add('gzip')
  const parts: Uint8Array[] = []
  let size = 0
  try {
    const stream = new Response(bytes).body!.pipeThrough(new DecompressionStream('gzip'))
    for await (const part of stream as unknown as AsyncIterable<Uint8Array>) {
      size += part.byteLength
      if (size > LIMIT) return refuse({ kind: 'too_large', limit: LIMIT })
      parts.push(part)
    }
  } catch {
    const message = 'The body is not what gzip makes.'
    return refuse({ kind: 'malformed', code: 'malformed_gzip', message, hint: 'Send it whole, or uncompressed.' })
  }
  return { ok: true, value: new Uint8Array(await new Blob(parts).arrayBuffer()) }
}

const MARKS = [
  { charset: 'utf-8', bytes: [0xef, 0xbb, 0xbf] },
  { charset: 'utf-16le', bytes: [0xff, 0xfe] },
  { charset: 'utf-16be', bytes: [0xfe, 0xff] },
]

/** The bytes behind a byte order mark, and the charset that it stands for; null: there is none. */
export function unmarked(bytes: Uint8Array, repairs: Repairs): { bytes: Uint8Array; charset: string | null } {
  const mark = MARKS.find(one => one.bytes.every((byte, at) => bytes[at] === byte))
  if (!mark) return { bytes, charset: wideCharsetOf(bytes) }
  repairs.add('bom')
  return { bytes: bytes.subarray(mark.bytes.length), charset: mark.charset }
}

/** JSON and most text begin with ASCII, which wide characters tell by their zeros (RFC 4627, section 3). */
function wideCharsetOf({ length, 0: first, 1: second }: Uint8Array): string | null {
  if (length < 4 || length % 2 === 1 || (first === 0) === (second === 0)) return null
  return first === 0 ? 'utf-16be' : 'utf-16le'
}

/** The charset that a content type names, in lower case; null: none. `unknown`: nothing that anyone could read. */
export function charsetOf(contentType: string | null): { charset: string | null } | 'unknown' {
  const named = /;\s*charset\s*=\s*"?([^";\s]+)"?/i.exec(contentType ?? '')?.[1]?.toLowerCase() ?? null
  return named === null || isCharset(named) ? { charset: named } : 'unknown'
}

export function isCharset(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== ''
  } catch {
    return false
  }
}

/** Strictly read; null: these bytes are no text of this charset. What it took to read them is told. */
export function textOf(bytes: Uint8Array, charset: string | null, repairs: Repairs): string | null {
  const isUtf8 = charset === null || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii'
  try {
    const text = new TextDecoder(isUtf8 ? 'utf-8' : charset, { fatal: true, ignoreBOM: true }).decode(bytes)
    if (!isUtf8 && bytes.some(byte => byte >= 0x80 || byte === 0)) repairs.add(`charset:${charset}`)
    return text
  } catch {
    return null
  }
}

/** Text that JSON and SQLite take well. */
export function repairedText(text: string, repairs: Repairs): string {
  if (text.includes('\0')) repairs.add('nul')
  const whole = wellFormed(text)
  if (whole !== text.replaceAll('\0', '')) repairs.add('surrogate')
  return whole
}

export const NOT_TEXT: ApiProblem = {
  kind: 'malformed',
  code: 'not_utf8',
  message: 'The body is not valid text of its charset, which is UTF-8 unless its type says otherwise.',
  hint: 'Send it as UTF-8, or name its charset in the Content-Type.',
}

function refuse(problem: ApiProblem): { ok: false; problem: ApiProblem } {
  return { ok: false, problem }
}
