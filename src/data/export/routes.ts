/** `POST /export`: everything of the team as an archive. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiEnv } from '../../http/context.ts'
import { type Routes, route } from '../../http/route.ts'
import { exportAnswer } from './answer.ts'
import { TASKS_A_PART } from './archive.ts'

export const exportRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TASK = /^tsk_[a-z2-7]{26}$/

route(
  exportRoutes,
  {
    method: 'post',
    path: '/export',
    operationId: 'exportTeam',
    tag: 'Data',
    summary: 'Save everything of the team',
    description: `A zip archive, made while it is sent: definitions with their versions, agents, tools, knowledge, intakes, people, settings and the audit log as JSON Lines, and ${TASKS_A_PART} tasks with their logs and files. Where there are more, its README.txt names the last one: ask again with \`after\`. No secret's value is in it.`,
    scope: 'admin',
    body: z.strictObject({ after: z.string().regex(TASK, 'must be the id of a task').optional() }),
    answers: { 200: { schema: z.string(), description: 'The archive.', types: ['application/zip'] } },
  },
  (c, { body }) => exportAnswer(c.env, c.get('key').team, keyActor(c.get('key')), body.after ?? ''),
)
