/** Who is away until when, and who stands in for whom, also for good. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { isoText } from '../../domain/text/date-text.ts'
import { actStatement } from '../acts.ts'

/** What is known of a member's absence. */
export interface Absence {
  email: string
  /** Who stands in; null: nobody is named. */
  backup: string | null
  /** In ms since the epoch; null, or in the past: they are here. */
  awayUntil: number | null
}

const ABSENCE = 'SELECT email, backup, away_until AS awayUntil FROM absences WHERE team = ?1'

export async function listAbsences(db: D1Database, team: string): Promise<Absence[]> {
  return (await db.prepare(ABSENCE).bind(team).all<Absence>()).results
}

export function absenceOf(db: D1Database, team: string, email: string): Promise<Absence | null> {
  return db.prepare(`${ABSENCE} AND email = ?2`).bind(team, email.toLowerCase()).first<Absence>()
}

/** Those of the addresses who are away now. */
export async function awayFrom(db: D1Database, team: string, addresses: string[], now: number): Promise<Set<string>> {
  if (addresses.length === 0) return new Set()
  const find = db
    .prepare(
      'SELECT email FROM absences WHERE team = ?1 AND email IN (SELECT value FROM json_each(?2)) AND away_until > ?3',
    )
    .bind(team, JSON.stringify(addresses.map(address => address.toLowerCase())), now)
  return new Set((await find.all<{ email: string }>()).results.map(({ email }) => email))
}

/** Sets until when somebody is away and who stands in, on record. */
export async function putAbsence(
  db: D1Database,
  { email, backup, awayUntil }: Absence,
  by: { team: string; actor: Actor; at: number },
): Promise<void> {
  const before = await absenceOf(db, by.team, email)
  const changes = briefChange(inWords(before), inWords({ backup, awayUntil }))
  const facts = { email, backup, until: awayUntil, changes }
  const type = awayUntil === null ? 'absence.ended' : 'absence.set'
  await db.batch([
    db
      .prepare(
        `INSERT INTO absences (team, email, backup, away_until, since, look_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (team, email) DO UPDATE SET backup = ?3, away_until = ?4, since = ?5, look_at = ?6`,
      )
      .bind(
        by.team,
        email.toLowerCase(),
        backup?.toLowerCase() ?? null,
        awayUntil,
        by.at,
        awayUntil === null ? null : by.at,
      ),
    await actStatement(db, { ...by, type, facts }),
  ])
}

function inWords(absence: Pick<Absence, 'backup' | 'awayUntil'> | null) {
  return { until: isoText(absence?.awayUntil), backup: absence?.backup?.toLowerCase() ?? null }
}

/** An absence whose open questions may not all have been handed over. */
export interface OpenAbsence {
  team: string
  email: string
  since: number
  awayUntil: number
}

export async function absencesToLookAt(db: D1Database, now: number, most: number): Promise<OpenAbsence[]> {
  const text = `SELECT team, email, since, away_until AS awayUntil FROM absences
    WHERE look_at <= ?1 ORDER BY look_at LIMIT ?2`
  return (await db.prepare(text).bind(now, most).all<OpenAbsence>()).results
}

/** When it is looked at next; null: nothing is left of it. A newer one of the same person is not touched. */
export async function lookAtAbsenceAgain(db: D1Database, { team, email, since }: OpenAbsence, next: number | null) {
  await db
    .prepare('UPDATE absences SET look_at = ?4 WHERE team = ?1 AND email = ?2 AND since = ?3')
    .bind(team, email, since, next)
    .run()
}
