/** What a team knows, in immutable versions in D1, and the passages of the current ones, searched by their words. */

import type { Knowledge } from '../../domain/knowledge.ts'
import type { Actor } from '../../domain/task/events.ts'
import { passagesByPage } from '../../domain/text/passages.ts'
import { actStatement, LAST_CHANGED } from '../acts.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import type { knowledge, knowledgeVersions } from '../schema/definitions.ts'
import { deleteVersioned, versionWriter } from './versions.ts'

/** What a list says of a text: all but its words. */
export type KnowledgeLine = Omit<typeof knowledge.$inferSelect, 'team' | 'deletedAt'> & {
  name: string
  months: number | null
  chars: number
}

/** A text that is there, in its current version. */
export type KnowledgeRow = Omit<typeof knowledge.$inferSelect, 'team' | 'deletedAt'> & { knowledge: Knowledge }

/** One version of a text. */
export type KnowledgeVersionRow = Omit<typeof knowledgeVersions.$inferSelect, 'team' | 'key'>

type Text<R extends { knowledge: Knowledge }> = Omit<R, 'knowledge'> & { knowledge: string }

function parsed<R extends { knowledge: Knowledge }>(row: Text<R>): R {
  return { ...row, knowledge: JSON.parse(row.knowledge) as Knowledge } as R
}

const FROM = `FROM knowledge t JOIN knowledge_versions v ON v.team = t.team AND v.key = t.key AND v.version = t.version
  WHERE t.team = ?1 AND t.deleted_at IS NULL`
const TIMES = 't.key, t.version, t.created_at AS createdAt, t.updated_at AS updatedAt, t.checked_at AS checkedAt'
const LINES = `SELECT ${TIMES}, v.knowledge->>'$.name' AS name, v.knowledge->>'$.months' AS months,
  length(v.knowledge->>'$.text') AS chars ${FROM} AND (?2 IS NULL OR t.created_at < ?2 OR (t.created_at = ?2 AND t.key < ?3))
  ORDER BY t.created_at DESC, t.key DESC LIMIT ?4`

/** A page of the texts, newest first. */
export async function listKnowledge(db: D1Database, team: string, cursor: Cursor | null): Promise<Page<KnowledgeLine>> {
  const { results } = await db
    .prepare(LINES)
    .bind(team, cursor?.at ?? null, cursor?.id ?? '', PAGE_SIZE + 1)
    .all<KnowledgeLine>()
  return page(results, row => ({ at: row.createdAt, id: row.key }))
}

/** The text, or null: there is none, or it was deleted. */
export async function knowledgeByKey(db: D1Database, team: string, key: string): Promise<KnowledgeRow | null> {
  const row = await db
    .prepare(`SELECT ${TIMES}, v.knowledge ${FROM} AND t.key = ?2`)
    .bind(team, key)
    .first<Text<KnowledgeRow>>()
  return row === null ? null : parsed(row)
}

/** Those of these texts that are there, in this order. */
export async function knowledgeOf(db: D1Database, team: string, keys: string[]): Promise<KnowledgeRow[]> {
  const found = await Promise.all(keys.map(key => knowledgeByKey(db, team, key)))
  return found.filter(row => row !== null)
}

const NAMES = `SELECT t.key, v.knowledge->>'$.name' AS name ${FROM} ORDER BY t.key`

/** Key → name, of all texts that are there. */
export async function knowledgeNames(db: D1Database, team: string): Promise<Map<string, string>> {
  const { results } = await db.prepare(NAMES).bind(team).all<{ key: string; name: string }>()
  return new Map(results.map(({ key, name }) => [key, name]))
}

const ONE_VERSION = `SELECT version, knowledge, created_at AS createdAt, created_by AS createdBy FROM knowledge_versions
  WHERE team = ?1 AND key = ?2 AND version = ?3`

/** The text in this version, or null. */
export async function knowledgeVersion(
  db: D1Database,
  team: string,
  key: string,
  version: number,
): Promise<KnowledgeVersionRow | null> {
  const row = await db.prepare(ONE_VERSION).bind(team, key, version).first<Text<KnowledgeVersionRow>>()
  return row === null ? null : parsed(row)
}

const LIST_VERSIONS = `SELECT version, created_at AS createdAt, created_by AS createdBy FROM knowledge_versions
  WHERE team = ?1 AND key = ?2 AND version < ?3 ORDER BY version DESC LIMIT ?4`

/** The versions of a text, newest first. */
export async function listKnowledgeVersions(
  db: D1Database,
  team: string,
  key: string,
  cursor: Cursor | null,
): Promise<Page<Omit<KnowledgeVersionRow, 'knowledge'>>> {
  const { results } = await db
    .prepare(LIST_VERSIONS)
    .bind(team, key, cursor?.at ?? Number.MAX_SAFE_INTEGER, PAGE_SIZE + 1)
    .all<Omit<KnowledgeVersionRow, 'knowledge'>>()
  return page(results, row => ({ at: row.version, id: 'v' }))
}

const own = (team: string, key: string) => `${team}__${key}`
const TAKEN = `EXISTS (SELECT 1 FROM knowledge t JOIN knowledge_versions v ON v.team = t.team AND v.key = t.key AND v.version = t.version
  WHERE t.team = ?1 AND t.key = ?2 AND t.deleted_at IS NULL AND v.knowledge = ?3)`
const FORGET = `DELETE FROM passages WHERE rowid IN (SELECT rowid FROM passages WHERE passages MATCH ?4) AND ${TAKEN}`
const LEARN = `INSERT INTO passages (text, ids, key, page)
  SELECT value->>0, ?5, ?2, value->>1 FROM json_each(?4) WHERE ${TAKEN}`

/** Writes the text as its next version and makes that current, with its passages, on record; null when it is not as expected. */
export const insertKnowledgeVersion = versionWriter<Knowledge>({
  table: 'knowledge',
  value: 'knowledge',
  act: 'knowledge.changed',
  current: async (db, team, key) => {
    const row = await knowledgeByKey(db, team, key)
    return row && { version: row.version, value: row.knowledge }
  },
  also: (db, team, kept) => {
    const [id, value] = [own(team, kept.key), JSON.stringify(kept)]
    const found = passagesByPage(kept.text).map(({ text, page: on }) => [text, on])
    return [
      db.prepare(FORGET).bind(team, kept.key, value, `ids : "${id}"`),
      db.prepare(LEARN).bind(team, kept.key, value, JSON.stringify(found), `${team} ${id}`),
    ]
  },
})

const CHECK = 'UPDATE knowledge SET checked_at = ?3 WHERE team = ?1 AND key = ?2 AND deleted_at IS NULL'

/** Somebody has looked: the text is right still, on record. */
export async function checkKnowledge(
  db: D1Database,
  team: string,
  key: string,
  actor: Actor,
  at: number,
): Promise<void> {
  const known = await knowledgeByKey(db, team, key)
  const day = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString())
  const facts = { name: key, from: day(known?.checkedAt ?? null), to: day(at) }
  const act = { team, at, type: 'knowledge.checked' as const, actor, facts }
  await db.batch([db.prepare(CHECK).bind(team, key, at), await actStatement(db, act, LAST_CHANGED)])
}

const FORGET_ALL = 'DELETE FROM passages WHERE rowid IN (SELECT rowid FROM passages WHERE passages MATCH ?1)'

/** Takes the text out of the lists and of what is searched, on record. */
export async function deleteKnowledge(
  db: D1Database,
  team: string,
  key: string,
  actor: Actor,
  at: number,
): Promise<void> {
  const forget = db.prepare(FORGET_ALL).bind(`ids : "${own(team, key)}"`)
  await deleteVersioned(db, { table: 'knowledge', act: 'knowledge.deleted' }, { team, key, actor, at }, [forget])
}

/** A passage that fits a query. */
export interface FoundPassage {
  key: string
  name: string
  version: number
  page: number | null
  text: string
  /** How well it fits: higher is better. */
  score: number
}

const MOST = 5
const MOST_WORDS = 40
const SEARCH = `SELECT p.key, v.knowledge->>'$.name' AS name, t.version, p.page, p.text, round(-p.rank, 2) AS score FROM (
    SELECT key, page, text, rank FROM passages WHERE passages MATCH ?2 ORDER BY rank LIMIT ?3
  ) p CROSS JOIN knowledge t ON t.team = ?1 AND t.key = p.key AND t.deleted_at IS NULL
  CROSS JOIN knowledge_versions v ON v.team = t.team AND v.key = t.key AND v.version = t.version ORDER BY p.rank`

/** The passages that fit the words best, best first, among these texts of the team; null: among all. */
export async function passagesFor(
  db: D1Database,
  team: string,
  keys: string[] | null,
  query: string,
  most = MOST,
): Promise<FoundPassage[]> {
  const words = [...new Set(query.toLowerCase().match(/[\p{L}\p{N}\p{M}_]+/gu) ?? [])].slice(0, MOST_WORDS)
  if (words.length === 0 || keys?.length === 0) return []
  const among = keys === null ? `"${team}"` : keys.map(key => `"${own(team, key)}"`).join(' OR ')
  const match = `ids : (${among}) AND text : (${words.map(word => `"${word}"`).join(' OR ')})`
  return (await db.prepare(SEARCH).bind(team, match, most).all<FoundPassage>()).results
}
