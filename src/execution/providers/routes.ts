/** `/providers`: the team's own providers of models, each asked with a secret that is named and never shown. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { PROVIDER_KINDS, providerSchema } from '../../domain/models/provider.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { iso, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { otherKey } from '../../http/own-list.ts'
import { type Routes, route } from '../../http/route.ts'
import { keepProvider, removeProvider, tryProvider, type WholeProvider, wholeProviders } from './providers.ts'

export const providerRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Providers'

const entry = z
  .object({
    key: z.string().openapi({ description: 'What stands before its models: `key/model`.' }),
    kind: z.enum(PROVIDER_KINDS),
    baseUrl: z.string(),
    secret: z.string().nullable().openapi({ description: 'A secret of the team by its name; null: it wants no key.' }),
    models: z.array(z.string()).openapi({ description: 'What is offered where one chooses; any other can be named.' }),
    createdAt: iso,
    updatedAt: iso,
    updatedBy: z.string(),
    usedBy: z.object({
      workflows: z.array(z.object({ id: z.string(), name: z.string(), steps: z.array(z.string()) })),
      agents: z.array(z.string()),
    }),
  })
  .openapi('Provider')

const newProvider = providerSchema.extend({
  key: providerSchema.shape.key.optional(),
  baseUrl: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .openapi({ description: 'As OPENAI_BASE_URL: https, a public name, with /v1.' }),
})

route(
  providerRoutes,
  {
    method: 'get',
    path: '/providers',
    tag: TAG,
    summary: 'List providers of models',
    description: 'Those of the team; `openai`, `workers-ai` and `demo` are set in the environment.',
    scope: 'admin',
    answers: {
      200: { schema: z.object({ items: z.array(entry), next: z.null() }), description: 'All of them, by key.' },
    },
  },
  async c => c.json({ items: (await wholeProviders(c.env, c.get('key').team)).map(entryOf), next: null }),
)

route(
  providerRoutes,
  {
    method: 'put',
    path: '/providers/{key}',
    tag: TAG,
    summary: 'Set a provider of models',
    description: 'Makes it, or puts this in the place of an earlier one; what names its models goes on with it.',
    scope: 'admin',
    body: newProvider,
    answers: { 200: { schema: entry, description: 'Set.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const other = otherKey('provider', params.key, body.key)
    if (other !== null) return problem(c, other)
    const read = providerSchema.shape.key.safeParse(params.key)
    if (!read.success) {
      return problem(c, { kind: 'invalid', message: `key: ${read.error.issues[0]?.message}.`, path: 'key' })
    }
    const by = { actor: keyActor(c.get('key')), name: c.get('key').id }
    const kept = await keepProvider(c.env, c.get('key').team, { ...body, key: params.key }, by)
    return kept.ok ? c.json(entryOf(kept.value)) : problem(c, kept.problem)
  },
)

route(
  providerRoutes,
  {
    method: 'delete',
    path: '/providers/{key}',
    tag: TAG,
    summary: 'Delete a provider of models',
    description: 'Refused as `provider_in_use` while a live workflow or an agent names a model of it.',
    scope: 'admin',
    answers: { 204: { description: 'Deleted.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const gone = await removeProvider(c.env, c.get('key').team, params.key, keyActor(c.get('key')))
    return gone.ok ? c.body(null, 204) : problem(c, gone.problem)
  },
)

route(
  providerRoutes,
  {
    method: 'post',
    path: '/providers/{key}/try',
    tag: TAG,
    summary: 'Try a model of a provider',
    description: 'Asks it for one word, for no task; on record.',
    scope: 'admin',
    body: z.strictObject({
      model: z.string().trim().min(1).max(120).optional().openapi({ description: 'As the provider calls it.' }),
    }),
    answers: {
      200: {
        schema: z
          .object({
            model: z.string(),
            ok: z.boolean(),
            said: z.string().openapi({ description: 'What it answered, or why it did not.' }),
            usage: z.object({ inputTokens: z.int(), outputTokens: z.int(), durationMs: z.int() }),
          })
          .openapi('TriedProvider'),
        description: 'What came back.',
      },
    },
  },
  async (c: ApiContext, { params, body }) => {
    const tried = await tryProvider(c.env, c.get('key').team, { key: params.key, ...body }, keyActor(c.get('key')))
    return tried.ok ? c.json(tried.value) : problem(c, tried.problem)
  },
)

function entryOf({ provider, uses }: WholeProvider) {
  const { key, kind, baseUrl, secret, models, createdAt, updatedAt, updatedBy } = provider
  const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
  return { key, kind, baseUrl, secret, models, updatedBy, ...times, usedBy: uses }
}
