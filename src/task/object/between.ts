/** What one task says to another: a child to the one that waits for it, and that one when it does so no longer. */
import { crashPoint } from '../../crash-points.ts'
import type { Context } from '../../domain/task/context.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { BetweenTasks } from '../../domain/task/run/family.ts'
import type { TaskState } from '../../domain/task/state.ts'
import { childSays } from '../../domain/task/told/child-says.ts'
import type { Definition } from '../../domain/workflow/definition.ts'
import { type Env, taskStub } from '../../env.ts'

const SYSTEM: Actor = { kind: 'system' }

interface Speaker {
  state: TaskState
  definition: Definition
  blob: Context['blob']
}

/** Says it, and answers whether it was heard. Throws where the other cannot be reached: it is said again. */
export async function say(
  env: Pick<Env, 'TASKS'>,
  said: BetweenTasks,
  { state, definition, blob }: Speaker,
): Promise<boolean> {
  const { team, title, source } = state
  await crashPoint('C17')
  if (said.kind === 'recall') {
    const note = `“${title}”, which started it, no longer waits for it.`
    // What it comes to, it says itself.
    const { ok } = await taskStub(env, team, said.child).command(
      { type: 'cancel', note },
      { actor: SYSTEM, flushed: false },
    )
    return ok
  }
  const says = childSays(state, definition, said.standing, blob)
  if (source?.id === undefined || says === null) return false
  const isHeard = await taskStub(env, team, source.id).heard(says)
  await crashPoint('C18')
  return isHeard
}
