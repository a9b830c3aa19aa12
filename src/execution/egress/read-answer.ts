/** What comes back from outside: read within bounds, decoded, made harmless. */
import { joinBytes } from '../../domain/bytes.ts'
import type { Json } from '../../domain/json/json.ts'
import { BODY_LIMITS, guardJson } from '../../domain/json/json-guard.ts'
import { wellFormed } from '../../domain/text/clean.ts'
import { harmless } from '../../domain/text/harmless.ts'
import type { KeptAnswer } from './keep-answer.ts'

/** Bytes that are read of an answer, after unpacking. */
export const MAX_READ = 1024 * 1024
/** Bytes that are kept. */
const MAX_KEPT = 256 * 1024
/** Characters of all headers together. */
const MAX_HEADERS = 8 * 1024

type Read = KeptAnswer

/** Keeps what is no text; `none`: nobody wants it. */
type Keep = ((response: Response) => Promise<KeptAnswer>) | 'none'

/** The body of an answer: JSON as a value, any text as text, nothing as null, what else it is as `keep` does. Throws what the connection throws. */
export async function readBody(response: Response, maxKept = MAX_KEPT, keep?: Keep): Promise<Read> {
  const type = (response.headers.get('content-type') ?? '').toLowerCase()
  if (keep !== undefined && !isText(type) && response.headers.get('content-length') !== '0') return kept(response, keep)
  const bytes = await readBytes(response)
  if (bytes === null) return tooLarge('1 MiB')
  if (bytes.length > maxKept) return tooLarge(`${Math.round(maxKept / 1024)} KiB`)
  if (bytes.length === 0) return { ok: true, body: null }
  if (!isText(type) || bytes.includes(0)) {
    if (keep !== undefined) return kept(new Response(bytes as Uint8Array<ArrayBuffer>, response), keep)
    const message = `The answer is of the type ${shortType(type)}, which is neither JSON nor text; in a task it becomes a file.`
    return { ok: false, code: 'unreadable_body', message }
  }
  return { ok: true, body: bodyValue(decode(bytes, type), type) }
}

async function kept(response: Response, keep: Keep): Promise<Read> {
  if (keep !== 'none') return keep(response)
  await response.body?.cancel().catch(() => {})
  return { ok: true, body: null }
}

/** Its headers, by names in lower case, without cookies; what is beyond 8 KiB is left out. */
export function readHeaders(headers: Headers): Record<string, string> {
  const kept: [string, string][] = []
  let length = 0
  for (const [name, value] of headers) {
    length += name.length + value.length
    if (length > MAX_HEADERS) break
    if (name.toLowerCase() !== 'set-cookie') kept.push([name.toLowerCase(), wellFormed(value)])
  }
  return Object.fromEntries(kept)
}

function tooLarge(limit: string): Read {
  return { ok: false, code: 'answer_too_large', message: `The answer is larger than ${limit}.` }
}

/** All bytes, or null when there are more than are read. A packed answer is unpacked before it is counted. */
async function readBytes(response: Response): Promise<Uint8Array | null> {
  if (response.body === null) return new Uint8Array()
  const reader = response.body.getReader()
  const parts: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.length
    if (length > MAX_READ) {
      await reader.cancel().catch(() => {})
      return null
    }
    parts.push(value)
  }
  return joinBytes(parts)
}

function isText(type: string): boolean {
  return (
    type === '' ||
    /^(?:text\/|application\/(?:[\w.-]+\+)?(?:json|xml|javascript|x-ndjson|x-www-form-urlencoded|yaml|x-yaml|graphql))/.test(
      type,
    )
  )
}

function shortType(type: string): string {
  return `“${wellFormed(type).slice(0, 80)}”`
}

function decode(bytes: Uint8Array, type: string): string {
  const charset = /charset="?([\w-]+)/.exec(type)?.[1] ?? 'utf-8'
  try {
    return new TextDecoder(charset).decode(bytes)
  } catch {
    return new TextDecoder().decode(bytes)
  }
}

/** What says it is JSON and is not stays text, as services answer such under every type. */
function bodyValue(text: string, type: string): Json {
  if (!/^application\/(?:[\w.-]+\+)?json|^text\/json/.test(type)) return wellFormed(text)
  const read = guardJson(text, { ...BODY_LIMITS, maxNodes: 50_000 }, 'text')
  return read.ok ? harmless(read.value) : wellFormed(text)
}
