/** Starting a task: what every way in shares, from the checked input to the Task DO's answer. */

import type { Json } from '../domain/json.ts'
import { validate } from '../domain/schema/validate.ts'
import type { Answer, CreateTask, TaskView } from '../domain/task/commands.ts'
import type { Actor } from '../domain/task/events.ts'
import type { LiveVersion } from '../domain/workflow/live.ts'
import type { Env } from '../env.ts'
import { KIB, type Read } from '../http/body.ts'
import type { ApiProblem, Problem } from '../http/errors.ts'
import { callTask } from './call.ts'
import { livePinned, type PinnedVersion } from './pinned.ts'
import type { Idempotency } from './rpc.ts'

export const MAX_INPUT = 256 * KIB

/** The version that a new task would pin; a paused workflow's, too, as only its caller knows what pausing means to it. */
export async function openVersion(db: D1Database, live: LiveVersion | null): Promise<Read<PinnedVersion>> {
  return live?.status === 'archived' ? refuse({ kind: 'workflow_archived' }) : liveOf(db, live)
}

/** The same, whatever the workflow's status: a request that comes again is answered as before, even by a closed workflow. */
export async function liveOf(db: D1Database, live: LiveVersion | null): Promise<Read<PinnedVersion>> {
  if (live === null) return refuse({ kind: 'not_found' })
  const version = await livePinned(db, live)
  return version ? { ok: true, value: version } : refuse({ kind: 'not_published' })
}

/** Whether a request with this idempotency key has made its task before. What stands in its way now came later. */
export async function cameBefore(
  env: Pick<Env, 'TASKS'>,
  { team, task, idempotency }: Pick<Start, 'team' | 'task' | 'idempotency'>,
): Promise<boolean> {
  if (idempotency === undefined) return false
  return (await callTask(env, team, task, stub => stub.view())) !== null
}

/** Checks an input against the workflow's input schema and the size that a task may carry. */
export function checkInput(version: PinnedVersion, input: unknown, at: string): ApiProblem | null {
  if (new TextEncoder().encode(JSON.stringify(input)).byteLength > MAX_INPUT) {
    const message = `The input is larger than ${MAX_INPUT / KIB} KiB.`
    return { kind: 'invalid', code: 'input_too_large', message, hint: 'Send less, or a link to it.', path: at }
  }
  const schema = version.pinned.definition.input
  if (schema === undefined) return null
  const errors = validate(schema, input as Json)
  const [first] = errors
  if (!first) return null
  const message = errors
    .slice(0, 5)
    .map(error => `${error.path || 'input'}: ${error.message}`)
    .join('; ')
  const hint = "It must fit the workflow's `input` schema."
  return { kind: 'invalid', code: 'invalid_input', message, hint, path: joinPath(at, first.path) }
}

export interface Start {
  task: string
  team: string
  version: PinnedVersion
  input: unknown
  title?: string
  begin?: CreateTask['begin']
  source: NonNullable<CreateTask['source']>
  actor: Actor
  idempotency?: Idempotency
  flushed: boolean
}

/** Makes the task in its Durable Object. Its id makes a second try the same task. */
export function startTask(env: Pick<Env, 'TASKS'>, start: Start): Promise<Answer<TaskView>> {
  const { task, team, version, input, title, begin, source, actor, idempotency, flushed } = start
  const { text: pinned, digest } = version
  const command = { task, team, pinned, digest, input: input as Json, title, begin, source }
  return callTask(env, team, task, stub => stub.create(command, { actor, idempotency, flushed }))
}

/**
 * Where a rerun begins: `from` with what the old task knew there, or (undefined) at the entry step with nothing. The
 * outputs of steps that the version has no longer are left behind.
 */
export async function beginningOf(
  env: Pick<Env, 'TASKS'>,
  { team, task, from, version }: { team: string; task?: string; from?: string; version: PinnedVersion },
): Promise<{ ok: true; value: CreateTask['begin'] } | { ok: false; problem: Problem }> {
  const keys = version.pinned.definition.steps.map(step => step.key)
  if (task === undefined || from === undefined || from === keys[0]) return { ok: true, value: undefined }
  if (!keys.includes(from)) return { ok: false, problem: { kind: 'unknown_step', step: from, steps: keys } }
  const carried = await callTask(env, team, task, stub => stub.carriedTo(from))
  if (carried === null) return refuse({ kind: 'not_found' })
  return { ok: true, value: { ...carried, outputs: carried.outputs.filter(({ step }) => keys.includes(step)) } }
}

/** A dot path below another one. */
function joinPath(at: string, path: string): string {
  return [at, path].filter(part => part !== '').join('.')
}

function refuse(problem: ApiProblem): { ok: false; problem: ApiProblem } {
  return { ok: false, problem }
}
