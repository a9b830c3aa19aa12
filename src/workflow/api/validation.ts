/** `/workflows/validate`: what the lint says of a definition that is not kept, for editors, command lines and CI. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiEnv } from '../../http/context.ts'
import { lintDocument } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { draftFacts } from '../publish.ts'
import { blocked, definitionBody, own, readDefinition, TAG } from './shared.ts'

export const validationRoutes: Routes = new OpenAPIHono<ApiEnv>()

const verdict = z
  .object({
    valid: z.boolean().openapi({ description: 'Whether it could be published; warnings do not stand in the way.' }),
    name: z.string(),
    lint: z.array(lintDocument),
  })
  .openapi('Verdict')

route(
  validationRoutes,
  {
    method: 'post',
    path: '/workflows/validate',
    tag: TAG,
    summary: 'Check a definition',
    description: 'Against the agents, tools and members of the team, as publishing does. Nothing is kept.',
    scope: 'workflows:read',
    query: z.object({
      workflow: z.string().max(40).optional().openapi({ description: 'Whose definition it is, if that is made.' }),
    }),
    rawBody: definitionBody,
    answers: { 200: { schema: verdict, description: 'What was found; a definition with errors is answered, too.' } },
  },
  async (c, { query: { workflow } }) => {
    if (workflow !== undefined && !(await own(c, workflow))) return problem(c, { kind: 'not_found' })
    const read = await readDefinition(c, workflow)
    if (!read.ok) return problem(c, read.problem)
    const { linted } = read.value
    return c.json({ valid: !blocked(linted), name: draftFacts(linted.document).name, lint: linted.lint })
  },
)
