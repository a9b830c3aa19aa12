/** Workflows and their immutable versions in D1. */
import { and, desc, eq, isNull, lt, sql } from 'drizzle-orm'
import type { Actor } from '../../domain/task/events.ts'
import { cut } from '../../domain/text/cut.ts'
import type { LiveVersion, WorkflowStatus } from '../../domain/workflow/live.ts'
import { type ActType, actStatement, LAST_CHANGED } from '../acts.ts'
import { after, type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import { orm, prepared } from '../database.ts'
import { FIND_LIVE } from '../people/keys.ts'
import { type DocumentFormat, workflows, workflowVersions } from '../schema/definitions.ts'
import { noteAgentUses } from './agent-uses.ts'

export type WorkflowRow = typeof workflows.$inferSelect
export type VersionRow = typeof workflowVersions.$inferSelect

/** What was shown when an edit began. */
export interface Shown {
  draft: string | null
  live: number | null
}
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

const STEPS = `SELECT s.value ->> '$.key' AS key, s.value ->> '$.name' AS name FROM workflows w
  JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live CROSS JOIN json_each(v.pinned, '$.definition.steps') s
  WHERE w.id = ?1 AND w.team = ?2 ORDER BY s.key`
/** The steps of the live version in their order; a step without a name of its own has its key. */
export async function stepNames(db: D1Database, team: string, workflow: string): Promise<Map<string, string>> {
  const { results } = await db.prepare(STEPS).bind(workflow, team).all<{ key: string; name: string | null }>()
  return new Map(results.map(({ key, name }) => [key, name ?? key]))
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

/** Makes the workflow, on record. */
export async function insertWorkflow(db: D1Database, row: WorkflowRow, actor: Actor): Promise<void> {
  const { id, team, name, createdAt: at } = row
  const act = {
    team,
    at,
    type: 'workflow.created' as const,
    actor,
    workflow: id,
    facts: { workflow: id, name, from: null, to: row.status },
  }
  await db.batch([prepared(db, orm(db).insert(workflows).values(row)), await actStatement(db, act)])
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

// Taken: another publish has this number. Changed: the workflow is gone, or not as its publisher was shown it.
const ADD_VERSION = `INSERT INTO workflow_versions (workflow, version, team, pinned, digest, text, format, note, created_at, created_by)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 FROM workflows w
  WHERE w.id = ?1 AND w.team = ?3 AND w.deleted_at IS NULL AND (?11 = 0 OR (w.live IS ?12 AND w.draft IS ?13))
  ON CONFLICT (workflow, version) DO NOTHING`
const MAKE_LIVE = `UPDATE workflows SET name = ?4, description = ?5, owner = ?6, tags = ?7, live = ?2,
    draft_format = CASE WHEN draft = ?8 THEN NULL ELSE draft_format END, draft = CASE WHEN draft = ?8 THEN NULL ELSE draft END,
    updated_at = ?9, status = CASE WHEN status = 'draft' THEN 'active' ELSE status END
  WHERE id = ?1 AND team = ?3 AND deleted_at IS NULL AND coalesce(live, 0) < ?2
    AND EXISTS (SELECT 1 FROM workflow_versions v WHERE v.workflow = ?1 AND v.version = ?2 AND v.digest = ?10)`
const IS_TAKEN = 'SELECT 1 AS n FROM workflow_versions WHERE workflow = ?1 AND version = ?2'

/** What goes with a version's row: what lists show, the steps that name each agent, the draft it was, and over what state alone. */
interface NewVersion {
  facts: WorkflowFacts
  agents: Record<string, string[]>
  published: string
  shown: Shown | null
  actor: Actor
}

/**
 * Writes this version and makes it live, on record, in one batch. `shown`: only over exactly that state of the workflow. The first
 * publish activates the workflow; a paused one stays paused. Only the draft `published` is done with: one that was kept
 * meanwhile stays for its author to publish.
 */
export async function insertVersion(
  db: D1Database,
  row: VersionRow,
  { facts, agents, published, shown, actor }: NewVersion,
): Promise<'written' | 'taken' | 'changed'> {
  const { name, description, owner, tags } = facts
  const { workflow, version, team, pinned, digest, text, format, note, createdAt, createdBy } = row
  const over = shown === null ? [0, null, null] : [1, shown.live, shown.draft]
  const before = version > 1 ? version - 1 : null
  const told = { workflow, name, from: before, to: version, note: note === null ? null : cut(note, 200) }
  const act = { team, at: createdAt, type: 'workflow.published' as const, actor, workflow, facts: told }
  const [written, , taken] = await db.batch([
    db
      .prepare(ADD_VERSION)
      .bind(workflow, version, team, pinned, digest, text, format, note, createdAt, createdBy, ...over),
    await actStatement(db, act, LAST_CHANGED),
    db.prepare(IS_TAKEN).bind(workflow, version),
    db
      .prepare(MAKE_LIVE)
      .bind(workflow, version, team, name, description, owner, JSON.stringify(tags), published, createdAt, digest),
    ...noteAgentUses(db, row, agents),
  ])
  if ((written?.meta.changes ?? 0) > 0) return 'written'
  return (taken?.results.length ?? 0) > 0 ? 'taken' : 'changed'
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

const STATUS_ACTS = {
  paused: 'workflow.paused',
  active: 'workflow.activated',
  archived: 'workflow.archived',
} as const

/** Sets the status, on record; false when the workflow is gone or has not the status that `row` says. */
export async function setStatus(
  db: D1Database,
  row: Pick<WorkflowRow, 'id' | 'team' | 'name' | 'status'>,
  to: WorkflowStatus,
  actor: Actor,
  at: number,
): Promise<boolean> {
  const { id, team, name, status: from } = row
  const change = orm(db)
    .update(workflows)
    .set({ status: to, updatedAt: at })
    .where(and(own(team, id), eq(workflows.status, from)))
  const type: ActType = from === 'archived' || to === 'draft' ? 'workflow.restored' : STATUS_ACTS[to]
  const act = { team, at, type, actor, workflow: id, facts: { workflow: id, name, from, to } }
  const [changed] = await db.batch([prepared(db, change), await actStatement(db, act, LAST_CHANGED)])
  return (changed?.meta.changes ?? 0) > 0
}

/**
 * Takes the workflow out of every list, on record; false when deliveries are held for it, which would be lost. Its
 * versions stay: tasks in flight and their history name them.
 */
export async function deleteWorkflow(
  db: D1Database,
  { team, id, name, status }: Pick<WorkflowRow, 'team' | 'id' | 'name' | 'status'>,
  actor: Actor,
  at: number,
): Promise<boolean> {
  const nothingHeld = sql`NOT EXISTS (SELECT 1 FROM held h WHERE h.team = ${team} AND h.workflow = ${id})`
  const change = orm(db)
    .update(workflows)
    .set({ deletedAt: at, updatedAt: at })
    .where(and(own(team, id), nothingHeld))
  const facts = { workflow: id, name, from: status, to: 'deleted' }
  const act = { team, at, type: 'workflow.deleted' as const, actor, workflow: id, facts }
  const [gone] = await db.batch([prepared(db, change), await actStatement(db, act, LAST_CHANGED)])
  return (gone?.meta.changes ?? 0) > 0
}

function own(team: string, id: string) {
  return and(eq(workflows.id, id), eq(workflows.team, team), isNull(workflows.deletedAt))
}

/** What reads the names of the team's workflows to choose from, deleted ones last. */
export function workflowNames(db: D1Database, team: string): D1PreparedStatement {
  const text = 'SELECT id, name FROM workflows WHERE team = ?1 ORDER BY deleted_at IS NOT NULL, lower(name) LIMIT 500'
  return db.prepare(text).bind(team)
}
