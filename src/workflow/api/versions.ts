/** `/workflows/:id/versions` and the way back to one of them. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorQuery, iso, isoTime, pageOf } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { listOf, versionNumber } from '../../http/own-list.ts'
import { type Routes, route } from '../../http/route.ts'
import { listVersions, versionByNumber, type WorkflowRow } from '../../records/definitions/workflows.ts'
import { versionDocument } from '../describe.ts'
import { asYaml } from '../document/document.ts'
import { replacedBy } from '../draft.ts'
import { lintText } from '../publish.ts'
import { blocked, own, published, publishLinted, refuseDefinition, TAG, wantsYaml, yaml } from './shared.ts'

export const versionRoutes: Routes = new OpenAPIHono<ApiEnv>()

const versionEntry = z
  .object({
    version: z.int(),
    live: z.boolean(),
    digest: z.string(),
    note: z.string().nullable(),
    createdAt: iso,
    createdBy: z.string(),
  })
  .openapi('Version')

route(
  versionRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/versions',
    tag: TAG,
    summary: 'List versions',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(versionEntry), description: 'A page of versions, newest first.' } },
  },
  (c, { params, query }) =>
    listOf(
      c,
      query,
      () => own(c, params.id),
      (row, cursor) => listVersions(c.env.DB, row.team, row.id, cursor),
      (item, row) => ({ live: item.version === row.live }),
    ),
)

route(
  versionRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/versions/{version}',
    tag: TAG,
    summary: 'Read one version',
    description: 'The definition beside `id`, `version`, `status` and the agent versions that it names.',
    scope: 'workflows:read',
    answers: {
      200: {
        schema: versionDocument,
        description: 'The definition.',
        types: ['application/json', 'application/yaml'],
      },
    },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    const found = row && (await numbered(c, row, params.version))
    if (!row || !found) return problem(c, { kind: 'not_found' })
    if (wantsYaml(c)) return yaml(c, asYaml(found.text, found.format))
    const { definition, agents } = JSON.parse(found.pinned)
    const { version, digest, note, createdBy } = found
    const facts = { version, status: row.status, agents, digest, note, createdAt: isoTime(found.createdAt), createdBy }
    return c.json({ ...definition, id: row.id, ...facts })
  },
)

route(
  versionRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/revert',
    tag: TAG,
    summary: 'Publish an earlier version again',
    description: 'Makes a new version of the same text, with the agents as they are now.',
    scope: 'workflows:write',
    body: z.object({ version: z.int().min(1) }),
    answers: { 200: { schema: published, description: 'Published.' } },
    errors: [409],
  },
  async (c, { params, body }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const old = await versionByNumber(c.env.DB, row.team, row.id, body.version)
    if (!old)
      return problem(c, {
        kind: 'invalid',
        code: 'unknown_version',
        message: `There is no version ${body.version}.`,
        path: 'version',
      })
    const linted = await lintText(c.env, row.team, old, row.id)
    if (!linted.ok) return problem(c, linted.problem)
    if (blocked(linted.value)) return refuseDefinition(c, linted.value)
    const note = `Reverted to version ${old.version}`
    const replaced = await replacedBy(c.env.DB, row, old.text)
    const version = await publishLinted(c, row.id, old, linted.value, { note, replaced })
    if (!version.ok) return problem(c, version.problem)
    return c.json({ id: row.id, version: version.value, lint: linted.value.lint })
  },
)

async function numbered(c: ApiContext, row: WorkflowRow, text: string) {
  const number = versionNumber(text)
  return number === null ? null : versionByNumber(c.env.DB, row.team, row.id, number)
}
