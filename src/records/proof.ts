/** What is proven of a team's audit, in D1: the rows to seal, the roots, and the public keys. */
import type { ActRow, RootRow } from '../domain/proof/root.ts'
import type { auditKeys, auditRoots } from './schema/proof.ts'

export type Root = typeof auditRoots.$inferSelect
/** A root without its text. */
export type RootHead = Omit<Root, 'body'>
export type AuditKey = typeof auditKeys.$inferSelect

/** Roots count in hours. */
export const HOUR_MS = 3_600_000

/** D1's own clock, in hours since the epoch: no row comes any more into one that is over. */
export async function hourOfD1(db: D1Database): Promise<number> {
  return (await db.prepare('SELECT unixepoch() / 3600 AS hour').first<number>('hour'))!
}

const HEAD =
  'team, n, at, from_hour AS fromHour, to_hour AS toHour, upto, act, act_link AS actLink, entries, digest, kid, signature'

/** The team's last root; null: it has none. */
export function lastRoot(db: D1Database, team: string): Promise<RootHead | null> {
  return db
    .prepare(`SELECT ${HEAD} FROM audit_roots WHERE team = ?1 ORDER BY n DESC LIMIT 1`)
    .bind(team)
    .first<RootHead>()
}

const PROVEN = `SELECT r.to_hour * ${HOUR_MS} AS until FROM audit a,
  (SELECT to_hour FROM audit_roots WHERE team = ?1 ORDER BY n DESC LIMIT 1) r
  WHERE a.team = ?1 AND a.at = ?3 AND a.task = ?2 AND a.seq = 1 AND a.log_digest IS NOT NULL AND a.arrived < r.to_hour`

/** Until when what came of this task, which was made at `at`, is proven by a root; null: nothing of it is, or not yet. */
export function provenUntil(db: D1Database, team: string, task: string, at: number): Promise<number | null> {
  return db.prepare(PROVEN).bind(team, task, at).first<number>('until')
}

/** Roots from before `n` on, newest first. */
export async function rootsBefore(db: D1Database, team: string, n: number, limit: number): Promise<RootHead[]> {
  const sql = `SELECT ${HEAD} FROM audit_roots WHERE team = ?1 AND n < ?2 ORDER BY n DESC LIMIT ?3`
  return (await db.prepare(sql).bind(team, n, limit).all<RootHead>()).results
}

/** This root, whole; null: there is no such. */
export function rootOf(db: D1Database, team: string, n: number): Promise<Root | null> {
  return db.prepare(`SELECT ${HEAD}, body FROM audit_roots WHERE team = ?1 AND n = ?2`).bind(team, n).first<Root>()
}

/** Keeps a root; false: another one has its number by now, and it is not kept. */
export async function keepRoot(db: D1Database, root: Root): Promise<boolean> {
  const { team, n, at, fromHour, toHour, upto, act, actLink, entries, digest, kid, signature, body } = root
  const sql = `INSERT INTO audit_roots (team, n, at, from_hour, to_hour, upto, act, act_link, entries, digest, kid, signature, body)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (team, n) DO NOTHING`
  const values = [team, n, at, fromHour, toHour, upto, act, actLink, entries, digest, kid, signature, body]
  const kept = await db
    .prepare(sql)
    .bind(...values)
    .run()
  return kept.meta.changes > 0
}

export interface Hours {
  from: number
  to: number
}

const CHAINED = 'task <> team AND log_digest IS NOT NULL'

/** The hour of the row after this many of those that tell of these hours; null: they are no more. */
export function hourAfter(db: D1Database, team: string, { from, to }: Hours, rows: number): Promise<number | null> {
  const sql = `SELECT at / ${HOUR_MS} AS hour FROM audit WHERE team = ?1 AND at >= ?2 AND at < ?3 AND ${CHAINED}
    ORDER BY at LIMIT 1 OFFSET ?4`
  return db
    .prepare(sql)
    .bind(team, from * HOUR_MS, to * HOUR_MS, rows)
    .first<number>('hour')
}

type SealedRow = RootRow & { arrived: number }

const IN_TIME = `SELECT at, task, seq, digest, arrived FROM audit WHERE team = ?1 AND at < ?3 * ${HOUR_MS}
  AND (at, task, seq) > (?4, ?5, ?6) AND arrived = at / ${HOUR_MS} AND ${CHAINED} ORDER BY at, task, seq LIMIT ?7`
const OUT_OF_TIME = `SELECT at, task, seq, digest, arrived FROM audit WHERE team = ?1 AND arrived >= ?2 AND arrived < ?3
  AND (arrived, at, task, seq) > (?8, ?4, ?5, ?6) AND arrived <> at / ${HOUR_MS} AND ${CHAINED} ORDER BY arrived, at, task, seq LIMIT ?7`

/** The tasks' rows that came in these hours, `size` at a time: those of their time first, then those that tell of another. */
export async function* rowsThatCame(db: D1Database, team: string, { from, to }: Hours, size = 5000) {
  for (const sql of [IN_TIME, OUT_OF_TIME]) {
    let last: SealedRow = { arrived: 0, at: sql === IN_TIME ? from * HOUR_MS : 0, task: '', seq: 0, digest: '' }
    for (;;) {
      const values = [team, from, to, last.at, last.task, last.seq, size, last.arrived]
      const { results } = await db
        .prepare(sql)
        .bind(...values.slice(0, sql === IN_TIME ? 7 : 8))
        .all<SealedRow>()
      if (results.length > 0) yield results
      if (results.length < size) break
      last = results.at(-1)!
    }
  }
}

const ACTS = `SELECT team, task, seq, at, workflow, types, actor, step, facts, digest FROM audit
  WHERE team = ?1 AND task = team AND seq > ?2 AND coalesce(arrived, 0) < ?3 ORDER BY seq LIMIT ?4`

/** The team's acts after this one that came before the hour `to`, in the order that D1 took them, as they lie there. */
export async function actsThatCame(
  db: D1Database,
  team: string,
  after: number,
  to: number,
  limit: number,
): Promise<ActRow[]> {
  return (await db.prepare(ACTS).bind(team, after, to, limit).all<ActRow>()).results
}

/** A row as it lies in the audit, for whoever checks it. */
export interface RawRow {
  at: number
  task: string
  seq: number
  workflow: string
  types: string
  actor: string
  step: string | null
  facts: string
  digest: string
  log: string | null
  arrived: number | null
}

const RAW = `SELECT at, task, seq, workflow, types, actor, step, facts, digest, log_digest AS log, arrived FROM audit
  WHERE team = ?1 AND (at, task, seq) > (?2, ?3, ?4) ORDER BY at, task, seq LIMIT ?5`

/** All of the team's rows, oldest first, `size` at a time. */
export async function* rawRows(db: D1Database, team: string, size = 1000) {
  let last = { at: -1, task: '', seq: 0 }
  for (;;) {
    const { results } = await db.prepare(RAW).bind(team, last.at, last.task, last.seq, size).all<RawRow>()
    if (results.length > 0) yield results
    if (results.length < size) return
    last = results.at(-1)!
  }
}

const TEAMS = `SELECT o.id FROM organization o WHERE o.id > ?1 ORDER BY o.id LIMIT ?2`

/** The ids of all teams, `size` at a time. */
export async function* allTeams(db: D1Database, size = 500) {
  let last = ''
  for (;;) {
    const { results } = await db.prepare(TEAMS).bind(last, size).all<{ id: string }>()
    for (const { id } of results) yield id
    if (results.length < size) return
    last = results.at(-1)!.id
  }
}

/** All keys that ever signed a root, of every team. */
export async function knownKeys(db: D1Database): Promise<AuditKey[]> {
  const sql = `SELECT kid, public, since, retired, endorsed_by AS endorsedBy, endorsement FROM audit_keys WHERE kid > '' ORDER BY kid`
  return (await db.prepare(sql).all<AuditKey>()).results
}

/** Keeps these keys; of one that is known, that it is retired and who vouches for it, once. */
export async function keepKeys(db: D1Database, keys: AuditKey[]): Promise<void> {
  const sql = `INSERT INTO audit_keys (kid, public, since, retired, endorsed_by, endorsement) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
    ON CONFLICT (kid) DO UPDATE SET retired = excluded.retired, endorsed_by = excluded.endorsed_by, endorsement = excluded.endorsement
    WHERE audit_keys.endorsed_by IS NULL AND excluded.endorsed_by IS NOT NULL`
  await db.batch(
    keys.map(key => db.prepare(sql).bind(key.kid, key.public, key.since, key.retired, key.endorsedBy, key.endorsement)),
  )
}

/** From where a task's chain, or that of the team's acts, is checked, as what was before it was archived and deleted. */
export interface ArchivedHead {
  task: string
  seq: number
  digest: string
}

/** The last rows of chains whose beginning is deleted. */
export async function archivedHeads(db: D1Database, team: string): Promise<ArchivedHead[]> {
  const sql = 'SELECT task, seq, digest FROM audit_heads WHERE team = ?1 ORDER BY task'
  return (await db.prepare(sql).bind(team).all<ArchivedHead>()).results
}
