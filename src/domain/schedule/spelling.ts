/** The ways to write a cron text that other tools read: names, `5/15` and `?`, each turned into the five plain fields. */

const NAMED: Record<string, string> = {
  '@yearly': '0 0 1 1 *',
  '@annually': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@midnight': '0 0 * * *',
  '@hourly': '0 * * * *',
}
/** The greatest value of each field, up to which `5/15` goes on. */
const GREATEST = [59, 23, 31, 12, 6]
/** The fields that may say `?` for "whichever the other one says". */
const DAYS = [2, 4]

/** The text in five fields with single blanks. What cannot be read stays as it is, for the reader to refuse. */
export function plainCron(text: string): string {
  const trimmed = text.trim().replace(/\s+/g, ' ')
  const named = NAMED[trimmed.toLowerCase()]
  if (named !== undefined) return named
  return trimmed.split(' ').map(plainField).join(' ')
}

function plainField(field: string, place: number): string {
  if (field === '?' && DAYS.includes(place)) return '*'
  return field
    .split(',')
    .map(part => part.replace(/^(\d+)\/(\d+)$/, `$1-${GREATEST[place] ?? 0}/$2`))
    .join(',')
}

/** The values of a field of plain numbers, each once; for one with names or letters nothing. */
export function valuesOf(field: string, least: number, greatest: number): number[] {
  const found = new Set<number>()
  for (const part of field.split(',')) {
    const match = /^(?:\*|(\d+)(?:-(\d+))?)(?:\/(\d+))?$/.exec(part)
    if (!match) return []
    const from = Number(match[1] ?? least)
    const to = Number(match[2] ?? match[1] ?? greatest)
    for (let value = from; value <= Math.min(to, greatest); value += Number(match[3] ?? 1) || 1) found.add(value)
  }
  return [...found]
}
