/** Rows as CSV that a spreadsheet opens without running anything in it. */

/** RFC 4180, in UTF-8 with a mark that says so; a cell that a spreadsheet would take for a formula begins with an apostrophe. */
export function csvOf(rows: string[][]): string {
  return `\uFEFF${rows.map(row => row.map(cell).join(',')).join('\r\n')}\r\n`
}

function cell(text: string): string {
  const safe = /^[\s]*[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
