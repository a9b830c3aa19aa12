/** What must be known before a question is put: who is behind roles, the team's working hours, and whether it may be left out. */
import type { Command } from '../../domain/task/commands.ts'
import type { DueWork } from '../../domain/task/due.ts'
import { basisOf, EARNED_AFTER, isEarned, sampledDraft } from '../../domain/task/people/sampling.ts'
import { rulesOfStep } from '../../domain/task/run/rules.ts'
import type { TaskState } from '../../domain/task/state.ts'
import { type Pinned, stepOf } from '../../domain/workflow/definition.ts'
import type { Env } from '../../env.ts'
import { membersByRole } from '../../records/people/teams.ts'
import { hoursInForce } from '../../records/people/working-hours.ts'
import { streaksOf } from '../../records/task/reviews/streaks.ts'
import { drawOf } from '../../team/draw.ts'
import { sha256 } from './task-log.ts'

export type Lookup = Omit<Extract<DueWork, { kind: 'resolve' }>, 'kind'>
type Found = Pick<Extract<Command, { type: 'resolve' }>, 'people' | 'hours' | 'skip'>

/** Looks it up as it is at this moment; throws where storage does not answer, and it is asked for again. */
export async function lookUp(
  env: Env,
  state: TaskState,
  pinned: Pinned,
  { roles, hours, sample }: Lookup,
): Promise<Found> {
  const { team } = state
  const people: Record<string, string[]> = {}
  for (const role of roles) people[role] = await membersByRole(env.DB, team, role)
  return {
    people,
    ...(hours && { hours: await hoursInForce(env.DB, team) }),
    ...(sample && (await mayBeLeftOut(env, state, pinned)) && { skip: true as const }),
  }
}

/** Whether people have earned it by now, and this visit was not drawn; where that cannot be known, people are asked. */
async function mayBeLeftOut(env: Env, state: TaskState, pinned: Pinned): Promise<boolean> {
  const { team, task, workflow, visit } = state
  const step = stepOf(pinned.definition, visit.step)
  const drafted = sampledDraft(state, pinned)
  if (step === undefined || drafted === null) return false
  const { handler, job } = rulesOfStep(step)
  const oneIn = handler.sample?.(job) ?? null
  if (oneIn === null) return false
  try {
    const streaks = await streaksOf(env.DB, { team, workflow, steps: [step.key] }, EARNED_AFTER)
    const draw = await drawOf(env, `${team}:${task}:${visit.n}`, oneIn)
    const basis = basisOf(state, pinned, { asking: step.key, drafted }, sha256)
    return isEarned(streaks.get(step.key)!, basis, draw)
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'sampling', team, task, error: String(error) }))
    return false
  }
}
