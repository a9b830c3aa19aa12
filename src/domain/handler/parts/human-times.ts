/** The times of a human step: by when it is due, in time or working time, and when those who have not decided are reminded. */
import { LEAST_EVERY_MS, type Remind } from '../../schedule/remind.ts'
import { afterWorking, USUAL_HOURS, type WorkingHours, workingTimeOf } from '../../schedule/working-hours.ts'
import type { Reminders } from '../../task/people/ask.ts'
import { lintDuration } from '../../workflow/lint/common.ts'
import type { LintPath, Report } from '../../workflow/lint/item.ts'
import { durationMs } from '../../workflow/parts.ts'

/** How to write what is wrong with it. */
export const DUE = 'Write it like `4h` or `2d`, or `2 working days` or `8 working hours` by your team’s working hours.'

/** Whether the text says by when something is due. */
export function isDue(text: string): boolean {
  return workingTimeOf(text) !== null || (durationMs(text) ?? 0) > 0
}

/** Whether the step's question needs the team's working hours to be put. */
export function needsHours(due: string | undefined, remind: Remind | undefined): boolean {
  return (due !== undefined && workingTimeOf(due) !== null) || hasReminders(remind)
}

function hasReminders(remind: Remind | undefined): boolean {
  return remind?.every !== undefined || (remind?.before ?? []).length > 0
}

/** When what is asked now is due, in ms since the epoch. `hours`: the team's; null: it has set none. */
export function dueAt(due: string, now: number, hours: WorkingHours | null): number | null {
  const working = workingTimeOf(due)
  if (working !== null) return afterWorking(hours ?? USUAL_HOURS, now, working)
  const ms = durationMs(due)
  return ms === null ? null : now + ms
}

/** The reminders of a question that is put now; undefined: none. */
export function remindersOf(
  remind: Remind | undefined,
  now: number,
  hours: WorkingHours | null,
): Reminders | undefined {
  if (!hasReminders(remind)) return undefined
  const before = (remind?.before ?? []).flatMap(text => durationMs(text) ?? [])
  const every = remind?.every === undefined ? null : durationMs(remind.every)
  return {
    from: now,
    before,
    ...(every !== null && { every }),
    ...(hours !== null && { hours }),
  }
}

/** Lints the due time and the reminders at `path`. */
export function lintTimes({ due, remind }: { due?: string; remind?: Remind }, path: LintPath, report: Report): void {
  if (due !== undefined && !isDue(due)) {
    report.error([...path, 'due'], 'bad_duration', `\`${due}\` is not a length of time.`, DUE)
  }
  for (const [index, before] of (remind?.before ?? []).entries())
    lintDuration(before, [...path, 'remind', 'before', index], report)
  lintDuration(remind?.every, [...path, 'remind', 'every'], report)
  const every = remind?.every === undefined ? null : durationMs(remind.every)
  if (every !== null && every > 0 && every < LEAST_EVERY_MS) {
    const fix = 'Write `15m` or more, such as `4h` or `1d`.'
    report.error([...path, 'remind', 'every'], 'bad_value', 'People are reminded every 15 minutes at most.', fix)
  }
  if ((remind?.before ?? []).length > 0 && due === undefined) {
    const message = 'Without `due` nobody is reminded before it.'
    report.warn(
      [...path, 'remind', 'before'],
      'overdue_without_due',
      message,
      'Add `due`, such as `2d`, or use `every`.',
    )
  }
}
