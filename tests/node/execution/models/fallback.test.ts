/** Models that answer in another's place: which is asked, in which order, what is paid, and what is said when all are away. */
import { expect, test } from 'vitest'
import { inOrder } from '../../../../src/execution/models/fallback.ts'
import { notConfigured } from '../../../../src/execution/models/not-configured.ts'
import type { ModelOutcome, ModelRequest } from '../../../../src/execution/models/port.ts'

const REQUEST: ModelRequest = {
  model: 'first',
  messages: [{ role: 'user', text: 'Hi' }],
  judged: false,
  timeoutMs: 60_000,
}

const used = (model: string, calls = 1) => ({
  model,
  inputTokens: 10 * calls,
  outputTokens: calls,
  calls,
  durationMs: 5,
})
const answered = (model: string): ModelOutcome => ({ kind: 'completed', answer: { output: model }, usage: used(model) })
const away = (model: string, retryAfterMs?: number, calls = 1): ModelOutcome => ({
  kind: 'away',
  away: { reason: 'provider_limit', message: `${model} is at its limit.`, fix: 'Wait.', retryAfterMs },
  usage: used(model, calls),
})
const failed = (model: string): ModelOutcome => ({
  kind: 'failed',
  failure: { code: 'refused', message: 'No.', retryable: false },
  usage: used(model),
})

function asking(outcomes: Record<string, ModelOutcome>) {
  const asked: string[] = []
  const port = {
    complete: async ({ model }: ModelRequest) => {
      asked.push(model)
      return outcomes[model]!
    },
  }
  const [first, ...others] = Object.keys(outcomes).map(model => ({ model, port }))
  return { asked, ask: () => inOrder([first!, ...others]).complete(REQUEST) }
}

test('the first answers, and nobody else is asked', async () => {
  const { asked, ask } = asking({ first: answered('first'), second: answered('second') })
  expect(await ask()).toEqual(answered('first'))
  expect(asked).toEqual(['first'])
})

test('the next one that is there answers, says in whose place, and what was used before is paid', async () => {
  const { asked, ask } = asking({ first: away('first', 5), second: away('second', 5, 0), third: answered('third') })
  expect(await ask()).toEqual({
    kind: 'completed',
    answer: { output: 'third' },
    usage: { model: 'third', inputTokens: 20, outputTokens: 2, calls: 2, durationMs: 15, insteadOf: 'first' },
  })
  expect(asked).toEqual(['first', 'second', 'third'])
})

test('what is wrong with the request itself is nobody else’s to answer', async () => {
  const { asked, ask } = asking({ first: failed('first'), second: answered('second') })
  expect(await ask()).toEqual(failed('first'))
  expect(asked).toEqual(['first'])
})

test('one that is not set up is passed over, and that is told like any other’s place', async () => {
  const unset = notConfigured('first', { provider: 'acme', model: 'first' })
  const port = { complete: async () => answered('second') }
  const ask = inOrder([
    { model: 'first', port: unset },
    { model: 'second', port },
  ])
  expect(await ask.complete(REQUEST)).toMatchObject({
    kind: 'completed',
    usage: { model: 'second', insteadOf: 'first', calls: 1 },
  })
  const limit = { complete: async () => away('second', 3000) }
  const both = inOrder([
    { model: 'first', port: unset },
    { model: 'second', port: limit },
  ])
  // It will not come by itself: what is waited for is the other.
  expect(await both.complete(REQUEST)).toMatchObject({ away: { reason: 'provider_limit', retryAfterMs: 3000 } })
})

test('are all away the request waits, for the first one’s reason, until the soonest of them', async () => {
  const { ask } = asking({ first: away('first', 90_000), second: away('second', 3000), third: away('third') })
  expect(await ask()).toMatchObject({
    kind: 'away',
    away: { message: 'first is at its limit.', retryAfterMs: 3000 },
  })
  expect(await asking({ first: away('first'), second: away('second') }).ask()).toMatchObject({
    away: { retryAfterMs: undefined },
  })
})
