/** Callbacks in D1: what is to be told to whom, how often it was tried, and what came of it. */
import type { Actor } from '../../../domain/task/events.ts'
import { actStatement, LAST_CHANGED } from '../../acts.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../../cursor.ts'
import type { Columns } from '../../schema/columns.ts'
import type { CallbackState, callbacks } from '../../schema/task.ts'

/** As a flush brings it, under D1's own names. */
export type CallbackRow = Columns<typeof callbacks>
export type Callback = typeof callbacks.$inferSelect

const COLUMNS = `id, team, workflow, task, type, url, status, attempts, next_at AS nextAt, last_status AS lastStatus,
  last_error AS lastError, created_at AS createdAt, delivered_at AS deliveredAt, resent_at AS resentAt`
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

// Those that are on their way or were given up are few: each list has an index that it is read along, newest first.
const BY_WORKFLOW = `SELECT ${COLUMNS} FROM callbacks WHERE team = ?1 AND workflow = ?2
  AND (created_at < ?3 OR (created_at = ?3 AND id < ?4)) ORDER BY created_at DESC, id DESC LIMIT ?5`
const BY_STATUS = `SELECT ${COLUMNS} FROM callbacks WHERE team = ?1 AND workflow = ?2 AND status = ?6
  AND (created_at < ?3 OR (created_at = ?3 AND id < ?4)) ORDER BY created_at DESC, id DESC LIMIT ?5`

/** Those of a workflow, newest first; `status`: only these. */
export async function callbacksOfWorkflow(
  db: D1Database,
  { team, workflow, status }: { team: string; workflow: string; status?: CallbackState },
  cursor: Cursor | null,
): Promise<Page<Callback>> {
  const { at, id } = cursor ?? { at: Number.MAX_SAFE_INTEGER, id: '' }
  const values = [team, workflow, at, id, PAGE_SIZE + 1, ...(status === undefined ? [] : [status])]
  const { results } = await db
    .prepare(status === undefined ? BY_WORKFLOW : BY_STATUS)
    .bind(...values)
    .all<Callback>()
  return page(results, row => ({ at: row.createdAt, id: row.id }))
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
  result: Pick<Callback, 'status' | 'nextAt' | 'lastStatus' | 'lastError' | 'deliveredAt'>,
): Promise<void> {
  const { status, nextAt, lastStatus, lastError, deliveredAt } = result
  await db.prepare(SETTLE).bind(id, team, status, nextAt, lastStatus, lastError, deliveredAt).run()
}

const OVERDUE = 'SELECT id, team FROM callbacks WHERE next_at IS NOT NULL AND next_at < ?1 ORDER BY next_at LIMIT 200'

/** Those whose next try should have been before `before`: their message was lost. */
export async function overdueCallbacks(db: D1Database, before: number): Promise<{ id: string; team: string }[]> {
  const { results } = await db.prepare(OVERDUE).bind(before).all<{ id: string; team: string }>()
  return results
}

const RESEND = `UPDATE callbacks SET status = 'pending', next_at = ?3, resent_at = ?3, delivered_at = NULL WHERE id = ?1 AND team = ?2`

/** Puts it back to be sent, on record, for another day; what is sent again stays where it was in the lists. */
export async function resendCallback(
  db: D1Database,
  { team, id, workflow, type }: Pick<Callback, 'team' | 'id' | 'workflow' | 'type'>,
  actor: Actor,
  now: number,
): Promise<void> {
  const act = { team, at: now, type: 'callback.resent' as const, actor, workflow, facts: { callback: id, name: type } }
  await db.batch([db.prepare(RESEND).bind(id, team, now), await actStatement(db, act, LAST_CHANGED)])
}
