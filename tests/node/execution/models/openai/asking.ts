/** The real SDK asking the local server, for the tests of the models behind OpenAI's protocol. */
import { afterAll, beforeAll, beforeEach } from 'vitest'
import type { JsonSchema } from '../../../../../src/domain/json/json.ts'
import type { RunFailure } from '../../../../../src/domain/task/run/outcome.ts'
import { openaiModels } from '../../../../../src/execution/models/openai/model.ts'
import type { Away, ModelAnswer, ModelOutcome, ModelRequest } from '../../../../../src/execution/models/port.ts'
import {
  type Behaviour,
  type OpenaiServer,
  type Protocol,
  startOpenaiServer,
} from '../../../../support/openai-server.ts'
import { validate } from '../../../../support/schema-check.ts'

export const KEY = 'sk-test-0123456789'

export const strictSchema: JsonSchema = {
  type: 'object',
  required: ['score'],
  properties: { score: { type: 'integer', minimum: 0, maximum: 10 } },
  additionalProperties: false,
}

/** A server for the file's tests, and `ask`, whose calls meet the script. */
export function aServer() {
  let server: OpenaiServer
  beforeAll(async () => {
    server = await startOpenaiServer({ apiKey: KEY })
  })
  beforeEach(() => server.reset())
  afterAll(() => server.close())
  const again = (protocol: Protocol, over: Partial<ModelRequest> = {}): Promise<ModelOutcome> =>
    openaiModels({ apiKey: KEY, baseUrl: server.url, validate }).complete({
      model: `${protocol}:gpt-5-mini`,
      messages: [{ role: 'user', text: 'Greet Ana.' }],
      judged: false,
      timeoutMs: 5000,
      ...over,
    })
  return {
    get server() {
      return server
    },
    /** Asks with what is left of the script. */
    again,
    ask: (protocol: Protocol, over: Partial<ModelRequest> = {}, ...script: Behaviour[]): Promise<ModelOutcome> => {
      server.script(script)
      return again(protocol, over)
    },
  }
}

export const failureOf = (outcome: ModelOutcome): RunFailure => {
  if (outcome.kind !== 'failed') throw new Error(`It did not fail: ${JSON.stringify(outcome)}`)
  return outcome.failure
}

export const answerOf = (outcome: ModelOutcome): ModelAnswer => {
  if (outcome.kind !== 'completed') throw new Error(JSON.stringify(outcome))
  return outcome.answer
}

export const awayOf = (outcome: ModelOutcome): Away => {
  if (outcome.kind !== 'away') throw new Error(`It is not away: ${JSON.stringify(outcome)}`)
  return outcome.away
}
