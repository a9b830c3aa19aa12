/** Content on its way into object storage and out of it: streamed, hashed and counted as it comes, never whole in memory. */
import { MAX_FILE_BYTES } from '../domain/file/file.ts'
import { HEAD_BYTES } from '../domain/file/type.ts'
import type { Env } from '../env.ts'
import { doomObject, forgetObject, freeObject, reserveObject } from '../records/file/files.ts'
import { base32, hex } from '../records/ids.ts'

/** R2 takes parts of 5 MiB and more; one such is all that lies in memory of an upload. */
const PART_BYTES = 5 * 1024 * 1024
/** How long a task has to take what was stored for it. */
export const TAKEN_MS = 30 * 60_000

export type Storage = Pick<Env, 'DB' | 'FILES'>

/** Content that lies in storage. */
export interface Stored {
  key: string
  sha256: string
  bytes: number
  /** How it begins. */
  head: Uint8Array
  /** Until when a task may take it. */
  until: number
}

/** One file's content on its way into storage: give it chunks, then end it. */
export class Upload {
  readonly #bucket: R2Bucket
  readonly #db: D1Database
  readonly #key: string
  readonly #until: number
  readonly #hash = new crypto.DigestStream('SHA-256')
  readonly #hashed = this.#hash.getWriter()
  readonly #head = new Uint8Array(HEAD_BYTES)
  #part = new Uint8Array(64 * 1024)
  #filled = 0
  #bytes = 0
  #multipart: R2MultipartUpload | null = null
  readonly #parts: R2UploadedPart[] = []

  private constructor(bucket: R2Bucket, db: D1Database, key: string, until: number) {
    this.#bucket = bucket
    this.#db = db
    this.#key = key
    this.#until = until
    // Whoever gives an upload up asks for no digest.
    this.#hash.digest.catch(() => {})
  }

  /** Begins an upload for a team: its key is noted first, so that nothing it leaves behind is forgotten. */
  static async begin(bucket: R2Bucket, db: D1Database, team: string): Promise<Upload> {
    const at = Date.now()
    const key = `${team}/${base32(crypto.getRandomValues(new Uint8Array(17)), 26)}`
    await reserveObject(db, { key, team, at, until: at + TAKEN_MS })
    return new Upload(bucket, db, key, at + TAKEN_MS)
  }

  /** Takes more of it; false: it is larger than a file may be. */
  async write(chunk: Uint8Array): Promise<boolean> {
    if (this.#bytes + chunk.byteLength > MAX_FILE_BYTES) return false
    if (this.#bytes < HEAD_BYTES) this.#head.set(chunk.subarray(0, HEAD_BYTES - this.#bytes), this.#bytes)
    this.#bytes += chunk.byteLength
    await this.#hashed.write(chunk)
    for (let from = 0; from < chunk.byteLength; ) {
      const room = Math.min(chunk.byteLength - from, PART_BYTES - this.#filled)
      this.#grow(this.#filled + room)
      this.#part.set(chunk.subarray(from, from + room), this.#filled)
      this.#filled += room
      from += room
      if (this.#filled === PART_BYTES) await this.#sendPart()
    }
    return true
  }

  /** All of it has come. */
  async end(): Promise<Stored> {
    await this.#hashed.close()
    const sha256 = hex(new Uint8Array(await this.#hash.digest))
    if (this.#multipart === null) await this.#bucket.put(this.#key, this.#part.subarray(0, this.#filled))
    else {
      if (this.#filled > 0) await this.#sendPart()
      await this.#multipart.complete(this.#parts)
    }
    const head = this.#head.slice(0, Math.min(this.#bytes, HEAD_BYTES))
    return { key: this.#key, sha256, bytes: this.#bytes, head, until: this.#until }
  }

  /** Nobody wants it any more. What fails here the sweep does later. */
  async giveUp(): Promise<void> {
    this.#hashed.abort().catch(() => {})
    await this.#multipart?.abort().catch(() => {})
    await discardObject({ DB: this.#db, FILES: this.#bucket }, this.#key)
  }

  #grow(size: number): void {
    if (size <= this.#part.byteLength) return
    const larger = new Uint8Array(Math.min(PART_BYTES, Math.max(size, this.#part.byteLength * 4)))
    larger.set(this.#part.subarray(0, this.#filled))
    this.#part = larger
  }

  async #sendPart(): Promise<void> {
    this.#multipart ??= await this.#bucket.createMultipartUpload(this.#key)
    this.#parts.push(await this.#multipart.uploadPart(this.#parts.length + 1, this.#part.subarray(0, this.#filled)))
    this.#filled = 0
  }
}

/** Gives back an object that no file refers to; one that a file refers to stays. Never throws: the sweep comes by later. */
export async function discardObject(storage: Storage, key: string): Promise<void> {
  try {
    const now = Date.now()
    await freeObject(storage.DB, key, now)
    await sweepObject(storage, key, now)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'file not given back', error: String(error) }))
  }
}

/** Where what was read in an object lies. */
export function textKey(key: string): string {
  return `${key}.text`
}

/** Deletes an object that is nobody's: first nobody can come to refer to it, then its content goes, then its row. */
export async function sweepObject({ DB, FILES }: Storage, key: string, now: number): Promise<void> {
  if (FILES === undefined || !(await doomObject(DB, key, now))) return
  await FILES.delete([key, textKey(key)])
  await forgetObject(DB, key, now)
}
