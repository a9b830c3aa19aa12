/** How long a team keeps what is over: within which bounds, and from when on what is older goes. */

/** Days. */
export interface Retention {
  auditDays: number
  /** null: tasks that are over are kept. */
  taskDays: number | null
  /** It may go without an archive, where there is no bucket for one. */
  unarchived: boolean
}

/** What holds for a team that has set nothing. */
export const USUAL_RETENTION: Retention = { auditDays: 365, taskDays: null, unarchived: false }

export const AUDIT_DAYS = { least: 90, most: 2557 } as const
export const TASK_DAYS = { least: 1, most: 2557 } as const

const DAY_MS = 86_400_000

/** What is of before this moment goes. */
export function before(days: number, now: number): number {
  return now - days * DAY_MS
}

/** What is wrong with it; null: nothing. */
export function retentionProblem({ auditDays, taskDays }: Retention): { path: string; message: string } | null {
  if (!isWithin(auditDays, AUDIT_DAYS))
    return { path: 'auditDays', message: 'Between 90 days and 7 years (2,557 days).' }
  if (taskDays !== null && !isWithin(taskDays, TASK_DAYS))
    return { path: 'taskDays', message: 'Between 1 day and 7 years (2,557 days), or nothing at all.' }
  return null
}

function isWithin(days: number, { least, most }: { least: number; most: number }): boolean {
  return Number.isInteger(days) && days >= least && days <= most
}
