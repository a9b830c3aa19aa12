/** Intakes in D1: found for a delivery with the version that a new task pins, listed, made and closed. */
import { and, desc, eq, isNull } from 'drizzle-orm'
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import type { LiveVersion } from '../../domain/workflow/live.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { after, type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import { orm, prepared } from '../database.ts'
import { statusOf } from '../definitions/standing.ts'
import { FIND_KEY, type StoredKey } from '../people/keys.ts'
import { workflows } from '../schema/definitions.ts'
import { intakes } from '../schema/intake.ts'
import type { IntakeConfig } from '../schema/intake-config.ts'

export type IntakeRow = typeof intakes.$inferSelect

/** An intake as a delivery needs it: its settings, and the workflow that it feeds. */
export interface OpenIntake extends LiveVersion, Pick<IntakeRow, 'id' | 'kind' | 'config'> {}

const FIND_INTAKE = `SELECT i.id, i.kind, i.config, w.id AS workflow, w.team, ${statusOf('w')}, v.version, v.digest FROM intakes i
  JOIN workflows w ON w.id = i.workflow AND w.team = i.team AND w.deleted_at IS NULL
  LEFT JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live
  WHERE i.id = ?1 AND i.kind <> 'schedule' AND i.deleted_at IS NULL`

/** The intake with its live version, and the key that came with the delivery: one round trip. */
export async function findIntake(
  db: D1Database,
  id: string,
  keyId: string | null,
): Promise<{ intake: OpenIntake | null; key: StoredKey | null }> {
  const find = db.prepare(FIND_INTAKE).bind(id)
  const [rows, keyRows] = await db.batch<unknown>(keyId === null ? [find] : [find, db.prepare(FIND_KEY).bind(keyId)])
  const row = rows?.results[0] as (Omit<OpenIntake, 'config'> & { config: string }) | undefined
  const intake = row ? { ...row, config: JSON.parse(row.config) as IntakeConfig } : null
  return { intake, key: (keyRows?.results[0] as StoredKey) ?? null }
}

export async function listIntakes(
  db: D1Database,
  team: string,
  workflow: string,
  cursor: Cursor | null,
): Promise<Page<IntakeRow>> {
  const mine = and(eq(intakes.team, team), eq(intakes.workflow, workflow), isNull(intakes.deletedAt))
  const rows = await orm(db)
    .select()
    .from(intakes)
    .where(and(mine, after(intakes.createdAt, intakes.id, cursor)))
    .orderBy(desc(intakes.createdAt), desc(intakes.id))
    .limit(PAGE_SIZE + 1)
  return page(rows, row => ({ at: row.createdAt, id: row.id }))
}

/** What the workflow's intakes are called, those that are gone included. */
export async function intakeNames(db: D1Database, team: string, workflow: string): Promise<Map<string, string>> {
  const rows = await orm(db)
    .select({ id: intakes.id, name: intakes.name, kind: intakes.kind })
    .from(intakes)
    .where(and(eq(intakes.team, team), eq(intakes.workflow, workflow)))
  return new Map(rows.map(({ id, name, kind }) => [id, name || kind]))
}

/** The intake, as long as it and its workflow are there. */
export async function intakeById(db: D1Database, team: string, id: string): Promise<IntakeRow | null> {
  const rows = await orm(db)
    .select({ intake: intakes })
    .from(intakes)
    .innerJoin(workflows, and(eq(workflows.id, intakes.workflow), isNull(workflows.deletedAt)))
    .where(and(eq(intakes.id, id), eq(intakes.team, team), isNull(intakes.deletedAt)))
    .limit(1)
  return rows[0]?.intake ?? null
}

/** What the log does not say of one but that it changed. */
export const UNSAID = ['secrets', 'auth']

/** An intake as the log compares it. */
export function saidOf({ name, config }: Pick<IntakeRow, 'name' | 'config'>): object {
  return { name, ...config }
}

/** Closes the intake, on record. */
export async function deleteIntake(db: D1Database, row: IntakeRow, actor: Actor, at: number): Promise<void> {
  const { id, team, workflow, kind, name } = row
  const change = orm(db)
    .update(intakes)
    .set({ deletedAt: at, updatedAt: at })
    .where(and(eq(intakes.id, id), eq(intakes.team, team), isNull(intakes.deletedAt)))
  const facts = { intake: id, kind, name, changes: briefChange(saidOf(row), {}, UNSAID) }
  const act = { team, at, type: 'intake.deleted' as const, actor, workflow, facts }
  await db.batch([prepared(db, change), await actStatement(db, act, LAST_CHANGED)])
}
