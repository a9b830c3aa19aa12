/** The lint of `sample`: what may go on without being looked at, and what never may. */
import { actsOutside, chooserOf, partsOf } from '../../handler/of-step.ts'
import { approvingLabel, labelsOf, whyNeverSampled } from '../../handler/parts/human-shape.ts'
import { type Definition, type Step, stepOf } from '../definition.ts'
import { COMPLETE, stepName } from '../parts.ts'
import type { Report } from './item.ts'
import type { Known } from './known.ts'

const FIX = 'Leave `sample` out: people look at each.'

/** Lints which steps may be sampled. */
export function lintSampling(definition: Definition, { tools = new Map() }: Known, report: Report): void {
  for (const [index, step] of definition.steps.entries()) {
    for (const { path, work } of partsOf(step)) {
      if (work.human?.sample === undefined) continue
      const message = 'People in branches look at each.'
      report.warn(['steps', index, ...path, 'human', 'sample'], 'unused_field', message, FIX)
    }
    if (step.human?.sample === undefined) continue
    const path = ['steps', index, 'human', 'sample']
    const never = whyNeverSampled({ frame: step, human: step.human })
    if (never !== null) {
      report.error(path, 'never_sampled', `${never} Nobody may leave it unlooked at.`, FIX)
      continue
    }
    const act = whatItLeadsTo(definition, step, tools)
    if (act !== null) report.error(path, 'never_sampled', act, `${FIX} Or let a person decide before that step.`)
    if (!definition.steps.some(other => chooserOf(other) === 'model'))
      report.warn(path, 'unused_field', 'Only what a model drafted is sampled, and no step asks one.', FIX)
  }
}

/** Why what people approve at this step must be looked at, whatever they approved before, in words; null: some need not be. */
export function whyAlwaysLookedAt(
  definition: Definition,
  step: Step,
  agentTools: NonNullable<Known['tools']>,
): string | null {
  if (step.human === undefined) return 'No person decides here.'
  const job = { frame: step, human: step.human }
  if (labelsOf(job).length < 2) return 'It has one button: it is something to do, and not to look at.'
  return whyNeverSampled(job) ?? whatItLeadsTo(definition, step, agentTools)
}

function whatItLeadsTo(definition: Definition, step: Step, agentTools: NonNullable<Known['tools']>): string | null {
  const act = actAfter(definition, step, agentTools)
  return act === null ? null : `What is approved here leads to “${stepName(act)}”, which changes something outside.`
}

/** The first step that changes something outside and is reached from this one's approval with nobody deciding in between. */
function actAfter(definition: Definition, step: Step, tools: NonNullable<Known['tools']>): Step | null {
  const approves = approvingLabel(step.human ?? {}, labelsOf({ frame: step, human: step.human ?? {} }))
  const first = (step.handoffs ?? []).filter(({ when }) => [undefined, 'default', approves].includes(when))
  const reached = new Set(first.map(({ to }) => to))
  for (const key of reached) {
    const next = key === COMPLETE ? undefined : stepOf(definition, key)
    if (next === undefined || chooserOf(next) === 'person') continue
    if (actsOutside(next, tools)) return next
    for (const { to } of next.handoffs ?? []) reached.add(to)
  }
  return null
}
