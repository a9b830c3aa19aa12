/** Names of models and what may be a team's provider. */
import { describe, expect, test } from 'vitest'
import {
  modelName,
  type Provider,
  providerProblem,
  providerSchema,
  readModelName,
} from '../../../src/domain/models/provider.ts'

const PLAIN = { keys: ['acme', 'eu-west'], router: false }
const ROUTER = { ...PLAIN, router: true }

test.each([
  ['gpt-5-mini', PLAIN, 'openai', 'gpt-5-mini'],
  ['chat:gpt-5-mini', PLAIN, 'openai', 'chat:gpt-5-mini'],
  ['openai/gpt-5-mini', PLAIN, 'openai', 'gpt-5-mini'],
  ['acme/llama-3', PLAIN, 'acme', 'llama-3'],
  ['eu-west/meta/llama-3', PLAIN, 'eu-west', 'meta/llama-3'],
  ['acmee/llama-3', PLAIN, 'acmee', 'llama-3'],
  ['demo', PLAIN, 'demo', 'demo'],
  ['demo:fast', PLAIN, 'demo', 'demo:fast'],
  ['@cf/meta/llama-3.1-8b-instruct', PLAIN, 'workers-ai', '@cf/meta/llama-3.1-8b-instruct'],
  ['workers-ai/@cf/meta/llama-3.1-8b-instruct', ROUTER, 'workers-ai', '@cf/meta/llama-3.1-8b-instruct'],
  // A router's own names hold slashes: a prefix that is nobody's belongs to them.
  ['anthropic/claude', ROUTER, 'openai', 'anthropic/claude'],
  ['openai/gpt-5-mini', ROUTER, 'openai', 'openai/gpt-5-mini'],
  ['acme/llama-3', ROUTER, 'acme', 'llama-3'],
  // What could be no provider's name is none.
  ['Acme/llama', PLAIN, 'openai', 'Acme/llama'],
  ['/llama', PLAIN, 'openai', '/llama'],
])('%s is read as it is meant (%j)', (name, around, provider, model) => {
  expect(readModelName(name, around)).toEqual({ provider, model })
})

test('costs and limits are kept by the whole name, plain for the environment’s provider', () => {
  const kept = (name: string) => modelName(readModelName(name, PLAIN))
  expect(['openai/gpt-5', 'gpt-5', 'acme/gpt-5', '@cf/x/y', 'demo:fast'].map(kept)).toEqual([
    'gpt-5',
    'gpt-5',
    'acme/gpt-5',
    'workers-ai/@cf/x/y',
    'demo:fast',
  ])
})

describe('a provider', () => {
  const GOOD: Provider = {
    key: 'acme',
    kind: 'openai-chat',
    baseUrl: 'https://models.acme.example/v1',
    secret: 'acme_key',
  }
  const secrets = new Map([['acme_key', ['models.acme.example']]])
  const wrongField = (over: Partial<Provider>, local = false) =>
    providerProblem({ ...GOOD, ...over }, { secrets, local })?.field ?? null

  test.each([
    [null, {}],
    [null, { secret: undefined }],
    ['key', { key: 'openai' }],
    ['key', { key: 'workers-ai' }],
    ['key', { key: 'demo' }],
    ['baseUrl', { baseUrl: 'http://models.acme.example/v1' }],
    ['baseUrl', { baseUrl: 'https://10.0.0.1/v1' }],
    ['baseUrl', { baseUrl: 'https://db.internal/v1' }],
    ['baseUrl', { baseUrl: 'https://key@models.acme.example/v1' }],
    ['baseUrl', { baseUrl: 'https://models.acme.example:8443/v1' }],
    ['baseUrl', { baseUrl: 'http://127.0.0.1:9999/v1' }],
    ['baseUrl', { baseUrl: 'https://models.acme.example/v1?key=x' }],
    ['baseUrl', { baseUrl: 'models.acme.example' }],
    ['secret', { secret: 'other' }],
    ['secret', { baseUrl: 'https://elsewhere.example/v1' }],
    ['models', { models: ['a', 'b', 'a'] }],
  ])('is wrong in %s (%j)', (field, over) => expect(wrongField(over)).toBe(field))

  test('may be on this machine in local mode alone', () => {
    const here = { baseUrl: 'http://127.0.0.1:9999/v1', secret: undefined }
    expect([wrongField(here, true), wrongField(here, false)]).toEqual([null, 'baseUrl'])
  })

  test('has a key that names can begin with', () => {
    for (const key of ['Acme', 'a/b', '', '1a', 'a'.repeat(41)])
      expect(providerSchema.safeParse({ ...GOOD, key }).success).toBe(false)
  })
})
