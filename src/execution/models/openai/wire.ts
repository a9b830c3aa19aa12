/** One HTTP call to a provider: bounded in size, recorded, so that a failure is told from what happened on the wire. */

import type { AnswerBody } from './answer-body.ts'
import { isOffline } from './away.ts'
import { type Counted, type Protocol, readBody } from './request/body.ts'

/** The most bytes of an answer, decoded; a larger one is not read to its end. */
const BODY_BYTES = 2 * 1024 * 1024

/** What happened on the wire. All of it is from outside. */
export interface Wire {
  status?: number
  headers?: Headers
  body?: string
  /** What a body that came with a good status tells; null: it is no answer. */
  told?: AnswerBody | null
  counted?: Counted
  trouble?: { kind: 'unreachable' | 'broken_off' | 'too_big'; detail: string }
}

/**
 * A fetch for one call, which writes what it sees into `wire` and hands the SDK an answer in its protocol's exact shape.
 * `keyless`: the SDK's placeholder key is not sent.
 */
export const recordingFetch = (
  send: typeof fetch,
  wire: Wire,
  { keyless, protocol }: { keyless: boolean; protocol: Protocol },
): typeof fetch => {
  const recorded = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const headers = new Headers(init?.headers)
    if (keyless) headers.delete('authorization')
    // Not followed: a redirect could carry the key to another host.
    const response = await reach(send, input, { ...init, headers, redirect: 'manual' }, wire)
    wire.status = response.status
    wire.headers = response.headers
    wire.body = await readText(response, wire)
    if (!response.ok) return rebuilt(response, wire.body)
    Object.assign(wire, readBody(protocol, wire.body))
    return rebuilt(response, wire.told ? JSON.stringify(wire.told.body) : wire.body)
  }
  return recorded as typeof fetch
}

const reach = async (
  send: typeof fetch,
  input: RequestInfo | URL,
  init: RequestInit,
  wire: Wire,
): Promise<Response> => {
  try {
    return await send(input as string, init)
  } catch (problem) {
    wire.trouble = { kind: 'unreachable', detail: wordsFor(problem) }
    throw problem
  }
}

const readText = async (response: Response, wire: Wire): Promise<string> => {
  if (!response.body) return ''
  const reader = (response.body as ReadableStream<Uint8Array>).getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const chunk = await nextChunk(reader, wire)
    if (chunk.done) return text + decoder.decode()
    bytes += chunk.value.byteLength
    if (bytes > BODY_BYTES) {
      wire.trouble = { kind: 'too_big', detail: `more than ${BODY_BYTES / 1024 / 1024} MiB` }
      reader.cancel().catch(() => {})
      throw new Error('The body is too big')
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
}

type Chunk = { done: true } | { done: false; value: Uint8Array }

const nextChunk = async (reader: { read(): Promise<unknown> }, wire: Wire): Promise<Chunk> => {
  try {
    return (await reader.read()) as Chunk
  } catch (problem) {
    wire.trouble = { kind: 'broken_off', detail: wordsFor(problem) }
    throw problem
  }
}

/** The response for the SDK, with the body that was read. */
const rebuilt = (response: Response, body: string): Response => {
  const headers = new Headers(response.headers)
  // They describe the body as it was sent, not the text it became.
  for (const name of ['content-encoding', 'content-length', 'transfer-encoding']) headers.delete(name)
  const bodyless = [204, 205, 304].includes(response.status)
  const status = response.status >= 200 && response.status <= 599 ? response.status : 502
  return new Response(bodyless ? null : body, { status, statusText: response.statusText, headers })
}

const LOOK_MS = 3000

/** Whether anything but a network in front of it answers at the provider's address. The key is not sent. */
export const isThere = async (send: typeof fetch, baseUrl: string, mostMs: number): Promise<boolean> => {
  const aborter = new AbortController()
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<false>(resolve => {
    timer = setTimeout(
      () => {
        resolve(false)
        aborter.abort()
      },
      Math.min(LOOK_MS, mostMs),
    )
  })
  const look = async () => {
    const url = `${baseUrl.replace(/\/+$/, '')}/models`
    const { status, body } = await send(url, { redirect: 'manual', signal: aborter.signal })
    body?.cancel().catch(() => {})
    return !isOffline(status) && !isGateway(status)
  }
  try {
    return await Promise.race([look().catch(() => false), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether a status comes from what stands in front of a provider: it may be away, or have failed at this one request. */
export const isGateway = (status: number): boolean => status === 502 || status === 504

/** An error's words with those of its causes, which say more: `fetch failed: connect ECONNREFUSED`. */
export const wordsFor = (problem: unknown): string => {
  const words: string[] = []
  for (let at = problem; at instanceof Error && words.length < 4; at = at.cause) {
    const code = (at as Error & { code?: unknown }).code
    const said = at.message || (typeof code === 'string' ? code : at.name)
    if (!words.includes(said)) words.push(said)
  }
  return words.join(': ') || String(problem)
}
