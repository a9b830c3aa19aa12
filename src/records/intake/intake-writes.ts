/** Statements that write an intake together with what belongs to it and the act on record, in one batch. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { type Act, actStatement, LAST_CHANGED } from '../acts.ts'
import { type IntakeRow, saidOf, UNSAID } from './intakes.ts'

/** Adds the intake, on record. */
export async function insertIntakeStatements(
  db: D1Database,
  row: IntakeRow,
  actor: Actor,
): Promise<D1PreparedStatement[]> {
  const { id, team, workflow, kind, name, config, createdAt, updatedAt } = row
  const facts = { intake: id, kind, name, changes: briefChange({}, saidOf(row), UNSAID) }
  const act = { team, at: createdAt, type: 'intake.created' as const, actor, workflow, facts }
  return [
    db
      .prepare(
        `INSERT INTO intakes (id, team, workflow, kind, name, config, created_at, updated_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)`,
      )
      .bind(id, team, workflow, kind, name, JSON.stringify(config), createdAt, updatedAt),
    await actStatement(db, act, LAST_CHANGED),
  ]
}

const UPDATE = `UPDATE intakes SET name = ?3, config = ?4, updated_at = ?5
  WHERE id = ?1 AND team = ?2 AND name = ?6 AND config = ?7 AND deleted_at IS NULL`

/**
 * Replaces its name and settings, as long as they are what they were and `onlyIf` holds, whose first value is ?8, and puts
 * on record what changed. A statement behind these may ask by changes() whether it was so.
 */
export async function updateIntakeStatements(
  db: D1Database,
  before: IntakeRow,
  row: IntakeRow,
  actor: Actor,
  onlyIf: { sql: string; values: string[] } = { sql: '1', values: [] },
): Promise<D1PreparedStatement[]> {
  const { name, config } = before
  const update = db
    .prepare(`${UPDATE} AND ${onlyIf.sql}`)
    .bind(
      ...[row.id, row.team, row.name, JSON.stringify(row.config), row.updatedAt],
      ...[name, JSON.stringify(config), ...onlyIf.values],
    )
  const act = changeAct(before, row, actor)
  return act === null ? [update] : [update, await actStatement(db, act, LAST_CHANGED)]
}

/** The same; whether they were. */
export async function updateIntake(db: D1Database, before: IntakeRow, row: IntakeRow, actor: Actor): Promise<boolean> {
  const [changed] = await db.batch(await updateIntakeStatements(db, before, row, actor))
  return (changed?.meta.changes ?? 0) > 0
}

/** What changed, in the words of the log; null: nothing did. Of secrets it says that they changed, and nothing more. */
function changeAct(before: IntakeRow, row: IntakeRow, actor: Actor): Act | null {
  const changes = briefChange(saidOf(before), saidOf(row), UNSAID)
  if (changes === '') return null
  const { id, team, workflow, kind, name, updatedAt: at } = row
  return { team, at, type: typeOf(changes), actor, workflow, facts: { intake: id, kind, name, changes } }
}

function typeOf(changes: string): Act['type'] {
  if (changes === 'secrets') return 'intake_secret.rolled'
  const paused = /^paused: \w+ → (true|false|none)$/.exec(changes)?.[1]
  return paused === undefined ? 'intake.changed' : paused === 'true' ? 'intake.paused' : 'intake.resumed'
}
