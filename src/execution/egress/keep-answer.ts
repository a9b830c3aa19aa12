/**
 * An answer that is no text: it becomes a file of the task whose call it answers, streamed into storage as it comes. The same
 * answer again is the same file, whether its worker died before the receipt or the step runs once more.
 */
import { MAX_FILE_BYTES, MAX_FILES, type NewFile } from '../../domain/file/file.ts'
import { harmlessName } from '../../domain/file/name.ts'
import type { Json } from '../../domain/json/json.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import type { Env } from '../../env.ts'
import { fileNameIn } from '../../files/form-parser.ts'
import { confirm, keepStored } from '../../files/keep.ts'
import { discardObject, type Stored, Upload } from '../../files/store.ts'
import { toBeRead } from '../../files/texts.ts'
import { sameAnswer } from '../../records/file/files.ts'
import { callTask } from '../../task/call.ts'

/** A file that is to become the task's with the receipt of its call. */
export interface KeptFile {
  file: NewFile
  /** Once the task has it. Never throws: the sweep finds it out. */
  confirm(): Promise<void>
}

export type KeptAnswer =
  /** `kept`: absent where the task has this very file already. */
  { ok: true; body: Json; kept?: KeptFile } | { ok: false; code: RunFailure['code']; message: string }

/** Keeps the body of an answer; `hide`: takes secrets out of its name. Throws what the connection throws, and `StorageFault`. */
export type KeepAnswer = (response: Response, about: { url: string; hide(text: string): string }) => Promise<KeptAnswer>

/** Baton's own storage failed while an answer came. */
export class StorageFault extends Error {}

/** How answers to this task's calls are kept. */
export function keeping(env: Env, team: string, task: string): KeepAnswer {
  return async (response, { url, hide }) => {
    if (env.FILES === undefined) return notKept(NO_BUCKET)
    if (Number(response.headers.get('content-length') ?? 0) > MAX_FILE_BYTES) return cancelled(response)
    const stored = await store(env, env.FILES, team, response)
    if (stored === null) return cancelled(response)
    const given = { name: hide(nameOf(response, url)), type: response.headers.get('content-type') }
    return whileStored(() => claimed(env, { team, task }, given, stored))
  }
}

/** The file that these contents are: one that the task has or is about to have, else a new one. */
async function claimed(
  env: Env,
  { team, task }: { team: string; task: string },
  given: { name: string; type: string | null },
  stored: Stored,
): Promise<KeptAnswer> {
  const own = (await callTask(env, team, task, stub => stub.view()))?.files ?? []
  const name = harmlessName(given.name)
  const same = await sameAnswer(env.DB, { team, task, sha256: stored.sha256, name }, Date.now())
  const isOwn = same !== null && own.some(({ id }) => id === same.id)
  if (isOwn || (same !== null && same.until !== null)) {
    await discardObject(env, stored.key)
    const { id, type, bytes, sha256, until } = same
    return isOwn
      ? { ok: true, body: bodyOf(same) }
      : kept(env, team, { id, name, type, bytes, sha256, from: 'call', until: until! })
  }
  if (own.length >= MAX_FILES) {
    await discardObject(env, stored.key)
    return notKept(`the task has ${MAX_FILES} files already, as many as one may have. Take one from it, then retry.`)
  }
  const bringing = { team, task, from: 'call', by: { kind: 'system' } } as const
  const read = await keepStored(env, bringing, given, stored)
  return read.ok ? kept(env, team, read.value) : notKept('it took too long to store.')
}

function kept(env: Env, team: string, file: NewFile): KeptAnswer {
  const told = (error: unknown) =>
    console.error(JSON.stringify({ level: 'error', what: 'file not confirmed', error: String(error) }))
  return {
    ok: true,
    body: bodyOf(file),
    kept: { file: toBeRead(file), confirm: () => confirm(env, team, [file]).catch(told) },
  }
}

/** What stands in the output: its `file` is the file itself where templates name it. */
function bodyOf({ id, name, type, bytes }: Pick<NewFile, 'id' | 'name' | 'type' | 'bytes'>): Json {
  return { file: id, name, type, bytes }
}

/** null: it is larger than a file may be. */
async function store(env: Env, bucket: R2Bucket, team: string, response: Response): Promise<Stored | null> {
  const upload = await whileStored(() => Upload.begin(bucket, env.DB, team))
  try {
    const reader = (response.body ?? new Response('').body!).getReader()
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return await whileStored(() => upload.end())
      if (await whileStored(() => upload.write(value))) continue
      await reader.cancel().catch(() => {})
      await upload.giveUp()
      return null
    }
  } catch (error) {
    await upload.giveUp()
    throw error
  }
}

async function whileStored<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw new StorageFault(String(error))
  }
}

async function cancelled(response: Response): Promise<KeptAnswer> {
  await response.body?.cancel().catch(() => {})
  return {
    ok: false,
    code: 'answer_too_large',
    message: 'The answer is larger than 25 MB, the most that a file may have.',
  }
}

/** Why an answer that is a file became none. */
export function notKept(why: string): KeptAnswer & { ok: false } {
  return { ok: false, code: 'file_not_kept', message: `The answer is a file, which was not kept: ${why}` }
}

const NO_BUCKET = 'this Baton has no storage for files. Whoever runs it binds an R2 bucket as FILES in wrangler.toml.'

/** As the service calls it, else as its address does. */
function nameOf({ headers }: Response, url: string): string {
  const named = fileNameIn(headers.get('content-disposition') ?? '')
  if (named !== null) return named
  const last = new URL(url).pathname.split('/').findLast(part => part !== '') ?? ''
  try {
    return decodeURIComponent(last) || 'answer'
  } catch {
    return last
  }
}
