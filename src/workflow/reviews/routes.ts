/** `/workflows/{id}/sampling`: which human steps have only one draft in so many put to people, and which have earned it. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from '../../http/context.ts'
import { iso, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { own, TAG } from '../api/shared.ts'
import { standingsOf } from './standing.ts'

export const samplingRoutes: Routes = new OpenAPIHono<ApiEnv>()

const standing = z
  .object({
    step: z.string(),
    name: z.string(),
    never: z.string().nullable().openapi({ description: 'Why people look at each, always; null: they need not.' }),
    unchanged: z.int().openapi({ description: 'Approvals in a row of what it asks about today, without a change.' }),
    needed: z.int().openapi({ description: 'So many, and `sample` takes effect.' }),
    sample: z.int().nullable().openapi({ description: 'One in how many is looked at, once that is earned.' }),
    ended: z
      .object({ at: iso, person: z.string(), verdict: z.enum(['edited', 'rejected', 'changed']), task: z.string() })
      .nullable()
      .openapi({
        description: 'The latest decision that began the count anew; `changed`: the draft came from something else.',
      }),
  })
  .openapi('Sampling')

route(
  samplingRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/sampling',
    operationId: 'listSampling',
    tag: TAG,
    summary: 'List how human steps are sampled',
    description:
      'A step with `sample: N` has one draft in N put to people once so many in a row were approved unchanged. An edit or a rejection begins the count anew.',
    scope: 'workflows:read',
    answers: {
      200: { schema: z.object({ items: z.array(standing) }), description: 'The human steps, in their order.' },
    },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const found = await standingsOf(c.env, { team: row.team, workflow: row.id }, Date.now())
    const items = found.map(({ sums: _sums, ended, ...rest }) => ({
      ...{ ...rest, ended: ended && { ...ended, at: isoTime(ended.at) } },
    }))
    return c.json({ items })
  },
)
