/** One provider's lane: how many calls it takes at a time, as set by the team and as found out, and whether it is there. */

import type { Pace } from '../team-limits.ts'

/** How a call ended, as far as it says something of its provider. */
export type CallEnd =
  | { kind: 'answered' }
  /** It says nothing, as of one that ran out of time. */
  | { kind: 'unknown' }
  | { kind: 'limited' | 'offline'; retryAfterMs?: number }

export interface Lane {
  /** Calls at a time, as found out after it refused some; null: nobody knows of a limit. */
  ceiling: number | null
  /** After an outage the ceiling grows with every answer, else by one when all that it allows have answered. */
  opening: boolean
  /** Refusals and failures of calls that began before this say nothing new. */
  heardAt: number
  /** Nothing begins before. */
  pausedUntil: number
  /** Rounds of refusals, and of failures, without an answer between. */
  refusals: number
  failures: number
  /** Since when it is down: one call at a time tries whether it is back. */
  downSince: number | null
  /** Since when it was last all right no more. */
  since: number | null
  /** Beginnings by second, for the rate; only what the last minute needs. */
  starts: readonly (readonly [second: number, count: number])[]
}

export const NEW_LANE: Lane = {
  ceiling: null,
  opening: false,
  heardAt: 0,
  pausedUntil: 0,
  refusals: 0,
  failures: 0,
  downSince: null,
  since: null,
  starts: [],
}

/** What the lane's calls in flight come to. */
export interface Flight {
  /** All, and those that began since it went down. */
  all: number
  probes: number
}

const NO_END = Number.POSITIVE_INFINITY
const MINUTE_MS = 60_000
/** The pause after a refusal that named none, and after a failure; it doubles with every round. */
const FIRST_PAUSE_MS = 1000
const MAX_PAUSE_MS = 60_000
/** One that is down is tried ever more rarely: after a quarter of the time that it has been so, up to this. */
const MAX_PROBE_PAUSE_MS = 300_000
const LEAST_PROBE_PAUSE_MS = 30_000
/** What a provider asks for is granted up to this. */
const MAX_ASKED_MS = 3_600_000
/** Failures in a row from which on it counts as down: one alone may be anything. */
const DOWN_AFTER = 2
/** It opens with this many at a time after an outage. */
const FIRST_CEILING = 2
/** A provider that refused nothing for so long, and that nobody waits for, is all right again. */
const QUIET_MS = 60_000

/** When the next call may begin: now, later, or null: when another ends or its limits change. */
export function roomAt(lane: Lane, pace: Pace | undefined, { all, probes }: Flight, now: number): number | null {
  const isDown = lane.downSince !== null
  if (all >= Math.min(pace?.parallel ?? NO_END, Math.floor((isDown ? null : lane.ceiling) ?? NO_END))) return null
  if (isDown && probes > 0) return null
  return Math.max(now, pauseOf(lane, now), rateAt(lane, pace?.perMinute, now))
}

/** Until when nothing begins. A clock that was set back must not make hours of it. */
export function pauseOf({ pausedUntil }: Lane, now: number): number {
  return pausedUntil > now + MAX_ASKED_MS ? now : pausedUntil
}

/** When the rate allows one more. A second's beginnings count until a minute after that second is over. */
function rateAt({ starts }: Lane, perMinute: number | undefined, now: number): number {
  if (perMinute === undefined) return now
  let room = perMinute
  for (let i = starts.length - 1; i >= 0; i--) {
    const [second, count] = starts[i]!
    const gone = (second + 1) * 1000 + MINUTE_MS
    if (gone <= now) break
    room -= count
    if (room <= 0) return gone
  }
  return now
}

/** When a fallback's call may begin: refusals are mostly of one model, so what they taught says nothing of another. */
export function fallbackRoomAt(lane: Lane, pace: Pace | undefined, { all }: Flight, now: number): number | null {
  return all >= (pace?.parallel ?? NO_END) ? null : rateAt(lane, pace?.perMinute, now)
}

/** A call begins. */
export function started(lane: Lane, rated: boolean, now: number): Lane {
  if (!rated) return lane.starts.length === 0 ? lane : { ...lane, starts: [] }
  const second = Math.floor(now / 1000)
  const kept = lane.starts.filter(([at]) => (at + 1) * 1000 + MINUTE_MS > now)
  const last = kept.at(-1)
  const starts =
    last?.[0] === second ? [...kept.slice(0, -1), [second, last[1] + 1] as const] : [...kept, [second, 1] as const]
  return { ...lane, starts }
}

/** A run that was told to go on begins its call: it counts from now on, not from when it was told. */
export function restarted(lane: Lane, from: number, now: number): Lane {
  const second = Math.floor(from / 1000)
  if (lane.starts.length === 0 || second === Math.floor(now / 1000)) return lane
  const starts = lane.starts.map(([at, count]) => [at, at === second ? count - 1 : count] as const)
  return started({ ...lane, starts: starts.filter(([, count]) => count > 0) }, true, now)
}

/** What a call that began at `began` tells of its provider; `flight`: how many were under way with it. */
export function heard(lane: Lane, end: CallEnd, began: number, flight: number, now: number): Lane {
  if (end.kind === 'answered') return answered(lane)
  if (end.kind === 'unknown')
    return lane.downSince === null ? lane : heard(lane, { kind: 'offline' }, began, flight, now)
  const asked = Math.min(end.retryAfterMs ?? 0, MAX_ASKED_MS)
  const since = lane.since ?? now
  const paused = pauseOf(lane, now)
  // All those that ran into the same wall tell it once.
  if (began <= lane.heardAt && lane.heardAt <= now)
    return { ...lane, since, pausedUntil: Math.max(paused, now + asked) }
  const told = { ...lane, since, heardAt: now, opening: false }
  const halved = Math.max(1, Math.floor(Math.min(lane.ceiling ?? flight, Math.max(flight, 1)) / 2))
  if (end.kind === 'limited') {
    const refusals = lane.refusals + 1
    const pause = asked || doubled(refusals, MAX_PAUSE_MS)
    return { ...told, failures: 0, refusals, ceiling: halved, pausedUntil: Math.max(paused, now + pause) }
  }
  const failures = lane.failures + 1
  const downSince = lane.downSince ?? (failures >= DOWN_AFTER ? now : null)
  const downFor = downSince === null ? 0 : now - downSince
  const most = Math.min(MAX_PROBE_PAUSE_MS, Math.max(LEAST_PROBE_PAUSE_MS, downFor / 4))
  const pause = Math.max(asked, doubled(failures, most))
  const pausedUntil = Math.max(paused, now + pause)
  return { ...told, failures, downSince, ceiling: halved, pausedUntil }
}

function answered(lane: Lane): Lane {
  const { ceiling, downSince } = lane
  if (ceiling === null) return lane
  const well = { ...lane, refusals: 0, failures: 0 }
  if (downSince !== null) return { ...well, downSince: null, ceiling: FIRST_CEILING, opening: true }
  return { ...well, ceiling: ceiling + (lane.opening ? 1 : 1 / ceiling) }
}

function doubled(rounds: number, most: number): number {
  return Math.min(most, FIRST_PAUSE_MS * 2 ** (rounds - 1))
}

/** The lane without what it found out, once that is long ago. */
export function calmed(lane: Lane, now: number): Lane {
  if (lane.since === null || lane.downSince !== null || isRecent(lane.heardAt, now)) return lane
  return { ...NEW_LANE, starts: lane.starts }
}

function isRecent(at: number, now: number): boolean {
  return at <= now && now < at + QUIET_MS
}

/** Whether it is all right as far as anybody knows. */
export function isCalm({ since }: Lane): boolean {
  return since === null
}
