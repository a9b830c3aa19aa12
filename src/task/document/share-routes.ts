/** `/tasks/:id/shares`: links that show a task, or its status, to whoever has them, by API. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { readShows, SHOWS } from '../../domain/embed.ts'
import { DETAILS } from '../../domain/task/told/document/telling.ts'
import type { Env } from '../../env.ts'
import type { ApiEnv } from '../../http/context.ts'
import { iso, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { newId } from '../../records/ids.ts'
import { MOST_SHARES, makeShare, openShares, revokeShare, type ShareRow, shareById } from '../../records/task/shares.ts'
import { readTask } from '../api/resource.ts'
import { shareLink } from './share-link.ts'

export const shareRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Tasks'
const DAY_MS = 86_400_000
const MOST_DAYS = 366

const share = z
  .object({
    id: z.string(),
    shows: z.enum(['document', 'status']),
    detail: z.enum(DETAILS).nullable().openapi({ description: 'Of a document.' }),
    inputs: z.boolean().openapi({ description: 'Whether a document shows what came in.' }),
    with: z.array(z.enum(SHOWS)).openapi({ description: 'What a status shows besides.' }),
    createdAt: iso,
    createdBy: z.string(),
    expiresAt: iso,
    url: z.url(),
    badge: z.url().nullable().openapi({ description: 'The SVG of a status.' }),
  })
  .openapi('Share')

const days = z.int().min(1).max(MOST_DAYS).default(7)
const body = z.union([
  z.strictObject({
    shows: z.literal('document').default('document'),
    detail: z.enum(DETAILS).default('summary'),
    inputs: z.boolean().default(false),
    days,
  }),
  z.strictObject({ shows: z.literal('status'), with: z.array(z.enum(SHOWS)).max(3).default([]), days }),
])

route(
  shareRoutes,
  {
    method: 'get',
    path: '/tasks/{id}/shares',
    operationId: 'listShares',
    tag: TAG,
    summary: 'List the links that show a task',
    description: 'Those that lead somewhere, newest first.',
    scope: 'tasks:write',
    answers: { 200: { schema: z.object({ items: z.array(share) }), description: 'The links.' } },
  },
  async (c, { params }) => {
    const task = await readTask(c, params.id)
    if (task === null) return problem(c, { kind: 'not_found' })
    const found = await openShares(c.env.DB, c.get('key').team, params.id, Date.now())
    return c.json({ items: await Promise.all(found.map(row => shown(c.env, row))) })
  },
)

route(
  shareRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/shares',
    operationId: 'createShare',
    tag: TAG,
    summary: 'Make a link that shows a task',
    description:
      'To whoever has it, without an account, until it ends or is revoked. A `status` may be shown within the pages of the sites of `PUT /embed-origins`.',
    scope: 'tasks:write',
    body,
    answers: { 201: { schema: share, description: 'The link.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const task = await readTask(c, params.id)
    if (task === null) return problem(c, { kind: 'not_found' })
    const key = c.get('key')
    const now = Date.now()
    const chosen =
      body.shows === 'status'
        ? {
            detail: 'summary' as const,
            inputs: 0 as const,
            shows: SHOWS.filter(one => body.with.includes(one)).join(' '),
          }
        : { detail: body.detail, inputs: body.inputs ? (1 as const) : (0 as const), shows: null }
    const made = {
      team: key.team,
      task: params.id,
      id: newId('shr'),
      createdAt: now,
      expiresAt: now + body.days * DAY_MS,
    }
    if (!(await makeShare(c.env.DB, { ...made, ...chosen }, keyActor(key), task.workflow))) {
      const message = `This task has ${MOST_SHARES} links.`
      return problem(c, { kind: 'conflict', code: 'too_many_shares', message, hint: 'Revoke those that nobody needs.' })
    }
    const row = await shareById(c.env.DB, key.team, params.id, made.id)
    return c.json(await shown(c.env, row!), 201)
  },
)

route(
  shareRoutes,
  {
    method: 'delete',
    path: '/tasks/{id}/shares/{share}',
    operationId: 'revokeShare',
    tag: TAG,
    summary: 'Revoke a link that shows a task',
    description: 'It shows nothing any more from then on.',
    scope: 'tasks:write',
    answers: { 204: { description: 'Revoked.' } },
  },
  async (c, { params }) => {
    const key = c.get('key')
    const row = await shareById(c.env.DB, key.team, params.id, params.share)
    if (row === null) return problem(c, { kind: 'not_found' })
    const task = await readTask(c, params.id)
    await revokeShare(c.env.DB, row, keyActor(key), Date.now(), task?.workflow ?? '')
    return c.body(null, 204)
  },
)

async function shown(env: Env, row: ShareRow) {
  const url = await shareLink(env, row)
  const { id, detail, inputs, shows, createdAt, createdBy, expiresAt } = row
  return {
    ...{ id, shows: shows === null ? ('document' as const) : ('status' as const) },
    ...{ detail: shows === null ? detail : null, inputs: inputs === 1, with: readShows(shows ?? '') },
    ...{ createdAt: isoTime(createdAt), createdBy, expiresAt: isoTime(expiresAt) },
    ...{ url, badge: shows === null ? null : `${url}/badge.svg` },
  }
}
