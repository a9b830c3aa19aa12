/** Callbacks in D1: what is to be told to whom, how often it was tried, and what came of it. */
import type { Columns, callbacks, SealedSecret } from '../schema.ts'

/** As a flush brings it, under D1's own names. */
export type CallbackRow = Columns<typeof callbacks>
export type Callback = typeof callbacks.$inferSelect

const COLUMNS = `id, team, workflow, task, type, url, status, attempts, next_at AS nextAt, last_status AS lastStatus,
  last_error AS lastError, created_at AS createdAt, delivered_at AS deliveredAt`
const BY_ID = `SELECT ${COLUMNS} FROM callbacks WHERE id = ?1 AND team = ?2`
const BY_TASK = `SELECT ${COLUMNS} FROM callbacks WHERE team = ?1 AND task = ?2 ORDER BY created_at DESC, id DESC LIMIT 200`

export async function callbackById(db: D1Database, team: string, id: string): Promise<Callback | null> {
  return db.prepare(BY_ID).bind(id, team).first<Callback>()
}

/** Those of a task, newest first, 200 at most. */
export async function callbacksOf(db: D1Database, team: string, task: string): Promise<Callback[]> {
  const { results } = await db.prepare(BY_TASK).bind(team, task).all<Callback>()
  return results
}

const TAKE = `UPDATE callbacks SET attempts = attempts + 1, next_at = ?4
  WHERE id = ?1 AND team = ?2 AND attempts = ?3 AND status <> 'delivered'`

/** Takes up the next try, unless another did; `again` is when it is tried anew if nothing is heard of this try, in ms since the epoch. */
export async function takeTry(db: D1Database, { id, team, attempts }: Callback, again: number): Promise<boolean> {
  const { meta } = await db.prepare(TAKE).bind(id, team, attempts, again).run()
  return meta.changes > 0
}

const SETTLE = `UPDATE callbacks SET status = ?3, next_at = ?4, last_status = ?5, last_error = ?6, delivered_at = ?7
  WHERE id = ?1 AND team = ?2 AND status <> 'delivered'`

/** Records what a try came to. */
export async function settleTry(
  db: D1Database,
  { id, team }: Pick<Callback, 'id' | 'team'>,
  came: Pick<Callback, 'status' | 'nextAt' | 'lastStatus' | 'lastError' | 'deliveredAt'>,
): Promise<void> {
  const { status, nextAt, lastStatus, lastError, deliveredAt } = came
  await db.prepare(SETTLE).bind(id, team, status, nextAt, lastStatus, lastError, deliveredAt).run()
}

const OVERDUE = 'SELECT id, team FROM callbacks WHERE next_at IS NOT NULL AND next_at < ?1 ORDER BY next_at LIMIT 200'

/** Those whose next try should have been before `before`: their message was lost. */
export async function overdueCallbacks(db: D1Database, before: number): Promise<{ id: string; team: string }[]> {
  const { results } = await db.prepare(OVERDUE).bind(before).all<{ id: string; team: string }>()
  return results
}

const RESEND = `UPDATE callbacks SET status = 'pending', next_at = ?3, created_at = ?3, delivered_at = NULL WHERE id = ?1 AND team = ?2`

/** Puts it back to be sent, for another day. */
export async function resendCallback(db: D1Database, team: string, id: string, now: number): Promise<void> {
  await db.prepare(RESEND).bind(id, team, now).run()
}

const SECRET = 'SELECT sealed, version FROM callback_secrets WHERE team = ?1 AND workflow = ?2'

/** The sealed secret that a workflow's callbacks are signed with, or null. */
export async function callbackSecret(db: D1Database, team: string, workflow: string): Promise<SealedSecret | null> {
  const row = await db.prepare(SECRET).bind(team, workflow).first<{ sealed: string }>()
  return row === null ? null : (JSON.parse(row.sealed) as SealedSecret)
}

const ADD_SECRET = `INSERT INTO callback_secrets (team, workflow, sealed, version, created_at) VALUES (?1, ?2, ?3, 1, ?4)
  ON CONFLICT (team, workflow) DO NOTHING`

/** Keeps a workflow's first secret; false: it has one. */
export async function addCallbackSecret(
  db: D1Database,
  team: string,
  workflow: string,
  sealed: SealedSecret,
  at: number,
): Promise<boolean> {
  const { meta } = await db.prepare(ADD_SECRET).bind(team, workflow, JSON.stringify(sealed), at).run()
  return meta.changes > 0
}
