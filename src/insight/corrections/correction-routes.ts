/** `/corrections` and `/reviews`: what people changed of what models had drafted, and how often they did not have to. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, pageOf, periodTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { listCorrections, reviewsOverTime, sumReviews } from '../../records/task/reviews/learned.ts'
import { PERIOD_MS, spanOf } from '../range.ts'
import { ratesOf } from '../rates.ts'

export const correctionRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Insight'
const filter = z.object({
  workflow: z.string().max(40).optional(),
  step: z.string().max(40).optional().openapi({ description: 'The key of the step that drafted it.' }),
  agent: z.string().max(40).optional().openapi({ description: "The agent's key." }),
  from: periodTime,
  to: periodTime,
})

const correction = z
  .object({
    at: iso,
    task: z.string(),
    workflow: z.string(),
    step: z.string().openapi({ description: 'The step that drafted it.' }),
    agent: z.string().nullable(),
    agentVersion: z.int().nullable(),
    model: z.string().nullable(),
    askedAt: z.string().openapi({ description: 'The step at which people were asked.' }),
    person: z.string(),
    why: z.enum(['edited', 'redrafted', 'answered', 'denied']).openapi({
      description:
        'Edited by hand; drafted anew after it was sent back; answered otherwise than the model; a call that was not allowed.',
    }),
    field: z.string().openapi({ description: '`lines[0].amount`; empty: the whole.' }),
    before: z.string().openapi({ description: 'As drafted; of a long text the part that differs.' }),
    after: z.string(),
    note: z.string().nullable(),
  })
  .openapi('Correction')

route(
  correctionRoutes,
  {
    method: 'get',
    path: '/corrections',
    operationId: 'listCorrections',
    tag: TAG,
    summary: 'List what people corrected',
    description: 'One entry for each field in which a model’s draft and what people made of it differ.',
    scope: 'tasks:read',
    query: cursorQuery.extend(filter.shape),
    answers: { 200: { schema: pageOf(correction), description: 'A page of corrections, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const { cursor: _cursor, ...asked } = query
    const found = await listCorrections(c.env.DB, c.get('key').team, asked, cursor.value)
    const items = found.items.map(({ seq: _seq, n: _n, at, atStep, was, became, ...rest }) => ({
      ...{ ...rest, at: isoTime(at), askedAt: atStep, before: was, after: became },
    }))
    return c.json({ items, next: found.next })
  },
)

const rate = z.number().nullable()
const counts = {
  decided: z.int().openapi({ description: 'What people approved or rejected; what was taken back does not count.' }),
  unchanged: z.int().openapi({ description: 'Approved as it was drafted.' }),
  edited: z.int(),
  rejected: z.int(),
  sampled: z.int().openapi({ description: 'Went on without a person, as the step is sampled.' }),
  unchangedRate: rate,
  correctionRate: rate.openapi({ description: 'Edited or rejected, of what was decided.' }),
}
const sums = z
  .object({
    from: iso,
    to: iso,
    steps: z.array(
      z.object({
        workflow: z.string(),
        step: z.string(),
        askedAt: z.string(),
        agent: z.string().nullable(),
        ...counts,
      }),
    ),
    spans: z.array(z.object({ from: iso, ...counts })),
  })
  .openapi('Reviews')

route(
  correctionRoutes,
  {
    method: 'get',
    path: '/reviews',
    operationId: 'getReviews',
    tag: TAG,
    summary: 'Read how often drafts were approved unchanged',
    description: 'By step and agent, and over time. The last 30 days unless `from` and `to` say otherwise.',
    scope: 'tasks:read',
    query: filter,
    answers: { 200: { schema: sums, description: 'The figures. A rate without a base is null.' } },
  },
  async (c, { query }) => {
    const to = query.to ?? Date.now()
    const from = query.from ?? to - PERIOD_MS
    if (from > to) {
      return problem(c, { kind: 'invalid', message: 'from: this is after `to`.', hint: 'Swap the two.', path: 'from' })
    }
    const { team } = c.get('key')
    const [steps, spans] = await Promise.all([
      sumReviews(c.env.DB, team, from, to, query),
      reviewsOverTime(c.env.DB, team, { from, to, span: spanOf({ from, to }) }, query),
    ])
    return c.json({
      ...{ from: isoTime(from), to: isoTime(to) },
      steps: steps.map(({ atStep, ...one }) => ({ ...one, askedAt: atStep, ...ratesOf(one) })),
      spans: spans.map(({ from: at, ...one }) => ({ from: isoTime(at), ...one, ...ratesOf(one) })),
    })
  },
)
