/** The secrets that workflows sign their callbacks with, in D1: sealed, the one before while it counts, and whether it was shown. */
import type { Actor } from '../../../domain/task/events.ts'
import { type ActType, actStatement, LAST_CHANGED } from '../../acts.ts'
import type { SealedSecret } from '../../schema/people.ts'
import type { callbackSecrets } from '../../schema/task.ts'

export type StoredCallbackSecret = Omit<typeof callbackSecrets.$inferSelect, 'team' | 'workflow' | 'version'>

/** Whose secret it is, and who does something with it, on record. */
export interface SecretAct {
  team: string
  workflow: string
  actor: Actor
  at: number
}

const SECRET = `SELECT sealed, previous, created_at AS createdAt, shown_at AS shownAt FROM callback_secrets
  WHERE team = ?1 AND workflow = ?2`

/** The secret that a workflow's callbacks are signed with, or null. */
export async function callbackSecret(
  db: D1Database,
  team: string,
  workflow: string,
): Promise<StoredCallbackSecret | null> {
  const row = await db
    .prepare(SECRET)
    .bind(team, workflow)
    .first<Omit<StoredCallbackSecret, 'sealed' | 'previous'> & { sealed: string; previous: string | null }>()
  if (row === null) return null
  const previous = row.previous === null ? null : (JSON.parse(row.previous) as SealedSecret)
  return { ...row, sealed: JSON.parse(row.sealed) as SealedSecret, previous }
}

const ADD = `INSERT INTO callback_secrets (team, workflow, sealed, version, created_at) VALUES (?1, ?2, ?3, 1, ?4)
  ON CONFLICT (team, workflow) DO NOTHING`

/** Keeps a workflow's first secret; false: it has one. */
export async function addCallbackSecret(db: D1Database, act: SecretAct, sealed: SealedSecret): Promise<boolean> {
  const { team, workflow, at } = act
  const add = db.prepare(ADD).bind(team, workflow, JSON.stringify(sealed), at)
  return onRecord(db, act, 'callback_secret.made', add, { from: null, to: 1 })
}

const SHOW = 'UPDATE callback_secrets SET shown_at = ?3 WHERE team = ?1 AND workflow = ?2 AND shown_at IS NULL'

/** Notes that it is shown now; false: it was shown before. */
export async function noteShown(db: D1Database, act: SecretAct): Promise<boolean> {
  const { team, workflow, at } = act
  return onRecord(db, act, 'callback_secret.shown', db.prepare(SHOW).bind(team, workflow, at))
}

const ROLL = `UPDATE callback_secrets SET sealed = ?3, previous = ?4, version = ?5, created_at = ?6, shown_at = ?6
  WHERE team = ?1 AND workflow = ?2 AND version = ?5 - 1`

/** Puts a new secret, which is shown now, in the place of the one that signs; false: another was put there meanwhile. */
export async function rollCallbackSecret(
  db: D1Database,
  act: SecretAct,
  sealed: SealedSecret,
  previous: SealedSecret,
): Promise<boolean> {
  const { team, workflow, at } = act
  const values = [team, workflow, JSON.stringify(sealed), JSON.stringify(previous), sealed.version, at]
  return onRecord(db, act, 'callback_secret.rolled', db.prepare(ROLL).bind(...values), {
    from: sealed.version - 1,
    to: sealed.version,
  })
}

/** Changes it in one batch with the act's row. */
async function onRecord(
  db: D1Database,
  { team, workflow, actor, at }: SecretAct,
  type: ActType,
  change: D1PreparedStatement,
  versions: { from?: number | null; to?: number } = {},
): Promise<boolean> {
  const act = await actStatement(
    db,
    { team, at, type, actor, workflow, facts: { workflow, ...versions } },
    LAST_CHANGED,
  )
  const [changed] = await db.batch([change, act])
  return (changed?.meta.changes ?? 0) > 0
}
