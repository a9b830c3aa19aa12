/** `/workflows`: definitions, drafts and versions; pausing, archiving, and what was held meanwhile. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { type Body, KIB, type Read, readBody } from '../http/body.ts'
import type { ApiContext, ApiEnv } from '../http/context.ts'
import { anyJson, cursorOf, cursorQuery, iso, isoTime, pageOf } from '../http/describe.ts'
import { type ApiProblem, problem } from '../http/errors.ts'
import { type Routes, route } from '../http/route.ts'
import { releaseHeld } from '../intake/held.ts'
import { isId, newId } from '../records/ids.ts'
import { countHeld, listHeld } from '../records/intakes.ts'
import type { WorkflowStatus } from '../records/schema.ts'
import {
  deleteWorkflow,
  insertWorkflow,
  listVersions,
  listWorkflows,
  saveDraft,
  versionByNumber,
  type WorkflowRow,
  workflowById,
} from '../records/workflows.ts'
import { definitionDocument, lintDocument, workflowDocument } from './describe.ts'
import { asYaml, DOCUMENT_TYPES, formatOf, readDocument, YAML_TYPES } from './document.ts'
import { draftFacts, factsOf, firstError, type Linted, lintText, publish } from './publish.ts'
import { showChange, switchStatus } from './status.ts'

export const workflowRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Workflows'
const DEFINITION_LIMIT = 512 * KIB
const definitionBody = { schema: definitionDocument, types: DOCUMENT_TYPES }
const draftQuery = z.object({ draft: z.enum(['0', '1']).optional().openapi({ description: '`1`: the draft.' }) })

const summary = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string().nullable(),
    owner: z.string().nullable(),
    tags: z.array(z.string()),
    status: z.enum(['draft', 'active', 'paused', 'archived']),
    version: z.int().nullable().openapi({ description: 'The live version; null: nothing is published.' }),
    draft: z.boolean().openapi({ description: 'Whether a draft is kept that is not published.' }),
    createdAt: iso,
    updatedAt: iso,
  })
  .openapi('WorkflowSummary')

const published = z
  .object({
    id: z.string(),
    version: z.int().nullable().openapi({ description: 'Null for a draft of a workflow without a published version.' }),
    lint: z.array(lintDocument),
  })
  .openapi('Published')

const state = z.object({ id: z.string(), status: summary.shape.status }).openapi('WorkflowState')

route(
  workflowRoutes,
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
  workflowRoutes,
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
    const { team, id: by } = c.get('key')
    const id = newId('wf')
    const at = Date.now()
    const facts = linted.definition ? factsOf(linted.definition) : draftFacts(linted.document)
    await insertWorkflow(c.env.DB, {
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
    })
    const version = draft ? null : await publishLinted(c, id, source, linted, null)
    return c.json({ id, version, lint: linted.lint }, 201)
  },
)

route(
  workflowRoutes,
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
  workflowRoutes,
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
  },
  async (c, { params, query }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const read = await readDefinition(c)
    if (!read.ok) return problem(c, read.problem)
    const { source, linted } = read.value
    if (query.draft !== '1') {
      if (blocked(linted)) return refuseDefinition(c, linted)
      const version = await publishLinted(c, row.id, source, linted, null)
      return c.json({ id: row.id, version, lint: linted.lint })
    }
    const refused = objectOnly(linted)
    if (refused) return problem(c, refused)
    await saveDraft(c.env.DB, row.team, row.id, { ...source, facts: draftFacts(linted.document), at: Date.now() })
    return c.json({ id: row.id, version: row.live, lint: linted.lint })
  },
)

route(
  workflowRoutes,
  {
    method: 'delete',
    path: '/workflows/{id}',
    tag: TAG,
    summary: 'Delete a workflow',
    description: 'It takes no new tasks and its intakes answer 404. Tasks in flight go on, and their log stays.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Deleted.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    if (await deleteWorkflow(c.env.DB, row.team, row.id, Date.now())) return c.body(null, 204)
    const message = 'Deliveries are held for this workflow; with it they would be lost.'
    const hint = 'POST /api/v1/workflows/:id/held starts or discards them.'
    return problem(c, { kind: 'conflict', code: 'deliveries_held', message, hint })
  },
)

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
  workflowRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/versions',
    tag: TAG,
    summary: 'List versions',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(versionEntry), description: 'A page of versions, newest first.' } },
  },
  async (c, { params, query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const found = await listVersions(c.env.DB, row.team, row.id, cursor.value)
    const items = found.items.map(item => ({
      ...item,
      live: item.version === row.live,
      createdAt: isoTime(item.createdAt),
    }))
    return c.json({ items, next: found.next })
  },
)

route(
  workflowRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/versions/{version}',
    tag: TAG,
    summary: 'Read one version',
    description: 'The definition beside `id`, `version`, `status` and the agent versions that it names.',
    scope: 'workflows:read',
    answers: {
      200: {
        schema: workflowDocument,
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
  workflowRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/revert',
    tag: TAG,
    summary: 'Publish an earlier version again',
    description: 'Makes a new version of the same text, with the agents as they are now.',
    scope: 'workflows:write',
    body: z.object({ version: z.int().min(1) }),
    answers: { 200: { schema: published, description: 'Published.' } },
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
    const linted = await lintText(c.env.DB, row.team, old)
    if (!linted.ok) return problem(c, linted.problem)
    if (blocked(linted.value)) return refuseDefinition(c, linted.value)
    const version = await publishLinted(c, row.id, old, linted.value, `Reverted to version ${old.version}`)
    return c.json({ id: row.id, version, lint: linted.value.lint })
  },
)

route(
  workflowRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/pause',
    tag: TAG,
    summary: 'Pause a workflow',
    description:
      'Running tasks go on; new ones are refused with 409 `workflow_paused`, and deliveries to intakes are kept.',
    scope: 'workflows:write',
    answers: { 200: { schema: state, description: 'Paused.' } },
    errors: [409],
  },
  (c, { params }) => switchTo(c, params.id, ['active', 'paused'], 'paused'),
)

route(
  workflowRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/activate',
    tag: TAG,
    summary: 'Activate a workflow',
    description:
      '`held` says how many deliveries were kept while it was paused; `POST …/held` starts or discards them.',
    scope: 'workflows:write',
    answers: { 200: { schema: state.extend({ held: z.int() }), description: 'Active.' } },
    errors: [409],
  },
  (c, { params }) => switchTo(c, params.id, ['active', 'paused'], 'active'),
)

route(
  workflowRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/archive',
    tag: TAG,
    summary: 'Archive a workflow',
    description: 'It takes no new tasks until it is restored. Running tasks go on.',
    scope: 'workflows:write',
    answers: { 200: { schema: state, description: 'Archived.' } },
    errors: [409],
  },
  (c, { params }) => switchTo(c, params.id, ['draft', 'active', 'paused', 'archived'], 'archived'),
)

route(
  workflowRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/restore',
    tag: TAG,
    summary: 'Restore an archived workflow',
    description: 'It comes back paused, or as a draft when nothing was published.',
    scope: 'workflows:write',
    answers: { 200: { schema: state, description: 'Restored.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    return switchTo(c, params.id, ['archived'], row?.live == null ? 'draft' : 'paused')
  },
)

const heldItem = z
  .object({
    task: z.string().openapi({ description: 'The id that its task will have.' }),
    intake: z.string(),
    at: iso,
    input: anyJson,
  })
  .openapi('Held')

route(
  workflowRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/held',
    tag: TAG,
    summary: 'List what was held while the workflow was paused',
    scope: 'workflows:read',
    answers: {
      200: {
        schema: z.object({ items: z.array(heldItem), total: z.int() }),
        description: 'The oldest 50, oldest first: the order in which they start.',
      },
    },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const [rows, total] = await Promise.all([
      listHeld(c.env.DB, row.team, row.id, null, 50),
      countHeld(c.env.DB, row.team, row.id),
    ])
    const items = rows.map(({ id, intake, at, input }) => ({
      task: id,
      intake,
      at: isoTime(at),
      input: JSON.parse(input),
    }))
    return c.json({ items, total })
  },
)

route(
  workflowRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/held',
    tag: TAG,
    summary: 'Start or discard what was held',
    description:
      'Takes up to 200 a call, oldest first; `remaining` says how many are left. Starting needs an active workflow.',
    scope: 'workflows:write',
    body: z.object({ start: z.boolean() }),
    answers: {
      200: {
        schema: z.object({
          started: z.int(),
          discarded: z.int(),
          refused: z.array(z.object({ task: z.string(), reason: z.string() })).openapi({
            description: 'Inputs that the live version does not take; they stay held.',
          }),
          remaining: z.int(),
        }),
        description: 'What was done.',
      },
    },
    errors: [409],
  },
  async (c, { params, body }) => {
    const { team } = c.get('key')
    if (!isId('wf', params.id)) return problem(c, { kind: 'not_found' })
    const released = await releaseHeld(c.env, team, params.id, body.start)
    return released.ok ? c.json(released.value) : problem(c, released.problem)
  },
)

/** The team's workflow, or null. */
async function own(c: ApiContext, id: string): Promise<WorkflowRow | null> {
  return isId('wf', id) ? workflowById(c.env.DB, c.get('key').team, id) : null
}

async function numbered(c: ApiContext, row: WorkflowRow, text: string) {
  return /^[1-9]\d{0,8}$/.test(text) ? versionByNumber(c.env.DB, row.team, row.id, Number(text)) : null
}

async function currentDocument(c: ApiContext, row: WorkflowRow, draft: boolean) {
  if (row.draft !== null && (draft || row.live === null)) return { text: row.draft, format: row.draftFormat ?? 'json' }
  return row.live === null ? null : versionByNumber(c.env.DB, row.team, row.id, row.live)
}

interface Source {
  text: string
  format: ReturnType<typeof formatOf>
}

async function readDefinition(c: ApiContext): Promise<Read<{ source: Source; linted: Linted }>> {
  const body: Read<Body> = await readBody(c, { limit: DEFINITION_LIMIT, types: DOCUMENT_TYPES })
  if (!body.ok) return body
  const source = { text: body.value.text, format: formatOf(body.value.type) }
  const linted = await lintText(c.env.DB, c.get('key').team, source)
  return linted.ok ? { ok: true, value: { source, linted: linted.value } } : linted
}

/** A draft may be wrong in every part, but it must be a document. */
function objectOnly({ document }: Linted): ApiProblem | null {
  if (typeof document === 'object' && document !== null && !Array.isArray(document)) return null
  return { kind: 'invalid_definition', message: 'A definition is an object.', path: '' }
}

function blocked(linted: Linted): boolean {
  return linted.definition === null || firstError(linted.lint) !== null
}

function refuseDefinition(c: ApiContext, { lint }: Linted): Response {
  const error = firstError(lint)
  const message = error?.message ?? 'This is not a workflow definition.'
  return problem(c, { kind: 'invalid_definition', message, path: error?.path ?? '', fix: error?.fix }, { lint })
}

async function publishLinted(
  c: ApiContext,
  workflow: string,
  source: Source,
  linted: Linted,
  note: string | null,
): Promise<number> {
  const { team, id: by } = c.get('key')
  const { definition, agents } = linted
  const { text, format } = source
  const publication = { team, workflow, text, format, definition: definition!, agents, by, note, at: Date.now() }
  const version = await publish(c.env.DB, publication)
  await showChange(c.env, team, workflow)
  return version
}

async function switchTo(c: ApiContext, id: string, from: WorkflowStatus[], to: WorkflowStatus): Promise<Response> {
  const switched = await switchStatus(c.env, c.get('key').team, id, from, to)
  if (!switched.ok) return problem(c, switched.problem)
  return c.json({ id, status: to, ...(to === 'active' ? switched.value : {}) })
}

function wantsYaml(c: ApiContext): boolean {
  const accept = (c.req.header('accept') ?? '').toLowerCase()
  return YAML_TYPES.some(type => accept.includes(type))
}

function yaml(c: ApiContext, text: string): Response {
  return c.body(text, 200, { 'Content-Type': 'application/yaml; charset=utf-8' })
}

function summaryOf(row: WorkflowRow) {
  const { id, name, description, owner, tags, status, live, draft, createdAt, updatedAt } = row
  const times = { createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) }
  return { id, name, description, owner, tags, status, version: live, draft: draft !== null, ...times }
}
