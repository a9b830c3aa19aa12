/** Gives a command of the API to its task: once for each idempotency key, as the caller, answered with the task as it is then. */
import { keyActor } from '../../domain/caller.ts'
import type { Command, CreateTask } from '../../domain/task/commands.ts'
import type { TaskView } from '../../domain/task/told/views.ts'
import { taskStub } from '../../env.ts'
import type { ApiContext } from '../../http/context.ts'
import { type Problem, problem } from '../../http/errors.ts'
import { type Body, bodyHash, idempotencyKey } from '../../http/request/body.ts'
import { isTaskId } from '../../records/ids.ts'
import { callTask } from '../call.ts'
import type { TaskVerbs } from '../rpc.ts'
import { resourceOf } from './resource.ts'

export type GivenCommand = Exclude<Command, CreateTask>

/** Gives a command to a task and answers with the task as it is then. */
export async function command(c: ApiContext, id: string, raw: Body, what: GivenCommand): Promise<Response> {
  const given = await give(c, id, what, () => bodyHash(raw))
  return given.ok ? answerWith(c, given) : problem(c, given.problem)
}

export type Carried = { ok: true; view: TaskView; repeated: boolean } | { ok: false; problem: Problem }

/** Gives a command to a task; `hash`: what its request was, so that a key is known to come with another. */
export async function give(
  c: ApiContext,
  id: string,
  what: GivenCommand,
  hash: () => Promise<string>,
): Promise<Carried> {
  if (!isTaskId(id)) return { ok: false, problem: { kind: 'not_found' } }
  const given = idempotencyKey(c)
  if (!given.ok) return given
  const key = c.get('key')
  // Caller and command are part of what a key stands for: the task reads the command from the hash.
  const idempotency = given.value === undefined ? undefined : { id: given.value, hash: `${what.type}:${await hash()}` }
  const command = (task: TaskVerbs) => task.command(what, { actor: keyActor(key), idempotency, flushed: true })
  // Without a key the platform's fault is the client's to judge: a second try might be a second command.
  const answer = idempotency
    ? await callTask(c.env, key.team, id, command)
    : await command(taskStub(c.env, key.team, id))
  return answer.ok
    ? { ok: true, view: answer.value, repeated: answer.repeated }
    : { ok: false, problem: answer.refusal }
}

/** Answers with the task as it was left. */
export async function answerWith(c: ApiContext, { view, repeated }: Carried & { ok: true }): Promise<Response> {
  if (repeated) c.header('Idempotent-Replayed', 'true')
  return c.json(await resourceOf(c, view))
}
