/** What a decision about a task takes from outside: time, ids, chance, its pinned definition, and values that are kept apart. */
import type { Pinned } from '../workflow/definition.ts'
import type { Actor } from './events.ts'
import type { BlobRef, Stored } from './log/blob.ts'

/** Time, ids, chance and stored values: what a decision may not make up. */
export interface Context {
  /** ms since the epoch, by the Task DO's clock */
  now: number
  actor: Actor
  /** The parsed pinned version with this digest. */
  pinned(digest: string, text: Stored<string>): Pinned
  /** The JSON text of a value that lies in a blob row; null: there is none of this digest. */
  blob(digest: string): string | null
  /** SHA-256, hex. */
  sha256(text: string): string
  /** A fresh, unguessable lease token. */
  token(): string
  /** In [0, 1). */
  random(): number
  /**
   * Whether this object has been there ever since it gave the lease; absent: always. If not, what took the object away may
   * have taken the worker, too, and that says nothing of the run.
   */
  witnessed?(lease: string): boolean
}

const BLOB_HEAD_CHARS = 200

/** Whether this has the exact shape of a reference. People's data may imitate it, so `readValue` also asks storage. */
export function isBlobRef(value: unknown): value is BlobRef {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false
  const { $blob, bytes, head } = value as BlobRef
  const digest = typeof $blob === 'string' && /^[0-9a-f]{64}$/.test($blob)
  return digest && Number.isInteger(bytes) && typeof head === 'string' && head.length <= BLOB_HEAD_CHARS
}

/** The value itself, wherever it is kept. What only looks like a reference is data. */
export function readValue<T>(stored: Stored<T>, blob: Context['blob']): T {
  const text = isBlobRef(stored) ? blob(stored.$blob) : null
  return text === null ? (stored as T) : (JSON.parse(text) as T)
}
