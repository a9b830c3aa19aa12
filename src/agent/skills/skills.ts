/** Skills as the API and the pages make them: each edit is a new immutable version. */
import type { Skill } from '../../domain/skill.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Read } from '../../http/request/body.ts'
import { insertSkillVersion, skillByKey } from '../../records/definitions/skills.ts'
import type { Expected } from '../../records/definitions/versions.ts'

/** Writes the skill as its next version and makes that current, or says what stands in the way of what was expected. */
export async function saveSkill(
  db: D1Database,
  team: string,
  skill: Skill,
  expected: Expected,
  by: Actor,
): Promise<Read<number>> {
  const version = await insertSkillVersion(db, team, skill, expected, by, Date.now())
  if (version !== null) return { ok: true, value: version }
  const there = await skillByKey(db, team, skill.key)
  if (there === null) return { ok: false, problem: { kind: 'not_found' } }
  const message = `There is a skill “${skill.key}” already, in version ${there.version}.`
  const hint = 'PUT /api/v1/skills/:key makes a new version of it.'
  const details = { version: there.version }
  return { ok: false, problem: { kind: 'conflict', code: 'skill_exists', message, hint, details } }
}
