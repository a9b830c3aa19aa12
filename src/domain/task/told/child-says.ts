/** What a task says of itself to the one that started it and waits for it. Made from its state alone. */
import type { Json } from '../../json/json.ts'
import type { Definition } from '../../workflow/definition.ts'
import type { ChildSays } from '../commands.ts'
import { type Context, readValue } from '../context.ts'
import { spentInAll } from '../cost.ts'
import type { Standing } from '../log/source.ts'
import { standingOf, type TaskState } from '../state.ts'

/** How it stands; null: nobody waits for it, or it stands otherwise by now. */
export function childSays(
  state: TaskState,
  { name: of }: Pick<Definition, 'name'>,
  standing: Standing,
  blob: Context['blob'],
): ChildSays | null {
  const { source, task: child, workflow, error } = state
  if (source?.parent === undefined || standing !== standingOf(state)) return null
  const result = standing === 'done' ? readValue<Json>(state.result, blob) : null
  const message = standing === 'failed' ? (error?.message ?? null) : null
  return { child, workflow, of, ...source.parent, standing, result, message, spent: spentInAll(state) }
}
