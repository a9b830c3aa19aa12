/** A team's skills and their immutable versions in D1. */

import type { Skill } from '../../domain/skill.ts'
import type { Actor } from '../../domain/task/events.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../cursor.ts'
import type { skills, skillVersions } from '../schema/definitions.ts'
import { deleteVersioned, versionWriter } from './versions.ts'

/** A skill that is there, in its current version. */
export type SkillRow = Omit<typeof skills.$inferSelect, 'team' | 'deletedAt'> & Pick<SkillVersionRow, 'skill'>

/** One version of a skill. */
export type SkillVersionRow = Omit<typeof skillVersions.$inferSelect, 'team' | 'key'>

type Text<R extends { skill: Skill }> = Omit<R, 'skill'> & { skill: string }

function parsed<R extends { skill: Skill }>(row: Text<R>): R {
  return { ...row, skill: JSON.parse(row.skill) as Skill } as R
}

const SKILL_VERSION = `SELECT version, skill, created_at AS createdAt, created_by AS createdBy FROM skill_versions
  WHERE team = ?1 AND key = ?2 AND version = ?3`

/** The skill in this version, or null. */
export async function skillVersion(
  db: D1Database,
  team: string,
  key: string,
  version: number,
): Promise<SkillVersionRow | null> {
  const row = await db.prepare(SKILL_VERSION).bind(team, key, version).first<Text<SkillVersionRow>>()
  return row === null ? null : parsed(row)
}

const CURRENT_SKILLS = 'SELECT key, version FROM skills WHERE team = ?1 AND deleted_at IS NULL ORDER BY key'

/** Key → current version, of all skills that are there. */
export async function currentSkills(db: D1Database, team: string): Promise<Record<string, number>> {
  const { results } = await db.prepare(CURRENT_SKILLS).bind(team).all<{ key: string; version: number }>()
  return Object.fromEntries(results.map(row => [row.key, row.version]))
}

const CURRENT = `SELECT t.key, t.version, v.skill, t.created_at AS createdAt, t.updated_at AS updatedAt
  FROM skills t JOIN skill_versions v ON v.team = t.team AND v.key = t.key AND v.version = t.version
  WHERE t.team = ?1 AND t.deleted_at IS NULL`
const ONE_SKILL = `${CURRENT} AND t.key = ?2`
const LIST_SKILLS = `${CURRENT} AND (?2 IS NULL OR t.created_at < ?2 OR (t.created_at = ?2 AND t.key < ?3))
  ORDER BY t.created_at DESC, t.key DESC LIMIT ?4`

/** A page of the skills, newest first. */
export async function listSkills(db: D1Database, team: string, cursor: Cursor | null): Promise<Page<SkillRow>> {
  const { results } = await db
    .prepare(LIST_SKILLS)
    .bind(team, cursor?.at ?? null, cursor?.id ?? '', PAGE_SIZE + 1)
    .all<Text<SkillRow>>()
  return page(results.map(parsed<SkillRow>), row => ({ at: row.createdAt, id: row.key }))
}

/** The skill, or null: there is none, or it was deleted. */
export async function skillByKey(db: D1Database, team: string, key: string): Promise<SkillRow | null> {
  const row = await db.prepare(ONE_SKILL).bind(team, key).first<Text<SkillRow>>()
  return row === null ? null : parsed(row)
}

const LIST_VERSIONS = `SELECT version, created_at AS createdAt, created_by AS createdBy FROM skill_versions
  WHERE team = ?1 AND key = ?2 AND version < ?3 ORDER BY version DESC LIMIT ?4`

/** The versions of a skill, newest first. */
export async function listSkillVersions(
  db: D1Database,
  team: string,
  key: string,
  cursor: Cursor | null,
): Promise<Page<Omit<SkillVersionRow, 'skill'>>> {
  const { results } = await db
    .prepare(LIST_VERSIONS)
    .bind(team, key, cursor?.at ?? Number.MAX_SAFE_INTEGER, PAGE_SIZE + 1)
    .all<Omit<SkillVersionRow, 'skill'>>()
  return page(results, row => ({ at: row.version, id: 'v' }))
}

/** Writes the skill as its next version and makes that current, on record; null when it is not as expected. */
export const insertSkillVersion = versionWriter<Skill>({
  table: 'skills',
  value: 'skill',
  act: 'skill.changed',
  current: async (db, team, key) => {
    const row = await skillByKey(db, team, key)
    return row && { version: row.version, value: row.skill }
  },
})

/** Takes the skill out of the lists, on record; its versions stay for the workflows that name them. */
export async function deleteSkill(db: D1Database, team: string, key: string, actor: Actor, at: number): Promise<void> {
  await deleteVersioned(db, { table: 'skills', act: 'skill.deleted' }, { team, key, actor, at })
}
