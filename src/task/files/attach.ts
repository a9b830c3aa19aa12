/** Files that a task takes or lets go of: what its log says comes first, storage and the list of files follow it. */
import type { NewFile } from '../../domain/file/file.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { TaskView } from '../../domain/task/told/views.ts'
import type { Env } from '../../env.ts'
import { confirm, giveBack } from '../../files/keep.ts'
import { toBeRead } from '../../files/texts.ts'
import type { Problem } from '../../http/errors.ts'
import { callTask } from '../call.ts'
import type { Idempotency } from '../rpc.ts'

export type Attached = { ok: true; view: TaskView; repeated: boolean } | { ok: false; problem: Problem }

/** Makes stored files the task's. Refused, or a repeat of what was done before, they are given back. */
export async function attachFiles(
  env: Env,
  {
    team,
    task,
    files,
    actor,
    idempotency,
  }: {
    team: string
    task: string
    files: NewFile[]
    actor: Actor
    idempotency?: Idempotency
  },
): Promise<Attached> {
  const context = { actor, idempotency, flushed: true }
  // By their ids a second try finds them attached.
  const read = files.map(toBeRead)
  const answer = await callTask(env, team, task, stub => stub.command({ type: 'attach', files: read }, context))
  if (!answer.ok) {
    await giveBack(env, team, files)
    return { ok: false, problem: answer.refusal }
  }
  await settleFiles(env, team, files, answer.value)
  return { ok: true, view: answer.value, repeated: answer.repeated }
}

/** Of files that were sent to a task: those that it has are confirmed, the others given back. */
export async function settleFiles(
  env: Pick<Env, 'DB' | 'FILES'>,
  team: string,
  files: readonly NewFile[],
  view: TaskView,
): Promise<void> {
  const has = new Set(view.files.map(({ id }) => id))
  await confirm(
    env,
    team,
    files.filter(({ id }) => has.has(id)),
  )
  await giveBack(
    env,
    team,
    files.filter(({ id }) => !has.has(id)),
  )
}

/** Takes a file from its task and deletes it. */
export async function detachFile(
  env: Env,
  { team, task, file, actor }: { team: string; task: string; file: string; actor: Actor },
): Promise<Problem | null> {
  const context = { actor, flushed: true }
  const answer = await callTask(env, team, task, stub => stub.command({ type: 'detach', file }, context))
  if (!answer.ok) return answer.refusal
  await giveBack(env, team, [{ id: file }])
  return null
}
