/** How a workflow's ways in are called, in D1: when an intake was called last, how long its usual pauses are, what it refuses, and which slots a schedule missed. */
import { chunks } from '../../domain/chunks.ts'
import { hexTime } from '../intake/deliveries.ts'
import type { intakePulses } from '../schema/alert.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** Of each intake so many of its newest deliveries are judged, and looked through for one that was not refused. */
const [JUDGED, LOOKED_THROUGH] = [20, 200]
/** Intakes of a portion of workflows, at most. */
const MOST = 500

export interface IntakeSample {
  intake: string
  name: string
  workflow: string
  workflowName: string
  /** When it was last called by somebody whom it let in; null: not lately. */
  lastAt: number | null
  /** Of the newest deliveries of a day: how many, how many it refused, and when the oldest came. */
  deliveries: number
  refused: number
  first: number | null
  pulse: Pulse | null
}

/** How often it is called, as far as it was counted. */
type Pulse = Pick<typeof intakePulses.$inferSelect, 'lastAt' | 'pause' | 'hours' | 'countedAt'>

const OWN = `id >= 'dlv_' || substr(i.id, 5) AND id < 'dlv_' || substr(i.id, 5) || 'g'`
const INTAKES = `SELECT i.id AS intake, i.name, i.workflow, w.name AS workflowName,
    (SELECT at FROM (SELECT at, verdict FROM deliveries WHERE ${OWN} ORDER BY id DESC LIMIT ${LOOKED_THROUGH}) WHERE verdict <> 'refused' LIMIT 1) AS lastAt,
    (SELECT json_array(count(*), sum(verdict = 'refused'), min(at)) FROM
      (SELECT verdict, at FROM deliveries WHERE id >= 'dlv_' || substr(i.id, 5) || ?3 AND id < 'dlv_' || substr(i.id, 5) || 'g' ORDER BY id DESC LIMIT ${JUDGED})) AS judged,
    (SELECT json_object('lastAt', last_at, 'pause', pause, 'hours', hours, 'countedAt', counted_at) FROM intake_pulses p WHERE p.intake = i.id) AS pulse
  FROM json_each(?2) j CROSS JOIN workflows w ON w.id = j.value AND w.team = ?1
  CROSS JOIN intakes i ON i.team = ?1 AND i.workflow = j.value AND i.kind <> 'schedule' AND i.deleted_at IS NULL LIMIT ${MOST}`

/** How the intakes of these workflows are called. */
export async function intakeSamples(
  db: D1Database,
  team: string,
  workflows: string[],
  now: number,
): Promise<IntakeSample[]> {
  const { results } = await db
    .prepare(INTAKES)
    .bind(team, JSON.stringify(workflows), hexTime(now - DAY_MS))
    .all<Omit<IntakeSample, 'pulse' | 'deliveries' | 'refused' | 'first'> & { judged: string; pulse: string | null }>()
  return results.map(({ judged, pulse, ...row }) => {
    const [deliveries, refused, first] = JSON.parse(judged) as [number, number | null, number | null]
    return {
      ...row,
      deliveries,
      refused: refused ?? 0,
      first,
      pulse: pulse === null ? null : (JSON.parse(pulse) as Pulse),
    }
  })
}

const COUNTED_DAYS = 15
const MOST_HOURS = COUNTED_DAYS * 24
/** An intake's pulse is counted anew once a day, while it is called; so many in one look. */
const [COUNTED_FOR_MS, COUNTED_AT_ONCE] = [DAY_MS, 20]

const PASSED_FROM = (
  from: string,
) => `(SELECT at FROM deliveries WHERE id >= ?1 || printf('%011x', ${from}) AND id < ?1 || 'g'
  AND verdict <> 'refused' ORDER BY id LIMIT 1)`
// Steps from one call to the first that came an hour later or more: as many rows as there are hours with a call, however many calls.
const HOURS = `WITH RECURSIVE hour(at) AS (SELECT ${PASSED_FROM('?2')} UNION ALL
    SELECT ${PASSED_FROM(`hour.at + ${HOUR_MS}`)} FROM hour WHERE hour.at IS NOT NULL LIMIT ${MOST_HOURS})
  SELECT at FROM hour WHERE at IS NOT NULL`
const PUT = `INSERT INTO intake_pulses (intake, team, last_at, pause, hours, counted_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
  ON CONFLICT (intake) DO UPDATE SET last_at = excluded.last_at, pause = excluded.pause, hours = excluded.hours, counted_at = excluded.counted_at`

/**
 * Counts how often those of the intakes are called that were called since they were counted: one that is silent keeps the
 * pulse that it had. Answers them with the pulses that hold.
 */
export async function withPulses(
  db: D1Database,
  team: string,
  samples: IntakeSample[],
  now: number,
): Promise<IntakeSample[]> {
  const stale = samples
    .filter(
      ({ lastAt, pulse }) =>
        lastAt !== null && lastAt !== pulse?.lastAt && now - (pulse?.countedAt ?? 0) >= COUNTED_FOR_MS,
    )
    .toSorted((a, b) => (a.pulse?.countedAt ?? 0) - (b.pulse?.countedAt ?? 0))
  const [some = []] = chunks(stale, COUNTED_AT_ONCE)
  if (some.length === 0) return samples
  const counted = await db.batch<{ at: number }>(
    some.map(({ intake }) => db.prepare(HOURS).bind(`dlv_${intake.slice(4)}`, now - COUNTED_DAYS * DAY_MS)),
  )
  const fresh = new Map(
    some.map(({ intake, lastAt }, nth) => {
      const hours = counted[nth]!.results.map(({ at }) => at)
      return [intake, { lastAt: lastAt!, pause: usualPause(hours), hours: hours.length, countedAt: now }] as const
    }),
  )
  await db.batch(
    [...fresh].map(([intake, { lastAt, pause, hours }]) =>
      db.prepare(PUT).bind(intake, team, lastAt, pause, hours, now),
    ),
  )
  return samples.map(sample => ({ ...sample, pulse: fresh.get(sample.intake) ?? sample.pulse }))
}

/** The longest pause between these times but one: a single outage makes no pause usual. */
export function usualPause(times: number[]): number {
  const pauses = times.slice(1).map((at, nth) => at - times[nth]!)
  const [longest = 0, second] = pauses.toSorted((a, b) => b - a)
  return second ?? longest
}

export interface ScheduleSample {
  intake: string
  name: string
  workflow: string
  workflowName: string
  /** When it should be looked at next by the sweep; null: it is off. */
  dueAt: number | null
  /** The newest slots, newest first. */
  slots: { verdict: string; reason: string | null; slot: number; at: number }[]
}

const SLOTS = `SELECT i.id AS intake, i.name, i.workflow, w.name AS workflowName, s.due_at AS dueAt,
    (SELECT json_group_array(json_object('verdict', verdict, 'reason', reason, 'slot', slot, 'at', at)) FROM
      (SELECT * FROM schedule_slots c WHERE c.schedule = i.id AND c.by_hand = 0 AND c.verdict <> 'queued' ORDER BY c.slot DESC LIMIT ${JUDGED})) AS slots
  FROM json_each(?2) j CROSS JOIN workflows w ON w.id = j.value AND w.team = ?1
  CROSS JOIN intakes i ON i.team = ?1 AND i.workflow = j.value AND i.kind = 'schedule' AND i.deleted_at IS NULL
  CROSS JOIN schedules s ON s.id = i.id LIMIT ${MOST}`

/** How the schedules of these workflows stand. */
export async function scheduleSamples(db: D1Database, team: string, workflows: string[]): Promise<ScheduleSample[]> {
  const { results } = await db
    .prepare(SLOTS)
    .bind(team, JSON.stringify(workflows))
    .all<Omit<ScheduleSample, 'slots'> & { slots: string }>()
  return results.map(row => ({ ...row, slots: JSON.parse(row.slots) as ScheduleSample['slots'] }))
}
