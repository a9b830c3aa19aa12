/** `DELETE /tasks/:id`: a task that is over goes for good. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { LEAST_ERASED } from '../../domain/task/log/free-text.ts'
import type { ApiEnv } from '../../http/context.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { readTask } from '../api/resource.ts'
import { deleteTask } from './delete-task.ts'
import { eraseInTask, LONGEST_TEXT, MOST_TEXTS } from './erase-in-task.ts'

export const goneRoutes: Routes = new OpenAPIHono<ApiEnv>()

const erasedTexts = z.array(z.string().trim().min(LEAST_ERASED).max(LONGEST_TEXT)).min(1).max(MOST_TEXTS)

route(
  goneRoutes,
  {
    method: 'delete',
    path: '/tasks/{id}',
    tag: 'Tasks',
    summary: 'Delete a task',
    description:
      'One that is done or cancelled, for good: its log, inputs, outputs, comments, links, callbacks and what search finds it by; its files, where no other task has them. The audit log and figures stay. An open task is refused as `task_open`; a request that made the task answers 410 `task_deleted` from then on.',
    scope: 'admin',
    query: z.object({
      name: z.string().max(1000).optional().openapi({
        description: 'Its exact title, as a confirmation: without it, 409 `unconfirmed`.',
      }),
      erase: z.enum(['true', 'false']).optional().openapi({
        description:
          'true: what the audit log quotes of it (title, notes, names) is erased, too. Its rows stay and verify by the digests that are left.',
      }),
    }),
    answers: { 204: { description: 'Deleted.' } },
    errors: [409],
  },
  async (c, { params, query: { name, erase } }) => {
    const view = await readTask(c, params.id)
    if (!view) return problem(c, { kind: 'not_found' })
    if (name === undefined) {
      const message = 'A deleted task cannot be brought back.'
      return problem(c, { kind: 'conflict', code: 'unconfirmed', message, hint: 'Send its exact title as ?name=.' })
    }
    if (name.trim() !== view.title.trim())
      return problem(c, { kind: 'invalid', message: 'It has another title. Nothing was deleted.', path: 'name' })
    const key = c.get('key')
    const done = await deleteTask(
      c.env,
      { team: key.team, task: view.id, actor: keyActor(key), erase: erase === 'true' },
      Date.now(),
    )
    return done.ok ? c.body(null, 204) : problem(c, done.problem)
  },
)

route(
  goneRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/erase',
    operationId: 'eraseTask',
    tag: 'Tasks',
    summary: 'Take words out of a task',
    description:
      'Of one that is done or cancelled: somebody’s name, address or number, in whatever case, in its title, key, input, outputs, prompts, calls, notes, comments and names of files. `[erased]` stands in their place, everywhere: in its log, lists, search and what the audit log quotes of it. Its way, its decisions and who took them stay, and the audit log verifies as before. What lies in files is not looked at: delete such files. Corrections, callbacks and messages that quote the task go. An open task is refused as `task_open`.',
    scope: 'admin',
    body: z.strictObject({ texts: erasedTexts }).openapi('EraseRequest'),
    answers: { 204: { description: 'They are gone.' } },
    errors: [409, 422],
  },
  async (c, { params, body }) => {
    const view = await readTask(c, params.id)
    if (!view) return problem(c, { kind: 'not_found' })
    const key = c.get('key')
    const done = await eraseInTask(
      c.env,
      { team: key.team, task: view.id, texts: body.texts, actor: keyActor(key) },
      Date.now(),
    )
    return done.ok ? c.body(null, 204) : problem(c, done.problem)
  },
)
