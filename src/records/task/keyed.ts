/** The tasks of a team by their business key, for events from outside. */

// Open ones first. The index holds only tasks that have a key.
const KEYED = `SELECT id FROM tasks INDEXED BY tasks_by_key WHERE team = ?1 AND key = ?2 AND over <= ?3 ORDER BY over LIMIT ?4`

/** The ids of the team's open tasks with this key, `most` of them; `all`: those that are over, too, after the open ones. */
export async function tasksWithKey(
  db: D1Database,
  team: string,
  key: string,
  { all, most }: { all: boolean; most: number },
): Promise<string[]> {
  const { results } = await db
    .prepare(KEYED)
    .bind(team, key, all ? 1 : 0, most)
    .all<{ id: string }>()
  return results.map(row => row.id)
}
