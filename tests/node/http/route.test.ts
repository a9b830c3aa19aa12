/** Declaring a route costs next to nothing: an isolate that never shows the OpenAPI document does not make it. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { expect, test, vi } from 'vitest'
import type { ApiEnv } from '../../../src/http/context.ts'
import { type Routes, route } from '../../../src/http/route.ts'

test('what a document says of a body is worked out when the document is asked for', () => {
  const routes: Routes = new OpenAPIHono<ApiEnv>()
  const body = z.strictObject({ name: z.string() })
  const checked = vi.spyOn(body, 'safeParse')
  const made = vi.fn(() => ({ type: 'object', description: 'Made late.' }))
  const about = { tag: 'T', summary: 'S', scope: null }
  route(routes, { ...about, method: 'post', path: '/a', body, answers: { 200: { description: 'D' } } }, c =>
    c.body(null),
  )
  const answers = { 200: { schema: made, description: 'D' } }
  route(routes, { ...about, method: 'put', path: '/b', answers, rawBody: { schema: made, types: ['text/x'] } }, c =>
    c.body(null),
  )
  const app: Routes = new OpenAPIHono<ApiEnv>()
  app.route('/v1', routes)
  expect([checked.mock.calls.length, made.mock.calls.length]).toEqual([0, 0])

  const { paths } = app.getOpenAPI31Document({ openapi: '3.1.0', info: { title: 'T', version: '1' } })
  expect(paths?.['/v1/a']?.post?.requestBody).toMatchObject({
    required: true,
    content: { 'application/json': { schema: { required: ['name'] } } },
  })
  const late = { schema: { description: 'Made late.' } }
  expect(paths?.['/v1/b']?.put).toMatchObject({
    requestBody: { content: { 'text/x': late } },
    responses: { 200: { content: { 'application/json': late } } },
  })
})
