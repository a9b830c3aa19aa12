/** `POST /__local/seed`: for the start script alone. Anywhere but in local mode, and without its token, there is no such route. */
import { OpenAPIHono } from '@hono/zod-openapi'
import type { ApiEnv } from '../http/context.ts'
import { problem } from '../http/errors.ts'
import type { Routes } from '../http/route.ts'
import { sameSecret } from '../team/keys/keys.ts'
import { seed } from './seed.ts'

export const seedRoutes: Routes = new OpenAPIHono<ApiEnv>()

seedRoutes.post('/__local/seed', async c => {
  const { BATON_LOCAL, BATON_LOCAL_TOKEN } = c.env
  const given = c.req.header('x-baton-local')
  const local = BATON_LOCAL === '1' && BATON_LOCAL_TOKEN && given !== undefined
  if (!local || !(await sameSecret(given, BATON_LOCAL_TOKEN))) return problem(c, { kind: 'unknown_route' })
  return c.json(await seed(c.env, new Date()))
})
