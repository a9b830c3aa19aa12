/** `GET /tasks/:id/document`: a task as a document, by API. */
import { OpenAPIHono } from '@hono/zod-openapi'
import { documentOf } from '../../domain/task/told/document/document.ts'
import type { ApiEnv } from '../../http/context.ts'
import { anyJson } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { choiceOf, documentAnswer, documentQuery } from './choice.ts'
import { storyForDocument } from './load.ts'

export const documentRoutes: Routes = new OpenAPIHono<ApiEnv>()

route(
  documentRoutes,
  {
    method: 'get',
    path: '/tasks/{id}/document',
    operationId: 'getTaskDocument',
    tag: 'Tasks',
    summary: 'Save a task as a document',
    description:
      'What no model is told (`redact` of the workflow) is hidden in it, echoes included. Of values over 16 KiB the log names the size; outputs and inputs are whole.',
    scope: 'tasks:read',
    query: documentQuery,
    answers: {
      200: { schema: anyJson, description: 'The file.', types: ['text/markdown', 'application/json', 'text/csv'] },
    },
  },
  async (c, { params, query }) => {
    const story = await storyForDocument(c.env, c.get('key').team, params.id)
    if (story === null) return problem(c, { kind: 'not_found' })
    return documentAnswer(documentOf(story, choiceOf(query)), query.format)
  },
)
