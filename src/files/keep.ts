/** A file's way from storage to its task and back: kept under its team's digest, confirmed once the task has it, given back if none wants it. */
import { type FileSource, MAX_FILE_BYTES, type NewFile } from '../domain/file/file.ts'
import { harmlessName } from '../domain/file/name.ts'
import { typeOfFile } from '../domain/file/type.ts'
import type { Actor } from '../domain/task/events.ts'
import type { Env } from '../env.ts'
import { type ApiProblem, refuse } from '../http/errors.ts'
import type { Read } from '../http/request/body.ts'
import { confirmFiles, copyFile, dropFiles, type FileRow, keepFile } from '../records/file/files.ts'
import { isId, newId } from '../records/ids.ts'
import { type Storage, type Stored, sweepObject, TAKEN_MS, Upload } from './store.ts'

/** Whose file it is to be, which way it comes, and who brings it. */
export interface Bringing {
  team: string
  task: string
  from: FileSource
  by: Actor
}

/** A file as it is sent. */
export interface Given {
  /** The name that its sender gave it. */
  name: string | null
  /** The media type that its sender gave it. */
  type: string | null
}

/** What is said where no bucket is bound. */
export const NO_STORAGE: ApiProblem = {
  kind: 'conflict',
  code: 'files_not_set_up',
  message: 'Files cannot be kept: this Baton has no storage for them.',
  hint: 'Whoever runs it binds an R2 bucket as FILES in wrangler.toml; the README says how. Everything else works.',
}

/** Stores a whole file that is in memory already, such as a mail's attachment. */
export async function keepBytes(env: Env, bringing: Bringing, given: Given, bytes: Uint8Array): Promise<Read<NewFile>> {
  if (env.FILES === undefined) return refuse(NO_STORAGE)
  const upload = await Upload.begin(env.FILES, env.DB, bringing.team)
  try {
    if (!(await upload.write(bytes))) {
      await upload.giveUp()
      return refuse({ kind: 'file_too_large', name: harmlessName(given.name), limit: MAX_FILE_BYTES })
    }
    return await keepStored(env, bringing, given, await upload.end())
  } catch (error) {
    await upload.giveUp()
    throw error
  }
}

/** Makes what was stored a file that its task may take. */
export async function keepStored(
  env: Env,
  { team, task, from, by }: Bringing,
  given: Given,
  { key, sha256, bytes, head, until }: Stored,
): Promise<Read<NewFile>> {
  const name = harmlessName(given.name)
  const found = typeOfFile(head, name, given.type)
  const file: NewFile = { id: newId('fil'), name, ...found, bytes, sha256, from, until }
  const row = { team, id: file.id, task, object: key, name, declared: null, ...found, bytes, sha256 }
  const kept = await keepFile(env.DB, { ...row, source: from, at: Date.now(), actor: JSON.stringify(by), until })
  if (kept === null) {
    // It came too late for its row.
    await env.FILES?.delete(key)
    return refuse({ kind: 'unavailable', retryAfter: 5 })
  }
  // The team had the same content: that one serves both.
  if (kept !== key) await sweepObject(env, key, Date.now())
  return { ok: true, value: file }
}

/** Another file of a new task with the content of one of the team's; null: there is no such file. */
export async function copyOf(
  env: Pick<Env, 'DB'>,
  { team, task, from, by }: Bringing,
  id: string,
): Promise<NewFile | null> {
  const now = Date.now()
  const other = { id: newId('fil'), task, source: from, at: now, actor: JSON.stringify(by), until: now + TAKEN_MS }
  const row = isId('fil', id) ? await copyFile(env.DB, team, id, other) : null
  return row && newFileOf(row, other.until)
}

function newFileOf({ id, name, type, declared, bytes, sha256, source }: FileRow, until: number): NewFile {
  return { id, name, type, bytes, sha256, from: source, until, ...(declared === null ? {} : { declared }) }
}

/** The task has them. Should this not be noted, the sweep finds it out. */
export async function confirm(env: Pick<Env, 'DB'>, team: string, files: readonly NewFile[]): Promise<void> {
  if (files.length === 0) return
  await confirmFiles(
    env.DB,
    team,
    files.map(({ id }) => id),
  )
}

/** No task will have them: only for files of which that is certain. */
export async function giveBack(env: Storage, team: string, files: readonly { id: string }[]): Promise<void> {
  if (files.length === 0) return
  const now = Date.now()
  const ids = files.map(({ id }) => id)
  for (const key of await dropFiles(env.DB, team, ids, now)) await sweepObject(env, key, now)
}
