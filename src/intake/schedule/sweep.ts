/** The minute's sweep: every due slot of every schedule becomes its task, or is written down as skipped, exactly once. */
import { crashPoint } from '../../crash-points.ts'
import { explain } from '../../http/errors.ts'
import {
  dueSchedules,
  moveSchedules,
  noteSlots,
  recordSlots,
  type SlotRow,
} from '../../records/definitions/schedules.ts'
import { callTask } from '../../task/call.ts'
import type { EventEnv } from '../../task/outside-event.ts'
import { pinnedVersions } from '../../task/pinned.ts'
import { startOnce } from '../../task/start.ts'
import { deliverEvent, eventInWords } from '../outcome/deliver-event.ts'
import { inputOf, type Plan, planOf } from './plan.ts'

type SweepEnv = EventEnv

/** Schedules that share their queries, and an invocation: with ten slots each they stay far below its 10,000 calls. */
const PAGE = 400
/** A chain of calls may invoke a Worker 32 times. */
const MOST_PAGES = 30
/** Calls on objects under way at once. */
const AT_ONCE = 32
/** The next minute's sweep goes on where this one stops. */
const LONGEST_MS = 50_000

/** The schedule after which a page begins. */
export interface From {
  dueAt: number
  id: string
}

export interface Swept {
  schedules: number
  started: number
  skipped: number
  refused: number
  queued: number
  /** Schedules whose task could not be made now: their cursor stays, the next sweep tries again. */
  failed: number
}

/** A page, and where the next one begins; null: it was the last. */
export type PageSwept = Swept & { next: From | null }

/**
 * Goes through the schedules that are due, a page at a time, each in an invocation of its own where `page` makes it one:
 * what a page held, its calls and its objects, is let go before the next. `more`: the time was over before the schedules were.
 */
export async function sweepSchedules(
  env: SweepEnv,
  now: number,
  page: (now: number, from: From) => Promise<PageSwept> = (...given) => sweepPage(env, ...given),
): Promise<Swept & { more: boolean }> {
  const began = Date.now()
  const swept: Swept = { schedules: 0, started: 0, skipped: 0, refused: 0, queued: 0, failed: 0 }
  let from: From | null = { dueAt: 0, id: '' }
  for (let pages = 0; from !== null; pages++) {
    if (pages >= MOST_PAGES || Date.now() - began > LONGEST_MS) return { ...swept, more: true }
    const { next, ...done }: PageSwept = await page(now, from)
    for (const key of Object.keys(swept) as (keyof Swept)[]) swept[key] += done[key]
    from = next
  }
  return { ...swept, more: false }
}

/**
 * Sweeps one page. What is to become of each slot is written down first, then done, then the cursor moves: whatever dies
 * in between, or runs twice, finds what holds and does the rest.
 */
export async function sweepPage(env: SweepEnv, now: number, from: From, size = PAGE): Promise<PageSwept> {
  const due = await dueSchedules(env.DB, now, from, size)
  const versions = await pinnedVersions(env.DB, due)
  const isOpen = (team: string) => (task: string) => isTaskOpen(env, team, task)
  const plans = await inTurns(due, schedule =>
    planOf(schedule, versions.get(schedule.digest ?? '') ?? null, now, isOpen(schedule.team)),
  )
  const settled = await recordSlots(
    env.DB,
    plans.flatMap(plan => plan.slots),
    now,
  )
  const bySchedule = new Map(plans.map(plan => [plan.schedule.id, [] as SlotRow[]]))
  for (const row of settled) bySchedule.get(row.schedule)?.push(row)
  const done = await inTurns(plans, plan => carryOut(env, plan, bySchedule.get(plan.schedule.id) ?? []))
  await noteSlots(
    env.DB,
    done.flatMap(one => one.noted),
  )
  await crashPoint('C16')
  await moveSchedules(
    env.DB,
    done.flatMap(one => one.move ?? []),
    now,
  )
  const last = due.length < size ? undefined : due.at(-1)
  return { ...countOf(done), next: last ? { dueAt: last.dueAt!, id: last.id } : null }
}

interface Done {
  rows: SlotRow[]
  /** Those that made no task: refused, or told as events. */
  noted: SlotRow[]
  /** null: something could not be done, so the cursor stays. */
  move: Plan['move'] | null
}

/** Does what holds for each slot of a schedule. */
async function carryOut(env: SweepEnv, plan: Plan, rows: SlotRow[]): Promise<Done> {
  const noted: SlotRow[] = []
  let lastTask = plan.move.lastTask
  try {
    for (const row of rows.filter(one => one.verdict === 'started').sort((a, b) => a.slot - b.slot)) {
      const settled = await startSlot(env, plan, row)
      if (settled === null) lastTask = row.task
      else noted.push({ ...row, task: null, ...settled })
    }
    return { rows, noted, move: { ...plan.move, lastTask } }
  } catch (error) {
    const message = error instanceof Error ? error.message : 'failed'
    console.error(JSON.stringify({ level: 'error', at: 'schedule', schedule: plan.schedule.id, message }))
    return { rows, noted, move: null }
  }
}

/** What is written down of a slot that made no task. */
type Noted = { verdict: 'started' | 'refused'; reason: string }

/** Makes a slot's task, or tells its event; again, it is the same one. Answers what to note of a slot without a task. */
async function startSlot(env: SweepEnv, { schedule, settings, version }: Plan, row: SlotRow): Promise<Noted | null> {
  const input = inputOf(schedule, settings, version, row.slot)
  const refused = (reason: string): Noted => ({ verdict: 'refused', reason })
  if (!input.ok || version === null) return refused(input.ok ? 'The workflow could not be read.' : input.reason)
  if ('event' in input) {
    const by = { actor: { kind: 'system' }, delivery: `slot:${row.slot}` } as const
    const told = await deliverEvent(env, schedule, input.event, by)
    return told.ok
      ? { verdict: 'started', reason: eventInWords(input.event, told.value) }
      : refused(explain(told.problem).message)
  }
  // One that was to be an event when it was written down is none any more.
  if (row.task === null) return refused('The schedule was changed while this slot was under way.')
  const started = await startOnce(env, {
    task: row.task,
    team: schedule.team,
    // What was written down as started is finished, though the workflow was paused meanwhile.
    into: { version, status: 'active' },
    input: input.input,
    duplicates: settings.duplicates,
    refused: null,
    source: { kind: 'schedule', id: schedule.id },
    actor: { kind: 'system' },
    // The id of the slot makes it one task; a template that has changed since is no reason to refuse.
    idempotency: { id: `slot:${row.slot}`, hash: schedule.id },
    flushed: false,
  })
  return started.ok ? null : refused(explain(started.problem).message)
}

async function isTaskOpen(env: SweepEnv, team: string, task: string): Promise<boolean> {
  const view = await callTask(env, team, task, stub => stub.view())
  // A failed task has ended as far as its schedule is concerned: it must not hold it up for ever.
  return view !== null && !['done', 'cancelled', 'failed'].includes(view.status)
}

function countOf(done: Done[]): Swept {
  const swept: Swept = { schedules: done.length, started: 0, skipped: 0, refused: 0, queued: 0, failed: 0 }
  for (const { rows, noted, move } of done) {
    for (const row of rows) swept[row.verdict]++
    const refused = noted.filter(row => row.verdict === 'refused').length
    swept.started -= refused
    swept.refused += refused
    if (move === null) swept.failed++
  }
  return swept
}

/** Runs over all, so many at once, in order of the answers' places. */
async function inTurns<T, R>(items: T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = new Array(items.length)
  let next = 0
  const lane = async () => {
    for (let at = next++; at < items.length; at = next++) results[at] = await work(items[at]!)
  }
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, items.length) }, lane))
  return results
}
