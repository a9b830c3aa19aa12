/** The audit log searched by words: those of the sentences that people read, of the facts, and of what tasks and workflows are called. */
import { type AuditFilter, type AuditRow, cursorOfAudit, listAudit, namesOf } from '../../records/audit.ts'
import { type Cursor, PAGE_SIZE, type Page, page } from '../../records/cursor.ts'
import { LOOKED_THROUGH } from '../../records/walk.ts'
import { rowInWords } from './audit-words.ts'

/** What rows name by id. */
export type AuditNames = Awaited<ReturnType<typeof namesOf>>

/** Words that a row is searched by, at most. */
const MOST_WORDS = 10

/** What is asked for; `q`: words that a row must hold, all of them, in whatever order. */
export type AuditSearch = AuditFilter & { q?: string }

/**
 * A page of the rows that fit, newest first. So many rows as `within` are looked through for a page:
 * it may hold few of them, or none, and still be followed by another.
 */
export async function searchAudit(
  db: D1Database,
  team: string,
  { q, ...filter }: AuditSearch,
  cursor: Cursor | null,
  size = PAGE_SIZE,
  within = LOOKED_THROUGH,
): Promise<Page<AuditRow>> {
  const words = wordsOf(q ?? '')
  if (words.length === 0) return listAudit(db, team, filter, cursor, size, within)
  // No index holds the sentences: they are made of the rows, so the rows are read and the sentences looked at.
  const looked = await listAudit(db, team, filter, cursor, within, within)
  const names = await namesOf(db, team, looked.items)
  const found = looked.items.filter(row => {
    const text = textOf(row, names)
    return words.every(word => text.includes(word))
  })
  return found.length > size ? page(found, cursorOfAudit, size) : { items: found, next: looked.next }
}

function wordsOf(q: string): string[] {
  return q.toLowerCase().split(/\s+/).filter(Boolean).slice(0, MOST_WORDS)
}

/** All that the page shows of a row, folded open. */
function textOf(row: AuditRow, { tasks, workflows }: AuditNames): string {
  const called = [tasks.get(row.task), workflows.get(row.workflow), row.step]
  return [rowInWords(row), ...called, row.actor, row.facts].filter(Boolean).join('\n').toLowerCase()
}
