/**
 * The minute's sweep of alerts: a portion of the teams, those that have waited longest first, is looked at. How an alert
 * stands and what is told of it are kept in one transaction, so that each turn of it is told once, whatever dies when.
 */
import { type ToTellAll, tellAll } from '../../approval/tell/message.ts'
import { afterLook, afterTold, isAtRest, QUIET } from '../../domain/alert/alert.ts'
import { chunks, SIDE_BY_SIDE } from '../../domain/chunks.ts'
import { stretchOf } from '../../domain/team-limits.ts'
import type { Env } from '../../env.ts'
import {
  type AlertRow,
  alertsOf,
  type Check,
  dueChecks,
  nextCheck,
  putAlerts,
  takeCheck,
} from '../../records/alert/alerts.ts'
import { intakeSamples, scheduleSamples, withPulses } from '../../records/alert/intakes.ts'
import { portionOf, teamSample, workflowSamples } from '../../records/alert/readings.ts'
import { alertSettings } from '../../records/alert/settings.ts'
import { readSettings } from '../../records/people/limits.ts'
import { type AllSettings, type Figure, figuresFrom, inForce, type Samples } from './figures.ts'
import { toTellOf } from './tellings.ts'

const MINUTE_MS = 60_000
/** A team in which something goes on is looked at this often, any other more rarely. */
const [BUSY_MS, IDLE_MS] = [5 * MINUTE_MS, 15 * MINUTE_MS]
const BUSY_FOR_MS = 60 * MINUTE_MS
/** Teams of one sweep; with some twenty statements each they stay far below what an invocation may ask. */
const TEAMS = 100
/** The next minute's sweep goes on where this one stops. */
const LONGEST_MS = 30_000
/** Of an alert that is over so much is remembered. */
const REMEMBERED_MS = 30 * 86_400_000

/** Looks at the teams that are due. One that fails is looked at again later, and keeps nobody else waiting. */
export async function sweepAlerts(env: Env, now: number): Promise<number> {
  const began = Date.now()
  const due = await dueChecks(env.DB, now, TEAMS)
  for (const some of chunks(due, SIDE_BY_SIDE)) {
    if (Date.now() - began > LONGEST_MS) break
    await Promise.all(some.map(check => lookAt(env, check, now).catch(error => log(check.team, error))))
  }
  return due.length
}

function log(team: string, error: unknown): void {
  console.error(JSON.stringify({ level: 'error', at: 'alerts', team, message: String(error) }))
}

async function lookAt(env: Env, check: Check, now: number): Promise<void> {
  if (!(await takeCheck(env.DB, check, now + BUSY_MS))) return
  const { team, cursor } = check
  const [{ workflows, more }, settings, known] = await Promise.all([
    portionOf(env.DB, team, cursor),
    alertSettings(env.DB, team),
    alertsOf(env.DB, team),
  ])
  const samples = await samplesOf(env, check, workflows, settings, now)
  const figures = figuresFrom(samples, settings, now)
  const last = workflows.at(-1)?.id ?? ''
  // What is gone, or turned off, is looked for among what this look is of: a stretch of all ids, whether they are there or not.
  const isOfThis = ({ workflow }: AlertRow) =>
    workflow === '' ? cursor === '' : workflow > cursor && (workflow <= last || !more)
  const { rows, gone } = stepAll(known, figures, isOfThis, now)
  const tellings = await toTellOf(env, team, rows, now)
  const told = new Map(tellings.flatMap(({ alerts, what }) => alerts.map(({ id }) => [id, what] as const)))
  const kept = rows.map(row => (told.has(row.id) ? { ...row, ...afterTold(row, told.get(row.id)!) } : row))
  const isBusy = kept.length > 0 || cursor !== '' || isAtWork(samples, now)
  const next = more
    ? { team, nextAt: now, cursor: last }
    : { team, nextAt: now + (isBusy ? BUSY_MS : IDLE_MS), cursor: '' }
  const besides = [...putAlerts(env.DB, team, kept, gone), nextCheck(env.DB, next)]
  await tellAll(env, tellings satisfies ToTellAll[], besides, now)
}

async function samplesOf(
  env: Env,
  { team, cursor }: Check,
  workflows: { id: string; name: string }[],
  settings: AllSettings,
  now: number,
): Promise<Samples> {
  // A team that has nothing yet costs one look at that.
  if (workflows.length === 0 && cursor === '') return { workflows: [], intakes: [], schedules: [], team: null }
  const ids = workflows.map(({ id }) => id)
  const least = Math.min(...['', ...ids].map(id => inForce(settings, 'task_cost', id).least))
  const day = stretchOf('day', (await readSettings(env.DB, team)).timezone, now)
  const [tasks, intakes, schedules, whole] = await Promise.all([
    workflowSamples(env.DB, team, workflows, least, now),
    intakeSamples(env.DB, team, ids, now).then(found => withPulses(env.DB, team, found, now)),
    scheduleSamples(env.DB, team, ids),
    cursor === '' ? teamSample(env.DB, team, day, now) : null,
  ])
  return { workflows: tasks, intakes, schedules, team: whole }
}

/** Whether anything came, is to come, or was called lately. */
function isAtWork({ workflows, intakes, schedules, team }: Samples, now: number): boolean {
  const isCalled = (team?.providers ?? []).some(({ lastAt }) => now - lastAt < BUSY_FOR_MS)
  return isCalled || intakes.length + schedules.length > 0 || workflows.some(({ tasks }) => tasks > 0)
}

/** Every alert after this look: those to be kept, and those of which nothing need be kept any more. */
function stepAll(known: AlertRow[], figures: Figure[], isOfThis: (row: AlertRow) => boolean, now: number) {
  const before = new Map(known.map(row => [row.id, row]))
  const looked = figures.map((figure): AlertRow => {
    const { id, rule, workflow, reading, bounds, facts } = figure
    const old = before.get(id)
    const state = afterLook(old ?? QUIET, reading, bounds, now)
    const { mutedUntil = null, mutedBy = null } = old ?? {}
    return { ...state, id, rule, workflow, ...reading, facts, lookedAt: now, mutedUntil, mutedBy }
  })
  const rows = looked.filter(row => !isOver(row, now))
  const kept = new Set(rows.map(({ id }) => id))
  return { rows, gone: known.filter(row => isOfThis(row) && !kept.has(row.id)).map(({ id }) => id) }
}

/** Whether nothing of it need be kept: it never fired, or is long over. */
function isOver(row: AlertRow, now: number): boolean {
  const isLong = !row.firing && row.crossing === null && now - row.since > REMEMBERED_MS
  return isAtRest(row) || isLong
}
