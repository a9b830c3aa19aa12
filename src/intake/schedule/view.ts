/** A schedule as pages show it: its sentence, its next runs in its own zone, what clock changes do, and what became of its slots. */
import { clockNotes } from '../../domain/schedule/clock-changes.ts'
import { readCron, slotsAfter } from '../../domain/schedule/cron.ts'
import { describe } from '../../domain/schedule/describe.ts'
import type { Env } from '../../env.ts'
import { listSlots, type SlotRecord } from '../../records/definitions/schedules.ts'
import type { IntakeRow } from '../../records/intake/intakes.ts'
import { settingsOf } from '../kinds/kind.ts'
import type { ScheduleSettings } from './settings.ts'

const NEXT = 5
const HISTORY = 10

export interface ScheduleView {
  id: string
  name: string
  sentence: string
  settings: ScheduleSettings
  /** The input as text, for the form. */
  input: string
  next: { at: number; text: string }[]
  notes: string[]
  slots: (SlotRecord & { text: string })[]
}

export async function scheduleView(env: Pick<Env, 'DB'>, row: IntakeRow, now: number): Promise<ScheduleView> {
  const settings = settingsOf<ScheduleSettings>(row)
  const { cron, timezone, paused, input } = settings
  const read = readCron(cron, timezone)
  const next = read.ok && !paused ? slotsAfter(read.cron, now, NEXT) : []
  const slots = await listSlots(env.DB, row.id, Number.MAX_SAFE_INTEGER, HISTORY)
  return {
    id: row.id,
    name: row.name,
    sentence: describe(cron, timezone),
    settings,
    input: input === undefined ? '' : JSON.stringify(input, null, 2),
    next: next.map(at => ({ at, text: inZone(at, timezone) })),
    notes: read.ok ? clockNotes(read.cron, now) : [],
    slots: slots.map(slot => ({ ...slot, text: inZone(slot.slot, timezone) })),
  }
}

/** "Mon, 23 Nov 2026, 09:00" by the schedule's own clock. */
function inZone(at: number, timeZone: string): string {
  const options = {
    timeZone,
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
  } as const
  return new Intl.DateTimeFormat('en-GB', options).format(at)
}
