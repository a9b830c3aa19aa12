/** Starting a task by key: with a JSON body, or with files as a form that says the same. */
import { z } from '@hono/zod-openapi'
import { readCallback } from '../../domain/call/callback-address.ts'
import { keyActor } from '../../domain/caller.ts'
import { placeFiles } from '../../domain/file/fields.ts'
import type { Json } from '../../domain/json/json.ts'
import { MAX_BUSINESS_KEY } from '../../domain/task/business-key.ts'
import type { LiveVersion } from '../../domain/workflow/live.ts'
import { giveBack } from '../../files/keep.ts'
import { type FilesForm, formDigest, readFilesForm } from '../../files/multipart.ts'
import type { ApiContext } from '../../http/context.ts'
import { someJson } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { idempotencyKey, type Read, readJson } from '../../http/request/body.ts'
import { fits } from '../../http/route.ts'
import { derivedTaskId, newTaskId } from '../../records/ids.ts'
import { MAX_INPUT, type Start, startOnce, targetOf } from '../start.ts'
import { taskUrl } from './resource.ts'

export const title = z.string().trim().min(1).max(200).optional()
const businessKey = z.string().trim().min(1).max(MAX_BUSINESS_KEY).optional().openapi({
  description: 'The business key of the task; unless given, as the workflow’s `key` has it.',
})
const callback = z.string().optional().openapi({
  description:
    'An https address that is told when the task is done, failed, stuck or waits for a person, signed with the workflow’s secret of callbacks.',
})

export const startBody = z.strictObject({ input: someJson, title, key: businessKey, callback })
export const startForm = z.object({
  input: z.string().optional().openapi({ description: 'JSON; unless given, {}.' }),
  title,
  key: businessKey,
  callback,
  file: z.array(z.string().openapi({ format: 'binary' })).optional(),
})

/** Starts a task with its files: the same as by JSON, its members as parts of a form. */
export async function startByForm(c: ApiContext, { id }: { id: string }): Promise<Response> {
  const { team, id: keyId } = c.get('key')
  const given = idempotencyKey(c)
  if (!given.ok) return problem(c, given.problem)
  const into = await targetOf(c.env.DB, c.get('live'))
  if (!into.ok) return problem(c, into.problem)
  const task = given.value === undefined ? newTaskId() : await derivedTaskId(team, 'api', id, keyId, given.value)
  const bringing = { team, task, from: 'api', by: keyActor(c.get('key')) } as const
  const form = await readFilesForm(c.env, c.req.raw, bringing, { has: 0, field: MAX_INPUT })
  if (!form.ok) return problem(c, form.problem)
  const files = form.value.files.map(({ file }) => file)
  const body = startBodyOf(form.value)
  const told = body.ok ? callbackOf(c, body.value.callback) : body
  if (!body.ok || !told.ok) {
    await giveBack(c.env, team, files)
    return problem(c, told.ok ? { kind: 'unexpected' } : told.problem)
  }
  const { input, title, key } = body.value
  return start(c, {
    live: c.get('live'),
    input: placeFiles(into.value.version.pinned.definition.input, input as Json, form.value.files),
    files,
    title,
    key,
    source: { kind: 'api', id: keyId, callback: told.value },
    task,
    idempotency: given.value === undefined ? undefined : { id: given.value, hash: await formDigest(form.value) },
    at: 'input',
  })
}

/** What a form says beside its files, as a body would. */
function startBodyOf({ fields }: FilesForm): Read<z.output<typeof startBody>> {
  const said: Record<string, unknown> = { input: {} }
  for (const { name, bytes } of fields) {
    const text = new TextDecoder().decode(bytes)
    const read: Read<unknown> = name === 'input' ? readJson(text) : { ok: true, value: text }
    if (!read.ok) return read
    said[name] = read.value
  }
  return fits(startBody, said)
}

/** Where the caller wants to be told of the task; undefined: nowhere. */
export function callbackOf(c: ApiContext, given: string | undefined): Read<string | undefined> {
  if (given === undefined) return { ok: true, value: undefined }
  const read = readCallback(given, { local: c.env.BATON_LOCAL === '1', hosts: null })
  if (read.ok) return { ok: true, value: read.url }
  const { message, hint } = read
  return { ok: false, problem: { kind: 'invalid', code: 'host_not_allowed', message, hint, path: 'callback' } }
}

/** Starts a task for a key, or says why not. */
export async function start(
  c: ApiContext,
  { live, ...begin }: Omit<Start, 'team' | 'into' | 'actor' | 'flushed'> & { live: LiveVersion | null },
): Promise<Response> {
  const key = c.get('key')
  const into = await targetOf(c.env.DB, live)
  if (!into.ok) return problem(c, into.problem)
  const started = await startOnce(c.env, {
    ...begin,
    team: key.team,
    into: into.value,
    actor: keyActor(key),
    flushed: true,
  })
  if (!started.ok) return problem(c, started.problem)
  if (started.repeated) c.header('Idempotent-Replayed', 'true')
  const { id, status } = started.view
  return c.json({ id, status, url: taskUrl(c, id) }, started.repeated ? 200 : 201)
}
