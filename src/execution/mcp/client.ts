/**
 * A session with an MCP server over Streamable HTTP, by the official client library (protocols 2025-11-25 and 2026-07-28,
 * whichever the server speaks). Its every call goes through egress.
 */
import type { Client } from '@modelcontextprotocol/client'
import type { Json, JsonSchema } from '../../domain/json/json.ts'
import { validate } from '../../domain/schema/validate.ts'
import { cleanLine } from '../../domain/text/clean.ts'
import { shorten } from '../../domain/text/cut.ts'
import type { Begin, Exchange } from '../egress/exchange.ts'
import type { Failure } from './failure.ts'
import { failureFrom } from './failure.ts'

const NAME = { name: 'baton', version: '1' }
/** A server is told that a session is over; nobody waits long for its answer. */
const BYE_MS = 2000
const SHOWN_CHARS = 300

export interface Session {
  client: Client
  /** What is left of its time, in ms. */
  left(): number
}

export type Acted<T> = { ok: true; value: T } | { ok: false; failure: Failure }

/** Loaded at the first call: most of what an isolate does needs none of it. */
function load() {
  return import('@modelcontextprotocol/client')
}

/** The library compiles nothing: what a server sends is checked by the same rules as people's schemas. */
const CHECKER = {
  getValidator: <T>(schema: object) => {
    return (input: unknown) => {
      const problems = validate(schema as JsonSchema, input as Json)
      const errorMessage = problems.map(({ message }) => message).join('; ')
      return problems.length === 0
        ? { valid: true as const, data: input as T, errorMessage: undefined }
        : { valid: false as const, data: undefined, errorMessage }
    }
  },
}

/** Opens a session, acts in it and ends it. A session that the server has forgotten is opened once more. Nothing throws. */
export async function inSession<T>(
  begin: Begin,
  url: string,
  timeoutMs: number,
  act: (session: Session, exchange: Exchange) => Promise<T>,
): Promise<Acted<T>> {
  const exchange = begin(timeoutMs)
  const library = await load()
  const ends = Date.now() + timeoutMs
  const left = () => Math.max(1, ends - Date.now())
  for (let tried = 1; ; tried++) {
    const transport = new library.StreamableHTTPClientTransport(new URL(url), {
      fetch: listenLess(exchange.send),
      // Redirects are followed by egress, which checks each address.
      redirectPolicy: 'follow',
    })
    const client = new library.Client(NAME, {
      versionNegotiation: { mode: 'auto' },
      inputRequired: { autoFulfill: false },
      jsonSchemaValidator: CHECKER,
    })
    let hadSession = false
    try {
      await client.connect(transport, { timeout: left() })
      hadSession = transport.sessionId !== undefined
      return { ok: true, value: await Promise.race([act({ client, left }, exchange), exchange.cut]) }
    } catch (error) {
      // 404: the server knows the session no more and did nothing.
      if (tried === 1 && hadSession && exchange.answered()?.status === 404) continue
      const failure = failureFrom(error, exchange, timeoutMs, library)
      return { ok: false, failure: { ...failure, message: exchange.mask(inWords(failure.message)) } }
    } finally {
      await bye(transport, client)
    }
  }
}

function inWords(message: string): string {
  return shorten(cleanLine(message), SHOWN_CHARS)
}

/** Nobody listens between calls: a stream that is only there for news is not opened. One that broke off is taken up again. */
function listenLess(send: Exchange['send']): Exchange['send'] {
  return async (url, init) => {
    const isListening = init?.method === 'GET' && !new Headers(init.headers).has('last-event-id')
    return isListening ? new Response(null, { status: 405 }) : send(url, init)
  }
}

async function bye(transport: { sessionId?: string; terminateSession(): Promise<void> }, client: Client) {
  if (transport.sessionId !== undefined) {
    await Promise.race([transport.terminateSession().catch(() => {}), scheduler.wait(BYE_MS)])
  }
  await client.close().catch(() => {})
}
