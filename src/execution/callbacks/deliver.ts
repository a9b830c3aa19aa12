/** Tells services what became of tasks: at least once, signed, tried again for a day. */
import type { Actor } from '../../domain/task/events.ts'
import type { CallbackMessage, Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import {
  type Callback,
  callbackById,
  overdueCallbacks,
  resendCallback,
  settleTry,
  takeTry,
} from '../../records/task/told/callbacks.ts'
import { callTask } from '../../task/call.ts'
import { sendCallback } from '../../task/object/lanes.ts'
import { signCallback, signingSecrets } from '../../team/secrets/callback-secret.ts'
import { callOut } from '../egress/call-out.ts'

const SECOND = 1000
const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** After these pauses it is tried again, then hourly for a day. */
const PAUSES_MS = [5 * SECOND, 30 * SECOND, 120 * SECOND, 600 * SECOND, HOUR_MS]
/** A service that answers later than this has not taken it. */
const TIMEOUT_MS = 15 * SECOND
/** A try of which nothing is heard for this long is made again. */
const LOST_MS = 120 * SECOND

/** Takes up one callback that a lane brought; one that is delivered or not due yet is let be. */
export async function deliver(env: Env, { team, callback }: CallbackMessage): Promise<void> {
  const now = Date.now()
  const found = await callbackById(env.DB, team, callback)
  if (found === null || found.status !== 'pending' || (found.nextAt ?? 0) > now + SECOND) return
  if (!(await takeTry(env.DB, found, now + LOST_MS))) return
  const result = await send(env, found)
  const at = Date.now()
  if (result.ok) {
    return settleTry(env.DB, found, {
      status: 'delivered',
      nextAt: null,
      lastStatus: result.status,
      lastError: null,
      deliveredAt: at,
    })
  }
  const pause = PAUSES_MS[found.attempts] ?? HOUR_MS
  const isOver = at + pause - (found.resentAt ?? found.createdAt) > DAY_MS
  const nextAt = isOver ? null : at + pause
  const status = isOver ? ('failed' as const) : ('pending' as const)
  await settleTry(env.DB, found, {
    status,
    nextAt,
    lastStatus: result.status,
    lastError: result.error,
    deliveredAt: null,
  })
  if (nextAt !== null) await sendCallback(env, { v: 1, team, callback }, Math.ceil(pause / SECOND))
}

type Came = { ok: true; status: number } | { ok: false; status: number | null; error: string }

async function send(env: Env, { id, team, workflow, task, type, url }: Callback): Promise<Came> {
  const view = await callTask(env, team, task, stub => stub.view())
  if (view === null) return { ok: false, status: null, error: 'The task is not there any more.' }
  const secrets = await signingSecrets(env, { team, workflow }, Date.now())
  if (secrets.length === 0) {
    const error = 'Its signing secret cannot be opened any more: roll it on the workflow’s page of callbacks.'
    return { ok: false, status: null, error }
  }
  const data = { ...view, url: publicUrl(env, `/tasks/${task}`) }
  const body = JSON.stringify({ type, data })
  const timestamp = Math.floor(Date.now() / SECOND)
  const headers = {
    'content-type': 'application/json',
    'webhook-id': id,
    'webhook-timestamp': String(timestamp),
    'webhook-signature': await signCallback(secrets, id, timestamp, body),
  }
  const call = { method: 'POST' as const, url, query: {}, headers, body, ok: null, key: null, safe: true, token: null }
  const outcome = await callOut(env, team, { call, key: id, timeoutMs: TIMEOUT_MS })
  if (outcome.kind === 'failed') return { ok: false, status: null, error: outcome.message }
  const { status } = outcome.answer
  if (status >= 200 && status <= 299) return { ok: true, status }
  return { ok: false, status, error: `It answered ${status}.` }
}

/** Has a callback sent again, under the same id and for another day; null: the team has no such one. */
export async function resend(env: Env, team: string, id: string, actor: Actor): Promise<Callback | null> {
  const found = await callbackById(env.DB, team, id)
  if (found === null) return null
  await resendCallback(env.DB, found, actor, Date.now())
  await sendCallback(env, { v: 1, team, callback: id })
  return callbackById(env.DB, team, id)
}

/** The minute's sweep: what should have been tried by now, and whose message was lost, is sent on its way again. */
export async function sweepCallbacks(env: Env, now: number): Promise<void> {
  const overdue = await overdueCallbacks(env.DB, now - 30 * SECOND)
  await Promise.all(overdue.map(({ id, team }) => sendCallback(env, { v: 1, team, callback: id })))
}
