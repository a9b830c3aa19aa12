import { describe, expect, it } from 'vitest'
import { USUAL_MODEL } from '../../../../src/domain/models/environment.ts'
import type { ModelPort } from '../../../../src/execution/models/port.ts'
import { modelsFor } from '../../../../src/execution/models/registry.ts'
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
  const request = (model: string) => ({
    model,
    messages: [{ role: 'user' as const, text: 'Hi' }],
    judged: false,
    timeoutMs: 1000,
  })
  const answeredBy = (port: ModelPort, usedAs: string) => {
    const asked: string[] = []
    const complete: ModelPort['complete'] = async ({ model }) => {
      asked.push(model)
      const usage = { model: usedAs, inputTokens: 1, outputTokens: 1, calls: 1, durationMs: 1 }
      return { kind: 'completed', answer: { output: 'Yes.' }, usage }
    }
    return { asked, port: { ...port, complete } }
  }

  it.each([
    ['gpt-5-mini', 'Set OPENAI_API_KEY'],
    ['@cf/meta/llama-3.1-8b-instruct', 'Bind Workers AI as AI'],
    ['acme/llama-3', 'Add the provider "acme"'],
  ])('is nobody where the provider is not set up: %s waits, and says what to do', async (name, fix) => {
    const outcome = await models({}).port(name).complete(request(name))
    expect(outcome).toMatchObject({
      kind: 'away',
      away: { reason: 'provider_not_configured', message: `No provider is configured for the model "${name}".` },
    })
    expect(outcome.kind === 'away' && outcome.away.fix).toContain(fix)
  })

  it('is the provider before the slash, by the name that it knows; its usage bears the whole name', async () => {
    const acme = answeredBy({} as ModelPort, 'llama-3')
    const { port } = modelsFor(withKey, { validate, providers: new Map([['acme', acme.port]]) })
    expect(await port('acme/llama-3').complete(request('acme/llama-3'))).toMatchObject({
      kind: 'completed',
      usage: { model: 'acme/llama-3' },
    })
    expect(acme.asked).toEqual(['llama-3'])
  })

  it('is the demo for demo models, whatever is configured', async () => {
    for (const env of [{}, withKey]) {
      const port = models(env).port('demo:fast')
      const outcome = await port.complete(request('demo:fast'))
      expect(outcome.kind).toBe('completed')
    }
  })

  it('is the provider for every other model, also at a server that needs no key', async () => {
    const asked: [string, string][] = []
    const fetch = (async (url: string, init: RequestInit) => {
      asked.push([new URL(url).host, (JSON.parse(String(init.body)) as { model: string }).model])
      return Response.json({ choices: [{ message: { content: 'Yes.' } }] })
    }) as typeof globalThis.fetch
    const local = modelsFor({ OPENAI_BASE_URL: 'http://localhost:1/v1' }, { validate, fetch })
    expect((await local.port('llama').complete(request('llama'))).kind).toBe('completed')
    // A router's own names hold slashes.
    expect((await local.port('meta/llama').complete(request('meta/llama'))).usage.model).toBe('meta/llama')
    const openai = modelsFor(withKey, { validate, fetch })
    await openai.port('chat:gpt-5').complete(request('chat:gpt-5'))
    await openai.port('openai/chat:gpt-5').complete(request('openai/chat:gpt-5'))
    expect(asked).toEqual([
      ['localhost:1', 'llama'],
      ['localhost:1', 'meta/llama'],
      ['api.openai.com', 'gpt-5'],
      ['api.openai.com', 'gpt-5'],
    ])
  })
})
