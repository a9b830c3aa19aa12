/**
 * Several calls to one service that belong together, made by a library that brings its own protocol: each goes the way of
 * every other call to the outside. Addresses are checked, secrets go to their hosts, answers end at their limit.
 */
import { readAddress } from '../../domain/call/address.ts'
import { markSecrets, masked, replaceMarks, secretsMarked } from '../../domain/call/secret-marks.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Env } from '../../env.ts'
import { type Failed, noAnswer, retryAfter, sendChecked } from './call-out.ts'
import { openSecrets } from './open-secrets.ts'
import { MAX_READ } from './read-answer.ts'

/** Calls of one exchange; a protocol that needs more goes round in circles. */
const MAX_CALLS = 60

export interface Exchange {
  host: string
  /** What the library calls instead of the platform's own. It throws what `failed` tells of. */
  send(url: string | URL, init?: RequestInit): Promise<Response>
  /** Rejects once an answer is longer than is read of any: whoever waits for the rest of it waits in vain. */
  cut: Promise<never>
  /** Why the latest call came to nothing, or null. */
  failed(): Failed | null
  /** The latest answer that came, or null. */
  answered(): { status: number; retryAfterMs?: number } | null
  /** What came back, without the values of secrets that are echoed in it. */
  mask<T extends Json>(value: T): T
}

/** Begins an exchange; its time begins with it. */
export type Begin = (timeoutMs: number) => Exchange

/**
 * Gets an exchange with the service at this address ready. `headers` may name secrets; they go along with every call.
 * Throws only when Baton's own storage fails.
 */
export async function readyExchange(
  env: Env,
  team: string,
  { url, headers = {} }: { url: string; headers?: Record<string, string> },
): Promise<Begin | Failed> {
  const local = env.BATON_LOCAL === '1'
  const address = readAddress(url, local)
  if (!address.ok) return { kind: 'failed', ...address.refusal, reached: false }
  const token = crypto.randomUUID().replaceAll('-', '')
  const marked = markSecrets(headers, token)
  const opened = await openSecrets(env, team, secretsMarked(marked, token), address.host)
  if (!opened.ok) return { kind: 'failed', code: opened.code, message: opened.message, reached: false }
  const { values } = opened
  const own = new Headers({ 'user-agent': 'Baton' })
  for (const [name, value] of Object.entries(replaceMarks(marked, token, name => values[name] ?? ''))) {
    try {
      own.set(name, value)
    } catch {
      const message = `The header \`${name}\` cannot be sent: its value holds a sign that no header takes.`
      return { kind: 'failed', code: 'bad_arguments', message, reached: false }
    }
  }
  return timeoutMs => begin({ url: new URL(url), host: address.host, own, values, local, timeoutMs })
}

interface Begun {
  url: URL
  host: string
  /** What goes along with every call. */
  own: Headers
  /** Of the secrets in it. */
  values: Record<string, string>
  local: boolean
  timeoutMs: number
}

function begin({ url, host, own, values, local, timeoutMs }: Begun): Exchange {
  const end = AbortSignal.timeout(timeoutMs)
  let failure: Failed | null = null
  let latest: ReturnType<Exchange['answered']> = null
  let calls = 0
  const fail = (failed: Failed): Error => {
    failure = { ...failed, message: masked(failed.message, values) }
    return new Error(failure.message)
  }
  let cutOff: (error: Error) => void = () => {}
  const cut = new Promise<never>((_, reject) => {
    cutOff = reject
  })
  cut.catch(() => {})
  return {
    host,
    cut,
    failed: () => failure,
    answered: () => latest,
    mask: value => masked(value, values),
    send: async (to, init = {}) => {
      calls += 1
      const target = new URL(to)
      if (target.origin !== url.origin || calls > MAX_CALLS) {
        const message = calls > MAX_CALLS ? 'It asked for too many calls.' : 'It asked to call another service.'
        throw fail({ kind: 'failed', code: 'host_not_allowed', message, reached: false })
      }
      const headers = new Headers(init.headers)
      for (const [name, value] of own) headers.set(name, value)
      const signal = init.signal ? AbortSignal.any([end, init.signal]) : end
      const { method = 'GET' } = init
      const body = typeof init.body === 'string' ? init.body : undefined
      const sent = await sendChecked({ method, url: target, headers, body, signal, timeoutMs, local })
      if (sent.kind === 'failed') throw fail(sent)
      failure = null
      latest = { status: sent.response.status, retryAfterMs: retryAfter(sent.response.headers) }
      return bounded(sent.response, {
        lostBy: error => fail(noAnswer(error, host, timeoutMs)),
        tooLarge: () => {
          const error = fail({ kind: 'failed', code: 'answer_too_large', message: TOO_LARGE, reached: true })
          cutOff(error)
          return error
        },
      })
    },
  }
}

const TOO_LARGE = 'The answer is larger than 1 MiB.'

/** The same answer, ending with a failure where it breaks off, or is longer than is read of any. */
function bounded(
  response: Response,
  { lostBy, tooLarge }: { lostBy: (error: unknown) => Error; tooLarge: () => Error },
): Response {
  if (response.body === null) return response
  const reader = response.body.getReader()
  let length = 0
  const body = new ReadableStream<Uint8Array>({
    pull: async controller => {
      const read = await reader.read().catch((error: unknown) => ({ error }))
      if ('error' in read) return controller.error(lostBy(read.error))
      if (read.done) return controller.close()
      length += read.value.length
      if (length <= MAX_READ) return controller.enqueue(read.value)
      controller.error(tooLarge())
      await reader.cancel().catch(() => {})
    },
    cancel: reason => reader.cancel(reason).catch(() => {}),
  })
  const { status, statusText, headers } = response
  return new Response(body, { status, statusText, headers })
}
