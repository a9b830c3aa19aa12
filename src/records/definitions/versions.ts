/** What a team keeps in immutable versions under a key, such as agents, skills and tools: how the next version is written, on record. */
import type { Actor } from '../../domain/task/events.ts'
import { briefChange } from '../../domain/text/brief-change.ts'
import { type Act, type ActType, actorId, actStatement, LAST_CHANGED } from '../acts.ts'

/** What a writer takes for granted: nothing of this key is there yet, something is, or this very version is the current one. */
export type Expected = 'new' | 'there' | number

/** How often a version is made anew over one that came meanwhile, so that the record says what it really changed. */
const TRIES = 64
const PAUSE_MS = 20

/** What one kind of kept thing says of itself. */
interface Kept<T> {
  table: string
  /** The name that a version's table and its value have. */
  value: string
  act: ActType
  /** What is made of a value in other tables, in the same batch; it must do nothing where the value was not taken. */
  also?(db: D1Database, team: string, kept: T): D1PreparedStatement[]
  /** The column, if any, that repeats a part of the value. */
  repeats?: { column: string; of(kept: T): string }
  /** What is there under this key; null: nothing, or it was deleted. */
  current(db: D1Database, team: string, key: string): Promise<{ version: number; value: T } | null>
}

/**
 * Makes the writer of one kind: it writes a value as the next version of its key and makes that current, in one batch with
 * the act, which says what changed; it answers the number, or null when what is there is not as expected.
 */
export function versionWriter<T extends { key: string }>(kind: Kept<T>) {
  const statements = statementsOf(kind.table, kind.value, kind.repeats?.column)
  return async (db: D1Database, team: string, kept: T, expected: Expected, actor: Actor, at: number) => {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      if (attempt > 0) await scheduler.wait(Math.random() * PAUSE_MS)
      const before = await kind.current(db, team, kept.key)
      if ((before === null) !== (expected === 'new')) return null
      const changes = briefChange(before?.value ?? {}, kept)
      const facts: Act['facts'] = { name: kept.key, from: before?.version ?? null, changes }
      const over = expected === 'there' ? before!.version : expected
      const [written] = await db.batch<{ version: number }>([
        ...statements(db, team, kept, over, { by: actorId(actor), at }, kind.repeats?.of(kept)),
        await actStatement(db, { team, at, type: kind.act, actor, facts }, LAST_CHANGED),
        ...(kind.also?.(db, team, kept) ?? []),
      ])
      const version = written?.results[0]?.version ?? null
      if (version !== null || expected !== 'there') return version
    }
    return null
  }
}

/** Takes what is under the key out of the lists, on record; its versions stay for whoever names them. `also`: in the same batch. */
export async function deleteVersioned(
  db: D1Database,
  { table, act: type }: { table: string; act: ActType },
  { team, key, actor, at }: { team: string; key: string; actor: Actor; at: number },
  also: D1PreparedStatement[] = [],
): Promise<void> {
  const there = 'WHERE team = ?1 AND key = ?2 AND deleted_at IS NULL'
  const from = await db.prepare(`SELECT version FROM ${table} ${there}`).bind(team, key).first<number>('version')
  const facts = { name: key, from, to: null }
  await db.batch([
    db.prepare(`UPDATE ${table} SET deleted_at = ?3, updated_at = ?3 ${there}`).bind(team, key, at),
    await actStatement(db, { team, at, type, actor, facts }, LAST_CHANGED),
    ...also,
  ])
}

function statementsOf(table: string, value: string, repeats: string | undefined) {
  const live = `SELECT version FROM ${table} WHERE team = ?1 AND key = ?2 AND deleted_at IS NULL`
  const isExpected = `CASE ?3 WHEN 'new' THEN NOT EXISTS (${live}) ELSE EXISTS (${live} AND version = ?3) END`
  // The number is given out in the statement that takes it: two at once get two. After a deletion they go on.
  const next = `coalesce((SELECT version FROM ${table} WHERE team = ?1 AND key = ?2), 0) + 1`
  const add = `INSERT INTO ${value}_versions (team, key, version, ${value}, created_at, created_by)
    SELECT ?1, ?2, ${next}, ?4, ?5, ?6 WHERE ${isExpected} RETURNING version`
  const [column, bound, set] = repeats ? [`, ${repeats}`, ', ?5', `, ${repeats} = excluded.${repeats}`] : ['', '', '']
  const makeCurrent = `INSERT INTO ${table} (team, key, version, created_at, updated_at${column})
    SELECT ?1, ?2, ${next}, ?4, ?4${bound} WHERE ${isExpected}
    ON CONFLICT (team, key) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at, deleted_at = NULL${set}`
  return (
    db: D1Database,
    team: string,
    kept: { key: string },
    over: 'new' | number,
    { by, at }: { by: string; at: number },
    repeated?: string,
  ) => [
    db.prepare(add).bind(team, kept.key, over, JSON.stringify(kept), at, by),
    db.prepare(makeCurrent).bind(team, kept.key, over, at, ...(repeats ? [repeated] : [])),
  ]
}
