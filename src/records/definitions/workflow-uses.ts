/** Which workflows of a team start which others, in what is live. */
import type { JsonSchema } from '../../domain/json/json.ts'
import type { KnownWorkflow } from '../../domain/workflow/lint/known.ts'

/** Those that are meant by id or name, and whatever they start in turn. */
const REACHED = `WITH RECURSIVE reached(id) AS (
    SELECT w.id FROM json_each(?2) u JOIN workflows w ON w.id = u.value WHERE w.team = ?1
    UNION SELECT w.id FROM json_each(?2) u CROSS JOIN workflows w
      ON w.team = ?1 AND (w.deleted_at IS NOT NULL) = 0 AND lower(w.name) = lower(u.value) AND w.name = u.value
    UNION SELECT s.starts FROM reached r JOIN workflow_starts s ON s.team = ?1 AND s.workflow = r.id)
  SELECT w.id, w.name, w.live,
    (SELECT json_group_array(s.starts) FROM workflow_starts s WHERE s.team = ?1 AND s.workflow = w.id) AS starts
  FROM reached r JOIN workflows w ON w.id = r.id AND w.team = ?1
  WHERE w.deleted_at IS NULL AND w.status <> 'archived' ORDER BY w.created_at, w.id`

/** Names that a suggestion is looked for among. */
const SUGGESTED = 500

const NAMED = `SELECT id, name, live, '[]' AS starts FROM workflows
  WHERE team = ?1 AND (deleted_at IS NOT NULL) = 0 AND status <> 'archived' ORDER BY lower(name), name LIMIT ${SUGGESTED}`

interface Row {
  id: string
  name: string
  live: number | null
  /** Ids, as JSON. */
  starts: string
}

/**
 * Of the team's workflows, but for those in the archive, the ones that are used by these ids and names, oldest first, with
 * all that they start in turn; where one is not there, others besides, by name, for what may have been meant.
 */
export async function startableWorkflows(db: D1Database, team: string, uses: string[]): Promise<KnownWorkflow[]> {
  if (uses.length === 0) return []
  const rows = (sql: string, ...more: string[]) =>
    db
      .prepare(sql)
      .bind(team, ...more)
      .all<Row>()
  const { results } = await rows(REACHED, JSON.stringify(uses))
  const isThere = (use: string) => results.some(({ id, name }) => id === use || name === use)
  const others = uses.every(isThere) ? [] : (await rows(NAMED)).results
  const known = new Set(results.map(({ id }) => id))
  return [...results, ...others.filter(({ id }) => !known.has(id))].map(({ id, name, live, starts }) => ({
    id,
    name,
    live: live !== null,
    starts: JSON.parse(starts) as string[],
  }))
}

/** A workflow as an author chooses it to be started. */
export interface StartableWorkflow {
  id: string
  name: string
  /** What its input must fit; absent: anything. */
  input?: JsonSchema
}

/** As many as a list of names offers. */
const WITH_INPUT = `SELECT w.id, w.name, v.pinned -> '$.definition.input' AS input FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND (w.deleted_at IS NOT NULL) = 0 AND w.status <> 'archived' ORDER BY lower(w.name), w.name LIMIT 500`

/** The team's published workflows but for those in the archive, with what their live versions take, by name. */
export async function startableWithInput(db: D1Database, team: string): Promise<StartableWorkflow[]> {
  const { results } = await db.prepare(WITH_INPUT).bind(team).all<{ id: string; name: string; input: string | null }>()
  const read = results.map(({ id, name, input }) => ({
    id,
    name,
    ...(input !== null && { input: JSON.parse(input) as JsonSchema }),
  }))
  return read.toSorted((a, b) => a.name.localeCompare(b.name))
}

const STARTING = `SELECT w.id, w.name FROM workflow_starts s CROSS JOIN workflows w ON w.id = s.workflow AND w.team = ?1
  WHERE s.team = ?1 AND s.starts = ?2 AND w.deleted_at IS NULL ORDER BY w.created_at, w.id`

/** The team's workflows whose live version starts this one. */
export async function startersOf(
  db: D1Database,
  team: string,
  workflow: string,
): Promise<Pick<KnownWorkflow, 'id' | 'name'>[]> {
  const { results } = await db.prepare(STARTING).bind(team, workflow).all<Pick<KnownWorkflow, 'id' | 'name'>>()
  return results
}
