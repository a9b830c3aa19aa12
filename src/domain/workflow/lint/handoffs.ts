/** The lint of handoffs step by step: targets, labels, and what no handoff takes. */

import { ENGINE_LABELS } from '../../handler/handler.ts'
import { givesOf, isJudged, outcomesOf } from '../../handler/of-step.ts'
import { handlerOf } from '../../handler/registry.ts'
import { nearest } from '../../nearest.ts'
import type { Definition, Step } from '../definition.ts'
import { COMPLETE, type Handoff, hasFallback } from '../parts.ts'
import { type LintPath, type Report, suggestion } from './item.ts'

/** The outcomes of a step that did not complete. */
const UNFINISHED = ['failed', 'timeout', 'unsure']

/** Lints the handoffs of every step, and where a reached limit leads. */
export function lintHandoffs(definition: Definition, report: Report): void {
  const targets = definition.steps.map(step => step.key)
  const reached = definition.limits?.reached
  if (reached !== undefined && !['ask', 'fail', ...targets].includes(reached)) {
    const all = ['ask', 'fail', ...targets]
    report.error(
      ['limits', 'reached'],
      'unknown_target',
      `There is no step \`${reached}\`.`,
      suggestion(nearest(reached, all), all, ''),
    )
  }
  for (const [index, step] of definition.steps.entries()) lintStepHandoffs(step, ['steps', index], targets, report)
}

function lintStepHandoffs(step: Step, path: LintPath, targets: string[], report: Report): void {
  const taken: Taken = { labels: new Set(), all: false }
  for (const [index, handoff] of (step.handoffs ?? []).entries()) {
    const place = [...path, 'handoffs', index]
    lintTarget(handoff, place, targets, report)
    lintOrder(handoff, place, taken, report)
    lintLabel(step, handoff, place, report)
  }
  if (isDeadEnd(step)) {
    report.warn(
      path,
      'dead_end',
      `Tasks that complete \`${step.key}\` will be stuck there.`,
      'Add a handoff such as `{ to: complete }`.',
    )
  } else if (!isTotal(step)) {
    const message = `A task may leave \`${step.key}\` with an outcome that no handoff takes, and be stuck.`
    report.warn([...path, 'handoffs'], 'missing_fallback', message, 'Add a last handoff without `when` and `if`.')
  }
}

function lintTarget({ to }: Handoff, path: LintPath, targets: string[], report: Report): void {
  const all = [...targets, COMPLETE]
  if (all.includes(to)) return
  report.error([...path, 'to'], 'unknown_target', `There is no step \`${to}\`.`, suggestion(nearest(to, all), all, ''))
}

/** What earlier handoffs have taken for sure. */
interface Taken {
  labels: Set<string>
  all: boolean
}

function lintOrder({ when, if: condition }: Handoff, path: LintPath, taken: Taken, report: Report): void {
  const unfinished = when !== undefined && UNFINISHED.includes(when)
  const isTaken = (when !== undefined && taken.labels.has(when)) || (taken.all && !unfinished)
  if (isTaken) {
    report.warn(
      path,
      'handoff_never_tried',
      'An earlier handoff takes everything that this one could.',
      'Move it up, or leave it out.',
    )
  }
  if (condition !== undefined) {
    if (unfinished) {
      const message = `\`if\` is asked only of a step that completed, so this handoff for \`${when}\` never matches.`
      report.warn([...path, 'if'], 'condition_never_asked', message, `Leave out the \`if\`, or the \`when: ${when}\`.`)
    }
    return
  }
  if (when === undefined || when === 'default') taken.all = true
  else taken.labels.add(when)
}

function lintLabel(step: Step, { when }: Handoff, path: LintPath, report: Report): void {
  if (when === undefined) return
  const gives: readonly string[] = givesOf(step)
  const never = (ENGINE_LABELS as readonly string[]).includes(when) && !gives.includes(when)
  const unasked = when === 'unsure' && !never && !isJudged(step)
  if (!never && !unasked) return
  const message = unasked
    ? 'The model is not asked how sure it is: the step has neither labels nor `confidence`.'
    : `A step with \`${handlerOf(step)}\` never comes out as \`${when}\`.`
  report.warn(
    [...path, 'when'],
    'label_never_given',
    message,
    unasked ? 'Set `confidence`, such as 0.7.' : 'Use another label, or leave the handoff out.',
  )
}

/** Whether nothing takes the step on once it completed. */
export function isDeadEnd(step: Step): boolean {
  return (step.handoffs ?? []).every(({ when }) => when !== undefined && UNFINISHED.includes(when))
}

/** Whether every outcome of a completed step is taken without a condition. */
function isTotal(step: Step): boolean {
  if (hasFallback(step)) return true
  const sure = new Set((step.handoffs ?? []).filter(handoff => handoff.if === undefined).map(handoff => handoff.when))
  const labels = outcomesOf(step)
  return labels.length > 0 && labels.every(name => sure.has(name))
}
