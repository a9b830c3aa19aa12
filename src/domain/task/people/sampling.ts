/**
 * Sampling: once people have approved many drafts of a step unchanged, only one in so many is put to them. What they earned
 * that with, and what is put to them all the same. Whatever is in doubt is put to a person.
 */
import { chooserOf } from '../../handler/of-step.ts'
import { canonical } from '../../json/canonical.ts'
import type { Json } from '../../json/json.ts'
import { type Pinned, type Step, stepOf } from '../../workflow/definition.ts'
import type { TaskState } from '../state.ts'
import { shownOutput } from './asking.ts'

/** So many approvals in a row without a change, and a step that says so is sampled. */
export const EARNED_AFTER = 20

/** How the latest decisions at a step went. */
export interface Streak {
  /** How many in a row approved drafts of one basis unchanged. */
  unchanged: number
  /** What they were given for, by `basisOf`; null: nothing was decided. */
  basis: string | null
}

/** Whether a draft of this basis need not be put to people: they have earned that, and it was not drawn (0 is). */
export function isEarned({ unchanged, basis }: Streak, now: string, draw: number): boolean {
  return unchanged >= EARNED_AFTER && basis === now && Number.isInteger(draw) && draw > 0
}

/** Outcomes of a draft's step after which somebody must look. */
const DOUBTFUL = ['unsure', 'failed', 'timeout']

/**
 * Whether the draft comes straight from a model that was sure, by a handoff, and to people who have not decided about this
 * task here before: what was moved by hand, or sent back once, is looked at.
 */
export function isSurelyDrafted({ last, visit, steps }: TaskState, draft: string): boolean {
  if (visit.by !== 'handoff' || last.step !== draft || last.handoff === null || DOUBTFUL.includes(last.handoff))
    return false
  const before = steps[visit.step]?.decision ?? null
  return before === null || before.skipped === true
}

/** The step whose draft people are shown at the open visit; null: no model drafted it. */
export function sampledDraft(state: TaskState, { definition }: Pick<Pinned, 'definition'>): string | null {
  const edits = stepOf(definition, state.visit.step)?.human?.edits ?? null
  const shown = shownOutput(state, edits)?.step
  const draft = shown === undefined ? undefined : stepOf(definition, shown)
  return draft !== undefined && chooserOf(draft) === 'model' ? draft.key : null
}

type Basis = Pick<TaskState, 'terms' | 'raised'>

/**
 * What drafts of `drafted` that people look at in `asking` come from, as one digest: both steps as they are written but for
 * how many are looked at, the agent's version, the model where the step names none, tools and skills. Approvals say something
 * of drafts with the same one alone.
 */
export function basisOf(
  { terms, raised }: Basis,
  { definition, agents, tools = {}, skills = {} }: Pick<Pinned, 'definition' | 'agents' | 'tools' | 'skills'>,
  { asking, drafted }: { asking: string; drafted: string },
  sha256: (text: string) => string,
): string {
  const draft = stepOf(definition, drafted)
  const version = draft?.agent === undefined ? null : (agents[draft.agent] ?? null)
  const steps = [draft ?? null, withoutSample(stepOf(definition, asking))] as unknown as Json
  const usual = raised.model?.name ?? definition.defaults?.model ?? terms.model ?? null
  const made = canonical(JSON.parse(JSON.stringify([steps, version, usual, tools, skills])) as Json)
  return sha256(made).slice(0, 16)
}

function withoutSample(step: Step | undefined): Step | null {
  return step === undefined ? null : { ...step, human: step.human && { ...step.human, sample: undefined } }
}
