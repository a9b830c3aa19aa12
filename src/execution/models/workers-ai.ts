/**
 * Cloudflare's models by the Worker's binding. The binding takes what Chat Completions takes, a little differently, and
 * answers in one of three shapes; put between the two, it is a server like any other to the rest of this folder.
 */
import type { Json, JsonObject } from '../../domain/json/json.ts'
import { isObject } from '../../domain/schema/subschemas.ts'
import type { WorkersAi } from '../../env.ts'
import type { Validate } from './answer/envelope.ts'
import { openaiModels } from './openai/model.ts'
import type { ModelPort } from './port.ts'

/** Unless a step says otherwise: the binding's own 256 tokens cut most answers off, and it does not say that it did. */
const USUAL_OUTPUT_TOKENS = 2048
/** Never called: what would go there goes to the binding. */
const ADDRESS = 'https://workers-ai.invalid/v1'

/** The models of this binding. */
export function workersAi(ai: WorkersAi, validate: Validate): ModelPort {
  return openaiModels({
    baseUrl: ADDRESS,
    protocol: 'chat',
    host: 'Workers AI',
    sees: false,
    settings: { address: 'the binding `AI`', key: 'the Cloudflare account' },
    fetch: ((url: string, init?: RequestInit) => answer(ai, url, init)) as typeof fetch,
    validate,
  })
}

/** Its place in the network is the Worker's own: whoever only looks whether it is there finds it. */
async function answer(ai: WorkersAi, url: string, init: RequestInit = {}): Promise<Response> {
  if (!String(url).endsWith('/chat/completions')) return Response.json({})
  const { model, ...asked } = JSON.parse(String(init.body)) as JsonObject
  const { signal } = init
  try {
    const said = await ai.run(String(model), inputsFor(asked), signal ? { signal } : undefined)
    return Response.json(bodyFor(said))
  } catch (problem) {
    if (signal?.aborted) throw problem
    return refusal(problem)
  }
}

/** The schema stands there by itself, no content is null, and there is one way to say how long an answer may be. */
function inputsFor({
  messages,
  response_format: format,
  max_completion_tokens: most,
  ...asked
}: JsonObject): JsonObject {
  const said = Array.isArray(messages) ? messages : []
  const named = isObject(format) && isObject(format.json_schema) ? format.json_schema : null
  return {
    max_tokens: most ?? USUAL_OUTPUT_TOKENS,
    ...asked,
    messages: said.map(message => (isObject(message) ? { ...message, content: message.content ?? '' } : message)),
    ...(named === null ? {} : { response_format: { type: 'json_schema', json_schema: named.schema ?? {} } }),
  }
}

/** An answer in the shape of Chat Completions, whichever its model gives. */
function bodyFor(said: unknown): Json {
  if (!isObject(said as Json)) return { choices: [{ message: { content: said as Json } }] }
  const answered = said as JsonObject
  if (Array.isArray(answered.choices)) return answered
  const { usage = null, response, tool_calls, output } = answered
  const content = Array.isArray(output) ? textIn(output) : textOf(response)
  // What has neither is left for the reader of answers to refuse.
  if (content === undefined && tool_calls === undefined) return answered
  const message: JsonObject = { content: content ?? null, tool_calls: Array.isArray(tool_calls) ? tool_calls : [] }
  return { choices: [{ finish_reason: null, message }], usage }
}

/** Data comes parsed where a schema was sent. */
function textOf(response: Json | undefined): string | null | undefined {
  return typeof response === 'string' || response === null || response === undefined
    ? response
    : JSON.stringify(response)
}

/** What a model says that answers in the shape of Responses. */
function textIn(output: Json[]): string {
  const parts = output
    .filter(isObject)
    .flatMap(item => (item.type === 'message' && Array.isArray(item.content) ? item.content : []))
  return parts
    .filter(isObject)
    .map(part => (typeof part.text === 'string' ? part.text : ''))
    .join('')
}

/** The binding's own codes by the status that they have over HTTP: developers.cloudflare.com/workers-ai/platform/errors. */
const STATUS: Record<number, number> = {
  3003: 400,
  5004: 400,
  5007: 404,
  3042: 404,
  5016: 403,
  5018: 403,
  3023: 403,
  3041: 403,
  3006: 413,
  3007: 408,
  3008: 408,
  3036: 429,
  3040: 429,
}
/** The account's daily allocation is used up. */
const ALLOCATION = 3036

/** Why the binding threw, as a server would say it. */
function refusal(problem: unknown): Response {
  const message = problem instanceof Error ? problem.message : String(problem)
  const code = Number(/\b([35]\d{3}):/.exec(message)?.[1] ?? 0)
  const { status, ...said } = meaningOf(code, message)
  return Response.json({ error: { message, type: 'workers_ai', ...said } }, { status })
}

function meaningOf(code: number, message: string): { status: number; code?: string; message?: string } {
  if (/json (?:mode|model) couldn.t be met/i.test(message)) return { status: 400, code: 'json_validate_failed' }
  if (/support.{0,40}json (?:mode|schema)|json (?:mode|schema).{0,40}support/i.test(message)) {
    return { status: 400, code: 'invalid_json_schema', message: `${message}: response_format is not supported` }
  }
  return { status: STATUS[code] ?? 500, ...(code === ALLOCATION && { code: 'quota_exceeded' }) }
}
