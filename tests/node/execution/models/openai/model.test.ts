import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../../../src/domain/json/json.ts'
import type { Message, ToolSpec } from '../../../../../src/domain/messages.ts'
import type { FailureCode } from '../../../../../src/domain/task/run/outcome.ts'
import { openaiModels } from '../../../../../src/execution/models/openai/model.ts'
import type { ModelOutcome, ModelRequest } from '../../../../../src/execution/models/port.ts'
import {
  type Behaviour,
  type OpenaiServer,
  type Protocol,
  type SeenRequest,
  startOpenaiServer,
  type Message as WireMessage,
} from '../../../../support/openai-server.ts'
import { validate } from '../../../../support/schema-check.ts'

const KEY = 'sk-test-0123456789'
const strictSchema: JsonSchema = {
  type: 'object',
  required: ['score'],
  properties: { score: { type: 'integer', minimum: 0, maximum: 10 } },
  additionalProperties: false,
}
const looseSchema: JsonSchema = {
  type: 'object',
  required: ['score'],
  properties: { score: { type: 'integer' }, note: { type: 'string' } },
}

let server: OpenaiServer
beforeAll(async () => {
  server = await startOpenaiServer({ apiKey: KEY })
})
beforeEach(() => server.reset())
afterAll(() => server.close())

const said = ({ protocol, body }: SeenRequest): { role: string; text: string }[] =>
  ((protocol === 'chat' ? body.messages : body.input) ?? []).map(({ role, content }: WireMessage) => ({
    role,
    text: typeof content === 'string' ? content : content.map(part => part.text).join(''),
  }))
const formatOf = ({ protocol, body }: SeenRequest) =>
  protocol === 'chat' ? body.response_format?.json_schema : body.text?.format
const failure = (outcome: ModelOutcome) => {
  if (outcome.kind !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(outcome)}`)
  return outcome.failure
}
const answer = (outcome: ModelOutcome) => {
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome))
  return outcome.answer
}
const seen = (index: number): SeenRequest => server.requests[index] as SeenRequest

describe.each<Protocol>(['chat', 'responses'])('a model asked by %s', protocol => {
  const port = () => openaiModels({ apiKey: KEY, baseUrl: server.url, validate })
  const ask = (over: Partial<ModelRequest> = {}, ...script: Behaviour[]) => {
    server.script(script)
    return port().complete({
      model: `${protocol}:gpt-5-mini`,
      messages: [{ role: 'user', text: 'Greet Ana.' }],
      judged: false,
      timeoutMs: 5000,
      ...over,
    })
  }

  it('answers with text', async () => {
    const outcome = await ask({}, { kind: 'text', text: 'Hello Ana\n' })
    expect(outcome).toMatchObject({
      kind: 'completed',
      answer: { output: 'Hello Ana' },
      usage: { model: 'gpt-5-mini', calls: 1 },
    })
    expect(outcome.usage.inputTokens).toBeGreaterThan(0)
    expect(outcome.usage.outputTokens).toBeGreaterThan(0)
    expect(seen(0)).toMatchObject({ protocol, body: { model: 'gpt-5-mini' } })
    expect(formatOf(seen(0))).toBeUndefined()
  })

  it('is sent the step’s parameters under its protocol’s names, and none that nobody set', async () => {
    const params = { temperature: 0.2, topP: 0.9, maxOutputTokens: 800, seed: 7 }
    await ask({ model: `${protocol}:house-model`, params }, { kind: 'text', text: 'Hi.' })
    await ask({ params: { reasoningEffort: 'low' } }, { kind: 'text', text: 'Hi.' })
    const [set, effort] = [seen(0).body, seen(1).body]
    const chat = { temperature: 0.2, top_p: 0.9, seed: 7, max_tokens: 800 }
    // The Responses API has no seed.
    const responses = { temperature: 0.2, top_p: 0.9, max_output_tokens: 800 }
    expect(set).toMatchObject(protocol === 'chat' ? chat : responses)
    expect(effort).toMatchObject(protocol === 'chat' ? { reasoning_effort: 'low' } : { reasoning: { effort: 'low' } })
    for (const name of ['temperature', 'top_p', 'seed', 'max_tokens', 'max_output_tokens']) {
      expect(effort).not.toHaveProperty(name)
    }
  })

  it('puts the agent’s words into the system message and the prompt into the user’s only', async () => {
    await ask({
      system: 'You are kind.',
      messages: [{ role: 'user', text: 'From outside' }],
      labels: ['a'],
      judged: true,
    })
    const messages = said(seen(0))
    expect(messages.map(message => message.role)).toEqual([protocol === 'chat' ? 'system' : 'developer', 'user'])
    expect(messages[0]?.text).toContain('You are kind.')
    expect(messages[0]?.text).not.toContain('From outside')
    expect(messages[1]?.text).toBe('From outside')
  })

  it('sends no system message where there is nothing to say in it', async () => {
    await ask()
    expect(said(seen(0)).map(message => message.role)).toEqual(['user'])
  })

  it('answers with data, label, confidence and reasoning in one strict envelope', async () => {
    const made = answer(await ask({ schema: strictSchema, labels: ['send', 'drop'], judged: true }))
    expect(made).toMatchObject({
      output: { score: 5 },
      handoff: 'send',
      confidence: 0.9,
      reasoning: expect.any(String),
    })
    expect(formatOf(seen(0))).toMatchObject({ strict: true })
    expect(server.requests).toHaveLength(1)
  })

  it('is not asked strictly for a schema that OpenAI would refuse, and our validator decides', async () => {
    expect(
      answer(await ask({ schema: looseSchema }, { kind: 'json', value: { output: { score: 1 } } })).output,
    ).toEqual({ score: 1 })
    expect(formatOf(seen(0))?.strict).toBe(false)
  })

  it('is asked again without strict where the server’s own subset is smaller', async () => {
    const refusal: Behaviour = {
      kind: 'error',
      status: 400,
      code: 'invalid_json_schema',
      message: "'minimum' is not permitted.",
    }
    expect(answer(await ask({ schema: strictSchema }, refusal)).output).toEqual({ score: 5 })
    expect(server.requests.map(request => formatOf(request)?.strict)).toEqual([true, false])
  })

  it('repairs an answer once, with the validator’s words', async () => {
    const outcome = await ask(
      { schema: strictSchema },
      { kind: 'json', value: { output: { score: 99 } } },
      { kind: 'json', value: { output: { score: 9 } } },
    )
    expect(answer(outcome).output).toEqual({ score: 9 })
    expect(outcome.usage.calls).toBe(2)
    const messages = said(seen(1))
    expect(messages.map(message => message.role).slice(-3)).toEqual(['user', 'assistant', 'user'])
    expect(messages.at(-2)?.text).toContain('99')
    expect(messages.at(-1)?.text).toContain('/output/score')
  })

  it('adds up the tokens of both calls', async () => {
    const once = await ask({ schema: strictSchema }, { kind: 'json', value: { output: { score: 9 } } })
    const twice = await ask(
      { schema: strictSchema },
      { kind: 'text', text: 'nine' },
      { kind: 'json', value: { output: { score: 9 } } },
    )
    expect(twice.usage.inputTokens).toBeGreaterThan(once.usage.inputTokens * 2)
  })

  it('fails as invalid output when the repair is no better', async () => {
    const outcome = await ask(
      { schema: strictSchema },
      { kind: 'text', text: 'nine' },
      { kind: 'text', text: 'ten' },
      { kind: 'auto' },
    )
    expect(failure(outcome)).toMatchObject({
      code: 'invalid_output',
      retryable: true,
      message: expect.stringContaining('not JSON'),
    })
    expect(outcome.usage.calls).toBe(2)
  })

  it('fails with the repair’s own failure when that call breaks', async () => {
    const outcome = await ask({ schema: strictSchema }, { kind: 'text', text: 'nine' }, { kind: 'error', status: 500 })
    expect(failure(outcome).code).toBe('provider_error')
    expect(outcome.usage).toMatchObject({ calls: 2 })
    expect(outcome.usage.outputTokens).toBeGreaterThan(0)
  })

  const tools: ToolSpec[] = [
    {
      name: 'crm.find',
      description: 'Finds a customer.',
      parameters: {
        type: 'object',
        required: ['name'],
        properties: { name: { type: 'string' }, limit: { type: 'integer' } },
      },
    },
    { name: 'crm_find', description: 'Another one.', parameters: { type: 'object', properties: {} } },
  ]

  it('is told of the tools it may ask for, and its calls are an outcome of their own', async () => {
    const outcome = await ask(
      { tools, schema: strictSchema },
      { kind: 'calls', calls: [{ id: 'call_a', name: 'crm_find', args: { name: 'Ana' } }], text: 'I look her up.' },
    )
    expect(outcome).toMatchObject({
      kind: 'calls',
      calls: [{ id: 'call_a', tool: 'crm.find', args: { name: 'Ana' } }],
      text: 'I look her up.',
      usage: { calls: 1 },
    })
    expect(outcome.usage.outputTokens).toBeGreaterThan(0)
    expect(seen(0).body.tools?.map(told => (told.function ?? told) as object)).toMatchObject([
      { name: 'crm_find', description: 'Finds a customer.', parameters: tools[0]!.parameters, strict: false },
      { name: 'crm_find_2', description: 'Another one.' },
    ])
  })

  it('asks for calls with arguments that are no JSON, and with none: they are handed on to be checked', async () => {
    const outcome = await ask(
      { tools },
      {
        kind: 'calls',
        calls: [
          { name: 'crm_find', args: '{"name": "An' },
          { name: 'no_such_tool', args: '' },
        ],
      },
    )
    expect(outcome).toMatchObject({
      kind: 'calls',
      calls: [
        { tool: 'crm.find', args: '{"name": "An' },
        { tool: 'no_such_tool', args: '' },
      ],
      text: null,
    })
  })

  it('asks for calls where no tools were offered: the calls are the outcome, and no answer is made of them', async () => {
    expect(await ask({}, { kind: 'calls', calls: [{ name: 'crm_find', args: {} }] })).toMatchObject({
      kind: 'calls',
      calls: [{ tool: 'crm_find' }],
    })
  })

  it('is sent all that was said: calls with their results, in order, each by its id', async () => {
    const messages: Message[] = [
      { role: 'user', text: 'Greet Ana.' },
      { role: 'assistant', text: null, calls: [{ id: 'call_a', tool: 'crm.find', args: { name: 'Ana' } }] },
      { role: 'tool', call: 'call_a', tool: 'crm.find', result: { email: 'ana@acme.test' } },
      { role: 'assistant', text: 'And Bo.', calls: [{ id: 'call_b', tool: 'crm.find', args: { name: 'Bo' } }] },
      { role: 'tool', call: 'call_b', tool: 'crm.find', result: 'nobody' },
    ]
    expect((await ask({ messages, tools })).kind).toBe('completed')
    const sent = seen(0).body
    if (protocol === 'chat') {
      const called = (id: string, name: string) => [
        { id, type: 'function', function: { name: 'crm_find', arguments: JSON.stringify({ name }) } },
      ]
      expect(sent.messages).toEqual([
        { role: 'user', content: 'Greet Ana.' },
        { role: 'assistant', content: null, tool_calls: called('call_a', 'Ana') },
        { role: 'tool', tool_call_id: 'call_a', content: '{"email":"ana@acme.test"}' },
        { role: 'assistant', content: 'And Bo.', tool_calls: called('call_b', 'Bo') },
        { role: 'tool', tool_call_id: 'call_b', content: 'nobody' },
      ])
    } else {
      const called = (id: string, name: string) => ({
        type: 'function_call',
        call_id: id,
        name: 'crm_find',
        arguments: JSON.stringify({ name }),
      })
      expect(sent.input).toMatchObject([
        { role: 'user' },
        called('call_a', 'Ana'),
        { type: 'function_call_output', call_id: 'call_a', output: '{"email":"ana@acme.test"}' },
        { role: 'assistant', content: 'And Bo.' },
        called('call_b', 'Bo'),
        { type: 'function_call_output', call_id: 'call_b', output: 'nobody' },
      ])
    }
  })

  it('repairs an answer that comes after calls, with all that was said before it', async () => {
    const messages: Message[] = [
      { role: 'user', text: 'Greet Ana.' },
      { role: 'assistant', text: null, calls: [{ id: 'call_a', tool: 'crm.find', args: {} }] },
      { role: 'tool', call: 'call_a', tool: 'crm.find', result: [] },
    ]
    const outcome = await ask(
      { messages, tools, schema: strictSchema },
      { kind: 'text', text: 'nine' },
      { kind: 'json', value: { output: { score: 9 } } },
    )
    expect(answer(outcome).output).toEqual({ score: 9 })
    const both = [seen(0), seen(1)].map(({ body }) => (body.messages ?? body.input) as unknown[])
    expect(both[1]!.slice(0, both[0]!.length)).toEqual(both[0])
    expect(both[1]).toHaveLength(both[0]!.length + 2)
  })

  it('estimates tokens where the server reports none', async () => {
    const { usage } = await ask({}, { kind: 'text', text: 'Hello Ana, how are you?', usage: false })
    expect(usage).toMatchObject({ inputTokens: 3, outputTokens: 6 })
  })

  const failing: [string, Behaviour, FailureCode, boolean, RegExp][] = [
    ['500', { kind: 'error', status: 500 }, 'provider_error', true, /500.*Scripted error/],
    [
      'a gateway’s page',
      { kind: 'raw', status: 502, body: '<html><b>Bad gateway</b></html>' },
      'provider_error',
      true,
      /502\): Bad gateway/,
    ],
    ['409', { kind: 'error', status: 409 }, 'provider_error', true, /409/],
    ['408', { kind: 'error', status: 408 }, 'timeout', true, /408/],
    ['401', { kind: 'error', status: 401 }, 'provider_auth', false, /OPENAI_API_KEY/],
    ['403', { kind: 'error', status: 403 }, 'provider_auth', false, /403/],
    [
      '400',
      { kind: 'error', status: 400, message: 'Unsupported value' },
      'bad_request',
      false,
      /400\): Unsupported value/,
    ],
    [
      'a prompt that is too long',
      { kind: 'error', status: 400, code: 'context_length_exceeded' },
      'bad_request',
      false,
      /too long/,
    ],
    ['a filter before the model', { kind: 'error', status: 400, code: 'content_filter' }, 'refused', false, /filter/],
    ['404', { kind: 'error', status: 404 }, 'bad_request', false, /model/],
    ['422', { kind: 'error', status: 422 }, 'bad_request', false, /422/],
    [
      'a redirect',
      { kind: 'raw', status: 302, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      'bad_request',
      false,
      /redirect/,
    ],
    [
      'a refused response format',
      { kind: 'error', status: 400, param: 'response_format', message: 'not supported' },
      'schema_refused',
      false,
      /schema/,
    ],
    ['no JSON', { kind: 'raw', body: '<html>hi' }, 'malformed_answer', true, /could not be read/],
    [
      'half of the JSON',
      { kind: 'raw', body: '{"id": "x", "choices": [{"ind' },
      'malformed_answer',
      true,
      /could not be read/,
    ],
    ['other JSON', { kind: 'raw', body: '{"hello": 1}' }, 'malformed_answer', true, /answer/],
    ['a list', { kind: 'raw', body: '[]' }, 'malformed_answer', true, /answer/],
    ['null', { kind: 'raw', body: 'null' }, 'malformed_answer', true, /answer/],
    [
      'no choices',
      { kind: 'raw', body: protocol === 'chat' ? '{"choices": []}' : '{"output": null}' },
      'malformed_answer',
      true,
      /answer/,
    ],
    ['an answer that breaks off', { kind: 'truncated' }, 'malformed_answer', true, /broke off/],
    ['a dropped connection', { kind: 'reset' }, 'unreachable', true, /was lost before an answer came/],
    ['a refusal', { kind: 'refusal' }, 'refused', false, /can't help/],
    ['the content filter', { kind: 'content_filter', text: 'Well, ' }, 'refused', false, /refused/],
    ['an empty answer', { kind: 'empty' }, 'empty_answer', true, /empty/],
    ['white space', { kind: 'text', text: ' \n ' }, 'empty_answer', true, /empty/],
    ['a text that was cut off', { kind: 'cut', text: 'Dear Ana, I am' }, 'invalid_output', true, /cut off/],
    ['an answer that was cut off before it began', { kind: 'cut', text: '' }, 'invalid_output', true, /cut off/],
    ['an output over 256 KiB', { kind: 'text', text: 'é'.repeat(140_000) }, 'output_too_large', false, /256 KiB/],
    ['a body over 2 MiB', { kind: 'bomb', bytes: 3 * 1024 * 1024 }, 'malformed_answer', true, /2 MiB/],
    [
      'a body that unpacks to more',
      { kind: 'bomb', bytes: 50 * 1024 * 1024, gzip: true },
      'malformed_answer',
      true,
      /2 MiB/,
    ],
  ]
  for (const [name, behaviour, code, retryable, words] of failing) {
    it(`fails as ${code} at ${name}, after one call`, async () => {
      const outcome = await ask({}, behaviour)
      expect(failure(outcome)).toMatchObject({ code, retryable, message: expect.stringMatching(words) })
      expect(server.requests).toHaveLength(1)
      expect(outcome.usage).toMatchObject({ model: 'gpt-5-mini', calls: 1 })
    })
  }

  it('is refused a schema by a server that has no structured output', async () => {
    const refusal: Behaviour = {
      kind: 'error',
      status: 400,
      param: 'response_format',
      message: 'response_format is not supported',
    }
    expect(failure(await ask({ schema: strictSchema }, refusal, refusal, refusal))).toMatchObject({
      code: 'schema_refused',
      retryable: false,
    })
  })

  it('says that data was cut off, and asks for no repair', async () => {
    const outcome = await ask({ schema: strictSchema }, { kind: 'cut', text: '{"output": {"sco' })
    expect(failure(outcome)).toMatchObject({ code: 'invalid_output', message: expect.stringContaining('cut off') })
    expect(server.requests).toHaveLength(1)
  })

  it('takes data that is whole although the limit was reached', async () => {
    expect(
      answer(await ask({ schema: strictSchema }, { kind: 'cut', text: '{"output": {"score": 3}}' })).output,
    ).toEqual({ score: 3 })
  })

  it('does not send a huge wrong answer back for repair', async () => {
    const outcome = await ask({ schema: strictSchema }, { kind: 'text', text: 'x'.repeat(300_000) })
    expect(failure(outcome).code).toBe('output_too_large')
    expect(server.requests).toHaveLength(1)
  })

  it('fails as timeout when the answer does not come', async () => {
    const started = performance.now()
    const outcome = await ask({ timeoutMs: 150 }, { kind: 'hang' })
    expect(failure(outcome)).toMatchObject({
      code: 'timeout',
      retryable: true,
      message: expect.stringContaining('0.15 s'),
    })
    expect(performance.now() - started).toBeLessThan(1500)
    expect(outcome.usage).toMatchObject({ calls: 1 })
  })

  it('counts the repair into the same time', async () => {
    const outcome = await ask(
      { schema: strictSchema, timeoutMs: 400 },
      { kind: 'slow', ms: 250, next: { kind: 'text', text: 'nine' } },
      { kind: 'slow', ms: 250 },
    )
    expect(failure(outcome).code).toBe('timeout')
    expect(outcome.usage.calls).toBe(2)
    expect(outcome.usage.outputTokens).toBeGreaterThan(0)
  })

  it('waits for a slow answer that comes in time', async () => {
    expect((await ask({ timeoutMs: 3000 }, { kind: 'slow', ms: 100 })).kind).toBe('completed')
  })

  it('keeps the key out of messages, and cuts long ones', async () => {
    const message = `Bad key ${KEY} in Bearer ${KEY}, see sk-proj-abcdef1234. ${'x'.repeat(5000)}`
    for (const status of [400, 401, 429, 500, 503]) {
      const outcome = await ask({}, { kind: 'error', status, message })
      const words = outcome.kind === 'away' ? outcome.away.message : failure(outcome).message
      expect(words).not.toContain(KEY)
      expect(words).not.toContain('abcdef1234')
      expect(words.length).toBeLessThan(750)
    }
  })

  it('is refused with a wrong key', async () => {
    const wrong = openaiModels({ apiKey: 'sk-wrong-key-000', baseUrl: server.url, validate })
    const outcome = await wrong.complete({
      model: `${protocol}:x`,
      messages: [{ role: 'user', text: 'Hi' }],
      judged: false,
      timeoutMs: 2000,
    })
    expect(failure(outcome)).toMatchObject({ code: 'provider_auth', retryable: false })
    expect(failure(outcome).message).not.toContain('sk-wrong-key-000')
  })

  it('names a model that the provider does not know', async () => {
    const outcome = await ask({ model: `${protocol}:unknown-9` })
    expect(failure(outcome)).toMatchObject({ code: 'bad_request', message: expect.stringContaining('“unknown-9”') })
  })
})

describe('which protocol a model is asked by', () => {
  const paths: string[] = []
  const spy = (async (input: RequestInfo | URL) => {
    paths.push(String(input))
    return Response.json({ error: { message: 'no' } }, { status: 400 })
  }) as typeof fetch
  const asked = async (model: string, baseUrl?: string) => {
    paths.length = 0
    await openaiModels({ apiKey: KEY, baseUrl, fetch: spy, validate }).complete({
      model,
      messages: [{ role: 'user', text: 'Hi' }],
      judged: false,
      timeoutMs: 1000,
    })
    return paths[0]
  }

  it('is Responses at OpenAI', async () => {
    expect(await asked('gpt-5')).toBe('https://api.openai.com/v1/responses')
    expect(await asked('gpt-5', 'https://api.openai.com/v1/')).toBe('https://api.openai.com/v1/responses')
  })

  it('is Chat Completions at any other server', async () => {
    expect(await asked('llama', 'http://localhost:11434/v1')).toBe('http://localhost:11434/v1/chat/completions')
  })

  it('is what the model’s prefix says', async () => {
    expect(await asked('chat:gpt-5')).toBe('https://api.openai.com/v1/chat/completions')
    expect(await asked('responses:llama', 'http://localhost:11434/v1')).toBe('http://localhost:11434/v1/responses')
  })
})

describe('what is sent', () => {
  it('asks OpenAI not to keep the answer, and other servers nothing they may not know', async () => {
    const port = openaiModels({ apiKey: KEY, baseUrl: server.url, validate })
    await port.complete({
      model: 'responses:x',
      messages: [{ role: 'user', text: 'Hi' }],
      judged: false,
      timeoutMs: 2000,
    })
    await port.complete({ model: 'x', messages: [{ role: 'user', text: 'Hi' }], judged: false, timeoutMs: 2000 })
    expect(seen(0).body.store).toBe(false)
    expect(seen(1).body).not.toHaveProperty('store')
  })

  it('has no authorization where there is no key', async () => {
    const open = await startOpenaiServer()
    const outcome = await openaiModels({ baseUrl: open.url, validate }).complete({
      model: 'llama',
      messages: [{ role: 'user', text: 'Hi' }],
      judged: false,
      timeoutMs: 2000,
    })
    expect(outcome.kind).toBe('completed')
    expect(open.requests[0]?.headers.authorization).toBeUndefined()
    await open.close()
  })
})

describe('an address that is none', () => {
  it('is a bad request', async () => {
    for (const baseUrl of ['not a url', 'http://', 'file:///etc/passwd', 'localhost:11434/v1']) {
      const outcome = await openaiModels({ apiKey: KEY, baseUrl, validate }).complete({
        model: 'x',
        messages: [{ role: 'user', text: 'Hi' }],
        judged: false,
        timeoutMs: 3000,
      })
      expect(failure(outcome)).toMatchObject({
        code: 'bad_request',
        message: expect.stringContaining('OPENAI_BASE_URL'),
      })
      expect(outcome.usage.calls).toBe(0)
    }
  })
})

describe('files beside a prompt', () => {
  const PIXEL = 'iVBORw0KGgo='
  const files = [
    { name: 'scan.png', type: 'image/png', data: PIXEL, text: null },
    { name: 'invoice.pdf', type: 'application/pdf', data: 'JVBERi0=', text: 'Invoice 17' },
    { name: 'note.txt', type: 'text/plain', text: 'By the way.' },
  ]
  const asked = async (model: string, sees?: boolean) => {
    const outcome = await openaiModels({ apiKey: KEY, baseUrl: server.url, validate, sees }).complete({
      model,
      messages: [{ role: 'user', text: 'Read these.', files }],
      judged: false,
      timeoutMs: 5000,
    })
    expect(outcome.kind).toBe('completed')
    const { input, messages } = server.requests[0]!.body
    return (input ?? messages)!.find(({ role }) => role === 'user')!.content
  }

  it('go as they are by Chat Completions where models see them, and as text where not', async () => {
    expect(await asked('chat:gpt-5-mini')).toMatchObject([
      { type: 'text', text: 'Read these.' },
      { type: 'image_url', image_url: { url: `data:image/png;base64,${PIXEL}` } },
      { type: 'file', file: { filename: 'invoice.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' } },
      { type: 'text', text: '# File: note.txt\n\nBy the way.' },
    ])
  })

  it('go as they are by Responses', async () => {
    expect(await asked('responses:gpt-5-mini')).toMatchObject([
      { type: 'input_text', text: 'Read these.' },
      { type: 'input_image', image_url: `data:image/png;base64,${PIXEL}` },
      { type: 'input_file', filename: 'invoice.pdf', file_data: 'data:application/pdf;base64,JVBERi0=' },
      { type: 'input_text', text: '# File: note.txt\n\nBy the way.' },
    ])
  })

  it('go as their text to a model that sees nothing', async () => {
    expect(await asked('chat:blind', false)).toBe(
      'Read these.\n\n# File: scan.png\n\n(There is no text in it.)\n\n# File: invoice.pdf\n\nInvoice 17\n\n# File: note.txt\n\nBy the way.',
    )
  })
})
