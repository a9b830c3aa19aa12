/** `/secrets`: what calls sign in with. A value goes in and never comes out. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiEnv } from '../../http/context.ts'
import { iso, isoOrNull, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { deleteSecret, listSecrets, type SecretRow } from '../../records/people/secrets.ts'
import { keepSecret, MAX_SECRETS, MAX_VALUE, type SecretUse, secretProblem, secretUses } from './secrets.ts'

export const secretRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Secrets'

const entry = z
  .object({
    name: z.string(),
    hosts: z.array(z.string()).openapi({ description: 'The only hosts that it may go to.' }),
    note: z.string().nullable(),
    version: z.int().openapi({ description: 'Counts its values.' }),
    createdAt: iso,
    updatedAt: iso,
    updatedBy: z.string(),
    lastUsedAt: iso.nullable().openapi({ description: 'To the hour.' }),
    usedBy: z.array(z.object({ kind: z.enum(['workflow', 'tool', 'mcp_server', 'provider']), name: z.string() })),
  })
  .openapi('Secret')

route(
  secretRoutes,
  {
    method: 'get',
    path: '/secrets',
    tag: TAG,
    summary: 'List secrets',
    description: 'Never their values.',
    scope: 'admin',
    answers: {
      200: { schema: z.object({ items: z.array(entry), next: z.null() }), description: 'All of them, by name.' },
    },
  },
  async c => {
    const { team } = c.get('key')
    const [rows, uses] = await Promise.all([listSecrets(c.env.DB, team), secretUses(c.env.DB, team)])
    return c.json({ items: rows.map(row => entryOf(row, uses.get(row.name) ?? [])), next: null })
  },
)

route(
  secretRoutes,
  {
    method: 'put',
    path: '/secrets/{name}',
    tag: TAG,
    summary: 'Set a secret',
    description:
      'Makes it, or puts this value in the place of an earlier one. The name stays, so that what names it goes on.',
    scope: 'admin',
    body: z.strictObject({
      value: z.string().max(MAX_VALUE),
      hosts: z.array(z.string().max(253)).max(20).openapi({ description: 'Exact names, without port.' }),
      note: z.string().max(500).optional(),
    }),
    answers: { 200: { schema: entry, description: 'Set.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const { team, id } = c.get('key')
    const secret = {
      name: params.name,
      value: body.value,
      hosts: body.hosts.map(host => host.toLowerCase()),
      note: body.note ?? null,
    }
    const wrong = secretProblem(secret, c.env.BATON_LOCAL === '1')
    if (wrong !== null) {
      return problem(c, { kind: 'invalid', message: `${wrong.field}: ${wrong.message}`, path: wrong.field })
    }
    const kept = await keepSecret(c.env, team, secret, { actor: keyActor(c.get('key')), name: id }, Date.now())
    if (kept === 'full') {
      const message = `The team has ${MAX_SECRETS} secrets, as many as it may.`
      return problem(c, { kind: 'conflict', code: 'too_many_secrets', message, hint: 'Delete one that nothing names.' })
    }
    const [rows, uses] = await Promise.all([listSecrets(c.env.DB, team), secretUses(c.env.DB, team)])
    const row = rows.find(each => each.name === params.name)
    return row === undefined ? problem(c, { kind: 'not_found' }) : c.json(entryOf(row, uses.get(row.name) ?? []))
  },
)

route(
  secretRoutes,
  {
    method: 'delete',
    path: '/secrets/{name}',
    tag: TAG,
    summary: 'Delete a secret',
    description: 'Calls that name it fail from now on, as `secret_missing`.',
    scope: 'admin',
    answers: { 204: { description: 'Deleted.' } },
  },
  async (c, { params }) => {
    const gone = await deleteSecret(c.env.DB, c.get('key').team, params.name, keyActor(c.get('key')), Date.now())
    return gone ? c.body(null, 204) : problem(c, { kind: 'not_found' })
  },
)

function entryOf(row: SecretRow, uses: SecretUse[]) {
  const { name, hosts, note, version, updatedBy } = row
  return {
    ...{ name, hosts, note, version, updatedBy },
    createdAt: isoTime(row.createdAt),
    updatedAt: isoTime(row.updatedAt),
    lastUsedAt: isoOrNull(row.lastUsedAt),
    usedBy: uses.map(({ kind, name: by }) => ({ kind, name: by })),
  }
}
