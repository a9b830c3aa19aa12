/**
 * A local server that speaks OpenAI's Chat Completions and Responses, refuses what OpenAI refuses, and misbehaves on
 * request. In a test: `await startOpenaiServer()`. By hand, for `npm start` and benches:
 *
 *   node tests/support/openai-server.ts --port 9999 --delay 1000
 *   OPENAI_BASE_URL=http://127.0.0.1:9999/v1 npm start
 *
 * `POST /control {"script": [{"kind": "error", "status": 429}]}` sets what the next calls meet (`delay` changes the
 * delay of all), `GET /control/requests` tells what came in, `DELETE /control/requests` forgets it.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pathToFileURL } from 'node:url'
import { gzipSync } from 'node:zlib'
import { strictComplaint, valueFor } from './openai-rules.ts'

/** What a call meets. Without one: `auto`, a fitting answer. */
export type Behaviour =
  | { kind: 'auto' }
  | { kind: 'text'; text: string; usage?: boolean }
  /** The answer's text is this value as JSON. */
  | { kind: 'json'; value: unknown }
  | {
      kind: 'error'
      status: number
      code?: string
      type?: string
      param?: string
      message?: string
      headers?: Record<string, string>
    }
  /** The HTTP body as it is. */
  | { kind: 'raw'; status?: number; body: string; headers?: Record<string, string> }
  | { kind: 'hang' }
  | { kind: 'slow'; ms: number; next?: Behaviour }
  /** Says it sends more than it does, then drops the connection. */
  | { kind: 'truncated' }
  /** Drops the connection without an answer. */
  | { kind: 'reset' }
  | { kind: 'refusal'; text?: string }
  | { kind: 'content_filter'; text?: string }
  /** Ended by the output limit. */
  | { kind: 'cut'; text: string }
  | { kind: 'empty' }
  /** Asks for calls of functions, with words beside them where given. */
  | { kind: 'calls'; calls: { id?: string; name: string; args: unknown }[]; text?: string }
  /** A body of so many bytes; with gzip, tiny on the wire. */
  | { kind: 'bomb'; bytes: number; gzip?: boolean }

export type Protocol = 'chat' | 'responses'

export interface SeenRequest {
  protocol: Protocol
  path: string
  headers: Record<string, string | string[] | undefined>
  body: RequestBody
}

/** The parts of a request that the server or a test reads. */
interface RequestBody {
  model: string
  messages?: Message[]
  input?: Message[]
  response_format?: { type: string; json_schema?: Format }
  text?: { format?: Format }
  store?: boolean
  tools?: Record<string, unknown>[]
}

export interface Message {
  role: string
  content: string | { type: string; text: string }[]
}

type Script = Behaviour[] | ((request: SeenRequest, index: number) => Behaviour)

export interface OpenaiServer {
  /** For OPENAI_BASE_URL. */
  url: string
  port: number
  requests: SeenRequest[]
  /** Sets what the next calls meet: a queue, or a function of the request. */
  script(script: Script): void
  reset(): void
  close(): Promise<void>
}

export interface ServerOptions {
  port?: number
  /** Before each answer. */
  delayMs?: number
  /** Other keys are refused with 401; without it every key is taken. */
  apiKey?: string
}

/** Starts the server on loopback. */
export const startOpenaiServer = async (options: ServerOptions = {}): Promise<OpenaiServer> => {
  const state: State = { script: [], seen: 0, requests: [], delayMs: options.delayMs ?? 0, apiKey: options.apiKey }
  const server = createServer((request, response) => {
    handle(state, request, response).catch(problem => sendError(response, { status: 500, message: String(problem) }))
  })
  await new Promise<void>(resolve => server.listen(options.port ?? 0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/v1`,
    port,
    requests: state.requests,
    script: script => {
      state.script = Array.isArray(script) ? [...script] : script
    },
    reset: () => {
      state.script = []
      state.requests.length = 0
    },
    close: () => stop(server),
  }
}

interface State {
  script: Script
  seen: number
  requests: SeenRequest[]
  delayMs: number
  apiKey?: string
}

// A bench sends many; only the latest are kept.
const KEPT_REQUESTS = 1000

const stop = (server: Server): Promise<void> =>
  new Promise(resolve => {
    server.close(() => resolve())
    server.closeAllConnections()
  })

const handle = async (state: State, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const path = new URL(request.url ?? '/', 'http://localhost').pathname
  const text = await bodyOf(request)
  if (path.startsWith('/control')) return control(state, request.method ?? 'GET', path, text, response)
  const protocol = protocolOf(path)
  if (!protocol || request.method !== 'POST') {
    return sendError(response, { status: 404, message: `Unknown request URL: ${request.method} ${path}.` })
  }
  if (state.apiKey !== undefined && request.headers.authorization !== `Bearer ${state.apiKey}`) {
    const key = request.headers.authorization?.replace('Bearer ', '') ?? ''
    return sendError(response, { status: 401, code: 'invalid_api_key', message: `Incorrect API key provided: ${key}.` })
  }
  const seen: SeenRequest = { protocol, path, headers: request.headers, body: parsed(text) as RequestBody }
  const index = state.seen++
  state.requests.push(seen)
  if (state.requests.length > KEPT_REQUESTS) state.requests.shift()
  const refusal = refusalOf(seen)
  if (refusal) return sendError(response, refusal)
  if (state.delayMs > 0) await pause(state.delayMs)
  const behaviour =
    typeof state.script === 'function' ? state.script(seen, index) : (state.script.shift() ?? { kind: 'auto' })
  return behave(behaviour, seen, response)
}

const control = (state: State, method: string, path: string, text: string, response: ServerResponse): void => {
  if (path === '/control/requests') {
    if (method === 'DELETE') state.requests.length = 0
    sendJson(response, 200, state.requests)
  } else if (method === 'POST') {
    const body = (parsed(text) ?? {}) as { script?: Behaviour[]; delay?: number }
    if (Array.isArray(body.script)) state.script = body.script
    if (typeof body.delay === 'number') state.delayMs = body.delay
    sendJson(response, 200, { ok: true })
  } else {
    sendError(response, { status: 405, message: 'POST {script} or {delay}' })
  }
}

const protocolOf = (path: string): Protocol | null => {
  if (path.endsWith('/chat/completions')) return 'chat'
  return path.endsWith('/responses') ? 'responses' : null
}

const bodyOf = async (request: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const pause = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

type ErrorAnswer = Omit<Extract<Behaviour, { kind: 'error' }>, 'kind'>

/** What OpenAI refuses before any model runs. */
const refusalOf = (seen: SeenRequest): ErrorAnswer | null => {
  const { protocol, body } = seen
  if (body === undefined) return { status: 400, message: 'We could not parse the JSON body of your request.' }
  if (typeof body.model !== 'string') return { status: 400, message: 'you must provide a model parameter' }
  if (body.model.startsWith('unknown')) {
    return {
      status: 404,
      code: 'model_not_found',
      message: `The model \`${body.model}\` does not exist or you do not have access to it.`,
    }
  }
  if (saidIn(seen).length === 0) {
    return { status: 400, message: `Missing required parameter: '${protocol === 'chat' ? 'messages' : 'input'}'.` }
  }
  const format = formatOf(seen)
  if (!format?.strict) return null
  const complaint = strictComplaint(format.schema)
  if (!complaint) return null
  const [param, name] =
    protocol === 'chat' ? ['response_format', 'response_format'] : ['text.format.schema', 'text.format']
  return {
    status: 400,
    code: 'invalid_json_schema',
    param,
    message: `Invalid schema for ${name} '${format.name}': ${complaint}`,
  }
}

interface Format {
  name: string
  strict?: boolean
  schema: unknown
}

const formatOf = ({ protocol, body }: Pick<SeenRequest, 'protocol' | 'body'>): Format | null => {
  const format = protocol === 'chat' ? body.response_format?.json_schema : body.text?.format
  return format?.schema === undefined ? null : (format ?? null)
}

const behave = async (behaviour: Behaviour, seen: SeenRequest, response: ServerResponse): Promise<void> => {
  switch (behaviour.kind) {
    case 'auto':
      return answer(seen, response, { text: autoText(seen) })
    case 'text':
      return answer(seen, response, behaviour)
    case 'json':
      return answer(seen, response, { text: JSON.stringify(behaviour.value) })
    case 'calls':
      return answer(seen, response, { text: behaviour.text ?? '', calls: behaviour.calls })
    case 'empty':
      return answer(seen, response, { text: '' })
    case 'cut':
      return answer(seen, response, { text: behaviour.text, end: 'length' })
    case 'content_filter':
      return answer(seen, response, { text: behaviour.text ?? '', end: 'content_filter' })
    case 'refusal':
      return answer(seen, response, { text: '', refusal: behaviour.text ?? "I'm sorry, I can't help with that." })
    case 'error':
      return sendError(response, behaviour)
    case 'raw':
      response.writeHead(behaviour.status ?? 200, { 'content-type': 'application/json', ...behaviour.headers })
      response.end(behaviour.body)
      return
    case 'slow':
      await pause(behaviour.ms)
      return behave(behaviour.next ?? { kind: 'auto' }, seen, response)
    case 'hang':
      return
    case 'reset':
      response.destroy()
      return
    case 'truncated':
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '5000' })
      response.write('{"id": "half an ans', () => response.destroy())
      return
    case 'bomb':
      return bomb(behaviour, response)
  }
}

interface Answer {
  text: string
  refusal?: string
  end?: 'length' | 'content_filter'
  usage?: boolean
  calls?: Extract<Behaviour, { kind: 'calls' }>['calls']
}

const argumentsOf = (args: unknown): string => (typeof args === 'string' ? args : JSON.stringify(args))

const saidIn = ({ protocol, body }: SeenRequest): Message[] => (protocol === 'chat' ? body.messages : body.input) ?? []

/** Text, or data for the schema that was sent, with the user's words in it. */
const autoText = (seen: SeenRequest): string => {
  const last = saidIn(seen).at(-1)?.content ?? ''
  const words = typeof last === 'string' ? last : (last[0]?.text ?? '')
  const format = formatOf(seen)
  return format
    ? JSON.stringify(valueFor(format.schema, `Scripted: ${words.slice(0, 60)}`))
    : `Scripted: ${words.slice(0, 200)}`
}

const answer = (seen: SeenRequest, response: ServerResponse, given: Answer): void =>
  sendJson(response, 200, seen.protocol === 'chat' ? chatAnswer(seen, given) : responsesAnswer(seen, given))

const tokens = (seen: SeenRequest, text: string) =>
  [Math.ceil(JSON.stringify(seen.body).length / 4), Math.ceil(text.length / 4)] as const

const chatAnswer = (seen: SeenRequest, { text, refusal, end, usage, calls }: Answer) => {
  const [input, output] = tokens(seen, text)
  return {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1_760_000_000,
    model: seen.body.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: refusal === undefined ? text : null,
          refusal: refusal ?? null,
          ...(calls && {
            tool_calls: calls.map(({ id, name, args }, at) => ({
              id: id ?? `call_${at + 1}`,
              type: 'function',
              function: { name, arguments: argumentsOf(args) },
            })),
          }),
        },
        finish_reason: end ?? (calls ? 'tool_calls' : 'stop'),
      },
    ],
    ...(usage !== false && {
      usage: { prompt_tokens: input, completion_tokens: output, total_tokens: input + output },
    }),
  }
}

const responsesAnswer = (seen: SeenRequest, { text, refusal, end, usage, calls }: Answer) => {
  const [input, output] = tokens(seen, text)
  const said = refusal === undefined ? { type: 'output_text', text, annotations: [] } : { type: 'refusal', refusal }
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_760_000_000,
    status: end ? 'incomplete' : 'completed',
    error: null,
    incomplete_details: end ? { reason: end === 'length' ? 'max_output_tokens' : 'content_filter' } : null,
    model: seen.body.model,
    output: [
      ...(calls && text === ''
        ? []
        : [{ type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [said] }]),
      ...(calls ?? []).map(({ id, name, args }, at) => ({
        type: 'function_call',
        id: `fc_${at + 1}`,
        call_id: id ?? `call_${at + 1}`,
        name,
        arguments: argumentsOf(args),
        status: 'completed',
      })),
    ],
    ...(usage !== false && { usage: { input_tokens: input, output_tokens: output, total_tokens: input + output } }),
  }
}

const bomb = ({ bytes, gzip }: { bytes: number; gzip?: boolean }, response: ServerResponse): void => {
  const body = Buffer.alloc(bytes, ' ')
  response.writeHead(200, { 'content-type': 'application/json', ...(gzip && { 'content-encoding': 'gzip' }) })
  response.end(gzip ? gzipSync(body) : body)
}

const sendError = (response: ServerResponse, { status, code, type, param, message, headers }: ErrorAnswer): void =>
  sendJson(
    response,
    status,
    {
      error: {
        message: message ?? `Scripted error ${status}`,
        type: type ?? 'scripted',
        param: param ?? null,
        code: code ?? null,
      },
    },
    headers,
  )

const sendJson = (
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void => {
  if (response.headersSent || response.destroyed) return
  response.writeHead(status, { 'content-type': 'application/json', ...headers })
  response.end(JSON.stringify(body))
}

const flag = (name: string): string | undefined => {
  const at = process.argv.indexOf(`--${name}`)
  return at < 0 ? undefined : process.argv[at + 1]
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const server = await startOpenaiServer({
    port: Number(flag('port') ?? 0),
    delayMs: Number(flag('delay') ?? 0),
    apiKey: flag('key'),
  })
  process.stdout.write(`OPENAI_BASE_URL=${server.url}\n`)
}
