/** A page's form that may bring files: its fields, and the files in storage, not yet any task's. */
import type { NamedFile } from '../domain/file/fields.ts'
import type { FileSource, NewFile } from '../domain/file/file.ts'
import type { Actor } from '../domain/task/events.ts'
import { explain } from '../http/errors.ts'
import type { PageContext } from '../http/page/page.tsx'
import { KIB } from '../http/request/body.ts'
import { readForm } from '../http/request/form.ts'
import type { FormField, Given } from '../http/request/input-form.ts'
import { assignFiles } from '../records/file/files.ts'
import { isMultipart, readFilesForm } from './multipart.ts'

export interface CameFile extends NamedFile {
  file: NewFile
}

export type PageForm =
  | { ok: true; form: URLSearchParams; files: CameFile[] }
  /** `message`: what the reader can do something about; `form`: what was read before that. */
  | { ok: false; status: 400 | 408 | 413 | 415 | 422; message?: string; form?: URLSearchParams }

interface Sending {
  team: string
  from: FileSource
  by: Actor
  /** Where it is known already whose they are to be, and how many that task has. */
  task?: string
  has?: number
}

/** Reads the form. Its files must be given to a task (`forTask`, unless it was named) or given back. */
export async function readPageForm(c: PageContext, { team, from, by, task = '', has = 0 }: Sending): Promise<PageForm> {
  if (!isMultipart(c.req.header('content-type'))) {
    const read = await readForm(c)
    return read.ok ? { ...read, files: [] } : read
  }
  const bringing = { team, task, from, by }
  const read = await readFilesForm(c.env, c.req.raw, bringing, { has, field: 1024 * KIB })
  const form = asForm(read.ok ? read.value.fields : read.fields)
  if (!read.ok) {
    const { status, message, hint } = explain(read.problem)
    const told = status === 409 ? message : [message, hint].filter(Boolean).join(' ')
    return { ok: false, status: status === 408 || status === 413 || status === 415 ? status : 422, message: told, form }
  }
  return { ok: true, form, files: read.value.files }
}

function asForm(fields: { name: string; bytes: Uint8Array }[]): URLSearchParams {
  const text = new TextDecoder()
  return new URLSearchParams(fields.map(({ name, bytes }): [string, string] => [name, text.decode(bytes)]))
}

/** What was filled in, fields for files with the ids of what came for them and nothing else. */
export function withFileIds(fields: readonly FormField[] | null, given: Given, files: readonly NamedFile[]): Given {
  const ids = (fields ?? [])
    .filter(({ kind }) => kind === 'file' || kind === 'files')
    .map(({ name }) => [
      name,
      files
        .filter(({ field }) => field === name)
        .map(({ file }) => file.id)
        .join('\n'),
    ])
  return { ...given, ...Object.fromEntries(ids) }
}

/** They are for this task: the sweep asks it whether it has them. */
export async function forTask(c: Pick<PageContext, 'env'>, team: string, files: readonly CameFile[], task: string) {
  if (files.length === 0) return
  await assignFiles(
    c.env.DB,
    team,
    files.map(({ file }) => file.id),
    task,
  )
}

/** What tells the same content of a form again, whichever ids its files have. */
export function contentIds(files: readonly CameFile[]): ReadonlyMap<string, string> {
  return new Map(files.map(({ file }) => [file.id, `${file.name} ${file.sha256}`]))
}
