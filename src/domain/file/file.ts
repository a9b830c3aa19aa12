/** A file as a task knows it: what its log says of it, how many there may be, and how templates see it. */
import type { Json } from '../json/json.ts'
import type { Stored } from '../task/log/blob.ts'
import type { NoText } from './text.ts'

const MIB = 1024 * 1024
/** Files of one task. */
export const MAX_FILES = 10
/** Bytes of one file. */
export const MAX_FILE_BYTES = 25 * MIB

/** The ways by which files come to a task. */
export type FileSource = 'api' | 'form' | 'hand' | 'mail' | 'webhook' | 'decision' | 'call' | 'task'

/** A file in a task's log. Its content lies in object storage, under what the `files` row of its id names. */
export interface TaskFile {
  id: string
  /** Harmless: see name.ts. */
  name: string
  /** The media type as its content says. */
  type: string
  bytes: number
  sha256: string
  from: FileSource
  /** The media type that its sender gave it, where the content says another. */
  declared?: string
  /** What can be read in it; absent: there is none, or not yet. */
  text?: Stored<string>
  /** Since when it is to be read, in ms since the epoch; absent: it is not, or was. */
  reading?: number
  /** Why it has no text. */
  noText?: NoText
}

/** A file that a command brings. It lies in storage already, until this time (ms since the epoch) unless a task takes it. */
export type NewFile = Omit<TaskFile, 'text' | 'reading'> & {
  until: number
  /** Whether it may hold a text, which is to be read once a task has it. */
  toRead?: true
}

/** A file as the API and templates name it. */
export interface FileView {
  id: string
  name: string
  type: string
  bytes: number
  sha256: string
}

export function fileView({ id, name, type, bytes, sha256 }: FileView): FileView {
  return { id, name, type, bytes, sha256 }
}

/** The file as an event of this time keeps it. */
export function keptFile({ until: _until, toRead, ...file }: NewFile, now: number): TaskFile {
  return toRead ? { ...file, reading: now } : file
}

/** What templates read of a file. Its `text` was read before a step that may name it began; null: it has none. */
export function fileInScope(file: TaskFile, text: string | null): Json {
  return { ...fileView(file), text }
}

/** The value as people read it: where it names one of these files by its id, the file's name. */
export function withFileNames(value: Json, files: readonly Pick<FileView, 'id' | 'name'>[]): Json {
  return withFiles(value, new Map(files.map(({ id, name }) => [id, name])))
}

/** The value with each text in it that is the id of one of these files put in its place as that file. */
export function withFiles(value: Json, files: ReadonlyMap<string, Json>): Json {
  if (files.size === 0) return value
  if (typeof value === 'string') return files.get(value) ?? value
  if (Array.isArray(value)) return value.map(item => withFiles(item, files))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withFiles(inner, files)]))
}
