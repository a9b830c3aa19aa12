/** What a team knows, as the API and the pages write it: each edit is a new immutable version. */
import type { Knowledge } from '../../domain/knowledge.ts'
import type { Actor } from '../../domain/task/events.ts'
import { kindOfText } from '../../domain/text/file-kind.ts'
import type { Read } from '../../http/request/body.ts'
import { insertKnowledgeVersion, knowledgeByKey } from '../../records/definitions/knowledge.ts'
import type { Expected } from '../../records/definitions/versions.ts'

/** Writes the text as its next version and makes that current, or says what stands in the way of what was expected. */
export async function saveKnowledge(
  db: D1Database,
  team: string,
  knowledge: Knowledge,
  expected: Expected,
  by: Actor,
): Promise<Read<number>> {
  const kind = kindOfText(knowledge.text)
  if (kind !== null) {
    const message = `text: “${knowledge.name}” is ${kind}, and no text.`
    const hint = 'Send its words as text or Markdown in UTF-8.'
    return { ok: false, problem: { kind: 'invalid', code: 'not_text', path: 'text', message, hint } }
  }
  const version = await insertKnowledgeVersion(db, team, knowledge, expected, by, Date.now())
  if (version !== null) return { ok: true, value: version }
  const there = await knowledgeByKey(db, team, knowledge.key)
  if (there === null) return { ok: false, problem: { kind: 'not_found' } }
  const message = `There is a text “${knowledge.key}” already, in version ${there.version}.`
  const hint = 'PUT /api/v1/knowledge/:key makes a new version of it.'
  const details = { version: there.version }
  return { ok: false, problem: { kind: 'conflict', code: 'knowledge_exists', message, hint, details } }
}
