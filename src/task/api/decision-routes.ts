/** `/tasks/:id/decide` and `/undo`: deciding by key, with JSON or with files as a form that says the same, and taking it back. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { placeFiles } from '../../domain/file/fields.ts'
import type { Json } from '../../domain/json/json.ts'
import type { OpenAsk } from '../../domain/task/told/views.ts'
import { giveBack } from '../../files/keep.ts'
import { type FilesForm, formDigest, readFilesForm } from '../../files/multipart.ts'
import { toBeRead } from '../../files/texts.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { anyJson } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { idempotencyKey, KIB, type Read, readJson } from '../../http/request/body.ts'
import { fits, type Routes, route } from '../../http/route.ts'
import { callTask } from '../call.ts'
import { settleFiles } from '../files/attach.ts'
import { MAX_INPUT } from '../start.ts'
import { answerWith, command, give } from './command.ts'
import { taskDocument, visit } from './describe.ts'
import { readTask } from './resource.ts'

export const decisionRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Tasks'
const run = z
  .int()
  .min(1)
  .optional()
  .openapi({ description: 'The run that asks, where a visit has several: without it, 409 `several_open`.' })
const handoff = z.string().min(1).max(80).openapi({ description: "One of the question's labels." })
const note = z.string().max(5000).optional()
const seen = z
  .string()
  .max(64)
  .optional()
  .openapi({ description: 'The digest of what was seen; another one now: 409 `content_changed`.' })
const decision = z.strictObject({
  handoff,
  note,
  edits: anyJson.optional().openapi({
    description: 'The whole output, as edited, of the step that may be edited; of a call, its whole arguments.',
  }),
  fields: anyJson.optional().openapi({
    description:
      'What is filled in, where the question has a `form` and this label needs it; left out: as it stands. A field for a file takes the id of one that the task has. 422 `invalid_fields` says what is wrong with which field.',
  }),
  visit,
  run,
  seen,
})
const decisionForm = z.object({
  handoff,
  note,
  edits: z.string().optional().openapi({ description: 'JSON.' }),
  fields: z.string().optional().openapi({ description: 'JSON.' }),
  visit,
  run,
  seen,
  file: z
    .array(z.string().openapi({ format: 'binary' }))
    .optional()
    .openapi({ description: 'They become the task’s; a part that is named like a field for files fills it in.' }),
})

route(
  decisionRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/decide',
    tag: TAG,
    summary: 'Decide for a task that waits',
    description:
      'Counts as one voter named by the key. 409 `already_decided` says who decided and when; `moved_on` where it is now. As a form it may bring files, at most 25 MB each, 10 a task: refused, it leaves none.',
    scope: 'approve',
    body: decision,
    multipart: { schema: decisionForm, take: decideByForm },
    limit: MAX_INPUT + 16 * KIB,
    idempotent: true,
    answers: { 200: { schema: taskDocument, description: 'Decided; the task as it is now.' } },
    errors: [409],
  },
  (c, { params, body, raw }) => command(c, params.id, raw, asCommand(body)),
)

route(
  decisionRoutes,
  {
    method: 'post',
    path: '/tasks/{id}/undo',
    tag: TAG,
    summary: 'Take a decision back',
    description:
      'While nothing has come of it (`undo` of the step), for the key that decided, or one with scope `admin`. It is asked again as before. 409 `too_late` once it has taken effect.',
    scope: 'approve',
    body: z.strictObject({ visit, run }),
    idempotent: true,
    answers: { 200: { schema: taskDocument, description: 'Undone; the task as it is now.' } },
    errors: [409],
  },
  (c, { params, body, raw }) =>
    command(c, params.id, raw, { ...body, type: 'undo', owner: c.get('key').scopes.has('admin') }),
)

function asCommand({ edits, fields, ...rest }: z.output<typeof decision>) {
  return { ...rest, type: 'decide', edits: edits as Json | undefined, fields: fields as Json | undefined } as const
}

/** Decides with files: the same as by JSON, its members as parts of a form. */
async function decideByForm(c: ApiContext, { id }: { id: string }): Promise<Response> {
  const given = idempotencyKey(c)
  if (!given.ok) return problem(c, given.problem)
  const view = await readTask(c, id)
  if (!view) return problem(c, { kind: 'not_found' })
  const { team } = c.get('key')
  // Of a repeated request the task says what it was, so its files are read whatever the task has by now.
  const has = given.value === undefined ? view.files.length : 0
  const bringing = { team, task: view.id, from: 'decision', by: keyActor(c.get('key')) } as const
  const form = await readFilesForm(c.env, c.req.raw, bringing, { has, field: MAX_INPUT })
  if (!form.ok) return problem(c, form.problem)
  const files = form.value.files.map(({ file }) => file)
  const body = decisionOf(form.value)
  if (!body.ok) {
    await giveBack(c.env, team, files)
    return problem(c, body.problem)
  }
  const asks = (await callTask(c.env, team, view.id, stub => stub.asks())) ?? []
  const fields = placed(asks, body.value, form.value)
  const what = { ...asCommand({ ...body.value, fields }), files: files.map(toBeRead) }
  const done = await give(c, view.id, what, () => formDigest(form.value))
  if (!done.ok) {
    await giveBack(c.env, team, files)
    return problem(c, done.problem)
  }
  await settleFiles(c.env, team, files, done.view)
  return answerWith(c, done)
}

/** What a form says beside its files, as a body would. */
function decisionOf({ fields }: FilesForm): Read<z.output<typeof decision>> {
  const said: Record<string, unknown> = {}
  for (const { name, bytes } of fields) {
    const text = new TextDecoder().decode(bytes)
    const isJson = ['edits', 'fields', 'visit', 'run'].includes(name)
    const read: Read<unknown> = isJson ? readJson(text) : { ok: true, value: text }
    if (!read.ok) return read
    said[name] = read.value
  }
  return fits(decision, said)
}

/** What is filled in, with the files that came for its fields. */
function placed(
  asks: OpenAsk[],
  { handoff, fields, visit, run }: z.output<typeof decision>,
  { files }: FilesForm,
): Json | undefined {
  const asked = asks.filter(
    ask => (visit === undefined || ask.visit === visit) && (run === undefined || ask.run === run),
  )
  const form = asked.length === 1 ? asked[0]!.form : undefined
  if (form === undefined || !form.labels.includes(handoff)) return fields as Json | undefined
  return placeFiles(form.schema, (fields as Json | undefined) ?? form.values, files)
}
