/** Where teams have their roots mailed, in D1. */
import { briefChange } from '../domain/text/brief-change.ts'
import { actStatement } from './acts.ts'
import type { By } from './people/limits.ts'
import type { proofMail } from './schema/proof.ts'

/** The address that the team's roots are mailed to; null: they are not. */
export function proofMailOf(db: D1Database, team: string): Promise<string | null> {
  return db.prepare('SELECT mail_to FROM proof_mail WHERE team = ?1').bind(team).first<string>('mail_to')
}

const PUT = `INSERT INTO proof_mail (team, mail_to, mailed, updated_at, updated_by)
  VALUES (?1, ?2, coalesce((SELECT n FROM audit_roots WHERE team = ?1 ORDER BY n DESC LIMIT 1), 0), ?3, ?4)
  ON CONFLICT (team) DO UPDATE SET mail_to = excluded.mail_to, updated_at = excluded.updated_at, updated_by = excluded.updated_by`

/** Has the roots from now on mailed there, or nowhere, on record. */
export async function putProofMail(db: D1Database, to: string | null, { team, actor, name, at }: By): Promise<void> {
  const changes = briefChange({ 'roots are mailed to': await proofMailOf(db, team) }, { 'roots are mailed to': to })
  await db.batch([
    to === null
      ? db.prepare('DELETE FROM proof_mail WHERE team = ?1').bind(team)
      : db.prepare(PUT).bind(team, to, at, name),
    await actStatement(db, { team, at, type: 'settings.changed', actor, facts: { changes } }),
  ])
}

export type ProofMail = Pick<typeof proofMail.$inferSelect, 'team' | 'mailTo' | 'mailed'>

const OPEN = `SELECT m.team, m.mail_to AS mailTo, m.mailed FROM proof_mail m WHERE m.team > ?1
  AND EXISTS (SELECT 1 FROM audit_roots r WHERE r.team = m.team AND r.n > m.mailed) ORDER BY m.team LIMIT 100`

/** Teams, by id from `after` on, with roots that were not mailed yet. */
export async function openProofMails(db: D1Database, after: string): Promise<ProofMail[]> {
  return (await db.prepare(OPEN).bind(after).all<ProofMail>()).results
}

/** Notes that the roots up to `n` are mailed; false: somebody else did so meanwhile. */
export async function noteMailed(db: D1Database, { team, mailed }: ProofMail, n: number): Promise<boolean> {
  const sql = 'UPDATE proof_mail SET mailed = ?3 WHERE team = ?1 AND mailed = ?2'
  return (await db.prepare(sql).bind(team, mailed, n).run()).meta.changes > 0
}
