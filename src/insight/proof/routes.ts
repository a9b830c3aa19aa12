/** `/audit/roots` and `/audit/proof`: what of the audit is proven, and all of it in a file that anybody can check. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiEnv } from '../../http/context.ts'
import { iso, isoTime } from '../../http/describe.ts'
import { type Routes, route } from '../../http/route.ts'
import { HOUR_MS, lastRoot, type RootHead, rootsBefore } from '../../records/proof.ts'
import { proofMailOf, putProofMail } from '../../records/proof-mail.ts'
import { exportProof, PROOF_TYPE } from './proof-export.ts'
import { ADDRESS } from './proof-mail.ts'

export const proofRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Insight'
const PAGE = 100

const root = z
  .object({
    n: z.int().openapi({ description: 'Roots are numbered from 1, and each covers the one before.' }),
    at: iso.openapi({ description: 'When it was made.' }),
    until: iso.openapi({ description: 'It covers what came before this.' }),
    entries: z.int().openapi({ description: 'Rows that it is the first to cover.' }),
    digest: z.string().openapi({ description: 'SHA-256 of its text, which is in the file.' }),
    key: z.string().openapi({ description: 'The id of its key at `/.well-known/baton-audit-keys.json`.' }),
    signature: z
      .string()
      .openapi({ description: 'Ed25519, as base64url, over `baton-audit-root-1`, a line feed and the digest.' }),
  })
  .openapi('AuditRoot')

const entryOf = ({ n, at, toHour, entries, digest, kid, signature }: RootHead) => ({
  n,
  at: isoTime(at),
  until: isoTime(toHour * HOUR_MS),
  entries,
  digest,
  key: kid,
  signature,
})

route(
  proofRoutes,
  {
    method: 'get',
    path: '/audit/roots',
    operationId: 'listAuditRoots',
    tag: TAG,
    summary: 'List the signed roots of the audit log',
    description: `Newest first, ${PAGE} at a time. One is made after each day, UTC, in which something came.`,
    scope: 'tasks:read',
    query: z.object({
      before: z.coerce.number().int().min(1).optional().openapi({ description: 'Roots before this number.' }),
    }),
    answers: {
      200: {
        schema: z.object({ provenUntil: iso.nullable(), items: z.array(root) }),
        description: 'The roots, and until when what came is covered by one.',
      },
    },
  },
  async (c, { query }) => {
    const { team } = c.get('key')
    const last = await lastRoot(c.env.DB, team)
    const items = await rootsBefore(c.env.DB, team, query.before ?? Number.MAX_SAFE_INTEGER, PAGE)
    return c.json({ provenUntil: last && isoTime(last.toHour * HOUR_MS), items: items.map(entryOf) })
  },
)

route(
  proofRoutes,
  {
    method: 'get',
    path: '/audit/proof',
    operationId: 'exportAuditProof',
    tag: TAG,
    summary: 'Export the audit log so that it can be verified',
    description:
      'All entries as they lie there, oldest first, with the roots and the public keys, as JSON Lines. `scripts/verify.mjs` checks it without Baton, and names what was changed, removed, added or moved.',
    scope: 'tasks:read',
    answers: { 200: { schema: z.string(), description: 'The file.', types: ['application/jsonl'] } },
  },
  c => {
    c.header('Content-Type', PROOF_TYPE)
    return c.body(exportProof(c.env, c.get('key').team, Date.now()))
  },
)

const mail = z
  .object({ to: z.string().nullable().openapi({ description: 'null: they are not mailed.' }) })
  .openapi('AuditRootMail')

route(
  proofRoutes,
  {
    method: 'get',
    path: '/audit/mail',
    operationId: 'getAuditRootMail',
    tag: TAG,
    summary: 'Read where the roots are mailed',
    scope: 'admin',
    answers: { 200: { schema: mail, description: 'The address.' } },
  },
  async c => c.json({ to: await proofMailOf(c.env.DB, c.get('key').team) }),
)

route(
  proofRoutes,
  {
    method: 'put',
    path: '/audit/mail',
    operationId: 'putAuditRootMail',
    tag: TAG,
    summary: 'Have the roots mailed',
    description:
      'Each root from now on, once, with its digest and signature: what is noted elsewhere cannot be made anew unseen.',
    scope: 'admin',
    body: z.object({ to: z.string().regex(ADDRESS, 'This is no address.').nullable() }),
    answers: { 200: { schema: mail, description: 'The address.' } },
  },
  async (c, { body: { to } }) => {
    const key = c.get('key')
    await putProofMail(c.env.DB, to, { team: key.team, actor: keyActor(key), name: key.name, at: Date.now() })
    return c.json({ to })
  },
)
