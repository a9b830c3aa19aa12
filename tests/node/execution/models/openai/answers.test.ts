/** The answers of real servers, each in its own way of writing OpenAI's protocol: the cases, and their relatives. */
import { describe, expect, it } from 'vitest'
import type { JsonSchema } from '../../../../../src/domain/json/json.ts'
import type { FailureCode } from '../../../../../src/domain/task/run/outcome.ts'
import type { Behaviour } from '../../../../support/openai-server.ts'
import { answerOf, aServer, awayOf, failureOf, strictSchema } from './asking.ts'

const wired = aServer()
const GOOD = 'The refund for order 4711 is approved in full.'
const USAGE = { prompt_tokens: 20, completion_tokens: 12, total_tokens: 32 }

const raw = (body: unknown, status = 200): Behaviour => ({ kind: 'raw', status, body: JSON.stringify(body) })
const chat = (choice: object, more: object = {}): Behaviour =>
  raw({
    id: 'x',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, finish_reason: 'stop', ...choice }],
    usage: USAGE,
    ...more,
  })
const says = (message: object, more: object = {}): Behaviour =>
  chat({ message: { role: 'assistant', ...message } }, more)
const ask = (...script: Behaviour[]) => wired.ask('chat', {}, ...script)

describe('an answer in Chat Completions is read', () => {
  const read: [string, Behaviour][] = [
    [
      'with Mistral’s list of parts',
      says({
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'Hm.' }] },
          { type: 'text', text: GOOD },
        ],
      }),
    ],
    [
      'with parts of no type',
      says({ content: [{ text: 'The refund for order 4711 ' }, { text: 'is approved in full.' }] }),
    ],
    [
      'with Mistral’s references',
      says({
        content: [
          { type: 'text', text: GOOD },
          { type: 'reference', reference_ids: [1] },
        ],
      }),
    ],
    ['with one part instead of a list', says({ content: { type: 'text', text: GOOD } })],
    [
      'with annotations of an unknown kind',
      says({ content: GOOD, annotations: [{ type: 'file', file: { hash: 'abc' } }] }),
    ],
    [
      'with half an annotation',
      says({ content: GOOD, annotations: [{ type: 'url_citation', url_citation: { url: 'https://x.test' } }] }),
    ],
    ['without an index', chat({ index: undefined, message: { role: 'assistant', content: GOOD } })],
    ['with an index as text', chat({ index: '0', message: { role: 'assistant', content: GOOD } })],
    ['with another role', chat({ message: { role: 'model', content: GOOD } })],
    ['without a role', chat({ message: { content: GOOD } })],
    ['with odd ids and times', says({ content: GOOD }, { id: 7, created: '2026-01-01', model: null, object: 1 })],
    ['with logprobs in another shape', chat({ logprobs: { tokens: [] }, message: { content: GOOD } })],
    ['with a refusal that is none', says({ content: GOOD, refusal: false })],
    ['with empty calls', says({ content: GOOD, tool_calls: [], function_call: null })],
    ['finished by tool_calls, without calls', chat({ finish_reason: 'tool_calls', message: { content: GOOD } })],
    [
      'with reasoning beside it',
      says({ content: GOOD, reasoning_content: 'Hm.', reasoning_details: [{ type: 'reasoning.text' }] }),
    ],
    ['with an error that is null', says({ content: GOOD }, { error: null })],
    [
      'with Groq’s fields',
      says({ content: GOOD, reasoning: 'Hm.' }, { x_groq: { id: 'r' }, usage: { ...USAGE, queue_time: 0.1 } }),
    ],
    ['with a block of thinking in front', says({ content: `<think>\nHm.\n</think>\n\n${GOOD}` })],
    ['with the template’s mark behind it', says({ content: `${GOOD}<|im_end|>` })],
    ['that ends with a finish that nobody knows', chat({ finish_reason: 'eos', message: { content: GOOD } })],
    ['that does not say how it ended', chat({ finish_reason: null, message: { content: GOOD } })],
    ['that ends in capitals', chat({ finish_reason: 'STOP', message: { content: GOOD } })],
    [
      'behind white space and a byte order mark',
      { kind: 'raw', body: `\ufeff\n\n  ${JSON.stringify({ choices: [{ message: { content: GOOD } }] })}` },
    ],
  ]
  for (const [name, behaviour] of read) {
    it(name, async () => {
      expect(answerOf(await ask(behaviour))).toEqual({ output: GOOD })
      expect(wired.server.requests).toHaveLength(1)
    })
  }

  it('whose content the server parsed already', async () => {
    const outcome = await wired.ask('chat', { schema: strictSchema }, says({ content: { output: { score: 3 } } }))
    expect(answerOf(outcome).output).toEqual({ score: 3 })
  })

  it('without NUL and halves of pairs', async () => {
    expect(answerOf(await ask(says({ content: 'Name: A\0B, half \ud83d.' }))).output).toBe('Name: AB, half \ufffd.')
  })
})

describe('calls are read', () => {
  const calls: [string, object, object[]][] = [
    [
      'with arguments as an object',
      { tool_calls: [{ id: 'a', type: 'function', function: { name: 'find', arguments: { q: 1 } } }] },
      [{ id: 'a', args: { q: 1 } }],
    ],
    [
      'without a type',
      { tool_calls: [{ id: 'a', function: { name: 'find', arguments: '{"q":1}' } }] },
      [{ id: 'a', args: { q: 1 } }],
    ],
    [
      'without arguments',
      { tool_calls: [{ id: 'a', type: 'function', function: { name: 'find' } }] },
      [{ id: 'a', args: {} }],
    ],
    [
      'without ids',
      {
        tool_calls: [
          { function: { name: 'find', arguments: '{}' } },
          { id: '', function: { name: 'find', arguments: '{}' } },
        ],
      },
      [{ id: 'call00001' }, { id: 'call00002' }],
    ],
    [
      'with one id for all',
      {
        tool_calls: [
          { id: 'a', function: { name: 'find', arguments: '{}' } },
          { id: 'a', function: { name: 'find', arguments: '{}' } },
        ],
      },
      [{ id: 'a' }, { id: 'call00002' }],
    ],
    [
      'without the envelope of a function',
      { tool_calls: [{ id: 'a', name: 'find', arguments: '{"q":1}' }] },
      [{ id: 'a', args: { q: 1 } }],
    ],
    [
      'in the shape before this one',
      { function_call: { name: 'find', arguments: '{"q":1}' } },
      [{ id: 'call00001', args: { q: 1 } }],
    ],
    [
      'with numbers that a double would change, as text',
      { tool_calls: [{ id: 'a', function: { name: 'find', arguments: '{"id":8202522731445525542,"n":1.5}' } }] },
      [{ args: { id: '8202522731445525542', n: 1.5 } }],
    ],
    [
      'with NUL in their arguments',
      { tool_calls: [{ id: 'a', function: { name: 'find', arguments: '{"q":"A\\u0000B"}' } }] },
      [{ args: { q: 'AB' } }],
    ],
  ]
  const tools = [{ name: 'find', description: 'Finds.', parameters: { type: 'object', properties: {} } as JsonSchema }]
  for (const [name, message, expected] of calls) {
    it(name, async () => {
      const outcome = await wired.ask('chat', { tools }, says({ content: null, ...message }))
      expect(outcome).toMatchObject({ kind: 'calls', calls: expected.map(call => ({ tool: 'find', ...call })) })
    })
  }

  it('and are not made when the answer was cut off within them', async () => {
    const cut = chat({
      finish_reason: 'length',
      message: { tool_calls: [{ id: 'a', function: { name: 'find', arguments: '{"q' } }] },
    })
    expect(failureOf(await wired.ask('chat', { tools }, cut)).code).toBe('invalid_output')
  })
})

describe('half an answer', () => {
  const broken: [string, Behaviour, RegExp][] = [
    [
      'an error beside the choice',
      chat({
        finish_reason: 'error',
        error: { code: 502, message: 'Upstream broke off' },
        message: { content: 'The refund' },
      }),
      /\(502\): Upstream broke off/,
    ],
    ['error', chat({ finish_reason: 'error', message: { content: 'The refund' } }), /broke off its answer \(“error”\)/],
    ['abort', chat({ finish_reason: 'abort', message: { content: 'The refund' } }), /“abort”/],
    [
      'insufficient_system_resource',
      chat({ finish_reason: 'insufficient_system_resource', message: { content: 'The refund' } }),
      /“insufficient_system_resource”/,
    ],
    ['cancelled', chat({ finish_reason: 'cancelled', message: { content: 'The refund' } }), /“cancelled”/],
    ['timeout', chat({ finish_reason: 'timeout', message: { content: 'The refund' } }), /“timeout”/],
    [
      'MALFORMED_FUNCTION_CALL',
      chat({ finish_reason: 'MALFORMED_FUNCTION_CALL', message: { content: '' } }),
      /“MALFORMED/,
    ],
    ['an error and no message', chat({ finish_reason: 'error', message: undefined }), /“error”/],
    [
      'an error beside all choices',
      says({ content: 'The refund' }, { error: { message: 'Lost the worker' } }),
      /Lost the worker/,
    ],
  ]
  for (const [name, behaviour, words] of broken) {
    it(`is none, may be tried again and is paid: ${name}`, async () => {
      const outcome = await ask(behaviour)
      expect(failureOf(outcome)).toMatchObject({
        code: 'provider_error',
        retryable: true,
        message: expect.stringMatching(words),
      })
      expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 12, calls: 1 })
    })
  }

  it('waits where it says that its provider is at its limit', async () => {
    const outcome = await ask(
      chat({ finish_reason: 'error', error: { code: 429, message: 'Slow down' }, message: { content: 'The' } }),
    )
    expect(awayOf(outcome).reason).toBe('provider_limit')
    expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 12 })
  })

  const cutOff = [
    'model_context_window_exceeded',
    'length',
    'max_tokens',
    'MAX_TOKENS',
    'model_length',
    'max_output_tokens',
  ]
  it.each(cutOff)('is known by %s', async reason => {
    expect(failureOf(await ask(chat({ finish_reason: reason, message: { content: 'The refund' } })))).toMatchObject({
      code: 'invalid_output',
      message: expect.stringContaining('cut off'),
    })
  })

  const filtered = ['content_filter', 'SAFETY', 'RECITATION', 'PROHIBITED_CONTENT', 'sensitive']
  it.each(filtered)('is a refusal where it ended by %s', async reason => {
    const code: FailureCode = 'refused'
    expect(failureOf(await ask(chat({ finish_reason: reason, message: { content: '' } }))).code).toBe(code)
    expect(failureOf(await ask(chat({ finish_reason: reason, message: undefined }))).code).toBe(code)
  })

  it('is a refusal in a part of its own', async () => {
    expect(failureOf(await ask(says({ content: [{ type: 'refusal', refusal: 'I cannot.' }] })))).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('I cannot'),
    })
  })
})

describe('an empty answer', () => {
  const spent: [string, Behaviour][] = [
    ['content is null and the reasoning is not', says({ content: null, reasoning_content: `I should say: ${GOOD}` })],
    ['content is empty and OpenRouter’s reasoning is not', says({ content: '', reasoning: 'I should' })],
    [
      'content is a list of thinking',
      says({ content: [{ type: 'thinking', thinking: [{ type: 'text', text: 'I should' }] }] }),
    ],
    ['content is a block of thinking', says({ content: '<think>I should say it.</think>\n' })],
    ['content is a block that does not end', says({ content: '<think>I should say it.' })],
  ]
  for (const [name, behaviour] of spent) {
    it(`says where the answer went when ${name}, and may be tried again`, async () => {
      const outcome = await ask(behaviour)
      expect(failureOf(outcome)).toMatchObject({
        code: 'empty_answer',
        retryable: true,
        message: expect.stringContaining('in its reasoning'),
      })
      expect(wired.server.requests).toHaveLength(1)
      expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 12 })
    })
  }

  it('says no such thing where there was no reasoning', async () => {
    expect(failureOf(await ask(says({ content: '' }))).message).not.toContain('reasoning')
  })

  it('says so where the limit was reached within the reasoning', async () => {
    const outcome = await ask(
      chat({ finish_reason: 'length', message: { content: '', reasoning_content: 'I should' } }),
    )
    expect(failureOf(outcome)).toMatchObject({
      code: 'invalid_output',
      message: expect.stringMatching(/cut off.*reasoning/),
    })
  })
})

describe('tokens', () => {
  const counted: [string, object, number, number][] = [
    ['are booked as they are told', { usage: USAGE }, 20, 12],
    ['have no parts', { usage: { prompt_tokens: 20.2, completion_tokens: 11.5 } }, 21, 12],
    ['may be told as text', { usage: { prompt_tokens: '20', completion_tokens: '12' } }, 20, 12],
    ['may have the other protocol’s names', { usage: { input_tokens: 20, output_tokens: 12 } }, 20, 12],
    ['may be worked out of the sum', { usage: { prompt_tokens: 20, total_tokens: 32 } }, 20, 12],
    ['may be told in Groq’s own place', { usage: undefined, x_groq: { usage: USAGE } }, 20, 12],
    [
      'are estimated where they are not counted',
      { usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 } },
      3,
      12,
    ],
    ['are estimated where the count is none', { usage: { prompt_tokens: -1, completion_tokens: 'many' } }, 3, 12],
    ['are estimated where usage is no object', { usage: [] }, 3, 12],
  ]
  for (const [name, more, inputTokens, outputTokens] of counted) {
    it(name, async () => {
      const outcome = await ask(says({ content: GOOD }, more))
      expect(answerOf(outcome).output).toBe(GOOD)
      expect(outcome.usage).toMatchObject({ inputTokens, outputTokens })
    })
  }

  it.each([
    ['prompt_tokens_details', { cached_tokens: 15 }, 15],
    ['input_tokens_details', { cached_tokens: 15 }, 15],
    ['prompt_tokens_details', { cached_tokens: 0 }, undefined],
    ['prompt_tokens_details', [], undefined],
  ])('that were at hand are told in %s as %j', async (place, details, cachedTokens) => {
    const outcome = await ask(says({ content: GOOD }, { usage: { ...USAGE, [place]: details } }))
    expect(outcome.usage).toMatchObject({ inputTokens: 20 })
    expect(outcome.usage.cachedTokens).toBe(cachedTokens)
  })

  const unread: [string, Behaviour][] = [
    ['no choices', raw({ choices: [], usage: USAGE })],
    ['no choices and an error', raw({ choices: [], error: { message: 'Lost', code: 500 }, usage: USAGE })],
    ['a choice that is null', raw({ choices: [null], usage: USAGE })],
    ['content that is a number', says({ content: 5 })],
    ['a failed status', raw({ error: { message: 'Lost' }, usage: USAGE }, 200)],
  ]
  for (const [name, behaviour] of unread) {
    it(`are booked though the answer was none: ${name}`, async () => {
      const outcome = await ask(behaviour)
      expect(outcome.kind).toBe('failed')
      expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 12 })
    })
  }
})

describe('an answer in Responses is read', () => {
  const text = { type: 'output_text', text: GOOD }
  const respond = (output: unknown, more: object = {}): Behaviour =>
    raw({ id: 'r', status: 'completed', output, usage: { input_tokens: 20, output_tokens: 12.5 }, ...more })
  const message = (content: unknown, more: object = {}) => ({ type: 'message', role: 'assistant', content, ...more })
  const askIt = (behaviour: Behaviour) => wired.ask('responses', {}, behaviour)

  const read: [string, Behaviour][] = [
    ['without ids and annotations', respond([message([text])])],
    ['with items of kinds that nobody knows', respond([{ type: 'new_thing', id: 1 }, message([text])])],
    [
      'with reasoning in another shape',
      respond([{ type: 'reasoning', content: [{ type: 'reasoning_text', text: 'Hm.' }] }, message([text])]),
    ],
    ['with annotations of an unknown kind', respond([message([{ ...text, annotations: [{ type: 'new' }] }])])],
    ['with plain content', respond([message(GOOD)])],
    ['with odd ids and times', respond([message([text])], { id: 7, created_at: 'now', model: null, error: null })],
    [
      'behind what was said on the way',
      respond([
        message([{ type: 'output_text', text: 'Let me see.' }], { phase: 'commentary' }),
        message([text], { phase: 'final_answer' }),
      ]),
    ],
    ['with a finish in a shape of its own', respond([message([text])], { incomplete_details: {} })],
  ]
  for (const [name, behaviour] of read) {
    it(name, async () => {
      const outcome = await askIt(behaviour)
      expect(answerOf(outcome)).toEqual({ output: GOOD })
      expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 13 })
    })
  }

  const half = [message([{ type: 'output_text', text: 'The refund' }])]
  const broken: [string, Behaviour][] = [
    ['failed', respond(half, { status: 'failed', error: { code: 'server_error', message: 'Lost' } })],
    ['failed, without a word', respond(half, { status: 'failed' })],
    ['failed, without output', respond(undefined, { status: 'failed' })],
    ['cancelled', respond(half, { status: 'cancelled' })],
    ['not yet done', respond(half, { status: 'in_progress' })],
    ['incomplete for no reason', respond(half, { status: 'incomplete', incomplete_details: null })],
  ]
  for (const [name, behaviour] of broken) {
    it(`as half of one where it ${name === 'not yet done' ? 'is' : 'has'} ${name}, and is paid`, async () => {
      const outcome = await askIt(behaviour)
      expect(failureOf(outcome)).toMatchObject({ code: 'provider_error', retryable: true })
      expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 13 })
    })
  }

  it('as a limit where that is what failed', async () => {
    const outcome = await askIt(
      respond([], { status: 'failed', error: { code: 'rate_limit_exceeded', message: 'Slow down' } }),
    )
    expect(awayOf(outcome).reason).toBe('provider_limit')
  })

  it('as empty where all of it is reasoning', async () => {
    expect(failureOf(await askIt(respond([{ type: 'reasoning', summary: [] }]))).message).toContain('in its reasoning')
  })

  it('with calls whose arguments are an object', async () => {
    const tools = [
      { name: 'find', description: 'Finds.', parameters: { type: 'object', properties: {} } as JsonSchema },
    ]
    const call = { type: 'function_call', call_id: 'a', name: 'find', arguments: { q: 1 } }
    expect(await wired.ask('responses', { tools }, respond([call]))).toMatchObject({
      kind: 'calls',
      calls: [{ id: 'a', tool: 'find', args: { q: 1 } }],
    })
  })
})

describe('a server that takes no schema', () => {
  const refusals: [string, Behaviour][] = [
    [
      'DeepSeek',
      raw({ error: { message: 'This response_format type is unavailable now', type: 'invalid_request_error' } }, 400),
    ],
    [
      'DeepSeek, before',
      raw(
        {
          error: {
            message:
              'Failed to deserialize the JSON body: response_format: response_format.type `json_schema` is unavailable now',
          },
        },
        422,
      ),
    ],
    [
      'Groq',
      raw(
        {
          error: { message: "'response_format.type' : value is not one of the allowed values ['text','json_object']" },
        },
        400,
      ),
    ],
    [
      'Groq, another model',
      raw({ error: { message: 'This model does not support response format `json_schema`' } }, 400),
    ],
    ['a server of Groq’s kind', raw({ error: 'The model only supports response formats: [json text].' }, 400)],
    [
      'Gemini with tools',
      raw(
        [
          {
            error: {
              code: 400,
              message: "Function calling with a response mime type: 'application/json' is unsupported",
              status: 'INVALID_ARGUMENT',
            },
          },
        ],
        400,
      ),
    ],
  ]
  for (const [name, refusal] of refusals) {
    it(`is told it in words: ${name}`, async () => {
      const fenced = says({ content: '```json\n{"output": {"score": 3}}\n```' })
      const outcome = await wired.ask('chat', { schema: strictSchema }, refusal, fenced)
      expect(answerOf(outcome).output).toEqual({ score: 3 })
      const [first, second] = wired.server.requests.map(request => request.body)
      expect(first).toHaveProperty('response_format')
      expect(second).not.toHaveProperty('response_format')
      expect(JSON.stringify(second!.messages![0])).toContain('JSON Schema')
      expect(JSON.stringify(second!.messages![0])).toContain('maximum')
    })
  }

  it('is told it in words at the repair, too', async () => {
    const bad = says({ content: '{"output": {"score": 99}}' })
    const outcome = await wired.ask(
      'chat',
      { schema: strictSchema },
      refusals[0]![1],
      bad,
      says({ content: '{"output": {"score": 9}}' }),
    )
    expect(answerOf(outcome).output).toEqual({ score: 9 })
    expect(wired.server.requests[2]!.body).not.toHaveProperty('response_format')
  })

  it('fails where it refuses the words as well', async () => {
    const [refusal] = refusals.map(([, behaviour]) => behaviour)
    const outcome = await wired.ask('chat', { schema: strictSchema }, refusal!, refusal!, refusal!)
    expect(failureOf(outcome).code).toBe('schema_refused')
    expect(wired.server.requests).toHaveLength(2)
  })
})

describe('a server that checks the answer itself', () => {
  it.each(['json_validate_failed', 'tool_use_failed'])(
    'and refuses it (%s): that is an answer of no use, not a bad request',
    async code => {
      const outcome = await ask(
        raw(
          { error: { message: "Failed to generate JSON. See 'failed_generation'", code, failed_generation: '{"a":' } },
          400,
        ),
      )
      expect(failureOf(outcome)).toMatchObject({ code: 'invalid_output', retryable: true })
    },
  )
})

it('what Mistral says of a bad request is told', async () => {
  const detail = [{ type: 'extra_forbidden', loc: ['body'], msg: 'Extra inputs are not permitted' }]
  const outcome = await ask(raw({ object: 'error', message: { detail }, type: 'invalid_request_error' }, 422))
  expect(failureOf(outcome)).toMatchObject({ code: 'bad_request', message: expect.stringContaining('Extra inputs') })
})

describe('an answer that came as a stream of events, though none was asked for,', () => {
  const stream = (...events: (object | string)[]): Behaviour => ({
    kind: 'raw',
    status: 200,
    headers: { 'content-type': 'text/event-stream' },
    body: events.map(event => (typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`)).join(''),
  })
  const piece = (delta: object, finish: string | null = null, more: object = {}) => ({
    id: 'x',
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, finish_reason: finish }],
    ...more,
  })
  const DONE = 'data: [DONE]\n\n'
  const HALVES = [{ content: 'The refund for order 4711 ' }, { content: 'is approved in full.' }]
  const [first, second] = HALVES.map(half => piece(half)) as [object, object]

  const read: [string, Behaviour][] = [
    ['in pieces', stream(piece({ role: 'assistant', content: '' }), first, second, piece({}, 'stop'), DONE)],
    ['without a word of its end but the mark', stream(first, second, DONE)],
    ['without the mark', stream(first, second, piece({}, 'stop'))],
    ['with comments and names of events', stream(': PROCESSING\n\n', first, 'event: message\nid: 7\n', second, DONE)],
    ['with the line ends of a Windows server', stream(`data:${JSON.stringify(first)}\r\n\r\n`, second, DONE)],
    ['as one whole message', stream({ choices: [{ index: 0, message: { content: GOOD }, finish_reason: 'stop' }] })],
    ['with thinking before it', stream(piece({ reasoning_content: 'Hm.' }), first, second, piece({}, 'stop'), DONE)],
    ['with a list of parts', stream(piece({ content: [{ type: 'text', text: GOOD }] }, 'stop'), DONE)],
    [
      'beside a second choice',
      stream({ choices: [{ index: 1, delta: { content: 'No.' } }] }, first, second, piece({}, 'stop'), DONE),
    ],
  ]
  it.each(read)('is read %s', async (_, met) => {
    expect(answerOf(await ask(met)).output).toBe(GOOD)
  })

  it('is booked as its last event counts it', async () => {
    const outcome = await ask(stream(first, second, piece({}, 'stop'), { choices: [], usage: USAGE }, DONE))
    expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 12 })
  })

  it('and breaks off is no answer, however much of it came', async () => {
    for (const met of [
      stream(first),
      stream(first, `data: {"choices":[{"delta":{"cont`),
      stream(first, piece({}, 'error')),
    ])
      expect(failureOf(await ask(met))).toMatchObject({ code: 'provider_error', retryable: true })
    const error = { error: { message: 'Overloaded', code: 'overloaded' } }
    expect(awayOf(await ask(stream(first, error, DONE))).reason).toBe('provider_offline')
    expect(awayOf(await ask(stream(error))).reason).toBe('provider_offline')
    expect(failureOf(await ask(stream(first, piece({}, 'length'), DONE))).code).toBe('invalid_output')
    expect(failureOf(await ask(stream('data: hello\n\n'))).code).toBe('malformed_answer')
  })

  it('asks for calls in pieces', async () => {
    const call = (index: number, rest: object) => piece({ tool_calls: [{ index, ...rest }] })
    const outcome = await wired.ask(
      'chat',
      { tools: [{ name: 'find', description: '', parameters: { type: 'object' } }] },
      stream(
        call(0, { id: 'a', type: 'function', function: { name: 'find', arguments: '' } }),
        call(0, { function: { arguments: '{"n":' } }),
        call(1, { id: 'b', type: 'function', function: { name: 'find', arguments: '{"n":2}' } }),
        call(0, { function: { arguments: '1}' } }),
        piece({}, 'tool_calls'),
        DONE,
      ),
    )
    expect(outcome).toMatchObject({
      kind: 'calls',
      calls: [
        { id: 'a', tool: 'find', args: { n: 1 } },
        { id: 'b', tool: 'find', args: { n: 2 } },
      ],
    })
  })

  it('is read in Responses by the event that ends it', async () => {
    const output = [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: GOOD }] }]
    const event = (type: string, response: object) => `event: ${type}\ndata: ${JSON.stringify({ type, response })}\n\n`
    const begun = event('response.created', { status: 'in_progress', output: [] })
    const ended = event('response.completed', {
      status: 'completed',
      output,
      usage: { input_tokens: 20, output_tokens: 12 },
    })
    const outcome = await wired.ask('responses', {}, stream(begun, ended))
    expect(answerOf(outcome).output).toBe(GOOD)
    expect(outcome.usage).toMatchObject({ inputTokens: 20, outputTokens: 12 })
    expect(failureOf(await wired.ask('responses', {}, stream(begun))).code).toBe('provider_error')
    const failed = stream(begun, 'data: {"type":"error","code":"server_error","message":"It failed"}\n\n')
    expect(failureOf(await wired.ask('responses', {}, failed))).toMatchObject({ code: 'provider_error' })
  })
})
