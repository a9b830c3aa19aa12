/** What a team keeps in immutable versions under a key, such as agents, skills and tools: how the next version is written. */

/** What a writer takes for granted: nothing of this key is there yet, something is, or this very version is the current one. */
export type Expected = 'new' | 'there' | number

interface NextVersion {
  expected: Expected
  by: string
  at: number
}

/**
 * Makes the writer of one kind: of the table of what is there, the name that a version's table and its value have, and the
 * column, if any, that repeats a part of the value. The writer's statements belong in one batch; the first answers the
 * number that was written, or nothing where it was not as expected.
 */
export function versionWriter({ table, value, repeats }: { table: string; value: string; repeats?: string }) {
  const live = `SELECT version FROM ${table} WHERE team = ?1 AND key = ?2 AND deleted_at IS NULL`
  const isExpected = `CASE ?3 WHEN 'new' THEN NOT EXISTS (${live}) WHEN 'there' THEN EXISTS (${live})
    ELSE EXISTS (${live} AND version = ?3) END`
  // The number is given out in the statement that takes it: two at once get two. After a deletion they go on.
  const next = `coalesce((SELECT version FROM ${table} WHERE team = ?1 AND key = ?2), 0) + 1`
  const add = `INSERT INTO ${value}_versions (team, key, version, ${value}, created_at, created_by)
    SELECT ?1, ?2, ${next}, ?4, ?5, ?6 WHERE ${isExpected} RETURNING version`
  const [column, bound, set] = repeats ? [`, ${repeats}`, ', ?5', `, ${repeats} = excluded.${repeats}`] : ['', '', '']
  const makeCurrent = `INSERT INTO ${table} (team, key, version, created_at, updated_at${column})
    SELECT ?1, ?2, ${next}, ?4, ?4${bound} WHERE ${isExpected}
    ON CONFLICT (team, key) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at, deleted_at = NULL${set}`
  return (
    db: D1Database,
    team: string,
    kept: { key: string },
    { expected, by, at }: NextVersion,
    repeated?: string,
  ) => [
    db.prepare(add).bind(team, kept.key, expected, JSON.stringify(kept), at, by),
    db.prepare(makeCurrent).bind(team, kept.key, expected, at, ...(repeats ? [repeated] : [])),
  ]
}
