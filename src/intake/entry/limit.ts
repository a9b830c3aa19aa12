/** An intake's own limit: at most so many tasks in any so many seconds, counted in one place, its workflow's Board DO. */
import { boardStub, type Env } from '../../env.ts'
import type { ApiProblem } from '../../http/errors.ts'
import type { OpenIntake } from '../../records/intake/intakes.ts'

/** Counts a delivery; answers what stands against it. A second call that only intakes with a limit make. */
export async function overLimit(
  env: Pick<Env, 'BOARDS'>,
  { id, team, workflow, config }: Pick<OpenIntake, 'id' | 'team' | 'workflow' | 'config'>,
): Promise<(ApiProblem & { kind: 'too_many' }) | null> {
  if (config.limit === undefined) return null
  const wait = await boardStub(env, team, workflow).take(id, config.limit)
  return wait === 0 ? null : { kind: 'too_many', retryAfter: Math.ceil(wait / 1000), whose: 'intake' }
}
