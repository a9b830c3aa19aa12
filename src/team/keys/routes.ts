/** `/keys`: the team's keys; a key's text is shown once, when it is made. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor, SCOPES } from '../../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoOrNull, isoTime, pageOf } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type KeyRow, keyById, listKeys, makeKey, revokeKey, rollKey } from '../../records/people/keys.ts'
import { keyStatus, newKeyRow, successorOf } from './key-rows.ts'
import { ROLL_OVERLAP_MS } from './keys.ts'

export const keyRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Keys'
const KEY_ID = /^key_[a-z2-7]{10}$/

const entry = z
  .object({
    id: z.string(),
    name: z.string(),
    scopes: z.array(z.enum(SCOPES)),
    last4: z.string().openapi({ description: 'The last four characters, to tell keys apart.' }),
    status: z.enum(['active', 'expired', 'revoked']),
    createdAt: iso,
    createdBy: z.string(),
    expiresAt: iso.nullable(),
    revokedAt: iso.nullable(),
    lastUsedAt: iso.nullable().openapi({ description: 'To the hour.' }),
  })
  .openapi('Key')
const withText = entry
  .extend({ key: z.string().openapi({ description: 'The key itself. It is shown this once.' }) })
  .openapi('NewKey')

route(
  keyRoutes,
  {
    method: 'get',
    path: '/keys',
    tag: TAG,
    summary: 'List keys',
    scope: 'admin',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(entry), description: 'A page of keys, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listKeys(c.env.DB, c.get('key').team, cursor.value)
    return c.json({ items: found.items.map(row => entryOf(row, Date.now())), next: found.next })
  },
)

route(
  keyRoutes,
  {
    method: 'post',
    path: '/keys',
    tag: TAG,
    summary: 'Make a key',
    scope: 'admin',
    body: z.strictObject({
      name: z.string().trim().min(1).max(120),
      scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
      expiresAt: z.iso.datetime({ offset: true }).optional().openapi({ description: 'It never ends when left out.' }),
    }),
    answers: { 201: { schema: withText, description: 'Made. `key` is shown this once.' } },
  },
  async (c, { body }) => {
    const now = Date.now()
    const expiresAt = body.expiresAt === undefined ? null : Date.parse(body.expiresAt)
    if (expiresAt !== null && expiresAt <= now) {
      const message = 'expiresAt: this time has passed.'
      return problem(c, { kind: 'invalid', message, hint: 'Name a time to come.', path: 'expiresAt' })
    }
    const scopes = [...new Set(body.scopes)].join(' ')
    const made = await newKeyRow(byOf(c), { name: body.name, scopes, expiresAt }, now)
    await makeKey(c.env.DB, made.row, keyActor(c.get('key')))
    return c.json({ ...entryOf(made.row, now), key: made.token }, 201)
  },
)

route(
  keyRoutes,
  {
    method: 'post',
    path: '/keys/{id}/roll',
    tag: TAG,
    summary: 'Roll a key',
    description: 'Makes a successor with the same name and scopes; the old key works for 24 more hours beside it.',
    scope: 'admin',
    answers: { 201: { schema: withText, description: 'The successor. `key` is shown this once.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const old = await own(c, params.id)
    if (!old) return problem(c, { kind: 'not_found' })
    const now = Date.now()
    if (keyStatus(old, now) !== 'active') {
      const message = `This key is ${keyStatus(old, now)}; there is nothing to roll.`
      return problem(c, { kind: 'conflict', code: 'key_not_active', message, hint: 'Make a new key.' })
    }
    const made = await newKeyRow(byOf(c), successorOf(old, now), now)
    if (!(await rollKey(c.env.DB, old, made.row, now + ROLL_OVERLAP_MS, keyActor(c.get('key'))))) {
      const message = 'This key was rolled before, or revoked meanwhile.'
      const hint = 'Use its successor, or make a new key.'
      return problem(c, { kind: 'conflict', code: 'key_rolled', message, hint })
    }
    return c.json({ ...entryOf(made.row, now), key: made.token }, 201)
  },
)

route(
  keyRoutes,
  {
    method: 'post',
    path: '/keys/{id}/revoke',
    tag: TAG,
    summary: 'Revoke a key',
    description: 'Holds at once for /api/v1, within 10 s at intakes.',
    scope: 'admin',
    answers: { 200: { schema: entry, description: 'Revoked.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const now = Date.now()
    await revokeKey(c.env.DB, row, keyActor(c.get('key')), now)
    return c.json(entryOf({ ...row, revokedAt: row.revokedAt ?? now }, now))
  },
)

async function own(c: ApiContext, id: string): Promise<KeyRow | null> {
  return KEY_ID.test(id) ? keyById(c.env.DB, c.get('key').team, id) : null
}

function byOf(c: ApiContext) {
  const { team, id } = c.get('key')
  return { team, createdBy: id }
}

function entryOf(row: KeyRow, now: number) {
  const { id, name, last4, createdBy } = row
  const times = {
    createdAt: isoTime(row.createdAt),
    expiresAt: isoOrNull(row.expiresAt),
    revokedAt: isoOrNull(row.revokedAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
  }
  return { id, name, scopes: row.scopes.split(' '), last4, status: keyStatus(row, now), createdBy, ...times }
}
