/** The texts of files that a task is about to take, read from storage. A file without one is a file all the same. */
import type { NewFile } from '../domain/file/file.ts'
import type { Env } from '../env.ts'
import { objectOfFile } from '../records/file/files.ts'
import { mayHoldText, textOfFile } from './text/text.ts'

/** Larger files are not read: they lie whole in memory while they are. */
const MAX_READ = 8 * 1024 * 1024

/** The files, each with the text in it where it has one; one after another, so that one alone lies in memory. */
export async function withTexts(
  { DB, FILES }: Pick<Env, 'DB' | 'FILES'>,
  team: string,
  files: readonly NewFile[],
): Promise<NewFile[]> {
  const read: NewFile[] = []
  for (const file of files) read.push(FILES === undefined ? file : await withText(DB, FILES, team, file))
  return read
}

async function withText(db: D1Database, bucket: R2Bucket, team: string, file: NewFile): Promise<NewFile> {
  if (file.bytes > MAX_READ || !mayHoldText(file.type)) return file
  try {
    const key = await objectOfFile(db, team, file.id)
    const object = key === null ? null : await bucket.get(key)
    if (object === null) return file
    const found = textOfFile(new Uint8Array(await object.arrayBuffer()), file.type)
    return found.kind === 'text' ? { ...file, text: found.text } : file
  } catch (error) {
    // A task is not to be lost over what stands in its file.
    console.error(
      JSON.stringify({ level: 'error', what: 'text of file not read', file: file.id, error: String(error) }),
    )
    return file
  }
}
