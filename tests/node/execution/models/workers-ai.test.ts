/** Cloudflare's models: what the binding is asked, and what becomes of each shape of its answers and of what it throws. */
import { expect, test } from 'vitest'
import type { WorkersAi } from '../../../../src/env.ts'
import type { ModelRequest } from '../../../../src/execution/models/port.ts'
import { modelsFor } from '../../../../src/execution/models/registry.ts'
import { validate } from '../../../support/schema-check.ts'

const LLAMA = '@cf/meta/llama-3.1-8b-instruct'
const REQUEST: ModelRequest = {
  model: LLAMA,
  system: 'You are brief.',
  messages: [{ role: 'user', text: 'Say hello.' }],
  judged: false,
  timeoutMs: 5000,
}
const SCHEMA = {
  type: 'object',
  required: ['name'],
  properties: { name: { type: 'string' } },
  additionalProperties: false,
}

/** A binding of the documented shape that answers with these, in order, or throws what is an error. */
function binding(...answers: unknown[]) {
  const asked: { model: string; inputs: Record<string, unknown>; signal: boolean }[] = []
  const AI: WorkersAi = {
    run: async (model, inputs, options) => {
      // What the binding is given must survive the way to it.
      asked.push({ model, inputs: JSON.parse(JSON.stringify(inputs)), signal: options?.signal !== undefined })
      const next = answers.shift()
      if (next === 'hangs') return new Promise((_, reject) => options?.signal?.addEventListener('abort', reject))
      if (next instanceof Error) throw next
      return next
    },
  }
  const complete = (over: Partial<ModelRequest> = {}) =>
    modelsFor({ AI }, { validate })
      .port(over.model ?? LLAMA)
      .complete({ ...REQUEST, ...over })
  return { asked, complete }
}

const USAGE = { prompt_tokens: 20, completion_tokens: 5, total_tokens: 25 }
const upstream = (message: string) => Object.assign(new Error(message), { name: 'InferenceUpstreamError' })

test('is asked by its own name, with messages and settings as the binding takes them', async () => {
  const { asked, complete } = binding({ response: 'Hello.', usage: USAGE })
  const params = { temperature: 0.2, topP: 0.9, maxOutputTokens: 500, seed: 7 }
  expect(await complete({ model: `workers-ai/${LLAMA}`, params })).toMatchObject({
    kind: 'completed',
    answer: { output: 'Hello.' },
    usage: { model: `workers-ai/${LLAMA}`, inputTokens: 20, outputTokens: 5, calls: 1 },
  })
  expect(asked).toEqual([
    {
      model: LLAMA,
      inputs: {
        messages: [
          { role: 'system', content: 'You are brief.' },
          { role: 'user', content: 'Say hello.' },
        ],
        max_tokens: 500,
        temperature: 0.2,
        top_p: 0.9,
        seed: 7,
      },
      signal: true,
    },
  ])
})

test('has room for an answer where the step says nothing of it, and an estimate where it counts nothing', async () => {
  const { asked, complete } = binding({ response: 'Hello.' })
  const outcome = await complete()
  expect(asked[0]!.inputs.max_tokens).toBe(2048)
  expect(outcome.usage.inputTokens).toBeGreaterThan(0)
})

test.each([
  ['data as its own', { response: { output: { name: 'Ana' } }, usage: USAGE }],
  ['data as text', { response: '{"output":{"name":"Ana"}}', usage: USAGE }],
  ['data with the fields of a part', { response: { output: { name: 'Ana' }, type: 'text', text: '' }, usage: USAGE }],
  ['Chat Completions', { choices: [{ message: { content: '{"output":{"name":"Ana"}}' } }], usage: USAGE }],
  [
    'Responses',
    {
      output: [
        { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] },
        { type: 'message', content: [{ type: 'output_text', text: '{"output":{"name":"Ana"}}' }] },
      ],
      usage: USAGE,
    },
  ],
])('answers data as %s, which is checked, and its schema goes along by itself', async (_, answer) => {
  const { asked, complete } = binding(answer)
  expect(await complete({ schema: SCHEMA })).toMatchObject({
    kind: 'completed',
    answer: { output: { name: 'Ana' } },
    usage: { inputTokens: 20, outputTokens: 5 },
  })
  expect(asked[0]!.inputs.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: { type: 'object', properties: { output: { type: 'object' } } },
  })
})

test('is asked once more where its data does not fit, and then has failed', async () => {
  const wrong = { response: { output: { name: 5 } }, usage: USAGE }
  const { asked, complete } = binding(wrong, { response: { output: { name: 'Ana' } }, usage: USAGE }, wrong, wrong)
  expect(await complete({ schema: SCHEMA })).toMatchObject({ kind: 'completed', usage: { calls: 2, inputTokens: 40 } })
  expect(await complete({ schema: SCHEMA })).toMatchObject({ kind: 'failed', failure: { code: 'invalid_output' } })
  expect(asked).toHaveLength(4)
})

test('is told the shape in words where its model takes no schema', async () => {
  const { asked, complete } = binding(new Error("5025: This model doesn't support JSON Schema."), {
    response: '{"output":{"name":"Ana"}}',
  })
  expect(await complete({ schema: SCHEMA })).toMatchObject({ kind: 'completed', answer: { output: { name: 'Ana' } } })
  expect(asked.map(({ inputs }) => inputs.response_format !== undefined)).toEqual([true, false])
  expect(JSON.stringify(asked[1]!.inputs.messages)).toContain('It must fit this JSON Schema')
})

test('may ask for tools, in the shape of before, too', async () => {
  const tools = [{ name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } }]
  const { asked, complete } = binding(
    { response: null, tool_calls: [{ name: 'look', arguments: { ref: 'a' } }], usage: USAGE },
    { response: 'Done.' },
  )
  const first = await complete({ tools })
  expect(first).toMatchObject({ kind: 'calls', calls: [{ tool: 'look', args: { ref: 'a' } }] })
  const { calls } = first as Extract<typeof first, { kind: 'calls' }>
  const messages: ModelRequest['messages'] = [
    ...REQUEST.messages,
    { role: 'assistant', text: null, calls },
    { role: 'tool', call: calls[0]!.id, tool: 'look', result: { found: 1 } },
  ]
  expect(await complete({ tools, messages })).toMatchObject({ kind: 'completed', answer: { output: 'Done.' } })
  // The binding takes no message without content.
  expect((asked[1]!.inputs.messages as { content: unknown }[]).map(({ content }) => typeof content)).not.toContain(
    'object',
  )
})

test.each([
  ['3040: No more data centers to forward the request to', 'away', 'provider_limit'],
  ['3036: You have used up your daily free allocation of 10,000 neurons.', 'away', 'provider_limit'],
  ['5007: No such model @cf/none or task', 'failed', 'bad_request'],
  ['5016: User has not agreed to Llama3.2 model terms', 'failed', 'provider_auth'],
  ['3006: Request is too large', 'failed', 'bad_request'],
  ['3007: Request timeout', 'failed', 'timeout'],
  ["AiError: 5024: JSON Mode couldn't be met", 'failed', 'invalid_output'],
  ['Internal server error', 'failed', 'provider_error'],
])('what it throws is told as what it is: %s', async (message, kind, what) => {
  const outcome = await binding(upstream(message)).complete({ schema: SCHEMA })
  expect(outcome.kind).toBe(kind)
  expect(JSON.stringify(outcome)).toContain(what)
  expect(JSON.stringify(outcome)).not.toContain('OPENAI_')
})

test.each([
  [{ status: 'busy' }, 'malformed_answer'],
  [undefined, 'empty_answer'],
  [{ response: '' }, 'empty_answer'],
])('an answer that is none is an attempt: %j', async (answer, code) => {
  expect(await binding(answer).complete()).toMatchObject({ kind: 'failed', failure: { code, retryable: true } })
})

test('is given up when its time is over', async () => {
  const { asked, complete } = binding('hangs')
  expect(await complete({ timeoutMs: 20 })).toMatchObject({ kind: 'failed', failure: { code: 'timeout' } })
  expect(asked[0]!.signal).toBe(true)
})
