/** When a review is due: Monday mornings, or the first of the month, by the team's clock. */
import { nextSlot, readCron } from '../schedule/cron.ts'

const CRONS = { weekly: '0 8 * * 1', monthly: '0 8 1 * *' }

/** The first slot after `after`; throws where the time zone is none, which a team's settings cannot hold. */
export function nextReview(how: keyof typeof CRONS, timezone: string, after: number): number {
  const read = readCron(CRONS[how], timezone)
  const slot = read.ok ? nextSlot(read.cron, after) : null
  if (slot === null) throw new Error(`no slot for a ${how} review in ${timezone}`)
  return slot
}
