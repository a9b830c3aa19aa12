/** Statements that write an intake together with what belongs to it, in one batch. */
import type { IntakeRow } from './intakes.ts'

/** Adds the intake. */
export function insertIntakeStatement(db: D1Database, row: IntakeRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO intakes (id, team, workflow, kind, name, config, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
    )
    .bind(row.id, row.team, row.workflow, row.kind, row.name, JSON.stringify(row.config), row.createdAt, row.updatedAt)
}

const UPDATE = `UPDATE intakes SET name = ?3, config = ?4, updated_at = ?5
  WHERE id = ?1 AND team = ?2 AND name = ?6 AND config = ?7 AND deleted_at IS NULL`

/** Replaces its name and settings, as long as they are what they were and `onlyIf` holds, whose first value is ?8. */
export function updateIntakeStatement(
  db: D1Database,
  before: IntakeRow,
  row: IntakeRow,
  onlyIf: { sql: string; values: string[] } = { sql: '1', values: [] },
): D1PreparedStatement {
  const { name, config } = before
  return db
    .prepare(`${UPDATE} AND ${onlyIf.sql}`)
    .bind(
      ...[row.id, row.team, row.name, JSON.stringify(row.config), row.updatedAt],
      ...[name, JSON.stringify(config), ...onlyIf.values],
    )
}

/** The same; whether they were. */
export async function updateIntake(db: D1Database, before: IntakeRow, row: IntakeRow): Promise<boolean> {
  return (await updateIntakeStatement(db, before, row).run()).meta.changes > 0
}
