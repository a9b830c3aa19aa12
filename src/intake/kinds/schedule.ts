/** The kind `schedule`: a clock makes the tasks. */
import { type Cron, nextSlot, readCron, slotsAfter } from '../../domain/schedule/cron.ts'
import { describe } from '../../domain/schedule/describe.ts'
import type { Actor } from '../../domain/task/events.ts'
import { putSchedule, stopSchedule } from '../../records/definitions/schedules.ts'
import { newId } from '../../records/ids.ts'
import { insertIntakeStatements, updateIntakeStatements } from '../../records/intake/intake-writes.ts'
import { changeIntake } from '../change.ts'
import { readSettings, type ScheduleSettings } from '../schedule/settings.ts'
import { asConfig, type Env, type IntakeKind, type IntakeRow, intakeRow, settingsOf } from './kind.ts'

const SHOWN_NEXT = 5

export const scheduleKind: IntakeKind = {
  title: 'Schedule',
  keys: ['cron', 'timezone', 'input', 'event', 'duplicates', 'overlap', 'catchUp', 'paused'],

  async create(env, place, name, given, actor) {
    const read = readSettings(given)
    if (!read.ok) return read
    const at = Date.now()
    const row = intakeRow(newId('int'), 'schedule', place, name, read.value.settings, at)
    await env.DB.batch([...(await insertIntakeStatements(env.DB, row, actor)), onTheClock(env, row, read.value, at)])
    return { ok: true, value: row }
  },

  async change(env, row, name, given, actor) {
    const make = async (before: IntakeRow) => {
      const read = readSettings({ ...settingsOf<ScheduleSettings>(before), ...given })
      return read.ok ? { ok: true as const, value: changedRow(before, name, read.value) } : read
    }
    const changed = await changeIntake(env.DB, row, make, (before, made) => write(env, before, made, actor))
    return changed.ok ? { ok: true, value: changed.value.row } : changed
  },

  async close(env, row) {
    await stopSchedule(env.DB, row.team, row.id).run()
  },

  answer(_env, row) {
    const { cron, timezone, input, event, duplicates, overlap, catchUp, paused } = settingsOf<ScheduleSettings>(row)
    const next = paused ? [] : nextTimes(cron, timezone, Date.now())
    return {
      cron,
      timezone,
      input,
      event,
      duplicates,
      overlap,
      catchUp,
      paused,
      sentence: describe(cron, timezone),
      next,
    }
  },
}

interface Changed {
  row: IntakeRow
  read: { settings: ScheduleSettings; cron: Cron }
}

function changedRow(before: IntakeRow, name: string | undefined, read: Changed['read']): Changed {
  const row = { ...before, name: name ?? before.name, config: asConfig(read.settings), updatedAt: Date.now() }
  return { row, read }
}

async function write(env: Env, before: IntakeRow, { row, read }: Changed, actor: Actor): Promise<boolean> {
  const statements = await updateIntakeStatements(env.DB, before, row, actor)
  const old = settingsOf<ScheduleSettings>(before)
  const keys = ['cron', 'timezone', 'paused'] as const
  // A new clock begins now: what the old one missed, or a pause passed over, is not made up for.
  if (keys.some(key => old[key] !== read.settings[key])) statements.push(onTheClock(env, row, read, row.updatedAt))
  const [changed] = await env.DB.batch(statements)
  return (changed?.meta.changes ?? 0) > 0
}

function onTheClock(
  env: Env,
  row: IntakeRow,
  { settings, cron }: { settings: ScheduleSettings; cron: Cron },
  at: number,
) {
  const { id, team, workflow } = row
  const dueAt = settings.paused ? null : nextSlot(cron, at)
  return putSchedule(env.DB, { id, team, workflow, dueAt, lastSlot: at, lastTask: null })
}

/** The next five times, ISO. */
function nextTimes(cron: string, timezone: string, after: number): string[] {
  const read = readCron(cron, timezone)
  return read.ok ? slotsAfter(read.cron, after, SHOWN_NEXT).map(slot => new Date(slot).toISOString()) : []
}
