/** A span of days as pages carry it in their address: from and to, both days included, in UTC. */

const DAY_MS = 86_400_000

export interface Range {
  /** In ms since the epoch; inclusive. */
  from: number
  /** Exclusive. */
  to: number
}

/** A day as a date field writes it; undefined: it is none. */
function dayOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{4}-\d{2}-\d{2}$/.test(text)) return undefined
  const at = Date.parse(`${text}T00:00:00Z`)
  return Number.isNaN(at) ? undefined : at
}

/** The day as a date field wants it. */
export function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

/** A moment as links write it that mean one within a day; undefined: it is none. */
function momentOf(text: string | undefined): number | undefined {
  return text !== undefined &&
    /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,3})?Z$/.test(text) &&
    !Number.isNaN(Date.parse(text))
    ? Date.parse(text)
    : undefined
}

/** What the days say, where they say something, or the moment that they begin with; an end before its begin says nothing. */
export function openRange(from: string | undefined, to: string | undefined): Partial<Range> {
  const [first, last] = [momentOf(from) ?? dayOf(from), dayOf(to)]
  if (first !== undefined && last !== undefined && last < first) return {}
  return { from: first, to: last === undefined ? undefined : last + DAY_MS }
}

/** The days asked for, else the last thirty. */
export function rangeOf(from: string | undefined, to: string | undefined, now: number): Range {
  const asked = openRange(from, to)
  const end = asked.to ?? (Math.floor(now / DAY_MS) + 1) * DAY_MS
  const begin = asked.from !== undefined && asked.from < end ? asked.from : end - 30 * DAY_MS
  return { from: begin, to: end }
}

/** The span of the same length before it. */
export function before({ from, to }: Range): Range {
  return { from: from - (to - from), to: from }
}

/** The last so many days, today included. */
export function lastDays(days: number, now: number): { from: string; to: string } {
  return { from: dayText(now - (days - 1) * DAY_MS), to: dayText(now) }
}

/** What callers who name no days are told of. */
export const PERIOD_MS = 30 * DAY_MS

/** How long the spans are in which a period is told: a dozen or so, of whole days. */
export function spanOf({ from, to }: Range): number {
  const days = (to - from) / DAY_MS
  return (days <= 14 ? 1 : days <= 120 ? 7 : 30) * DAY_MS
}
