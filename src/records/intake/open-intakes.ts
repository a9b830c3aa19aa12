/** Intakes as mail and forms find them: by id or address, with the version that a new task pins. */
import type { Actor } from '../../domain/task/events.ts'
import { statusOf } from '../definitions/standing.ts'
import { updateIntakeStatements } from './intake-writes.ts'
import type { IntakeRow, OpenIntake } from './intakes.ts'

/** An intake that is open, whatever its kind. */
export interface FoundIntake extends OpenIntake, Pick<IntakeRow, 'name'> {
  /** The workflow's. */
  workflowName: string
}

const FIND = `SELECT i.id, i.kind, i.name, i.config, w.id AS workflow, w.name AS workflowName, w.team, ${statusOf('w')}, v.version, v.digest
  FROM intakes i JOIN workflows w ON w.id = i.workflow AND w.team = i.team AND w.deleted_at IS NULL
  LEFT JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live`

/** The intake of this id and kind. */
export function openIntake(db: D1Database, id: string, kind: IntakeRow['kind']): Promise<FoundIntake | null> {
  const find = db.prepare(`${FIND} WHERE i.id = ?1 AND i.kind = ?2 AND i.deleted_at IS NULL`).bind(id, kind)
  return find.first<Stored>().then(read)
}

/** The e-mail intake of this local part. */
export function intakeByAddress(db: D1Database, address: string): Promise<FoundIntake | null> {
  const mine = '(SELECT intake FROM mail_addresses WHERE address = ?1)'
  const find = db.prepare(`${FIND} WHERE i.id = ${mine} AND i.kind = 'email' AND i.deleted_at IS NULL`).bind(address)
  return find.first<Stored>().then(read)
}

type Stored = Omit<FoundIntake, 'config'> & { config: string }

function read(row: Stored | null): FoundIntake | null {
  return row && { ...row, config: JSON.parse(row.config) as FoundIntake['config'] }
}

/** Gives the intake another address with its settings, or does nothing: it is not as it was, or another has the address. */
export async function moveAddress(
  db: D1Database,
  before: IntakeRow,
  row: IntakeRow,
  address: string,
  actor: Actor,
): Promise<boolean> {
  const mayHave = 'NOT EXISTS (SELECT 1 FROM mail_addresses WHERE address = ?8 AND intake <> ?1)'
  const [changed] = await db.batch([
    ...(await updateIntakeStatements(db, before, row, actor, { sql: mayHave, values: [address] })),
    db
      .prepare(
        'INSERT INTO mail_addresses (address, intake, team) SELECT ?1, ?2, ?3 WHERE changes() > 0 ON CONFLICT (address) DO NOTHING',
      )
      .bind(address, row.id, row.team),
    db
      .prepare(
        `DELETE FROM mail_addresses WHERE intake = ?1 AND address <> (SELECT config ->> '$.address' FROM intakes WHERE id = ?1)`,
      )
      .bind(row.id),
  ])
  return (changed?.meta.changes ?? 0) > 0
}

/** Takes the address for the intake, and gives up the one it had; nothing happens where another has it. */
export function takeAddress(db: D1Database, intake: string, team: string, address: string): D1PreparedStatement[] {
  return [
    db
      .prepare(
        'INSERT INTO mail_addresses (address, intake, team) VALUES (?1, ?2, ?3) ON CONFLICT (address) DO NOTHING',
      )
      .bind(address, intake, team),
    db
      .prepare(
        `DELETE FROM mail_addresses WHERE intake = ?1 AND address <> ?2
         AND EXISTS (SELECT 1 FROM mail_addresses WHERE address = ?2 AND intake = ?1)`,
      )
      .bind(intake, address),
  ]
}

/** Whose the address is; null: it is free. */
export function ownerOfAddress(db: D1Database, address: string): Promise<string | null> {
  return db.prepare('SELECT intake FROM mail_addresses WHERE address = ?1').bind(address).first<string>('intake')
}

export async function freeAddress(db: D1Database, intake: string): Promise<void> {
  await db.prepare('DELETE FROM mail_addresses WHERE intake = ?1').bind(intake).run()
}

/** Whether the address is that of a member of the team. */
export async function isMemberAddress(db: D1Database, team: string, address: string): Promise<boolean> {
  const found = await db
    .prepare(
      'SELECT 1 AS n FROM member m JOIN user u ON u.id = m.userId WHERE m.organizationId = ?1 AND lower(u.email) = ?2',
    )
    .bind(team, address)
    .first<number>('n')
  return found === 1
}

const FORM = `SELECT i.config, w.name AS workflowName FROM intakes i JOIN workflows w ON w.id = i.workflow
  WHERE i.id = ?1 AND i.team = ?2 AND i.kind = 'form'`

/** A form as its senders' links ask for it: one that was closed still has what came by it. */
export async function formOfLink(
  db: D1Database,
  team: string,
  intake: string,
): Promise<Pick<FoundIntake, 'config' | 'workflowName'> | null> {
  const row = await db.prepare(FORM).bind(intake, team).first<Pick<Stored, 'config' | 'workflowName'>>()
  return row && { ...row, config: JSON.parse(row.config) as FoundIntake['config'] }
}

/** Since when what would make this task is kept; null: it is not. */
export function heldSince(db: D1Database, team: string, task: string): Promise<number | null> {
  return db.prepare('SELECT at FROM held WHERE id = ?1 AND team = ?2').bind(task, team).first<number>('at')
}
