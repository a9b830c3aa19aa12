/** What a team spent of a day's or a month's budget, and which marks of it were told. */

/** A stretch of time by the team's clock. */
export interface Stretch {
  /** `2026-11-28` for a day, `2026-11` for a month. */
  name: string
  /** The first moment after it, in ms since the epoch. */
  to: number
}

export interface Spending extends Stretch {
  /** USD. */
  spent: number
  /** The highest mark that was told, in percent. */
  told: 0 | 80 | 100
}

/** A mark of a budget is reached, which is told once in its period. */
export interface Crossing {
  period: 'day' | 'month'
  /** `2026-11-28` or `2026-11`. */
  name: string
  percent: 80 | 100
  spent: number
  limit: number
}

/** USD, to a millionth: sums of many must not drift. */
export function usd(amount: number): number {
  return Math.round(amount * 1e6) / 1e6
}

/**
 * Whether a call fits what is left. One that could never fit goes alone, while anything is left: a limit is passed by one
 * call at most, and nobody waits for ever.
 */
export function fits(limit: number | null, spent: number, reserved: number, cost: number): boolean {
  if (limit === null || usd(spent + reserved + cost) <= limit) return true
  return cost > limit && reserved === 0 && spent < limit
}

/** The spending with its mark, and the mark if it is to be told now; `full`: a call did not fit any more. */
export function marked(
  period: Crossing['period'],
  spending: Spending,
  limit: number | null,
  full: boolean,
): { spending: Spending; crossed: Crossing | null } {
  const percent = reached(spending.spent, limit, full)
  if (limit === null || percent === 0 || percent <= spending.told) return { spending, crossed: null }
  const { name, spent } = spending
  return { spending: { ...spending, told: percent }, crossed: { period, name, percent, spent, limit } }
}

function reached(spent: number, limit: number | null, full: boolean): 0 | 80 | 100 {
  if (limit === null) return 0
  if (full || spent >= limit) return 100
  return spent >= 0.8 * limit ? 80 : 0
}
