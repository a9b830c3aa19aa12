/** `/workflows` and `/workflows/:id`: definitions and drafts, as JSON or YAML. */

import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, pageOf } from '../../http/describe.ts'
import { type ApiProblem, problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { startersOf } from '../../records/definitions/workflow-uses.ts'
import {
  deleteWorkflow,
  insertWorkflow,
  listWorkflows,
  saveDraft,
  versionByNumber,
  type WorkflowRow,
} from '../../records/definitions/workflows.ts'
import { newId } from '../../records/ids.ts'
import { workflowDocument } from '../describe.ts'
import { asYaml, readDocument } from '../document/document.ts'
import { replacedBy } from '../draft.ts'
import { draftFacts, factsOf, type Linted } from '../publish.ts'
import {
  blocked,
  definitionBody,
  newCallbackSecret,
  own,
  published,
  publishLinted,
  readDefinition,
  refuseDefinition,
  status,
  TAG,
  wantsYaml,
  yaml,
} from './shared.ts'

export const definitionRoutes: Routes = new OpenAPIHono<ApiEnv>()

const draftQuery = z.object({ draft: z.enum(['0', '1']).optional().openapi({ description: '`1`: the draft.' }) })

const summary = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    owner: z.string().nullable(),
    tags: z.array(z.string()),
    status: status,
    version: z.int().nullable().openapi({ description: 'The live version; null: nothing is published.' }),
    draft: z.boolean().openapi({ description: 'Whether a draft is kept that is not published.' }),
    createdAt: iso,
    updatedAt: iso,
  })
  .openapi('WorkflowSummary')

route(
  definitionRoutes,
  {
    method: 'get',
    path: '/workflows',
    tag: TAG,
    summary: 'List workflows',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(summary), description: 'A page of workflows, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listWorkflows(c.env.DB, c.get('key').team, cursor.value)
    return c.json({ items: found.items.map(summaryOf), next: found.next })
  },
)

route(
  definitionRoutes,
  {
    method: 'post',
    path: '/workflows',
    tag: TAG,
    summary: 'Make a workflow and publish its first version',
    description: '`?draft=1` keeps a draft instead. Workflows that are published are active at once.',
    scope: 'workflows:write',
    query: draftQuery,
    rawBody: definitionBody,
    answers: { 201: { schema: published, description: 'Made.' } },
  },
  async (c, { query }) => {
    const read = await readDefinition(c)
    if (!read.ok) return problem(c, read.problem)
    const { source, linted } = read.value
    const draft = query.draft === '1'
    const refused = draft ? objectOnly(linted) : null
    if (refused) return problem(c, refused)
    if (!draft && blocked(linted)) return refuseDefinition(c, linted)
    const key = c.get('key')
    const { team, id: by } = key
    const id = newId('wf')
    const at = Date.now()
    const facts = linted.definition ? factsOf(linted.definition) : draftFacts(linted.document)
    await insertWorkflow(
      c.env.DB,
      {
        ...facts,
        id,
        team,
        status: 'draft',
        live: null,
        draft: source.text,
        draftFormat: source.format,
        createdAt: at,
        createdBy: by,
        updatedAt: at,
        deletedAt: null,
      },
      keyActor(key),
    )
    if (draft) return c.json({ id, version: null, lint: linted.lint }, 201)
    const version = await publishLinted(c, id, source, linted)
    if (!version.ok) return problem(c, version.problem)
    const secret = await newCallbackSecret(c, id, linted)
    return c.json({ id, version: version.value, lint: linted.lint, ...secret }, 201)
  },
)

route(
  definitionRoutes,
  {
    method: 'get',
    path: '/workflows/{id}',
    tag: TAG,
    summary: 'Read a workflow',
    description:
      "The live definition's keys beside `id`, `version` and `status`; `?draft=1` the draft, or the live one while no draft is kept. `Accept: application/yaml` gives the text as its author wrote it.",
    scope: 'workflows:read',
    query: draftQuery,
    answers: {
      200: {
        schema: workflowDocument,
        description: 'The definition.',
        types: ['application/json', 'application/yaml'],
      },
    },
  },
  async (c, { params, query }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const document = await currentDocument(c, row, query.draft === '1')
    if (wantsYaml(c)) return yaml(c, document ? asYaml(document.text, document.format) : '')
    const read = document ? readDocument(document.text, document.format) : null
    const keys = read?.ok && typeof read.value === 'object' ? read.value : { name: row.name }
    return c.json({ ...keys, id: row.id, version: row.live, status: row.status })
  },
)

route(
  definitionRoutes,
  {
    method: 'put',
    path: '/workflows/{id}',
    tag: TAG,
    summary: 'Publish a new version',
    description: '`?draft=1` keeps a draft instead. Tasks in flight stay on the version that they pinned.',
    scope: 'workflows:write',
    query: draftQuery,
    rawBody: definitionBody,
    answers: { 200: { schema: published, description: 'Published, or kept as a draft.' } },
    errors: [409],
  },
  async (c, { params, query }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const read = await readDefinition(c, row.id)
    if (!read.ok) return problem(c, read.problem)
    const { source, linted } = read.value
    if (query.draft !== '1') {
      if (blocked(linted)) return refuseDefinition(c, linted)
      const replaced = await replacedBy(c.env.DB, row, source.text)
      const version = await publishLinted(c, row.id, source, linted, { replaced })
      if (!version.ok) return problem(c, version.problem)
      const secret = await newCallbackSecret(c, row.id, linted)
      return c.json({ id: row.id, version: version.value, lint: linted.lint, ...secret })
    }
    const refused = objectOnly(linted)
    if (refused) return problem(c, refused)
    await saveDraft(c.env.DB, row.team, row.id, { ...source, facts: draftFacts(linted.document), at: Date.now() })
    return c.json({ id: row.id, version: row.live, lint: linted.lint })
  },
)

route(
  definitionRoutes,
  {
    method: 'delete',
    path: '/workflows/{id}',
    tag: TAG,
    summary: 'Delete a workflow',
    description:
      'It takes no new tasks and its intakes answer 404. Tasks in flight go on, and their log stays. While other workflows start tasks of it, it is refused as `workflow_in_use`, which names them, unless `name` confirms it.',
    scope: 'workflows:write',
    query: z.object({
      name: z.string().max(200).optional().openapi({ description: 'Its exact name, to delete it all the same.' }),
    }),
    answers: { 204: { description: 'Deleted.' } },
    errors: [409],
  },
  async (c, { params, query: { name } }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const unsure = await unconfirmed(c, row, name)
    if (unsure !== null) return problem(c, unsure)
    if (await deleteWorkflow(c.env.DB, row, keyActor(c.get('key')), Date.now())) return c.body(null, 204)
    if ((await own(c, row.id)) === null) return problem(c, { kind: 'not_found' })
    const message = 'Deliveries are held for this workflow; with it they would be lost.'
    const hint = 'POST /api/v1/workflows/:id/held starts or discards them.'
    return problem(c, { kind: 'conflict', code: 'deliveries_held', message, hint })
  },
)

/** Why a workflow is not deleted yet: another name was given, or steps of others would fail without it and none was. */
async function unconfirmed(c: ApiContext, row: WorkflowRow, name: string | undefined): Promise<ApiProblem | null> {
  if (name !== undefined && name.trim() !== row.name.trim()) {
    return { kind: 'invalid', message: 'It has another name. Nothing was deleted.', path: 'name' }
  }
  if (name !== undefined) return null
  const starters = (await startersOf(c.env.DB, row.team, row.id)).filter(({ id }) => id !== row.id)
  if (starters.length === 0) return null
  const names = starters.map(each => `“${each.name}” (${each.id})`).join(', ')
  const message = `Steps of ${starters.length === 1 ? 'another workflow start' : 'other workflows start'} tasks of it and would fail: ${names}.`
  const hint = 'Change those steps first, or delete it all the same with ?name= and its exact name.'
  return { kind: 'conflict', code: 'workflow_in_use', message, hint }
}

async function currentDocument(c: ApiContext, row: WorkflowRow, draft: boolean) {
  if (row.draft !== null && (draft || row.live === null)) return { text: row.draft, format: row.draftFormat ?? 'json' }
  return row.live === null ? null : versionByNumber(c.env.DB, row.team, row.id, row.live)
}

/** A draft may be wrong in every part, but it must be a document. */
function objectOnly({ document }: Linted): ApiProblem | null {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return null
  return { kind: 'invalid_definition', message: 'A definition is an object.', path: '' }
}

function summaryOf(row: WorkflowRow) {
  const { id, name, description, owner, tags, status, live, draft, createdAt, updatedAt } = row
  const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
  return { id, name, description, owner, tags, status, version: live, draft: draft !== null, ...times }
}
