/** Rows as CSV that a spreadsheet opens without running anything in it. */

/** RFC 4180, in UTF-8 with a mark that says so; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf(rows: string[][]): string {
  return `\uFEFF${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

/** Blanks and characters without a width are passed over; full-width signs count as the ones they stand for. */
const FORMULA = /^[\s\p{Cf}\p{Mn}\0]*[=+\-@\t\r＝＋－＠−]/u

function cell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
