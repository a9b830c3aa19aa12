/** Times as stored facts hold them, in words: whoever reads old rows must not fail over one that no calendar has. */

/** The time in ISO, in UTC; `null` where it is no number, or beyond what a date can be. */
export function isoText(ms: unknown): string | null {
  const date = new Date(typeof ms === 'number' ? ms : Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

/** Its day, such as `2026-11-28`; `?` where there is none. */
export function dayInWords(ms: unknown): string {
  return isoText(ms)?.slice(0, 10) ?? '?'
}
