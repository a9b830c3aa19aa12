/** Workflows and their immutable versions in D1. */
import { and, desc, eq, inArray, isNull, lt, sql } from 'drizzle-orm'
import { after, type Cursor, PAGE_SIZE, type Page, page } from './cursor.ts'
import { orm } from './database.ts'
import { FIND_LIVE, type LiveVersion } from './keys.ts'
import { type DocumentFormat, type WorkflowStatus, workflows, workflowVersions } from './schema.ts'

export type WorkflowRow = typeof workflows.$inferSelect
export type VersionRow = typeof workflowVersions.$inferSelect
/** What is kept beside a workflow's text, to list it by. */
export type WorkflowFacts = Pick<WorkflowRow, 'name' | 'description' | 'owner' | 'tags'>

export async function listWorkflows(db: D1Database, team: string, cursor: Cursor | null): Promise<Page<WorkflowRow>> {
  const rows = await orm(db)
    .select()
    .from(workflows)
    .where(and(eq(workflows.team, team), isNull(workflows.deletedAt), after(workflows.createdAt, workflows.id, cursor)))
    .orderBy(desc(workflows.createdAt), desc(workflows.id))
    .limit(PAGE_SIZE + 1)
  return page(rows, row => ({ at: row.createdAt, id: row.id }))
}

export async function workflowById(db: D1Database, team: string, id: string): Promise<WorkflowRow | null> {
  const row = await orm(db).select().from(workflows).where(own(team, id)).get()
  return row ?? null
}

/** The workflow of this name, the oldest one when there are several. */
export async function workflowByName(db: D1Database, team: string, name: string): Promise<WorkflowRow | null> {
  const row = await orm(db)
    .select()
    .from(workflows)
    .where(and(eq(workflows.team, team), eq(workflows.name, name), isNull(workflows.deletedAt)))
    .orderBy(workflows.createdAt)
    .get()
  return row ?? null
}

/** What a new task needs of the workflow: its status and live version. */
export async function liveVersion(db: D1Database, team: string, id: string): Promise<LiveVersion | null> {
  return db.prepare(FIND_LIVE).bind(id, team).first<LiveVersion>()
}

const PINNED = 'SELECT pinned FROM workflow_versions WHERE workflow = ?1 AND version = ?2 AND team = ?3'
/** The text that a task of this version pins. */
export async function pinnedText(
  db: D1Database,
  team: string,
  workflow: string,
  version: number,
): Promise<string | null> {
  return db.prepare(PINNED).bind(workflow, version, team).first<string>('pinned')
}

const PINNED_MANY = `SELECT v.digest, v.pinned FROM json_each(?1) j
  JOIN workflow_versions v ON v.workflow = j.value ->> '$.workflow' AND v.version = j.value ->> '$.version'`
/** The texts of several versions, whose callers found them by their own team's rows. */
export async function pinnedTexts(
  db: D1Database,
  versions: { workflow: string; version: number }[],
): Promise<{ digest: string; pinned: string }[]> {
  const { results } = await db
    .prepare(PINNED_MANY)
    .bind(JSON.stringify(versions))
    .all<{ digest: string; pinned: string }>()
  return results
}

export async function insertWorkflow(db: D1Database, row: WorkflowRow): Promise<void> {
  await orm(db).insert(workflows).values(row)
}

/** Keeps a draft; while nothing is published its facts are the workflow's. */
export async function saveDraft(
  db: D1Database,
  team: string,
  id: string,
  draft: { text: string; format: DocumentFormat; facts: WorkflowFacts; at: number },
): Promise<void> {
  const d = orm(db)
  const kept = { draft: draft.text, draftFormat: draft.format, updatedAt: draft.at }
  await d.batch([
    d.update(workflows).set(kept).where(own(team, id)),
    d
      .update(workflows)
      .set(draft.facts)
      .where(and(own(team, id), isNull(workflows.live))),
  ])
}

/**
 * Writes this version and makes it live, in one batch; false when another publish took its number. The first publish
 * activates the workflow; a paused one stays paused. Only the draft `published` is done with: one that was kept meanwhile
 * stays for its author to publish.
 */
export async function insertVersion(
  db: D1Database,
  row: VersionRow,
  facts: WorkflowFacts,
  published: string,
): Promise<boolean> {
  const isPublished = sql`${workflows.draft} = ${published}`
  const d = orm(db)
  const won = sql`EXISTS (SELECT 1 FROM workflow_versions v WHERE v.workflow = ${row.workflow} AND v.version = ${row.version} AND v.digest = ${row.digest})`
  const [written] = await d.batch([
    d.insert(workflowVersions).values(row).onConflictDoNothing().returning({ version: workflowVersions.version }),
    d
      .update(workflows)
      .set({
        ...facts,
        live: row.version,
        draft: sql`CASE WHEN ${isPublished} THEN NULL ELSE ${workflows.draft} END`,
        draftFormat: sql`CASE WHEN ${isPublished} THEN NULL ELSE ${workflows.draftFormat} END`,
        updatedAt: row.createdAt,
        status: sql`CASE WHEN ${workflows.status} = 'draft' THEN 'active' ELSE ${workflows.status} END`,
      })
      .where(and(own(row.team, row.workflow), sql`coalesce(${workflows.live}, 0) < ${row.version}`, won)),
  ])
  return written.length > 0
}

/** The highest version number that was given out; 0 when none was. */
export async function latestVersion(db: D1Database, team: string, id: string): Promise<number> {
  const row = await orm(db)
    .select({ version: sql<number | null>`max(${workflowVersions.version})` })
    .from(workflowVersions)
    .where(and(eq(workflowVersions.workflow, id), eq(workflowVersions.team, team)))
    .get()
  return row?.version ?? 0
}

export async function versionByNumber(
  db: D1Database,
  team: string,
  id: string,
  version: number,
): Promise<VersionRow | null> {
  const row = await orm(db)
    .select()
    .from(workflowVersions)
    .where(
      and(eq(workflowVersions.workflow, id), eq(workflowVersions.version, version), eq(workflowVersions.team, team)),
    )
    .get()
  return row ?? null
}

export type VersionSummary = Pick<VersionRow, 'version' | 'digest' | 'note' | 'createdAt' | 'createdBy'>

/** The versions of a workflow, newest first. */
export async function listVersions(
  db: D1Database,
  team: string,
  id: string,
  cursor: Cursor | null,
): Promise<Page<VersionSummary>> {
  const { version, digest, note, createdAt, createdBy } = workflowVersions
  const rows = await orm(db)
    .select({ version, digest, note, createdAt, createdBy })
    .from(workflowVersions)
    .where(
      and(
        eq(workflowVersions.workflow, id),
        eq(workflowVersions.team, team),
        cursor ? lt(version, cursor.at) : undefined,
      ),
    )
    .orderBy(desc(version))
    .limit(PAGE_SIZE + 1)
  return page(rows, row => ({ at: row.version, id: 'v' }))
}

/** Sets the status; false when the workflow is gone or was not in one of the states `from`. */
export async function setStatus(
  db: D1Database,
  team: string,
  id: string,
  from: WorkflowStatus[],
  to: WorkflowStatus,
  at: number,
): Promise<boolean> {
  const changed = await orm(db)
    .update(workflows)
    .set({ status: to, updatedAt: at })
    .where(and(own(team, id), inArray(workflows.status, from)))
    .returning({ id: workflows.id })
  return changed.length > 0
}

/**
 * Takes the workflow out of every list; false when deliveries are held for it, which would be lost. Its versions stay:
 * tasks in flight and their history name them.
 */
export async function deleteWorkflow(db: D1Database, team: string, id: string, at: number): Promise<boolean> {
  const nothingHeld = sql`NOT EXISTS (SELECT 1 FROM held h WHERE h.team = ${team} AND h.workflow = ${id})`
  const gone = await orm(db)
    .update(workflows)
    .set({ deletedAt: at, updatedAt: at })
    .where(and(own(team, id), nothingHeld))
    .returning({ id: workflows.id })
  return gone.length > 0
}

function own(team: string, id: string) {
  return and(eq(workflows.id, id), eq(workflows.team, team), isNull(workflows.deletedAt))
}
