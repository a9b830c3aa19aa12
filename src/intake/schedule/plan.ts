/** What a sweep means to do with one due schedule: a verdict for each slot, and where its cursor goes. */
import type { Json } from '../../domain/json/json.ts'
import { type Cron, nextSlot, readCron, slotsUntil } from '../../domain/schedule/cron.ts'
import { CHOSEN, type DueSlot, dueSlots } from '../../domain/schedule/due.ts'
import { renderValue } from '../../domain/template/template.ts'
import { shorten } from '../../domain/text/cut.ts'
import { explain } from '../../http/errors.ts'
import type { DueSchedule, Move, SlotRow } from '../../records/definitions/schedules.ts'
import { derivedTaskId } from '../../records/ids.ts'
import type { OutsideEvent } from '../../task/outside-event.ts'
import type { PinnedVersion } from '../../task/pinned.ts'
import { checkInput } from '../../task/start.ts'
import { readEvent } from '../outcome/read-event.ts'
import type { ScheduleSettings } from './settings.ts'

/** Waiting slots are looked at again this soon. */
const QUEUE_MS = 60_000
/** As many slots may wait for an earlier task. */
const MAX_QUEUED = 10

export interface Plan {
  schedule: DueSchedule
  settings: ScheduleSettings
  version: PinnedVersion | null
  /** Oldest first. */
  slots: SlotRow[]
  move: Move
}

/** Plans a schedule. `isOpen` says whether a task is still open; it is asked only where `overlap` makes it matter. */
export async function planOf(
  schedule: DueSchedule,
  version: PinnedVersion | null,
  now: number,
  isOpen: (task: string) => Promise<boolean>,
): Promise<Plan> {
  const settings = JSON.parse(schedule.config) as ScheduleSettings
  const cron = readCron(settings.cron, settings.timezone)
  // Gone, paused, or of a cron that this version no longer reads: off the clock.
  const off = { schedule, settings, version, slots: [], move: moveOf(schedule, schedule.lastSlot, null) }
  if (schedule.status === null || settings.paused || !cron.ok) return off
  const written = JSON.parse(schedule.slots) as SlotRow[]
  const found = dueSlots(cron.cron, settings.catchUp, schedule.lastSlot, now)
  const due = found.flatMap(one => aroundWritten(cron.cron, one, written))
  const busy = settings.overlap !== 'allow' && schedule.lastTask !== null && (await isOpen(schedule.lastTask))
  const slots = await verdicts({ schedule, settings, version, due, written, busy })
  const lastSlot = found.reduce((last, one) => Math.max(last, 'until' in one ? one.until : one.slot), schedule.lastSlot)
  const waits = slots.some(one => one.verdict === 'queued') || written.some(one => stillQueued(one, slots))
  const next = nextSlot(cron.cron, Math.max(now, lastSlot))
  const dueAt = waits ? Math.min(next ?? Number.POSITIVE_INFINITY, now + QUEUE_MS) : next
  return { schedule, settings, version, slots, move: moveOf(schedule, lastSlot, dueAt) }
}

function moveOf({ id, lastSlot: from, lastTask }: DueSchedule, lastSlot: number, dueAt: number | null): Move {
  return { id, from, lastSlot, dueAt, lastTask }
}

/** A stretch of skipped slots, without those in it that an earlier sweep has written down. */
function aroundWritten(cron: Cron, due: DueSlot, written: SlotRow[]): DueSlot[] {
  if (due.do === 'start' || due.until === due.slot) return [due]
  const pieces: DueSlot[] = []
  let slot: number | null = due.slot
  for (const row of written
    .filter(one => one.slot >= due.slot && one.slot <= due.until)
    .sort((a, b) => a.slot - b.slot)) {
    const [before] = slotsUntil(cron, row.slot - 1, 1)
    if (slot !== null && before !== undefined && before >= slot) pieces.push({ ...due, slot, until: before })
    slot = nextSlot(cron, row.until)
  }
  if (slot !== null && slot <= due.until) pieces.push({ ...due, slot })
  return pieces
}

function stillQueued(row: SlotRow, slots: SlotRow[]): boolean {
  return row.verdict === 'queued' && !slots.some(one => one.slot === row.slot)
}

interface Situation {
  schedule: DueSchedule
  settings: ScheduleSettings
  version: PinnedVersion | null
  due: ReturnType<typeof dueSlots>
  written: SlotRow[]
  busy: boolean
}

async function verdicts(situation: Situation): Promise<SlotRow[]> {
  const { schedule, settings, due, written } = situation
  const queue = written.filter(row => row.verdict === 'queued').sort((a, b) => a.slot - b.slot)
  // What an earlier sweep began and did not finish is finished, whatever the rules would say now.
  const rows = written.filter(row => row.verdict === 'started')
  let busy = situation.busy || (settings.overlap !== 'allow' && rows.length > 0)
  let waiting = queue.length
  const [first] = queue
  if (first && !busy && blockedBy(schedule) === null) {
    rows.push(await startOf(situation, first.slot))
    waiting--
    busy = true
  }
  for (const one of due) {
    if (rows.some(row => row.slot === one.slot)) continue
    const skip = (reason: string) =>
      rows.push({
        ...slotRow(schedule, one.slot),
        until: 'until' in one ? one.until : one.slot,
        verdict: 'skipped',
        reason,
      })
    const blocked = blockedBy(schedule)
    if (blocked !== null) skip(blocked)
    else if (one.do === 'skip') skip(one.reason)
    else if (settings.overlap === 'skip' && busy) skip(CHOSEN.busy)
    else if (settings.overlap === 'queue' && (busy || waiting > 0)) {
      if (waiting++ < MAX_QUEUED) rows.push({ ...slotRow(schedule, one.slot), verdict: 'queued' })
      else skip(`${MAX_QUEUED} slots were waiting already.`)
    } else {
      const row = await startOf(situation, one.slot)
      rows.push(row)
      busy ||= row.verdict === 'started'
    }
  }
  return rows
}

/** Why no slot of this workflow starts now. */
function blockedBy({ status, version }: DueSchedule): string | null {
  if (status === 'paused') return CHOSEN.paused
  if (status === 'archived') return CHOSEN.archived
  if (status === 'ending') return CHOSEN.ending
  return version === null ? CHOSEN.unpublished : null
}

async function startOf({ schedule, settings, version }: Situation, slot: number): Promise<SlotRow> {
  const row = slotRow(schedule, slot)
  const input = inputOf(schedule, settings, version, slot)
  if (!input.ok) return { ...row, verdict: 'refused', reason: shorten(input.reason, 500) }
  return { ...row, verdict: 'started', task: 'event' in input ? null : await slotTask(schedule, slot) }
}

/** The task of a slot has one id, however often and by whomever it is made. */
function slotTask({ team, id }: Pick<DueSchedule, 'team' | 'id'>, slot: number): Promise<string> {
  return derivedTaskId(team, 'schedule', id, new Date(slot).toISOString())
}

export function slotRow({ id }: { id: string }, slot: number): SlotRow {
  return { schedule: id, slot, until: slot, verdict: 'skipped', task: null, reason: null }
}

export type SlotInput = { ok: true; input: Json } | { ok: true; event: OutsideEvent } | { ok: false; reason: string }

/** The input of a slot's task, or the event that it is, or why there is none. Without a template the input says which slot it is. */
export function inputOf(
  { id, name }: { id: string; name: string },
  { cron, timezone, event, input = { slot: '{{ slot }}' } }: ScheduleSettings,
  version: PinnedVersion | null,
  slot: number,
): SlotInput {
  if (version === null) return { ok: false, reason: 'The workflow could not be read.' }
  const scope = { slot: new Date(slot).toISOString(), schedule: { id, name, cron, timezone } }
  const rendered = renderValue(input, scope)
  if (!rendered.ok) return { ok: false, reason: `The input: ${rendered.message}` }
  if (event !== undefined) {
    const read = readEvent(event, text => renderValue(text, scope))
    return read.ok
      ? { ok: true, event: { ...read.event, data: rendered.value } }
      : { ok: false, reason: `event.${read.part}: ${read.message}` }
  }
  const wrong = checkInput(version, rendered.value, 'input')
  return wrong ? { ok: false, reason: explain(wrong).message } : { ok: true, input: rendered.value }
}
