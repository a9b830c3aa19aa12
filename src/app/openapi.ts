/** `/api/v1/openapi.json`: made from the routes themselves, once per isolate. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { type ApiEnv, publicUrl } from '../http/context.ts'
import { type Routes, route } from '../http/route.ts'

/** The route that describes `all` routes, itself included. */
export function describeRoutes(all: () => Routes): Routes {
  const routes: Routes = new OpenAPIHono<ApiEnv>()
  let paths: object | undefined
  route(
    routes,
    {
      method: 'get',
      path: '/openapi.json',
      operationId: 'getDescription',
      tag: 'About',
      summary: 'This document',
      scope: null,
      answers: { 200: { schema: z.record(z.string(), z.unknown()), description: 'OpenAPI 3.1.' } },
    },
    c => {
      paths ??= all().getOpenAPI31Document(INFO)
      return c.json({ ...paths, servers: [{ url: publicUrl(c.env, '') }] })
    },
  )
  return routes
}

const INFO = {
  openapi: '3.1.0',
  info: {
    title: 'Baton',
    version: '1',
    description:
      'Tasks travel through workflows of prompts, agents and people. Send `Authorization: Bearer btn_…`. Every POST that makes or changes a task honours `Idempotency-Key`.',
  },
}
