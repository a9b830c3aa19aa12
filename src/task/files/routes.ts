/** `/tasks/:id/files` and `/files/:id`: uploading, listing, reading and deleting the files of tasks. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { fileView, MAX_FILES } from '../../domain/file/file.ts'
import type { Actor } from '../../domain/task/events.ts'
import { allowedIn, MACHINE } from '../../domain/task/machine.ts'
import type { TaskView } from '../../domain/task/told/views.ts'
import { formDigest, isMultipart, MULTIPART, readFilesForm } from '../../files/multipart.ts'
import { contentOf } from '../../files/serve.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { iso, isoTime, pageOf } from '../../http/describe.ts'
import { type Problem, problem } from '../../http/errors.ts'
import { idempotencyKey, KIB } from '../../http/request/body.ts'
import { type Routes, route } from '../../http/route.ts'
import { type FileRow, fileById } from '../../records/file/files.ts'
import { isId } from '../../records/ids.ts'
import { filedDocument } from '../api/describe.ts'
import { readTask, taskUrl } from '../api/resource.ts'
import { attachFiles, detachFile } from './attach.ts'

export const fileRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Files'
const oneDocument = filedDocument
  .extend({
    task: z.string(),
    declared: z
      .string()
      .nullable()
      .openapi({ description: 'What its sender called it, where its content is another.' }),
    at: iso,
    url: z.string().openapi({ description: 'The page of its task.' }),
  })
  .openapi('TaskFile')

route(
  fileRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/files',
    tag: TAG,
    summary: 'Add files to a task',
    description:
      'One or more parts named `file`, each at most 25 MB, 10 files a task. Answers the first file, and all that came as `files`. The type is what the content says.',
    scope: 'tasks:write',
    rawBody: { schema: z.object({ file: z.string().openapi({ format: 'binary' }) }), types: [MULTIPART] },
    idempotent: true,
    answers: {
      201: { schema: filedDocument.extend({ files: z.array(filedDocument) }), description: 'The task has them.' },
      200: {
        schema: filedDocument.extend({ files: z.array(filedDocument) }),
        description: 'The same request brought them before (`Idempotent-Replayed: true`).',
      },
    },
    errors: [400, 408, 409, 413, 415, 422],
  },
  async (c, { params }) => {
    const given = idempotencyKey(c)
    if (!given.ok) return problem(c, given.problem)
    const view = await readTask(c, params.id)
    if (!view) return problem(c, { kind: 'not_found' })
    const type = c.req.header('content-type') ?? null
    if (!isMultipart(type)) return problem(c, { kind: 'content_type', given: type, allowed: [MULTIPART] })
    const against = given.value === undefined ? againstUpload(view) : null
    if (against !== null) return problem(c, against)
    const { team } = c.get('key')
    const actor: Actor = keyActor(c.get('key'))
    // Of a repeated request the task says what it was, so its files are read whatever the task has by now.
    const has = given.value === undefined ? view.files.length : 0
    const bringing = { team, task: view.id, from: 'api', by: actor } as const
    const read = await readFilesForm(c.env, c.req.raw, bringing, { has, field: 64 * KIB })
    if (!read.ok) return problem(c, read.problem)
    const files = read.value.files.map(({ file }) => file)
    if (files.length === 0) return problem(c, NO_FILE)
    const idempotency =
      given.value === undefined ? undefined : { id: given.value, hash: `attach:${await formDigest(read.value)}` }
    const attached = await attachFiles(c.env, { team, task: view.id, files, actor, idempotency })
    if (!attached.ok) return problem(c, attached.problem)
    if (attached.repeated) c.header('Idempotent-Replayed', 'true')
    const digests = new Set(files.map(({ sha256 }) => sha256))
    const own = new Set(files.map(({ id }) => id))
    const brought = attached.view.files.filter(
      ({ id, sha256 }) => own.has(id) || (attached.repeated && digests.has(sha256)),
    )
    return c.json({ ...brought[0], files: brought }, attached.repeated ? 200 : 201)
  },
)

const NO_FILE: Problem = {
  kind: 'invalid',
  code: 'file_missing',
  message: 'The form holds no file.',
  hint: 'Send it as the part `file`, as curl -F file=@invoice.pdf does.',
  path: 'file',
}

/** What can be seen beforehand, so that nothing is uploaded in vain. */
function againstUpload({ status, files }: TaskView): Problem | null {
  if (!MACHINE.attach[status]) return { kind: 'wrong_status', status, command: 'attach', allowed: allowedIn(status) }
  return files.length >= MAX_FILES ? { kind: 'too_many_files', has: files.length, most: MAX_FILES } : null
}

route(
  fileRoutes,
  {
    method: 'get',
    path: '/tasks/{id}/files',
    tag: TAG,
    summary: 'List the files of a task',
    scope: 'tasks:read',
    answers: { 200: { schema: pageOf(filedDocument), description: 'All of them, oldest first.' } },
  },
  async (c, { params }) => {
    const view = await readTask(c, params.id)
    return view ? c.json({ items: view.files, next: null }) : problem(c, { kind: 'not_found' })
  },
)

route(
  fileRoutes,
  {
    method: 'get',
    path: '/files/{id}',
    tag: TAG,
    summary: 'Read what is known of a file',
    scope: 'tasks:read',
    answers: { 200: { schema: oneDocument, description: 'The file; its content is at `/files/:id/content`.' } },
  },
  async (c, { params }) => {
    const file = await ownFile(c, params.id)
    if (!file) return problem(c, { kind: 'not_found' })
    const { task, declared, source, at, actor } = file
    const known = (await readTask(c, task))?.files.find(({ id }) => id === file.id)
    const more = { task, declared, from: source, at: isoTime(at), by: JSON.parse(actor), url: taskUrl(c, task) }
    return c.json({ ...fileView(file), text: known?.text ?? 'none', why: known?.why ?? null, ...more })
  },
)

route(
  fileRoutes,
  {
    method: 'get',
    path: '/files/{id}/content',
    tag: TAG,
    summary: 'Download a file',
    scope: 'tasks:read',
    answers: { 200: { description: 'Its content, to be saved.' } },
  },
  async (c, { params }) => {
    const file = await ownFile(c, params.id)
    const answer = file && (await contentOf(c.env, file, false))
    return answer ?? problem(c, { kind: 'not_found' })
  },
)

route(
  fileRoutes,
  {
    method: 'delete',
    path: '/files/{id}',
    tag: TAG,
    summary: 'Delete a file',
    description:
      'The task keeps in its log that it had it, by name; the content goes, unless another task has the same.',
    scope: 'tasks:write',
    answers: { 204: { description: 'Deleted.' } },
    errors: [409],
  },
  async (c, { params }) => {
    const file = await ownFile(c, params.id)
    if (!file) return problem(c, { kind: 'not_found' })
    const { team, id, task } = file
    const refused = await detachFile(c.env, { team, task, file: id, actor: keyActor(c.get('key')) })
    return refused ? problem(c, refused) : c.body(null, 204)
  },
)

/** The file, if it is the team's of this key. */
async function ownFile(c: ApiContext, id: string): Promise<FileRow | null> {
  return isId('fil', id) ? fileById(c.env.DB, c.get('key').team, id) : null
}
