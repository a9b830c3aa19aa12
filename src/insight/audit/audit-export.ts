/** The audit log as a file, of any span, newest first: CSV or JSON Lines, made page by page while it is sent, never held as a whole. */

import { CSV_MARK, csvLines } from '../../domain/text/csv.ts'
import { type AuditRow, namesOf } from '../../records/audit.ts'
import { readCursor } from '../../records/cursor.ts'
import { isTaskId } from '../../records/ids.ts'
import { type AuditNames, type AuditSearch, searchAudit } from './audit-search.ts'
import { actorInWords, factsInWords, originInWords, rowInWords } from './audit-words.ts'

/** Rows that are read at a time. */
const AT_A_TIME = 1000

export const EXPORT_TYPES = { csv: 'text/csv; charset=utf-8', jsonl: 'application/jsonl; charset=utf-8' } as const
export type ExportFormat = keyof typeof EXPORT_TYPES

/** All rows that fit, as bytes. A read that fails breaks the file off, so that nobody takes a part for the whole. */
export function exportAudit(
  db: D1Database,
  team: string,
  filter: AuditSearch,
  format: ExportFormat,
  atATime = AT_A_TIME,
): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder()
  const lines = format === 'csv' ? csvRows : jsonRows
  let cursor = ''
  return new ReadableStream({
    start(to) {
      if (format === 'csv') to.enqueue(bytes.encode(CSV_MARK + csvLines([COLUMNS])))
    },
    // Asked for when the last part was taken: of whoever reads slowly or goes away, no more is read.
    async pull(to) {
      const { items, next } = await searchAudit(db, team, filter, readCursor(cursor), atATime, atATime)
      if (items.length > 0) to.enqueue(bytes.encode(lines(items, await namesOf(db, team, items))))
      if (next === null) return to.close()
      cursor = next
      // Many rows may have been looked through and none of them fit.
      if (items.length === 0) await this.pull?.(to)
    },
  })
}

const COLUMNS = ['at', 'types', 'actor', 'task', 'title', 'workflow', 'step', 'facts', 'sha256', 'from']

function csvRows(rows: AuditRow[], names: AuditNames): string {
  return csvLines(
    rows.map(row => [
      new Date(row.at).toISOString(),
      row.types,
      actorInWords(row.actor),
      isTaskId(row.task) ? row.task : '',
      names.tasks.get(row.task) ?? '',
      names.workflows.get(row.workflow) ?? '',
      row.step ?? '',
      factsInWords(row.facts),
      row.digest,
      originInWords(row.actor),
    ]),
  )
}

function jsonRows(rows: AuditRow[]): string {
  return rows.map(row => `${JSON.stringify(entryOf(row))}\n`).join('')
}

/** A row as the API and the export tell it. */
export function entryOf(row: AuditRow) {
  return {
    ...row,
    at: new Date(row.at).toISOString(),
    text: rowInWords(row),
    types: row.types.split(' '),
    actor: JSON.parse(row.actor) as unknown,
    facts: JSON.parse(row.facts) as unknown,
  }
}
