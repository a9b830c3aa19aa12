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

/** Replaces its name and settings. */
export function updateIntakeStatement(db: D1Database, row: IntakeRow): D1PreparedStatement {
  return db
    .prepare(
      'UPDATE intakes SET name = ?3, config = ?4, updated_at = ?5 WHERE id = ?1 AND team = ?2 AND deleted_at IS NULL',
    )
    .bind(row.id, row.team, row.name, JSON.stringify(row.config), row.updatedAt)
}
