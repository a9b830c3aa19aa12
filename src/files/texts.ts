/**
 * What stands in stored files: read once for each content, and kept beside it. Reading may take seconds and may kill its
 * reader, so it is done by a lane and never while somebody waits for an answer.
 */
import type { NewFile } from '../domain/file/file.ts'
import { isNoText, type NoText } from '../domain/file/text.ts'
import type { Env } from '../env.ts'
import { beginReading, endReading, type ReadableObject } from '../records/file/texts.ts'
import { textKey } from './store.ts'
import { mayHoldText, mostBytes, textOfFile } from './text/text.ts'

/** What was found in a file; `busy`: another reads its content; `gone`: there is no such file. */
export type Found = { text: string } | { noText: NoText } | 'busy' | 'gone'

/** The file as its task is given it: whether it is to be read, or why not. */
export function toBeRead(file: NewFile): NewFile {
  if (!mayHoldText(file.type)) return { ...file, noText: 'not_read' }
  return file.bytes > mostBytes(file.type) ? { ...file, noText: 'too_large' } : { ...file, toRead: true }
}

/** Reads a team's file, or finds what was read in its content before. Throws where storage is away. */
export async function readText(
  { DB, FILES }: Pick<Env, 'DB' | 'FILES'>,
  team: string,
  file: string,
  now: number,
): Promise<Found> {
  if (FILES === undefined) return { noText: 'gone' }
  const object = await beginReading(DB, team, file, now)
  if (object === null) return 'gone'
  const { key, state } = object
  switch (state) {
    case 'busy':
      return 'busy'
    case 'mine':
      return readNow(DB, FILES, object)
    case 'worn_out':
      await endReading(DB, key, 'too_slow')
      return { noText: 'too_slow' }
    case 'read': {
      const kept = await FILES.get(textKey(key))
      return kept === null ? { noText: 'gone' } : { text: await kept.text() }
    }
    default:
      return { noText: isNoText(state.noText) ? state.noText : 'not_read' }
  }
}

async function readNow(db: D1Database, bucket: R2Bucket, { key, type }: ReadableObject): Promise<Found> {
  const object = await bucket.get(key)
  if (object === null) return { noText: 'gone' }
  const found = await textOfFile(new Uint8Array(await object.arrayBuffer()), type)
  if (found.kind === 'refused') {
    await endReading(db, key, found.code)
    return { noText: found.code }
  }
  // In this order: a sweep that comes between them sees that content may still come, and looks again.
  await bucket.put(textKey(key), found.text)
  if (!(await endReading(db, key, 'read'))) await bucket.delete(textKey(key))
  return { text: found.text }
}
