/** Running a schedule by hand: a task like those of its slots, now, whatever its clock and its overlap say. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import type { Problem } from '../../http/errors.ts'
import { recordRun } from '../../records/definitions/schedules.ts'
import { liveVersion } from '../../records/definitions/workflows.ts'
import { derivedTaskId } from '../../records/ids.ts'
import type { IntakeRow } from '../../records/intake/intakes.ts'
import { openTargetOf, startOnce } from '../../task/start.ts'
import { settingsOf } from '../kinds/kind.ts'
import { inputOf, slotRow } from './plan.ts'
import type { ScheduleSettings } from './settings.ts'

/** Starts it; `key` makes a request that is sent twice one task. */
export async function runNow(
  env: Env,
  row: IntakeRow,
  actor: Actor,
  key: string,
): Promise<{ ok: true; task: string } | { ok: false; problem: Problem }> {
  const into = await openTargetOf(env.DB, await liveVersion(env.DB, row.team, row.workflow))
  if (!into.ok) return into
  if (into.value.status === 'paused') return { ok: false, problem: { kind: 'workflow_paused' } }
  const now = Date.now()
  const input = inputOf(row, settingsOf<ScheduleSettings>(row), into.value.version, now)
  if (!input.ok)
    return { ok: false, problem: { kind: 'invalid', code: 'invalid_input', message: input.reason, path: 'input' } }
  const task = await derivedTaskId(row.team, 'schedule', row.id, 'by hand', key)
  const started = await startOnce(env, {
    task,
    team: row.team,
    into: into.value,
    input: input.input,
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
