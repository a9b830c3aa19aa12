import { describe, expect, it } from 'vitest'
import { modelsFor, USUAL_MODEL } from '../../../../src/execution/models/registry.ts'
import { validate } from '../../../support/schema-check.ts'

const withKey = { OPENAI_API_KEY: 'sk-test' }
const models = (env: Parameters<typeof modelsFor>[0]) => modelsFor(env, { validate })

describe('the model of a step', () => {
  it('is the step’s, else the agent’s, else the environment’s', () => {
    const { resolve } = models({ ...withKey, BATON_MODEL: 'from-env' })
    expect(resolve('from-step', 'from-agent')).toBe('from-step')
    expect(resolve(null, 'from-agent')).toBe('from-agent')
    expect(resolve(null, null)).toBe('from-env')
  })

  it('is not called default: the word passes the choice on', () => {
    const { resolve } = models({ ...withKey, BATON_MODEL: 'from-env' })
    expect(resolve('default', 'from-agent')).toBe('from-agent')
    expect(resolve('default', 'default')).toBe('from-env')
    expect(models({ BATON_MODEL: 'default' }).resolve(null, null)).toBe('demo')
  })

  it('is the demo model where nothing is configured', () => {
    expect(models({}).resolve(null, null)).toBe('demo')
    expect(models({ OPENAI_API_KEY: ' ', OPENAI_BASE_URL: '' }).resolve('default', null)).toBe('demo')
  })

  it('is the usual model where a provider is', () => {
    expect(models(withKey).resolve(null, null)).toBe(USUAL_MODEL)
    expect(models({ OPENAI_BASE_URL: 'http://localhost:1/v1' }).resolve(null, null)).toBe(USUAL_MODEL)
  })
})

describe('who answers for a model', () => {
  it('is nobody where the provider is not configured', () => expect(models({}).port('gpt-5-mini')).toBeNull())

  it('is the demo for demo models, whatever is configured', async () => {
    for (const env of [{}, withKey]) {
      const port = models(env).port('demo:fast')
      const outcome = await port?.complete({
        model: 'demo:fast',
        messages: [{ role: 'user', text: 'Hi' }],
        judged: false,
        timeoutMs: 1000,
      })
      expect(outcome?.kind).toBe('completed')
    }
  })

  it('is the provider for every other model, also at a server that needs no key', () => {
    expect(models(withKey).port('gpt-5')).not.toBeNull()
    expect(models({ OPENAI_BASE_URL: 'http://localhost:1/v1' }).port('llama')).not.toBeNull()
  })
})
