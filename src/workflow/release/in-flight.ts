/** What a publish does with the tasks in flight: those that were chosen are moved or begin again, all others stay as they are. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { type ApiProblem, explain } from '../../http/errors.ts'
import { derivedTaskId, sha256Hex } from '../../records/ids.ts'
import { liveVersion } from '../../records/workflows.ts'
import { callTask } from '../../task/call.ts'
import { checkInput, openVersion, startTask } from '../../task/start.ts'
import type { PinnedVersion } from '../pinned.ts'

export type Choice = { what: 'finish' } | { what: 'move'; step: string } | { what: 'restart' }

/** As a form says it: `finish`, `restart` or `step:key`. */
export function choiceOf(text: string | undefined): Choice {
  if (text === 'restart') return { what: 'restart' }
  return text?.startsWith('step:') ? { what: 'move', step: text.slice('step:'.length, 60) } : { what: 'finish' }
}

export interface Flight {
  task: string
  /** The visit that was shown: a task that went on since is left alone. */
  visit: number | undefined
  choice: Choice
}

export interface Landed {
  moved: number
  restarted: number
  /** What could not be done, and why. */
  refused: { task: string; reason: string }[]
}

/** How many tasks are called at once. */
const AT_ONCE = 8

/** Carries the choices out on the version that is live now. */
export async function land(env: Env, team: string, workflow: string, flights: Flight[], actor: Actor): Promise<Landed> {
  const landed: Landed = { moved: 0, restarted: 0, refused: [] }
  const chosen = flights.filter(flight => flight.choice.what !== 'finish')
  if (chosen.length === 0) return landed
  const live = await liveVersion(env.DB, team, workflow)
  const version = await openVersion(env.DB, live)
  if (!version.ok) return { ...landed, refused: chosen.map(({ task }) => ({ task, reason: said(version.problem) })) }
  for (let at = 0; at < chosen.length; at += AT_ONCE) {
    const batch = chosen.slice(at, at + AT_ONCE)
    await Promise.all(
      batch.map(async flight => {
        const reason =
          flight.choice.what === 'move'
            ? await moveTask(
                env,
                team,
                flight.task,
                { version: version.value, step: flight.choice.step, visit: flight.visit },
                actor,
              )
            : live?.status === 'paused'
              ? 'the workflow is paused'
              : await restartTask(env, team, flight.task, { version: version.value, visit: flight.visit }, actor)
        if (reason !== null) landed.refused.push({ task: flight.task, reason })
        else if (flight.choice.what === 'move') landed.moved += 1
        else landed.restarted += 1
      }),
    )
  }
  return landed
}

/** Moves a task to a step of another version; outputs, log and links stay. Answers why not, or null. */
export async function moveTask(
  env: Env,
  team: string,
  task: string,
  to: { version: PinnedVersion; step: string; visit: number | undefined },
  actor: Actor,
): Promise<string | null> {
  const { text: pinned, digest } = to.version
  const command = { type: 'migrate' as const, pinned, digest, step: to.step, visit: to.visit }
  const key = `publish:${digest}:${to.step}:${to.visit ?? ''}`
  const idempotency = { id: key, hash: await sha256Hex(key) }
  const answer = await callTask(env, team, task, stub => stub.command(command, { actor, idempotency, flushed: true }))
  return answer.ok ? null : said(answer.refusal)
}

/** Starts a new task with the same input, linked to the old one, which is then cancelled. Answers why not, or null. */
async function restartTask(
  env: Env,
  team: string,
  task: string,
  { version, visit }: { version: PinnedVersion; visit: number | undefined },
  actor: Actor,
): Promise<string | null> {
  const old = await callTask(env, team, task, stub => stub.view())
  if (old === null) return 'it is not there any more'
  if (visit !== undefined && visit !== old.visit) return 'it went on meanwhile'
  const problem = checkInput(version, old.input, 'input')
  if (problem) return said(problem)
  const id = await derivedTaskId(team, 'task', task, 'restart', version.digest)
  const source = { kind: 'task' as const, id: task }
  const started = await startTask(env, { task: id, team, version, input: old.input, source, actor, flushed: true })
  if (!started.ok) return said(started.refusal)
  const note = `Restarted on version ${version.pinned.version} as ${id}.`
  const idempotency = { id: `restart:${version.digest}`, hash: await sha256Hex(note) }
  const command = { type: 'cancel' as const, note }
  const ended = await callTask(env, team, task, stub => stub.command(command, { actor, idempotency, flushed: true }))
  return ended.ok ? null : `a new task runs, but the old one could not be cancelled: ${said(ended.refusal)}`
}

function said(problem: unknown): string {
  return explain(problem as ApiProblem).message
}
