/** A raw mail as it comes over the line: its attachments go into storage on the way, and what remains is small. */
import { joinBytes } from '../../domain/bytes.ts'
import { MAX_FILE_BYTES, MAX_FILES, type NewFile } from '../../domain/file/file.ts'
import type { Env } from '../../env.ts'
import { type Bringing, keepBytes, keepStored } from '../../files/keep.ts'
import { discardObject, type Stored, Upload } from '../../files/store.ts'
import { hex } from '../../records/ids.ts'
import { MailStrainer, type PartSays } from './strain.ts'

const MIB = 1024 * 1024
/** The whole of a mail, as the platform takes it. */
export const MAX_MAIL = 25 * MIB
/** Its texts, and what is attached in other ways than base64. */
const MAX_REST = MIB

/** An attachment as it came: stored on the way, or small and in memory; null: beyond what a task takes, or nowhere to keep it. */
export interface Attached {
  part: PartSays
  bytes: number
  sha256: string
  stored: Stored | null
}

export interface TakenIn {
  rest: Uint8Array
  /** Which attachment a part's content stands for; null: the content is the part's own. */
  fileOf(content: Uint8Array): Attached | null
  files: Attached[]
}

/** Takes a mail in for a team; null: its texts are too large, or all of it. What was stored must be kept or given up. */
export async function takeIn(env: Env, team: string | null, raw: ReadableStream<Uint8Array>): Promise<TakenIn | null> {
  const strainer = new MailStrainer(crypto.randomUUID())
  const files: Attached[] = []
  const into = new Sink(env, team, files)
  let size = 0
  try {
    for await (const chunk of raw) {
      size += chunk.byteLength
      if (size > MAX_MAIL || strainer.restBytes > MAX_REST) return await given(env, files, into)
      for (const found of strainer.push(chunk)) await into.take(found)
    }
    for (const found of strainer.end()) await into.take(found)
    if (strainer.restBytes > MAX_REST) return await given(env, files, into)
  } catch (error) {
    await given(env, files, into)
    throw error
  }
  const fileOf = (content: Uint8Array) => {
    const number = content.byteLength > 64 ? null : strainer.fileOf(new TextDecoder().decode(content))
    return number === null ? null : (files[number] ?? null)
  }
  return { rest: joinBytes(strainer.rest), fileOf, files }
}

/** Gives up whatever no task has taken. */
export async function giveUp(env: Env, files: readonly Attached[]): Promise<void> {
  for (const { stored } of files) if (stored !== null) await discardObject(env, stored.key)
}

async function given(env: Env, files: readonly Attached[], into: Sink): Promise<null> {
  await into.stop()
  await giveUp(env, files)
  return null
}

/** Files of a task, of what came with its mail: each by its own name. */
export async function keepAttached(
  env: Env,
  bringing: Bringing,
  files: readonly (Omit<Attached, 'sha256'> & { content?: Uint8Array })[],
): Promise<NewFile[]> {
  const kept: NewFile[] = []
  for (const file of files) {
    const { part, stored, content } = file
    if (kept.length === MAX_FILES) break
    if (stored === null && content === undefined) continue
    file.stored = null
    const read =
      stored === null ? await keepBytes(env, bringing, part, content!) : await keepStored(env, bringing, part, stored)
    if (read.ok) kept.push(read.value)
  }
  return kept
}

type Found = ReturnType<MailStrainer['push']>[number]

/** Where what is attached goes: into storage, as far as a task may take it; else it is counted and hashed alone. */
class Sink {
  readonly #env: Env
  readonly #team: string | null
  readonly #files: Attached[]
  #open: {
    part: PartSays
    upload: Upload | null
    bytes: number
    hash: InstanceType<typeof crypto.DigestStream>
    to: WritableStreamDefaultWriter
  } | null = null

  constructor(env: Env, team: string | null, files: Attached[]) {
    this.#env = env
    this.#team = team
    this.#files = files
  }

  async take(found: Found): Promise<void> {
    if (found.what === 'file') return this.#begin(found.part)
    if (found.what === 'end') return this.#end()
    const open = this.#open!
    open.bytes += found.bytes.byteLength
    if (open.upload === null) return void (await open.to.write(found.bytes))
    if (open.bytes <= MAX_FILE_BYTES) await open.upload.write(found.bytes)
  }

  async stop(): Promise<void> {
    await this.#open?.upload?.giveUp()
  }

  async #begin(part: PartSays): Promise<void> {
    const { FILES, DB } = this.#env
    const room = this.#files.filter(({ stored }) => stored !== null).length < MAX_FILES
    const upload =
      FILES === undefined || this.#team === null || !room ? null : await Upload.begin(FILES, DB, this.#team)
    const hash = new crypto.DigestStream('SHA-256')
    this.#open = { part, upload, bytes: 0, hash, to: hash.getWriter() }
  }

  async #end(): Promise<void> {
    const { part, upload, bytes, hash, to } = this.#open!
    this.#open = null
    await to.close()
    const stored = (await upload?.end()) ?? null
    const sha256 = stored?.sha256 ?? hex(new Uint8Array(await hash.digest))
    this.#files.push({ part, bytes, sha256, stored })
  }
}
