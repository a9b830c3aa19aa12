/** Whether everything runs, for one team: what can be seen from here and now, each with a sentence and no guess. */

import type { GateFigures } from '../../domain/gate/figures.ts'
import { environmentProvider, USUAL_MODEL } from '../../domain/models/environment.ts'
import { boardStub, type Env, gateStub, taskStub } from '../../env.ts'
import { type AlertRow, alertsOf } from '../../records/alert/alerts.ts'
import { timeD1 } from '../../records/database.ts'
import {
  type Answered,
  type Backlog,
  backlog,
  busyWorkflows,
  lastChanged,
  lateSchedules,
  modelAnswers,
  type Undelivered,
  undelivered,
} from '../../records/health.ts'

export interface Health {
  database: { ok: boolean; ms: number }
  models: { provider: string | null; usual: string; answers: Answered[] }
  /** How each provider does whose calls have to ask; null: the Gate does not answer. */
  gate: GateFigures['providers'] | null
  backlog: Backlog | null
  /** Those that fire, and those that were over in the last month; null: D1 does not answer. */
  alerts: AlertRow[] | null
  undelivered: Undelivered | null
  /** Schedules that nobody came to at their time. */
  lateSchedules: { id: string; workflow: string; name: string; dueAt: number }[]
  /** How far the index trails the tasks, of those that changed last. */
  flush: {
    asked: number
    behind: { task: string; ms: number }[]
    refused: { workflow: string; task: string; why: string }[]
  }
}

const HOUR_MS = 3_600_000
/** Task objects that are asked, and boards; an invocation has six connections at a time. */
const ASKED = 12
const BOARDS_ASKED = 6

/** Looks at everything; what cannot be asked is left out and says so. */
export async function healthOf(env: Env, team: string, now: number): Promise<Health> {
  const database = await timeD1(env.DB)
  const none = { asked: 0, behind: [], refused: [] }
  const models = { provider: providerOf(env), usual: usualModel(env) }
  const gate = await providersOf(env, team)
  if (!database.ok) {
    const unknown = { backlog: null, alerts: null, undelivered: null, lateSchedules: [], flush: none }
    return { database, models: { ...models, answers: [] }, gate, ...unknown }
  }
  const [waiting, answers, flush, alerts, lost, late] = await Promise.all([
    backlog(env.DB, team, now),
    modelAnswers(env.DB, team, now - HOUR_MS),
    flushLag(env, team, now),
    alertsOf(env.DB, team),
    undelivered(env.DB, team, now),
    lateSchedules(env.DB, team, now),
  ])
  const told = { alerts: alerts.filter(({ episode }) => episode > 0), undelivered: lost, lateSchedules: late }
  return { database, models: { ...models, answers }, gate, backlog: waiting, flush, ...told }
}

async function providersOf(env: Env, team: string): Promise<Health['gate']> {
  const figures = await gateStub(env, team)
    .figures()
    .catch(() => null)
  return figures?.providers ?? null
}

/** The provider's host; null: only the demo model is there. */
function providerOf(env: Env): string | null {
  return environmentProvider(env)?.host ?? null
}

function usualModel(env: Env): string {
  return env.BATON_MODEL?.trim() || (providerOf(env) === null ? 'demo' : USUAL_MODEL)
}

/** A task that knows of events which the index does not: the first of them says since when. */
async function flushLag(env: Env, team: string, now: number): Promise<Health['flush']> {
  const [tasks, boards] = await Promise.all([
    lastChanged(env.DB, team, ASKED),
    busyWorkflows(env.DB, team, BOARDS_ASKED),
  ])
  const behind = await Promise.all(
    tasks.map(async ({ task, seq }) => {
      const [first] =
        (await taskStub(env, team, task)
          .events(seq, 1)
          .catch(() => null)) ?? []
      return first === undefined ? [] : [{ task, ms: Math.max(0, now - Date.parse(first.at)) }]
    }),
  )
  const refused = await Promise.all(
    boards.map(async ({ id, name }) => {
      const told = await boardStub(env, team, id)
        .health()
        .catch(() => null)
      return Object.entries(told?.refused ?? {}).map(([task, why]) => ({ workflow: name, task, why }))
    }),
  )
  return { asked: tasks.length, behind: behind.flat(), refused: refused.flat() }
}
