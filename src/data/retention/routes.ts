/** `/retention` and `/archives`: how long a team keeps what is over, how much would go, and what was archived of it. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { AUDIT_DAYS, before, retentionProblem, TASK_DAYS } from '../../domain/retention.ts'
import type { ApiEnv } from '../../http/context.ts'
import { isoOrNull, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type ArchiveRow, archiveById, listArchives } from '../../records/data/archives.ts'
import { putRetention, readRetention, rehearse } from '../../records/data/retention.ts'
import { archiveAnswer } from './serve.ts'

export const retentionRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Data'
const auditDays = z.int().openapi({ description: `${AUDIT_DAYS.least} to ${AUDIT_DAYS.most}.` })
const taskDays = z
  .int()
  .nullable()
  .openapi({ description: `${TASK_DAYS.least} to ${TASK_DAYS.most} after their end; null: they are kept.` })
const unarchived = z.boolean().openapi({
  description: 'Where no bucket is bound there is no archive: nothing goes then unless this says that it may.',
})
const document = z.object({ auditDays, taskDays, unarchived }).openapi('Retention')

route(
  retentionRoutes,
  {
    method: 'get',
    path: '/retention',
    tag: TAG,
    summary: 'How long things are kept',
    scope: 'admin',
    answers: { 200: { schema: document, description: 'In days.' } },
  },
  async c => c.json(await readRetention(c.env.DB, c.get('key').team)),
)

route(
  retentionRoutes,
  {
    method: 'put',
    path: '/retention',
    operationId: 'setRetention',
    tag: TAG,
    summary: 'Set how long things are kept',
    description:
      'What is older is written to an archive and then deleted, hour by hour. Figures stay. See `/retention/rehearsal` first.',
    scope: 'admin',
    body: z.strictObject({ auditDays, taskDays, unarchived: unarchived.optional() }),
    answers: { 200: { schema: document, description: 'Set.' } },
  },
  async (c, { body }) => {
    const key = c.get('key')
    const retention = { ...body, unarchived: body.unarchived ?? false }
    const wrong = retentionProblem(retention)
    if (wrong) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    await putRetention(c.env.DB, retention, { team: key.team, actor: keyActor(key), name: key.id, at: Date.now() })
    return c.json(retention)
  },
)

const days = z.coerce.number().int()

route(
  retentionRoutes,
  {
    method: 'get',
    path: '/retention/rehearsal',
    operationId: 'rehearseRetention',
    tag: TAG,
    summary: 'How much would be deleted',
    description: 'With other numbers of days than those that are set, if you give them. Changes nothing.',
    scope: 'admin',
    query: z.object({ auditDays: days.optional(), taskDays: days.optional() }),
    answers: {
      200: {
        schema: z.object({
          rows: z.int().openapi({ description: 'Of the audit log.' }),
          oldestRow: z.string().nullable(),
          tasks: z.int(),
          oldestTask: z.string().nullable(),
        }),
        description: 'What is older now.',
      },
    },
  },
  async (c, { query }) => {
    const { team } = c.get('key')
    const retention = { ...(await readRetention(c.env.DB, team)), ...query }
    const wrong = retentionProblem(retention)
    if (wrong) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    const now = Date.now()
    const { auditDays, taskDays } = retention
    const told = await rehearse(
      c.env.DB,
      team,
      before(auditDays, now),
      taskDays === null ? null : before(taskDays, now),
    )
    return c.json({ ...told, oldestRow: isoOrNull(told.oldestRow), oldestTask: isoOrNull(told.oldestTask) })
  },
)

const archive = z
  .object({
    id: z.string(),
    kind: z.enum(['audit', 'tasks']),
    from: z.string().nullable(),
    to: z.string().nullable(),
    rows: z.int().nullable(),
    bytes: z.int().nullable(),
    sha256: z.string().nullable(),
    createdAt: z.string(),
  })
  .openapi('Archive')

route(
  retentionRoutes,
  {
    method: 'get',
    path: '/archives',
    tag: TAG,
    summary: 'List archives',
    scope: 'admin',
    answers: {
      200: { schema: z.object({ items: z.array(archive), next: z.null() }), description: 'Newest first, 500 at most.' },
    },
  },
  async c => c.json({ items: (await listArchives(c.env.DB, c.get('key').team)).map(shown), next: null }),
)

route(
  retentionRoutes,
  {
    method: 'get',
    path: '/archives/{id}/content',
    tag: TAG,
    summary: 'Download an archive',
    description:
      'JSON Lines, gzip: rows of the audit log, or tasks with their logs. `file`, a SHA-256, answers a file of one of its tasks instead.',
    scope: 'admin',
    query: z.object({
      file: z
        .string()
        .regex(/^[0-9a-f]{64}$/)
        .optional(),
    }),
    answers: {
      200: { schema: z.string(), description: 'The archive.', types: ['application/gzip', 'application/octet-stream'] },
    },
  },
  async (c, { params, query }) => {
    const row = await archiveById(c.env.DB, c.get('key').team, params.id)
    const answer = row && (await archiveAnswer(c.env, row, query.file))
    return answer ?? problem(c, { kind: 'not_found' })
  },
)

function shown({ id, kind, fromAt, toAt, rows, bytes, sha256, createdAt }: ArchiveRow) {
  return { id, kind, from: isoOrNull(fromAt), to: isoOrNull(toAt), rows, bytes, sha256, createdAt: isoTime(createdAt) }
}
