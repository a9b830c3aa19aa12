/**
 * The one place that calls the outside for steps and tools: which addresses, with which secrets, over which redirects, for
 * how long, and how much of the answer. Who else calls out, and why, is listed in scripts/lib/checks.mjs.
 */
import { readAddress } from '../../domain/call/address.ts'
import { isOk } from '../../domain/call/http-call.ts'
import type { RenderedCall } from '../../domain/call/render.ts'
import { masked, replaceMarks, secretsMarked } from '../../domain/call/secret-marks.ts'
import type { Json } from '../../domain/json/json.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import type { Env } from '../../env.ts'
import { canConnect } from './can-connect.ts'
import { type KeepAnswer, type KeptAnswer, type KeptFile, notKept, StorageFault } from './keep-answer.ts'
import { openSecrets } from './open-secrets.ts'
import { readBody, readHeaders } from './read-answer.ts'

const MAX_HOPS = 3
const REDIRECTS = [301, 302, 303, 307, 308]
/** Headers that the connection itself is about: never a caller's to set. */
const NOT_OURS = ['host', 'content-length', 'connection', 'transfer-encoding', 'upgrade', 'te', 'trailer', 'expect']

export interface Outgoing {
  call: RenderedCall
  /** Sent in the header that the call names for it. */
  key: string
  timeoutMs: number
  /** Bytes of the answer that are kept; unless set 256 KiB. */
  maxKept?: number
  /** Keeps an answer that is no text; absent: it is refused. */
  keep?: KeepAnswer
}

/** An answer as steps and tools get it. */
interface Answer {
  status: number
  headers: Record<string, string>
  body: Json
}

/** `reached`: whether the service may have acted on it. */
export type Outcome =
  | { kind: 'answered'; answer: Answer; retryAfterMs?: number; kept?: KeptFile }
  | { kind: 'failed'; code: RunFailure['code']; message: string; reached: boolean }

export type Failed = Extract<Outcome, { kind: 'failed' }>

/** Tests only: what stands for the network. */
let network: typeof fetch | null = null
export function setNetwork(fetcher: typeof fetch | null): void {
  network = fetcher
}

/** Sends a call that is ready, and says what came back. Nothing throws. */
export type SendCall = () => Promise<Outcome>

/**
 * Gets a call ready: its address is checked, its secrets are opened, and where it must not be made twice, its host is there,
 * before anything is noted of it or sent. Throws only when Baton's own storage fails.
 */
export async function readyCall(
  env: Env,
  team: string,
  { call, key, timeoutMs, maxKept, keep }: Outgoing,
): Promise<SendCall | Failed> {
  const local = env.BATON_LOCAL === '1'
  const address = readAddress(call.url, local)
  if (!address.ok) return refused(address.refusal.code, address.refusal.message)
  const { query, headers, body } = call
  const names = secretsMarked([query, headers, body ?? null], call.token)
  const opened = await openSecrets(env, team, names, address.host)
  if (!opened.ok) return refused(opened.code, opened.message)
  const { values } = opened
  const put = <T extends Json | undefined>(value: T): T => replaceMarks(value, call.token, name => values[name] ?? '')
  const filled = { ...call, query: put(query), headers: put(headers), body: put(body) }
  const head = headersOf(filled, key)
  if ('unfit' in head) {
    return refused(
      'bad_arguments',
      `The header \`${head.unfit}\` cannot be sent: its name or value holds a sign that no header takes.`,
    )
  }
  const request = { method: call.method, url: withQuery(filled), headers: head, body: bodyOf(filled, head) }
  if (!call.safe && network === null && !(await canConnect(request.url))) {
    return refused('unreachable', `${address.host} could not be reached. Nothing was sent.`)
  }
  return async () => {
    const sent = await sendChecked({ ...request, signal: AbortSignal.timeout(timeoutMs), timeoutMs, local })
    if (sent.kind === 'failed') return mask(sent, values)
    const kept = keep && ((response: Response) => keep(response, { url: call.url, hide: text => masked(text, values) }))
    const outcome = await answered(sent.response, call, maxKept, kept).catch((error: unknown) => {
      if (!(error instanceof StorageFault)) return noAnswer(error, address.host, timeoutMs)
      // What may be made again is, once storage is there.
      if (call.safe) throw error
      return { kind: 'failed', reached: true, ...notKept('Baton’s own storage failed meanwhile.') } as const
    })
    return mask(outcome, values)
  }
}

/** Makes a call of which no intent is noted. Throws only when Baton's own storage fails. */
export async function callOut(env: Env, team: string, outgoing: Outgoing): Promise<Outcome> {
  const ready = await readyCall(env, team, outgoing)
  return typeof ready === 'function' ? ready() : ready
}

function refused(code: RunFailure['code'], message: string): Failed {
  return { kind: 'failed', code, message, reached: false }
}

/** No value of a secret comes back into the log, whatever the service echoes. */
function mask(outcome: Outcome, values: Record<string, string>): Outcome {
  if (outcome.kind === 'failed') return { ...outcome, message: masked(outcome.message, values) }
  const { status, headers, body } = outcome.answer
  return { ...outcome, answer: { status, headers: masked(headers, values), body: masked(body, values) } }
}

/** A request with all that it holds, to an address that was checked. `timeoutMs`: after which `signal` ends it, for the message. */
interface CheckedRequest {
  method: string
  url: URL
  headers: Headers
  body: string | undefined
  signal: AbortSignal
  timeoutMs: number
  local: boolean
}

/** Sends it, and follows redirects by hand: each address is checked like the first, and headers stay with the host they were meant for. */
export async function sendChecked(first: CheckedRequest): Promise<{ kind: 'arrived'; response: Response } | Failed> {
  let { method, url, headers, body } = first
  const { signal, timeoutMs, local } = first
  try {
    for (let hop = 0; ; hop++) {
      const response = await (network ?? fetch)(url.href, { method, headers, body, redirect: 'manual', signal })
      const location = REDIRECTS.includes(response.status) ? response.headers.get('location') : null
      if (location === null) return { kind: 'arrived', response }
      await response.body?.cancel().catch(() => {})
      if (hop === MAX_HOPS) return stopped(`It was sent on more than ${MAX_HOPS} times.`)
      const next = URL.canParse(location, url) ? new URL(location, url) : null
      const checked = next === null ? null : readAddress(next.href, local)
      if (next === null || !checked?.ok) return stopped(`It was sent on to an address that cannot be called.`)
      const isDropped = response.status === 303 || (response.status < 303 && method === 'POST')
      if (isDropped && method !== 'HEAD') {
        method = 'GET'
        body = undefined
      }
      if (next.origin !== url.origin) {
        if (body !== undefined)
          return stopped(`It was sent on to ${next.host}, which would have got what was meant for ${url.host}.`)
        headers = new Headers({ 'user-agent': 'Baton' })
      }
      url = next
    }
  } catch (error) {
    return noAnswer(error, url.host, timeoutMs)
  }
}

/** The service answered, and sent it on where it cannot go. */
function stopped(why: string): Failed {
  return { kind: 'failed', code: 'redirect_refused', message: why, reached: true }
}

/** No answer came: whether the request arrived is not known. */
export function noAnswer(error: unknown, host: string, timeoutMs: number): Failed {
  const isLate = error instanceof Error && ['TimeoutError', 'AbortError'].includes(error.name)
  return isLate
    ? {
        kind: 'failed',
        code: 'timeout',
        message: `${host} did not answer within ${timeoutMs / 1000} s.`,
        reached: true,
      }
    : { kind: 'failed', code: 'unreachable', message: `${host} could not be reached, or broke off.`, reached: true }
}

function withQuery({ url, query }: RenderedCall): URL {
  const whole = new URL(url)
  for (const [name, value] of Object.entries(query)) whole.searchParams.append(name, value)
  whole.hash = ''
  return whole
}

/** Or the name of one that cannot be set. */
function headersOf(call: RenderedCall, key: string): Headers | { unfit: string } {
  const headers = new Headers({ 'user-agent': 'Baton', accept: 'application/json, text/*;q=0.9, */*;q=0.5' })
  const own = Object.entries(call.headers).filter(([name]) => !NOT_OURS.includes(name.toLowerCase()))
  for (const [name, value] of call.key === null ? own : [...own, [call.key, key] as const]) {
    try {
      headers.set(name, value)
    } catch {
      return { unfit: name.slice(0, 100) }
    }
  }
  return headers
}

/** Objects and lists as JSON, or as a form where the call says so; text as it is. */
function bodyOf({ method, body }: RenderedCall, headers: Headers): string | undefined {
  if (body === undefined || method === 'GET' || method === 'HEAD') return undefined
  const type = headers.get('content-type')
  if (typeof body === 'string') {
    if (type === null) headers.set('content-type', 'text/plain; charset=utf-8')
    return body
  }
  if (type?.startsWith('application/x-www-form-urlencoded') && typeof body === 'object' && body !== null) {
    const fields = Object.entries(body).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
    ])
    return new URLSearchParams(fields).toString()
  }
  if (type === null) headers.set('content-type', 'application/json')
  return JSON.stringify(body)
}

async function answered(
  response: Response,
  { method, ok }: RenderedCall,
  maxKept?: number,
  keep?: (response: Response) => Promise<KeptAnswer>,
): Promise<Outcome> {
  const { status } = response
  // Of an error nobody needs the picture that came with it.
  const wanted = keep && (isOk(ok, status) ? keep : 'none')
  const read: KeptAnswer = method === 'HEAD' ? { ok: true, body: null } : await readBody(response, maxKept, wanted)
  if (!read.ok) return { kind: 'failed', code: read.code, message: read.message, reached: true }
  const retryAfterMs = retryAfter(response.headers)
  return {
    kind: 'answered',
    answer: { status, headers: readHeaders(response.headers), body: read.body },
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(read.kept && { kept: read.kept }),
  }
}

/** Seconds, or a date (RFC 9110, 10.2.3). */
export function retryAfter(headers: Headers): number | undefined {
  const text = headers.get('retry-after')
  if (text === null) return undefined
  if (/^\s*\d{1,6}\s*$/.test(text)) return Number(text) * 1000
  const at = Date.parse(text)
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now())
}
