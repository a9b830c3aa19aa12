/** Rows as CSV that a spreadsheet opens without running anything in it. */

/** What says that a file is in UTF-8, at its very beginning. */
export const CSV_MARK = '\uFEFF'

/** RFC 4180; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvLines(rows: string[][]): string {
  return rows.map(row => `${row.map(cell).join(',')}\r\n`).join('')
}

/** Blanks and characters without a width are passed over; full-width signs count as the ones they stand for. */
const FORMULA = /^[\s\p{Cf}\p{Mn}\0]*[=+\-@\t\r＝＋－＠−]/u

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
