/** A form that holds files, read as a stream: each file goes into storage as it comes, fields are kept as text. */
import { joinBytes } from '../domain/bytes.ts'
import { MAX_FILE_BYTES, MAX_FILES, type NewFile } from '../domain/file/file.ts'
import { harmlessName } from '../domain/file/name.ts'
import type { Env } from '../env.ts'
import { type Problem, refuse } from '../http/errors.ts'
import { KIB } from '../http/request/body.ts'
import { sha256Hex } from '../records/ids.ts'
import { boundaryOf, FormParser, type PartHead, type Piece } from './form-parser.ts'
import { type Bringing, giveBack, keepStored, NO_STORAGE } from './keep.ts'
import { Upload } from './store.ts'

export const MULTIPART = 'multipart/form-data'
/** What the platform takes of one request. */
const MAX_TOTAL = 100 * KIB * KIB
/** How long nothing may come. */
const PATIENCE_MS = 20_000

/** A form as it was read. Its files lie in storage and must be given to a task or given back. */
export interface FilesForm {
  fields: { name: string; bytes: Uint8Array }[]
  files: { field: string; file: NewFile }[]
}

export interface FormLimits {
  /** How many files may come; `has`: those that the task has already. */
  has: number
  /** Bytes of each field. */
  field: number
  /** Bytes of the whole body; unless said, what the platform takes. */
  total?: number
}

/** `fields`: those that came before it went wrong. */
type FormRead = { ok: true; value: FilesForm } | { ok: false; problem: Problem; fields: FilesForm['fields'] }

/** Whether a request's body is such a form. */
export function isMultipart(type: string | null | undefined): boolean {
  return (type ?? '').split(';')[0]!.trim().toLowerCase() === MULTIPART
}

/** Reads the form. Where anything is wrong with it, nothing of it stays in storage. */
export async function readFilesForm(
  env: Env,
  { body, headers }: Pick<Request, 'body' | 'headers'>,
  bringing: Bringing,
  limits: FormLimits,
): Promise<FormRead> {
  const total = limits.total ?? MAX_TOTAL
  const refused = (problem: Problem) => ({ ok: false as const, problem, fields: [] }) satisfies FormRead
  if (Number(headers.get('content-length') ?? 0) > total) return refused({ kind: 'too_large', limit: total })
  if (body === null) return refused(malformed('The body is empty.').problem)
  const boundary = boundaryOf(headers.get('content-type') ?? '')
  if (boundary === null) return refused(malformed('The form does not say what its boundary is.').problem)
  const reading = new Reading(env, bringing, limits, new FormParser(boundary))
  const reader = (body as ReadableStream<Uint8Array>).getReader()
  let problem: Problem | null = null
  try {
    problem = await reading.readAll(reader)
  } catch (error) {
    await reading.giveUp()
    throw error
  }
  if (problem === null) return { ok: true, value: reading.form }
  await reading.giveUp()
  reader.cancel().catch(() => {})
  return { ok: false, problem, fields: reading.form.fields }
}

/** What a form came to: the same fields and files in the same order, whatever stood between them. */
export async function formDigest({ fields, files }: FilesForm): Promise<string> {
  const parts = await Promise.all(fields.map(async ({ name, bytes }) => [name, await sha256Hex(bytes)]))
  return sha256Hex(JSON.stringify([parts, files.map(({ field, file }) => [field, file.name, file.sha256])]))
}

/** A part on its way: into storage, or into memory as a field. */
type Open = { to: Upload; head: PartHead } | { field: string; chunks: Uint8Array[]; size: number } | null

/** No form has more. */
const MAX_PARTS = 2000

const TOO_MANY: Problem = {
  kind: 'invalid',
  code: 'too_many_fields',
  message: `The form holds over ${MAX_PARTS} fields.`,
  hint: 'Send fewer fields, or JSON.',
}

class Reading {
  readonly form: FilesForm = { fields: [], files: [] }
  readonly #env: Env
  readonly #bringing: Bringing
  readonly #limits: FormLimits
  readonly #parser: FormParser
  #open: Open = null
  #parts = 0
  #size = 0

  constructor(env: Env, bringing: Bringing, limits: FormLimits, parser: FormParser) {
    this.#env = env
    this.#bringing = bringing
    this.#limits = limits
    this.#parser = parser
  }

  /** Reads to the end; what is wrong, or null. */
  async readAll(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Problem | null> {
    const { total = MAX_TOTAL } = this.#limits
    for (;;) {
      const next = await patiently(reader)
      if (next === 'late') return { kind: 'too_slow' }
      if (next === 'broken') return CUT_OFF
      if (next.done) return this.#parser.done ? null : CUT_OFF
      this.#size += next.value.byteLength
      if (this.#size > total) return { kind: 'too_large', limit: total }
      for (const piece of this.#parser.push(next.value)) {
        const problem = await this.#take(piece)
        if (problem !== null) return problem
      }
    }
  }

  /** Gives back all that was stored. */
  async giveUp(): Promise<void> {
    if (this.#open !== null && 'to' in this.#open) await this.#open.to.giveUp()
    const files = this.form.files.map(({ file }) => file)
    await giveBack(this.#env, this.#bringing.team, files)
  }

  async #take(piece: Piece): Promise<Problem | null> {
    switch (piece.what) {
      case 'part':
        return this.#begin(piece.head)
      case 'bytes':
        return this.#write(piece.bytes)
      case 'end':
        return this.#end()
      case 'malformed':
        return malformed('The form is not well-formed multipart/form-data.').problem
    }
  }

  async #begin(head: PartHead): Promise<Problem | null> {
    this.#parts += 1
    if (this.#parts > MAX_PARTS) return TOO_MANY
    if (head.name === null) return malformed('A part of the form has no name.').problem
    if (head.filename === null) {
      this.#open = { field: head.name, chunks: [], size: 0 }
      return null
    }
    const { FILES, DB } = this.#env
    // A file field that nobody filled in.
    if (head.filename === '') return null
    if (FILES === undefined) return NO_STORAGE
    const { has } = this.#limits
    if (has + this.form.files.length >= MAX_FILES) return { kind: 'too_many_files', has, most: MAX_FILES }
    this.#open = { head, to: await Upload.begin(FILES, DB, this.#bringing.team) }
    return null
  }

  async #write(bytes: Uint8Array): Promise<Problem | null> {
    const open = this.#open
    if (open === null) return null
    if ('to' in open) {
      if (await open.to.write(bytes)) return null
      return { kind: 'file_too_large', name: harmlessName(open.head.filename), limit: MAX_FILE_BYTES }
    }
    open.chunks.push(bytes)
    open.size += bytes.byteLength
    return open.size > this.#limits.field ? { kind: 'too_large', limit: this.#limits.field } : null
  }

  async #end(): Promise<Problem | null> {
    const open = this.#open
    if (open === null) return null
    if ('field' in open) this.form.fields.push({ name: open.field, bytes: joinBytes(open.chunks) })
    else {
      const { name, filename, type } = open.head
      const given = { name: filename, type }
      const kept = await keepStored(this.#env, this.#bringing, given, await open.to.end())
      if (!kept.ok) return kept.problem
      this.form.files.push({ field: name!, file: kept.value })
    }
    this.#open = null
    return null
  }
}

async function patiently(reader: ReadableStreamDefaultReader<Uint8Array>) {
  let patience: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<'late'>(resolve => {
    patience = setTimeout(() => resolve('late'), PATIENCE_MS)
  })
  try {
    return await Promise.race([reader.read(), late])
  } catch {
    return 'broken'
  } finally {
    clearTimeout(patience)
  }
}

const CUT_OFF: Problem = {
  kind: 'malformed',
  code: 'upload_cut_off',
  message: 'The upload ends in its midst. Nothing of it was kept.',
  hint: 'Send it again.',
}

function malformed(message: string) {
  const hint = 'Send Content-Type: multipart/form-data with its boundary, as curl -F and browsers do.'
  return refuse({ kind: 'malformed', code: 'malformed_form', message, hint } as const)
}
