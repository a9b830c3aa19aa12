/** Which workflows of a team start which others, in what is live. */
import type { JsonSchema } from '../../domain/json/json.ts'
import type { KnownWorkflow } from '../../domain/workflow/lint/known.ts'

const ALL = `SELECT w.id, w.name, w.live, v.pinned ->> '$.workflows' AS starts FROM workflows w
  LEFT JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL AND w.status <> 'archived' ORDER BY w.created_at, w.id`

interface Row {
  id: string
  name: string
  live: number | null
  /** What the live version pins: JSON. */
  starts: string | null
}

/** The team's workflows but for those in the archive, oldest first, with those that each of them starts. */
export async function startableWorkflows(db: D1Database, team: string): Promise<KnownWorkflow[]> {
  const { results } = await db.prepare(ALL).bind(team).all<Row>()
  return results.map(({ id, name, live, starts }) => ({
    id,
    name,
    live: live !== null,
    starts: starts === null ? [] : Object.values(JSON.parse(starts) as Record<string, string>),
  }))
}

/** A workflow as an author chooses it to be started. */
export interface StartableWorkflow {
  id: string
  name: string
  /** What its input must fit; absent: anything. */
  input?: JsonSchema
}

const WITH_INPUT = `SELECT w.id, w.name, v.pinned -> '$.definition.input' AS input FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL AND w.status <> 'archived' ORDER BY w.created_at, w.id`

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

const STARTING = `SELECT w.id, w.name FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live AND v.team = w.team
  WHERE w.team = ?1 AND w.deleted_at IS NULL
    AND EXISTS (SELECT 1 FROM json_each(v.pinned, '$.workflows') j WHERE j.value = ?2) ORDER BY w.created_at, w.id`

/** The team's workflows whose live version starts this one. */
export async function startersOf(
  db: D1Database,
  team: string,
  workflow: string,
): Promise<Pick<KnownWorkflow, 'id' | 'name'>[]> {
  const { results } = await db.prepare(STARTING).bind(team, workflow).all<Pick<KnownWorkflow, 'id' | 'name'>>()
  return results
}
