/** Values of the log that may be too big for its rows: each is there itself, or says where it is. */

/** A value over 16 KiB lives in a row of its own; log and state hold this in its place. */
export interface BlobRef {
  $blob: string
  bytes: number
  head: string
}
/** A value as the log holds it: itself, or where it is. */
export type Stored<T> = T | BlobRef
