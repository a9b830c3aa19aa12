/** What an absence may be, and setting it: what was asked of whoever is away goes on at once. */
import { momentOf } from '../domain/schedule/moment.ts'
import { stretchOf } from '../domain/team-limits.ts'
import type { Env } from '../env.ts'
import { type Absence, putAbsence } from '../records/people/absences.ts'
import type { By } from '../records/people/limits.ts'
import { handOverFrom } from './hand-over.ts'

const YEAR_MS = 366 * 86_400_000

/** Why somebody cannot be away like this; null: they can. `members`: their addresses. */
export function awayProblem(
  { email, backup, awayUntil }: Absence,
  members: readonly string[],
  now: number,
): { path: 'until' | 'backup'; message: string } | null {
  if (awayUntil === null) return { path: 'until', message: 'Choose the last day away.' }
  if (awayUntil <= now) return { path: 'until', message: 'That day is over. Choose a later one.' }
  if (awayUntil > now + YEAR_MS) return { path: 'until', message: 'Choose a day within a year.' }
  if (backup === null) return null
  if (backup === email) return { path: 'backup', message: 'Somebody else must stand in.' }
  return members.some(one => one.toLowerCase() === backup)
    ? null
    : { path: 'backup', message: `${backup} does not belong to the team.` }
}

/** The end of that day by the team's clock, in ms since the epoch; null: it is no day. */
export function endOfDay(day: string, timezone: string): number | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? momentOf(day, timezone) : null
  return at === null ? null : stretchOf('day', timezone, at).to - 1
}

/** The day by the team's clock that the moment lies in, such as `2026-12-24`. */
export function dayOf(at: number, timezone: string): string {
  return stretchOf('day', timezone, at).name
}

/** Sets the absence, on record, and hands over what waits. What fails of that is the minute's sweep's to go on with. */
export async function setAway(env: Pick<Env, 'DB' | 'TASKS'>, absence: Absence, by: Omit<By, 'name'>): Promise<void> {
  await putAbsence(env.DB, absence, by)
  if (absence.awayUntil !== null) await handOverFrom(env, by.team, absence.email).catch(() => {})
}
