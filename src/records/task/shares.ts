/** Links that show a task: made and revoked on record, and looked up whenever one is opened, so that a revoked one shows nothing more. */
import type { Actor } from '../../domain/task/events.ts'
import { actorId, actStatement, LAST_CHANGED } from '../acts.ts'
import type { shares } from '../schema/share.ts'

export type ShareRow = typeof shares.$inferSelect
export type NewShare = Omit<ShareRow, 'createdBy' | 'revokedAt'>

/** Links of one task that may be open at a time. */
export const MOST_SHARES = 20

const COLUMNS = `team, task, id, detail, inputs, created_at AS createdAt, created_by AS createdBy, expires_at AS expiresAt,
  revoked_at AS revokedAt, shows`

/** Those of the task that lead somewhere, newest first. */
export async function openShares(db: D1Database, team: string, task: string, now: number): Promise<ShareRow[]> {
  const { results } = await db
    .prepare(
      `SELECT ${COLUMNS} FROM shares WHERE team = ?1 AND task = ?2 AND revoked_at IS NULL AND expires_at > ?3
       ORDER BY created_at DESC`,
    )
    .bind(team, task, now)
    .all<ShareRow>()
  return results
}

/** The link as it stands; null: there is none. */
export async function shareById(db: D1Database, team: string, task: string, id: string): Promise<ShareRow | null> {
  return db
    .prepare(`SELECT ${COLUMNS} FROM shares WHERE team = ?1 AND task = ?2 AND id = ?3`)
    .bind(team, task, id)
    .first<ShareRow>()
}

const ADD = `INSERT INTO shares (team, task, id, detail, inputs, created_at, created_by, expires_at, shows)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE (SELECT count(*) FROM shares
    WHERE team = ?1 AND task = ?2 AND revoked_at IS NULL AND expires_at > ?6) < ${MOST_SHARES}`

/** Makes the link, on record; false: the task has as many as it may have. */
export async function makeShare(db: D1Database, share: NewShare, by: Actor, workflow: string): Promise<boolean> {
  const { team, task, id, detail, inputs, createdAt, expiresAt, shows } = share
  const [made] = await db.batch([
    db.prepare(ADD).bind(team, task, id, detail, inputs, createdAt, actorId(by), expiresAt, shows),
    await shareAct(db, 'share.made', share, by, createdAt, workflow),
  ])
  return (made?.meta.changes ?? 0) > 0
}

/** Revokes the link, on record; of one that was revoked before nothing changes. */
export async function revokeShare(
  db: D1Database,
  share: ShareRow,
  by: Actor,
  now: number,
  workflow: string,
): Promise<void> {
  await db.batch([
    db
      .prepare('UPDATE shares SET revoked_at = ?4 WHERE team = ?1 AND task = ?2 AND id = ?3 AND revoked_at IS NULL')
      .bind(share.team, share.task, share.id, now),
    await shareAct(db, 'share.revoked', share, by, now, workflow),
  ])
}

function shareAct(
  db: D1Database,
  type: 'share.made' | 'share.revoked',
  { team, task, id, detail, inputs, expiresAt, shows }: NewShare,
  actor: Actor,
  at: number,
  workflow: string,
): Promise<D1PreparedStatement> {
  const shown = shows === null ? detail : ['status', shows].filter(Boolean).join(' with ')
  const facts = { task, share: id, detail: shown, inputs: inputs === 1 ? 'yes' : 'no', until: expiresAt }
  return actStatement(db, { team, at, type, actor, workflow, facts }, LAST_CHANGED)
}

/** What ended or was taken back stays this long, for whoever wonders what it was. */
const KEPT_MS = 7 * 86_400_000

/** Forgets links that ended a week ago. What was made and taken back stays in the audit. */
export async function forgetShares(db: D1Database, now: number): Promise<void> {
  await db
    .prepare('DELETE FROM shares WHERE expires_at < ?1')
    .bind(now - KEPT_MS)
    .run()
}
