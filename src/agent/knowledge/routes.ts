/** `/knowledge`: what a team knows, in versions, and its passages by their words. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { type Knowledge, knowledgeSchema, staleSince } from '../../domain/knowledge.ts'
import { KEY_PATTERN } from '../../domain/workflow/parts.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, pageOf } from '../../http/describe.ts'
import { type ApiProblem, problem } from '../../http/errors.ts'
import { otherKey, routeVersions } from '../../http/own-list.ts'
import { KIB } from '../../http/request/body.ts'
import { readUpload } from '../../http/request/upload.ts'
import { fits, type Routes, route } from '../../http/route.ts'
import {
  deleteKnowledge,
  type KnowledgeRow,
  knowledgeByKey,
  knowledgeVersion,
  listKnowledge,
  listKnowledgeVersions,
  passagesFor,
} from '../../records/definitions/knowledge.ts'
import { saveKnowledge } from './knowledge.ts'
import { MOST_UPLOADED, wordsOf } from './uploaded.ts'

export const knowledgeRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Knowledge'
const LIMIT = 1536 * KIB

const times = { version: z.int(), createdAt: iso, updatedAt: iso }
const stale = z.boolean().openapi({ description: 'Nobody has looked for its `months` whether it is right still.' })
const summary = knowledgeSchema
  .omit({ text: true })
  .extend({ ...times, chars: z.int(), stale })
  .openapi('KnowledgeSummary')
const whole = knowledgeSchema.extend({ version: z.int(), createdAt: iso, createdBy: z.string() }).openapi('Knowledge')
const filled = z.object({
  file: z.string().openapi({ format: 'binary', description: 'Text, Markdown, a PDF or an office file; up to 8 MiB.' }),
  name: knowledgeSchema.shape.name.optional().openapi({ description: 'The file’s own name, unless said.' }),
  months: z.string().optional(),
})
const BY_FORM =
  'As a form (`multipart/form-data`) the text is a file: the words in it are kept, with their pages, and not the file.'
const saved = z.object({ key: z.string(), version: z.int() }).openapi('SavedKnowledge')

route(
  knowledgeRoutes,
  {
    method: 'get',
    path: '/knowledge',
    tag: TAG,
    summary: 'List what the team knows',
    operationId: 'listKnowledge',
    description: 'Texts that agents have before them always, or look up with `read_context`.',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(summary), description: 'A page of texts, without their words, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const found = await listKnowledge(c.env.DB, c.get('key').team, cursor.value)
    const now = Date.now()
    const items = found.items.map(({ key, name, version, months, chars, createdAt, updatedAt, checkedAt }) => ({
      ...{ key, name, ...(months !== null && { months }), version, chars },
      stale: staleSince(months ?? undefined, checkedAt ?? updatedAt, now) !== null,
      ...{ createdAt: isoTime(createdAt), updatedAt: isoTime(updatedAt) },
    }))
    return c.json({ items, next: found.next })
  },
)

route(
  knowledgeRoutes,
  {
    method: 'post',
    path: '/knowledge',
    tag: TAG,
    summary: 'Add a text',
    operationId: 'createKnowledge',
    scope: 'workflows:write',
    description: BY_FORM,
    body: knowledgeSchema,
    multipart: { schema: filled.extend({ key: knowledgeSchema.shape.key }), take: c => keepFile(c, 'new', null) },
    limit: LIMIT,
    answers: {
      201: { schema: saved, description: 'Made, as version 1 (or the next one, if the key was in use before).' },
    },
    errors: [409],
  },
  (c, { body }) => keep(c, body, 'new', 201),
)

route(
  knowledgeRoutes,
  {
    method: 'get',
    path: '/knowledge/{key}',
    tag: TAG,
    summary: 'Read a text',
    scope: 'workflows:read',
    answers: { 200: { schema: whole, description: 'Its current version.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.key)
    return row ? readVersion(c, row.key, row.version) : problem(c, { kind: 'not_found' })
  },
)

route(
  knowledgeRoutes,
  {
    method: 'put',
    path: '/knowledge/{key}',
    tag: TAG,
    summary: 'Make a new version of a text',
    description: `Agents have it from their next call on; a call that was made says which version it had. ${BY_FORM}`,
    scope: 'workflows:write',
    body: knowledgeSchema.extend({ key: knowledgeSchema.shape.key.optional() }),
    multipart: { schema: filled, take: (c, { key }) => keepFile(c, 'there', key) },
    limit: LIMIT,
    answers: { 200: { schema: saved, description: 'Saved as the next version.' } },
  },
  async (c, { params, body }) => {
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    const fault = otherKey('knowledge', row.key, body.key)
    if (fault) return problem(c, fault)
    return keep(c, { ...body, key: row.key }, 'there', 200)
  },
)

route(
  knowledgeRoutes,
  {
    method: 'delete',
    path: '/knowledge/{key}',
    tag: TAG,
    summary: 'Delete a text',
    description: 'No agent finds it from now on.',
    scope: 'workflows:write',
    answers: { 204: { description: 'Deleted.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.key)
    if (!row) return problem(c, { kind: 'not_found' })
    await deleteKnowledge(c.env.DB, c.get('key').team, row.key, keyActor(c.get('key')), Date.now())
    return c.body(null, 204)
  },
)

routeVersions(knowledgeRoutes, {
  path: '/knowledge',
  tag: TAG,
  one: 'a text',
  schema: whole,
  own,
  list: (c, row, cursor) => listKnowledgeVersions(c.env.DB, c.get('key').team, row.key, cursor),
  read: (c, row, version) => readVersion(c, row.key, version),
})

const passage = z
  .object({
    file: z.string(),
    name: z.string(),
    version: z.int(),
    page: z.int().nullable(),
    score: z.number().openapi({ description: 'How well it fits: higher is better.' }),
    text: z.string(),
  })
  .openapi('Passage')

route(
  knowledgeRoutes,
  {
    method: 'get',
    path: '/passages',
    tag: TAG,
    summary: 'Look something up',
    description: 'What an agent finds with `read_context`: the ten passages that fit the words best.',
    scope: 'workflows:read',
    query: z.object({
      q: z.string().trim().min(1).max(400),
      file: z.string().max(40).optional().openapi({ description: 'The key of the text to look in.' }),
    }),
    answers: { 200: { schema: z.object({ items: z.array(passage) }), description: 'The best first.' } },
  },
  async (c, { query: { q, file } }) => {
    const found = await passagesFor(c.env.DB, c.get('key').team, file === undefined ? null : [file], q, 10)
    return c.json({ items: found.map(({ key, ...rest }) => ({ file: key, ...rest })) })
  },
)

/** The same of a form with a file; `there`: the key of the text that it is the next version of. */
async function keepFile(c: ApiContext, expected: 'new' | 'there', there: string | null): Promise<Response> {
  const row = there === null ? null : await own(c, there)
  if (there !== null && row === null) return problem(c, { kind: 'not_found' })
  const sent = await readUpload(c, MOST_UPLOADED)
  if (!sent.ok) return problem(c, notRead(sent.status))
  const { file } = sent.files
  if (file === undefined) return problem(c, NO_FILE)
  const words = await wordsOf(file)
  if (!words.ok)
    return problem(c, { kind: 'invalid', code: 'not_text', path: 'file', message: `file: ${words.message}` })
  const { key, name, months, ...unknown } = sent.given
  const read = fits(knowledgeSchema, {
    ...unknown,
    key: row?.key ?? key,
    name: name ?? row?.knowledge.name ?? file.name.slice(0, 120),
    text: words.text.trim(),
    months: months === undefined ? row?.knowledge.months : Number(months),
  })
  if (!read.ok) return problem(c, read.problem)
  return keep(c, read.value, expected, expected === 'new' ? 201 : 200)
}

const NO_FILE: ApiProblem = {
  kind: 'invalid',
  code: 'file_missing',
  message: 'file: the form holds no file.',
  hint: 'Send it as the part `file`, as curl -F file=@policy.pdf does.',
  path: 'file',
}

function notRead(status: 400 | 408 | 413 | 415): ApiProblem {
  if (status === 413) return { kind: 'too_large', limit: MOST_UPLOADED }
  if (status === 408) return { kind: 'too_slow' }
  const hint = 'Let the client set Content-Type, with its boundary.'
  return { kind: 'invalid', code: 'bad_form', message: 'The form cannot be read.', hint, path: '' }
}

/** The team's text of this key, unless it was deleted. */
async function own(c: ApiContext, key: string): Promise<KnowledgeRow | null> {
  return KEY_PATTERN.test(key) ? knowledgeByKey(c.env.DB, c.get('key').team, key) : null
}

async function keep(
  c: ApiContext,
  knowledge: Knowledge,
  expected: 'new' | 'there',
  status: 200 | 201,
): Promise<Response> {
  const key = c.get('key')
  const version = await saveKnowledge(c.env.DB, key.team, knowledge, expected, keyActor(key))
  return version.ok ? c.json({ key: knowledge.key, version: version.value }, status) : problem(c, version.problem)
}

async function readVersion(c: ApiContext, key: string, version: number): Promise<Response> {
  const found = await knowledgeVersion(c.env.DB, c.get('key').team, key, version)
  if (!found) return problem(c, { kind: 'not_found' })
  return c.json({ ...found.knowledge, version, createdAt: isoTime(found.createdAt), createdBy: found.createdBy })
}
