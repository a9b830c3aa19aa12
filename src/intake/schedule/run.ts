/** Running a schedule by hand: a task like those of its slots, now, whatever its clock and its overlap say. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import type { Problem } from '../../http/errors.ts'
import { recordRun } from '../../records/definitions/schedules.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { derivedTaskId } from '../../records/ids.ts'
import type { IntakeRow } from '../../records/intake/intakes.ts'
import type { Told } from '../../task/outside-event.ts'
import { openTargetOf, startOnce } from '../../task/start.ts'
import { settingsOf } from '../kinds/kind.ts'
import { deliverEvent, eventInWords } from '../outcome/deliver-event.ts'
import { inputOf, slotRow } from './plan.ts'
import type { ScheduleSettings } from './settings.ts'

/** Starts it; `key` makes a request that is sent twice one task. */
export async function runNow(
  env: Env,
  row: IntakeRow,
  actor: Actor,
  key: string,
): Promise<
  { ok: true; task: string } | { ok: true; task: null; told: Told; said: string } | { ok: false; problem: Problem }
> {
  const into = await openTargetOf(env.DB, await liveVersion(env.DB, row.team, row.workflow))
  if (!into.ok) return into
  if (into.value.status === 'paused') return { ok: false, problem: { kind: 'workflow_paused' } }
  const now = Date.now()
  const settings = settingsOf<ScheduleSettings>(row)
  const input = inputOf(row, settings, into.value.version, now)
  if (!input.ok)
    return { ok: false, problem: { kind: 'invalid', code: 'invalid_input', message: input.reason, path: 'input' } }
  if ('event' in input) {
    const told = await deliverEvent(env, row, input.event, { actor, delivery: `by hand ${key}` })
    if (!told.ok) return told
    const said = eventInWords(input.event, told.value)
    await recordRun(env.DB, { ...slotRow(row, now), verdict: 'started', reason: said }, now)
    return { ok: true, task: null, told: told.value, said }
  }
  const task = await derivedTaskId(row.team, 'schedule', row.id, 'by hand', key)
  const started = await startOnce(env, {
    task,
    team: row.team,
    into: into.value,
    input: input.input,
    duplicates: settings.duplicates,
    refused: null,
    source: { kind: 'schedule', id: row.id },
    actor,
    idempotency: { id: key, hash: row.id },
    flushed: true,
  })
  if (!started.ok) return started
  if (!started.repeated) await recordRun(env.DB, { ...slotRow(row, now), verdict: 'started', task }, now)
  return { ok: true, task }
}
