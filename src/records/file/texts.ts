/** What is known of the text in stored content: whether somebody reads it, has read it, or why there is none. */

/** For this long a reader has the content to itself. */
const READING_MS = 60_000
/** A content that so many readers died of is read no more. */
const MOST_TRIES = 3

/** The content of a file, and how its text stands: `mine`: it is now the caller's to read; else as `file_objects.text` says. */
export interface ReadableObject {
  key: string
  type: string
  bytes: number
  state: 'mine' | 'busy' | 'worn_out' | 'read' | { noText: string }
}

/** Takes a file's content to read, unless somebody has it, or has read it. null: there is no such file. */
export async function beginReading(
  db: D1Database,
  team: string,
  file: string,
  now: number,
): Promise<ReadableObject | null> {
  const [taken, found] = await db.batch<{
    key: string
    type: string
    bytes: number
    text: string | null
    until: number | null
  }>([
    db
      .prepare(
        `UPDATE file_objects SET text = 'reading', text_until = ?3 + ${READING_MS}, text_tries = text_tries + 1
             WHERE key = (SELECT object FROM files WHERE team = ?1 AND id = ?2) AND doomed = 0 AND text_tries < ${MOST_TRIES}
               AND (text IS NULL OR (text = 'reading' AND text_until <= ?3))`,
      )
      .bind(team, file, now),
    db
      .prepare(
        `SELECT o.key, f.type, f.bytes, o.text, o.text_until AS until FROM files f JOIN file_objects o ON o.key = f.object
             WHERE f.team = ?1 AND f.id = ?2`,
      )
      .bind(team, file),
  ])
  const row = found?.results[0]
  if (row === undefined) return null
  const { key, type, bytes, text, until } = row
  if (taken?.meta.changes === 1) return { key, type, bytes, state: 'mine' }
  if (text === 'read') return { key, type, bytes, state: 'read' }
  if (text !== null && text !== 'reading') return { key, type, bytes, state: { noText: text } }
  return { key, type, bytes, state: (until ?? 0) > now ? 'busy' : 'worn_out' }
}

/** What came of reading: 'read', or why there is no text. false: the content was swept meanwhile, so nothing may stay beside it. */
export async function endReading(db: D1Database, key: string, text: string): Promise<boolean> {
  const { meta } = await db
    .prepare(
      "UPDATE file_objects SET text = ?2, text_until = NULL WHERE key = ?1 AND doomed = 0 AND (text IS NULL OR text = 'reading')",
    )
    .bind(key, text)
    .run()
  return meta.changes === 1
}
