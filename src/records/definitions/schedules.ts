/** Schedules in D1: which are due, what became of their slots, and the cursor that moves past them. */
import type { LiveVersion } from '../../domain/workflow/live.ts'
import type { scheduleSlots, schedules } from '../schema/definitions.ts'
import { statusOf } from './standing.ts'

export type ScheduleRow = typeof schedules.$inferSelect

/** A due schedule with all that making its task needs: one read. */
export interface DueSchedule extends ScheduleRow, Pick<LiveVersion, 'version' | 'digest'> {
  name: string
  /** Its intake's settings, JSON. */
  config: string
  /** null: the workflow is gone, as is every later slot. */
  status: LiveVersion['status'] | null
  /** Slots beyond the cursor that an earlier sweep wrote down, and those that wait, JSON: SlotRow[]. */
  slots: string
}

/** A slot as it is kept. */
export type SlotRecord = typeof scheduleSlots.$inferSelect
/** What is to become of a slot. */
export type SlotRow = Omit<SlotRecord, 'byHand' | 'at'>

const SLOT_JSON = `json_object('schedule', s.schedule, 'slot', s.slot, 'until', s.until, 'verdict', s.verdict, 'task', s.task, 'reason', s.reason)`

const DUE = `SELECT d.id, d.team, d.workflow, d.due_at AS dueAt, d.last_slot AS lastSlot, d.last_task AS lastTask, i.name, i.config,
    ${statusOf('w')}, v.version, v.digest,
    (SELECT json_group_array(${SLOT_JSON}) FROM schedule_slots s
      WHERE s.schedule = d.id AND s.by_hand = 0 AND (s.slot > d.last_slot OR s.verdict = 'queued')) AS slots
  FROM schedules d JOIN intakes i ON i.id = d.id
  LEFT JOIN workflows w ON w.id = d.workflow AND w.team = d.team AND w.deleted_at IS NULL AND i.deleted_at IS NULL
  LEFT JOIN workflow_versions v ON v.workflow = w.id AND v.version = w.live
  WHERE d.due_at IS NOT NULL AND d.due_at <= ?1 AND (d.due_at, d.id) > (?2, ?3)
  ORDER BY d.due_at, d.id LIMIT ?4`

/** Schedules that are due, earliest first, after the one at `from`. */
export async function dueSchedules(
  db: D1Database,
  now: number,
  from: { dueAt: number; id: string },
  limit: number,
): Promise<DueSchedule[]> {
  const { results } = await db.prepare(DUE).bind(now, from.dueAt, from.id, limit).all<DueSchedule>()
  return results
}

const FIELD = (name: string) => `j.value ->> '$.${name}'`
// A slot is written once: whoever comes second finds what the first wrote. Only one that waits may still start.
const RECORD = `INSERT INTO schedule_slots (schedule, slot, until, verdict, task, reason, at)
  SELECT ${['schedule', 'slot', 'until', 'verdict', 'task', 'reason'].map(FIELD).join(', ')}, ?2 FROM json_each(?1) j WHERE true
  ON CONFLICT (schedule, slot) DO UPDATE SET verdict = excluded.verdict, task = excluded.task, reason = excluded.reason
    WHERE schedule_slots.verdict = 'queued' AND excluded.verdict <> 'queued' AND schedule_slots.by_hand = 0`
const RECORDED = `SELECT s.schedule, s.slot, s.until, s.verdict, s.task, s.reason
  FROM json_each(?1) j JOIN schedule_slots s ON s.schedule = ${FIELD('schedule')} AND s.slot = ${FIELD('slot')}`

/** Writes down what is to become of these slots, before it is done; answers what holds, which an earlier sweep may have said. */
export async function recordSlots(db: D1Database, rows: SlotRow[], at: number): Promise<SlotRow[]> {
  if (rows.length === 0) return []
  const json = JSON.stringify(rows)
  const [, held] = await db.batch<SlotRow>([db.prepare(RECORD).bind(json, at), db.prepare(RECORDED).bind(json)])
  return held!.results
}

/** Where a schedule's cursor goes, and from where: nobody else may have moved it. */
export interface Move extends Pick<ScheduleRow, 'id' | 'lastSlot' | 'dueAt' | 'lastTask'> {
  from: number
}

const MOVE = `UPDATE schedules SET last_slot = ${FIELD('lastSlot')}, due_at = ${FIELD('dueAt')}, last_task = ${FIELD('lastTask')}
  FROM json_each(?1) j WHERE schedules.id = ${FIELD('id')} AND schedules.last_slot = ${FIELD('from')} AND schedules.due_at IS NOT NULL`
const FORGET = `DELETE FROM schedule_slots WHERE schedule IN (SELECT ${FIELD('id')} FROM json_each(?1) j) AND slot < ?2 AND verdict <> 'queued'`
const KEPT_MS = 30 * 86_400_000

/** Moves cursors, and forgets slots of over 30 days ago. */
export async function moveSchedules(db: D1Database, moves: Move[], now: number): Promise<void> {
  if (moves.length === 0) return
  const json = JSON.stringify(moves)
  await db.batch([db.prepare(MOVE).bind(json), db.prepare(FORGET).bind(json, now - KEPT_MS)])
}

/** Sets where a schedule stands if the statement before changed a row, its intake's; makes its row when it has none. */
export function putSchedule(db: D1Database, row: ScheduleRow): D1PreparedStatement {
  return db
    .prepare(
      `INSERT INTO schedules (id, team, workflow, due_at, last_slot, last_task)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6 WHERE changes() > 0
       ON CONFLICT (id) DO UPDATE SET due_at = excluded.due_at, last_slot = max(last_slot, excluded.last_slot)`,
    )
    .bind(row.id, row.team, row.workflow, row.dueAt, row.lastSlot, row.lastTask)
}

/** Takes a schedule off the clock. */
export function stopSchedule(db: D1Database, team: string, id: string): D1PreparedStatement {
  return db.prepare('UPDATE schedules SET due_at = NULL WHERE id = ?1 AND team = ?2').bind(id, team)
}

/** Writes down a run by hand, once. */
export async function recordRun(db: D1Database, row: SlotRow, at: number): Promise<void> {
  await db
    .prepare(
      `INSERT INTO schedule_slots (schedule, slot, until, verdict, task, reason, by_hand, at) VALUES (?1, ?2, ?2, ?3, ?4, ?5, 1, ?6)
       ON CONFLICT (schedule, slot) DO NOTHING`,
    )
    .bind(row.schedule, row.slot, row.verdict, row.task, row.reason, at)
    .run()
}

/** What became of a schedule's slots, newest first. */
export async function listSlots(
  db: D1Database,
  schedule: string,
  before: number,
  limit: number,
): Promise<SlotRecord[]> {
  const { results } = await db
    .prepare(
      `SELECT schedule, slot, until, verdict, task, reason, by_hand AS byHand, at FROM schedule_slots
       WHERE schedule = ?1 AND slot < ?2 ORDER BY slot DESC LIMIT ?3`,
    )
    .bind(schedule, before, limit)
    .all<SlotRecord>()
  return results
}

const NOTE = `UPDATE schedule_slots SET verdict = ${FIELD('verdict')}, task = NULL, reason = ${FIELD('reason')}
  FROM json_each(?1) j WHERE schedule_slots.schedule = ${FIELD('schedule')} AND schedule_slots.slot = ${FIELD('slot')}`

/** Notes what became of slots that made no task. */
export async function noteSlots(db: D1Database, rows: SlotRow[]): Promise<void> {
  if (rows.length > 0) await db.prepare(NOTE).bind(JSON.stringify(rows)).run()
}
