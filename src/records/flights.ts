/** The open tasks of a workflow as a publish looks at them: on which version, and at which step. */

export interface OpenTask {
  id: string
  title: string
  version: number
  status: string
  step: string | null
  visit: number
}

/** The oldest open tasks, at most `limit`, and how many there are in all. */
export async function openTasksOf(
  db: D1Database,
  team: string,
  workflow: string,
  limit: number,
): Promise<{ tasks: OpenTask[]; total: number }> {
  const where = 'FROM tasks WHERE team = ?1 AND workflow = ?2 AND over = 0'
  const [tasks, total] = await db.batch<unknown>([
    db
      .prepare(`SELECT id, title, version, status, step, visit ${where} ORDER BY created_at, id LIMIT ?3`)
      .bind(team, workflow, limit),
    db.prepare(`SELECT count(*) AS n ${where}`).bind(team, workflow),
  ])
  return {
    tasks: (tasks?.results ?? []) as OpenTask[],
    total: (total?.results[0] as { n: number } | undefined)?.n ?? 0,
  }
}

/** How many open tasks stand at each step. */
export async function openByStep(db: D1Database, team: string, workflow: string): Promise<Map<string, number>> {
  const { results } = await db
    .prepare('SELECT step, count(*) AS n FROM tasks WHERE team = ?1 AND workflow = ?2 AND over = 0 GROUP BY step')
    .bind(team, workflow)
    .all<{ step: string | null; n: number }>()
  return new Map(results.flatMap(({ step, n }) => (step === null ? [] : [[step, n] as const])))
}
