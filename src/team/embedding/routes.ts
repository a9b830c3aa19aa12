/** `/embed-origins`: which sites may show the status of a team's tasks. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { readOrigins } from '../../domain/embed.ts'
import type { ApiEnv } from '../../http/context.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { embedOriginsOf, putEmbedOrigins } from '../../records/people/embed-origins.ts'

export const embeddingRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Limits'
const origins = z
  .object({ origins: z.array(z.string()).openapi({ description: 'Such as `https://intranet.example.com`.' }) })
  .openapi('EmbedOrigins')

route(
  embeddingRoutes,
  {
    method: 'get',
    path: '/embed-origins',
    operationId: 'getEmbedOrigins',
    tag: TAG,
    summary: 'Read which sites may show tasks',
    scope: 'admin',
    answers: { 200: { schema: origins, description: 'In order.' } },
  },
  async c => c.json({ origins: await embedOriginsOf(c.env.DB, c.get('key').team) }),
)

route(
  embeddingRoutes,
  {
    method: 'put',
    path: '/embed-origins',
    operationId: 'setEmbedOrigins',
    tag: TAG,
    summary: 'Set which sites may show tasks',
    description: 'The whole list. A site that is left out shows nothing from then on.',
    scope: 'admin',
    body: z.strictObject({ origins: z.array(z.string().max(300)).max(100) }),
    answers: { 200: { schema: origins, description: 'As they stand now.' } },
  },
  async (c, { body }) => {
    const read = readOrigins(body.origins)
    if ('message' in read) {
      return problem(c, { kind: 'invalid', message: `origins: ${read.message}`, path: 'origins' })
    }
    const key = c.get('key')
    await putEmbedOrigins(c.env.DB, key.team, read.origins, { actor: keyActor(key), at: Date.now() })
    return c.json(read)
  },
)
