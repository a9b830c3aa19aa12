/** Answers of real model servers that once failed, byte for byte, set by the server's `POST /control` as they are handed on. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ModelRequest } from '../../../../../src/execution/models/port.ts'
import { answerOf, aServer, failureOf } from './asking.ts'

const wired = aServer()
const GOOD = 'The refund for order 4711 is approved in full.'
const cases = path.resolve(import.meta.dirname, '../../../../support/cases')

/** Sets the server by the case's file, and asks. */
const meeting = async (name: string, over: Partial<ModelRequest> = {}) => {
  const control = wired.server.url.replace('/v1', '/control')
  const set = await fetch(control, { method: 'POST', body: readFileSync(path.join(cases, `${name}.json`)) })
  expect(set.status).toBe(200)
  return () => wired.again('chat', over)
}
const object = (...names: string[]) => ({
  type: 'object',
  required: names,
  properties: Object.fromEntries(names.map(name => [name, { type: name === 'amount' ? 'number' : 'string' }])),
})

describe('in one call', () => {
  it.each(['b06a-mistral-content-list', 'b06b-openrouter-annotations-file', 'b06d-no-index', 'b07a-think-text'])(
    '%s is the answer, without the thinking',
    async name => {
      expect(answerOf(await (await meeting(name))())).toEqual({ output: GOOD })
      expect(wired.server.requests).toHaveLength(1)
    },
  )

  it('b07b is the data behind the thinking', async () => {
    const ask = await meeting('b07b-think-json', { schema: object('amount', 'currency') })
    expect(answerOf(await ask()).output).toEqual({ amount: 42, currency: 'EUR' })
    expect(wired.server.requests).toHaveLength(1)
  })

  it('b16 has no NUL and no half of a pair', async () => {
    expect(answerOf(await (await meeting('b16-nul-in-text'))()).output).toBe('Name: AB, half \ufffd.')
  })

  it('b24a is the data within the fence, its own fences intact', async () => {
    const ask = await meeting('b24a-prose-and-fence', { schema: object('reply') })
    expect(answerOf(await ask()).output).toEqual({ reply: 'Run `npm ci`, then:\n```sh\nnpm start\n```' })
    expect(wired.server.requests).toHaveLength(1)
  })

  it('b25 is a confidence though it is written as text', async () => {
    const ask = await meeting('b25-confidence-string', { labels: ['approved', 'rejected'], judged: true })
    expect(answerOf(await ask())).toEqual({
      output: 'ok',
      handoff: 'approved',
      confidence: 0.85,
      reasoning: 'It fits.',
    })
    expect(wired.server.requests).toHaveLength(1)
  })
})

it('b25: a word is never a number; it is repaired, then fails', async () => {
  const ask = await meeting('b25-confidence-word', { labels: ['approved', 'rejected'], judged: true })
  // The repair meets the same word again.
  const [only] = JSON.parse(readFileSync(path.join(cases, 'b25-confidence-word.json'), 'utf8')).script
  wired.server.script([only, only])
  const outcome = await ask()
  expect(failureOf(outcome)).toMatchObject({ code: 'invalid_output', message: expect.stringContaining('/confidence') })
  expect(outcome.usage).toMatchObject({ calls: 2, inputTokens: 40, outputTokens: 24 })
})

it('b05a: half an answer is none, may be tried again, and both calls are booked', async () => {
  const ask = await meeting('b05a-openrouter-error-choice')
  const first = await ask()
  expect(failureOf(first)).toMatchObject({
    code: 'provider_error',
    retryable: true,
    message: expect.stringContaining('Upstream provider broke off'),
  })
  const second = await ask()
  expect(answerOf(second)).toEqual({ output: GOOD })
  for (const { usage } of [first, second]) expect(usage).toMatchObject({ calls: 1, inputTokens: 20, outputTokens: 12 })
})

it('b26: an empty answer says where it went, and the second is taken', async () => {
  const ask = await meeting('b26-content-null-reasoning')
  expect(failureOf(await ask())).toMatchObject({
    code: 'empty_answer',
    retryable: true,
    message: expect.stringContaining('in its reasoning'),
  })
  expect(answerOf(await ask())).toEqual({ output: GOOD })
})
