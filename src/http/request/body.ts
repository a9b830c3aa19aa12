/** Reads request bodies: the bytes counted as they come, strict UTF-8, the type that was asked for, and JSON that cannot do harm. */

import { joinBytes } from '../../domain/bytes.ts'
import { BODY_LIMITS, guardJson } from '../../domain/json/json-guard.ts'
import { sha256Hex } from '../../records/ids.ts'
import type { ApiContext } from '../context.ts'
import type { ApiProblem } from '../errors.ts'
import { refuse } from '../errors.ts'

export const KIB = 1024
/** How long a body may take to arrive. */
const PATIENCE_MS = 20_000

export interface Body {
  text: string
  bytes: Uint8Array
  /** The type without its parameters, in lower case; null when there is no body and no type. */
  type: string | null
}

interface BodyOptions {
  limit: number
  types: string[]
}

export type Read<T> = { ok: true; value: T } | { ok: false; problem: ApiProblem }

/** Reads the body as text of one of these types. An empty body needs no type. */
export async function readBody(c: ApiContext, options: BodyOptions): Promise<Read<Body>> {
  const raw = await readRaw(c, options)
  if (!raw.ok) return raw
  const { bytes, type } = raw.value
  const text = decodeUtf8(bytes)
  return text.ok ? { ok: true, value: { text: text.value, bytes, type } } : text
}

/** Reads the body as it came, for callers that decode it themselves. */
export async function readRaw(c: ApiContext, options: BodyOptions): Promise<Read<Omit<Body, 'text'>>> {
  const encoding = c.req.header('content-encoding')
  if (encoding !== undefined && encoding.trim().toLowerCase() !== 'identity') {
    return refuse({ kind: 'content_encoding', given: encoding })
  }
  const bytes = await readBytes(c.req.raw, options.limit)
  if (bytes === 'too_large') return refuse({ kind: 'too_large', limit: options.limit })
  if (bytes === 'too_slow') return refuse({ kind: 'too_slow' })
  if (bytes.length === 0) return { ok: true, value: { bytes, type: null } }
  const given = c.req.header('content-type') ?? null
  const type = acceptedType(given, options.types)
  if (type === null) return refuse({ kind: 'content_type', given, allowed: options.types })
  return { ok: true, value: { bytes, type } }
}

/** Reads text as JSON that is no bomb and holds no key that could reach a prototype. `inexact`: as for guardJson. */
export function readJson(text: string, inexact: 'refuse' | 'text' = 'refuse'): Read<unknown> {
  if (text.trim() === '')
    return refuse({
      kind: 'malformed',
      code: 'empty_body',
      message: 'The body is empty.',
      hint: 'Send a JSON document.',
    })
  const guarded = guardJson(text, BODY_LIMITS, inexact)
  if (guarded.ok) return { ok: true, value: guarded.value }
  // A body that does not parse is 400, one that parses but is wrong 422.
  const malformed = guarded.code === 'malformed_json' || text.includes('\0')
  if (malformed) return refuse({ kind: 'malformed', code: guarded.code, message: guarded.message })
  return refuse({
    kind: 'invalid',
    code: guarded.code,
    message: guarded.message,
    hint:
      guarded.code === 'json_number_inexact'
        ? 'Send it as text, in quotation marks.'
        : 'Send it flatter, smaller or without that part.',
    path: guarded.path,
  })
}

/** SHA-256 of the raw body, hex: what an Idempotency-Key holds a client to. */
export function bodyHash(body: Pick<Body, 'bytes'>): Promise<string> {
  return sha256Hex(body.bytes)
}

/** The request's Idempotency-Key, or undefined. */
export function idempotencyKey(c: ApiContext): Read<string | undefined> {
  const key = c.req.header('idempotency-key')
  if (key === undefined) return { ok: true, value: undefined }
  if (/^[\x21-\x7e](?:[\x20-\x7e]{0,253}[\x21-\x7e])?$/.test(key)) return { ok: true, value: key }
  const hint = 'Use 1 to 255 visible ASCII characters, for instance a UUID.'
  return refuse({
    kind: 'malformed',
    code: 'bad_idempotency_key',
    message: 'The Idempotency-Key is empty, too long or not plain ASCII.',
    hint,
  })
}

/** Counts what really arrives: Content-Length is only a claim. */
export async function readBytes(request: Request, limit: number): Promise<Uint8Array | 'too_large' | 'too_slow'> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) return 'too_large'
  if (request.body === null) return new Uint8Array()
  const reader = (request.body as ReadableStream<Uint8Array>).getReader()
  let patience: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>(resolve => {
    patience = setTimeout(() => resolve('late'), PATIENCE_MS)
  })
  try {
    const chunks: Uint8Array[] = []
    let size = 0
    for (;;) {
      const next = await Promise.race([reader.read(), late])
      if (next === 'late') return abandon(reader, 'too_slow')
      if (next.done) return joinBytes(chunks)
      size += next.value.byteLength
      if (size > limit) return abandon(reader, 'too_large')
      chunks.push(next.value)
    }
  } finally {
    clearTimeout(patience)
  }
}

function abandon<T>(reader: ReadableStreamDefaultReader<Uint8Array>, why: T): T {
  reader.cancel().catch(() => {})
  return why
}

function acceptedType(header: string | null, types: string[]): string | null {
  const [name = '', ...parameters] = (header ?? '').toLowerCase().split(';')
  const type = name.trim()
  const json = types.includes('application/json') && /^application\/[\w.-]+\+json$/.test(type)
  if (!types.includes(type) && !json) return null
  const charset = parameters.map(part => /^\s*charset\s*=\s*"?([^"\s]+)"?\s*$/.exec(part)?.[1]).find(Boolean)
  return charset === undefined || charset === 'utf-8' || charset === 'utf8' || charset === 'us-ascii' ? type : null
}

/** Strict UTF-8, without a byte order mark. */
function decodeUtf8(bytes: Uint8Array): Read<string> {
  try {
    // ignoreBOM keeps the mark in the text, so that it can be refused and not slip past a signature or a hash.
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    if (!text.startsWith('\ufeff')) return { ok: true, value: text }
    const message = 'The body begins with a byte order mark.'
    return refuse({ kind: 'malformed', code: 'byte_order_mark', message, hint: 'Send UTF-8 without one.' })
  } catch {
    return refuse({
      kind: 'malformed',
      code: 'not_utf8',
      message: 'The body is not valid UTF-8.',
      hint: 'Send it as UTF-8.',
    })
  }
}
