/** Which slots of a schedule are due, and which of them are made up for after a time without ticks. */
import { type Cron, nextSlot, slotsUntil } from './cron.ts'

export const CATCH_UP = ['none', 'last', 'all'] as const
export type CatchUp = (typeof CATCH_UP)[number]
export const OVERLAP = ['allow', 'skip', 'queue'] as const

/** A slot this late is on time still: a tick may be late, and a sweep may need more than one. */
export const GRACE_MS = 5 * 60_000
/** A catch-up reaches back a day and takes ten slots at most. */
const CATCH_UP_MS = 24 * 3_600_000
const CATCH_UP_SLOTS = 10

/** A slot and what becomes of it. A `skip` may stand for all slots from `slot` to `until`. */
export type DueSlot = { slot: number; do: 'start' } | { slot: number; until: number; do: 'skip'; reason: string }

/** Why a slot was skipped though it came: somebody chose it so. */
export const CHOSEN = {
  busy: 'The previous task was still open.',
  paused: 'The workflow was paused.',
  archived: 'The workflow was archived.',
  ending: 'The team was about to be deleted.',
  unpublished: 'No version of the workflow was published.',
} as const

const MISSED = 'It was missed, and the schedule does not catch up.'
const NEWER = 'It was missed; only the last missed slot is caught up.'
const TOO_OLD = 'It was missed by more than 24 hours.'
const TOO_MANY = 'It was missed; only the last ten slots are caught up.'

/**
 * Every slot after `last` and up to `now`, oldest first, each once: started, or skipped with the reason. What lies
 * beyond the ten newest is one entry, however long the time without ticks was.
 */
export function dueSlots(cron: Cron, catchUp: CatchUp, last: number, now: number): DueSlot[] {
  const newest = newestSlots(cron, last, now)
  const taken = newest.slice(-CATCH_UP_SLOTS)
  const slots = taken.map((slot, place) => verdict(catchUp, slot, place === taken.length - 1, now))
  const newestOlder = newest.length > CATCH_UP_SLOTS ? newest[0]! : null
  if (newestOlder === null) return slots
  const reason = catchUp === 'all' ? TOO_MANY : catchUp === 'last' ? NEWER : MISSED
  const slot = nextSlot(cron, last) ?? newestOlder
  return [{ slot, until: newestOlder, do: 'skip', reason }, ...slots]
}

/** The slots after `last` up to `now`, oldest first; of many the newest, one more than are ever started. */
function newestSlots(cron: Cron, last: number, now: number): number[] {
  const most = CATCH_UP_SLOTS + 1
  const slots: number[] = []
  // In most minutes one slot has come: forward that is two steps, and back it would be eleven.
  for (let slot = nextSlot(cron, last); slot !== null && slot <= now; slot = nextSlot(cron, slot)) {
    if (slots.push(slot) === most) return slotsUntil(cron, now, most)
  }
  return slots
}

function verdict(catchUp: CatchUp, slot: number, isLast: boolean, now: number): DueSlot {
  const late = now - slot
  const skip = (reason: string): DueSlot => ({ slot, until: slot, do: 'skip', reason })
  switch (catchUp) {
    case 'none':
      return late <= GRACE_MS ? { slot, do: 'start' } : skip(MISSED)
    case 'last':
      return isLast || late <= GRACE_MS ? { slot, do: 'start' } : skip(NEWER)
    case 'all':
      return late <= CATCH_UP_MS ? { slot, do: 'start' } : skip(TOO_OLD)
  }
}
