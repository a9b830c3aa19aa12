/** Sampling: what a step's record of approvals was earned with. */
import { canonical } from '../../json/canonical.ts'
import type { Json } from '../../json/json.ts'
import { type Pinned, stepOf } from '../../workflow/definition.ts'
import type { TaskState } from '../state.ts'

type Basis = Pick<TaskState, 'terms' | 'raised'>

/**
 * What drafts of `drafted` that people look at in `asking` come from, as one digest: both steps as they are written, the agent's
 * version, the model where the step names none, tools and skills. Approvals say something of drafts with the same one alone.
 */
export function basisOf(
  { terms, raised }: Basis,
  { definition, agents, tools = {}, skills = {} }: Pinned,
  { asking, drafted }: { asking: string; drafted: string },
  sha256: (text: string) => string,
): string {
  const draft = stepOf(definition, drafted)
  const version = draft?.agent === undefined ? null : (agents[draft.agent] ?? null)
  const steps = [draft ?? null, stepOf(definition, asking) ?? null] as unknown as Json
  const usual = raised.model?.name ?? definition.defaults?.model ?? terms.model ?? null
  const made = canonical(JSON.parse(JSON.stringify([steps, version, usual, tools, skills])) as Json)
  return sha256(made).slice(0, 16)
}
