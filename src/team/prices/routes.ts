/** `/prices`: what models cost the team. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import type { By } from '../../records/people/limits.ts'
import { dropPrice, MAX_PRICES, type ModelUse, type PriceLine, priceProblem, pricesOf, setPrice } from './prices.ts'

export const priceRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Limits'

const usedBy = z.array(z.object({ kind: z.enum(['workflow', 'agent']), name: z.string() }))
const entry = z
  .object({
    model: z.string(),
    input: z.number().openapi({ description: 'USD for a million tokens.' }),
    output: z.number(),
    cached: z
      .number()
      .nullable()
      .openapi({ description: 'Of input that the provider had at hand; null: as other input.' }),
    source: z.enum(['list', 'team']),
    usedBy,
  })
  .openapi('ModelPrice')

route(
  priceRoutes,
  {
    method: 'get',
    path: '/prices',
    tag: TAG,
    summary: 'List what models cost',
    description: 'The list’s prices with the team’s own in their place and beside them; models in use come first.',
    scope: 'workflows:read',
    answers: {
      200: {
        schema: z.object({
          items: z.array(entry),
          unpriced: z.array(z.object({ model: z.string(), usedBy })).openapi({
            description: 'Models without a price: those in use, and those that a provider of the team offers.',
          }),
          next: z.null(),
        }),
        description: 'All of them.',
      },
    },
  },
  async c => {
    const { lines, unpriced, offered } = await pricesOf(c.env, c.get('key').team)
    return c.json({
      items: lines.map(entryOf),
      unpriced: [
        ...unpriced.map(({ name, uses }) => ({ model: name, usedBy: usesOf(uses) })),
        ...offered.map(model => ({ model, usedBy: [] })),
      ],
      next: null,
    })
  },
)

const usd = z.number().openapi({ description: 'USD for a million tokens.' })

route(
  priceRoutes,
  {
    method: 'put',
    path: '/prices/{model}',
    operationId: 'setPrice',
    tag: TAG,
    summary: 'Set what a model costs',
    description:
      'Calls from now on cost so much; what calls of before cost stays. A name that holds `/` is percent-encoded.',
    scope: 'admin',
    body: z.strictObject({ input: usd, output: usd, cached: usd.optional() }),
    answers: { 200: { schema: entry, description: 'Set.' } },
    errors: [409],
  },
  async (c, { params: { model }, body }) => {
    const wrong = priceProblem(model, body)
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    if ((await setPrice(c.env.DB, model, body, byKey(c))) === 'full') {
      const message = `The team has set ${MAX_PRICES} prices, as many as it may.`
      return problem(c, {
        kind: 'conflict',
        code: 'too_many_prices',
        message,
        hint: 'Delete one that no longer counts.',
      })
    }
    const { lines } = await pricesOf(c.env, c.get('key').team)
    const line = lines.find(({ name }) => name === model)
    return line === undefined ? problem(c, { kind: 'not_found' }) : c.json(entryOf(line))
  },
)

route(
  priceRoutes,
  {
    method: 'delete',
    path: '/prices/{model}',
    tag: TAG,
    summary: 'Take the team’s own price of a model away',
    description: 'The list’s price counts again, if it has one.',
    scope: 'admin',
    answers: { 204: { description: 'Taken away.' } },
  },
  async (c, { params }) =>
    (await dropPrice(c.env.DB, params.model, byKey(c))) ? c.body(null, 204) : problem(c, { kind: 'not_found' }),
)

function byKey(c: ApiContext): By {
  const key = c.get('key')
  return { team: key.team, actor: keyActor(key), name: key.id, at: Date.now() }
}

function entryOf({ name, price, own, uses }: PriceLine) {
  const { input, output, cached = null } = price
  return { model: name, input, output, cached, source: own === null ? 'list' : 'team', usedBy: usesOf(uses) }
}

function usesOf(uses: ModelUse[]) {
  return uses.map(({ kind, name }) => ({ kind, name }))
}
