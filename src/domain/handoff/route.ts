/** Routing: which handoff takes a visit on, and what was tried on the way there. */
import type { Json } from '../json/json.ts'
import type { TriedHandoff, VisitOutcome } from '../task/run/outcome.ts'
import type { Scope } from '../template/scope.ts'
import type { Step } from '../workflow/definition.ts'
import type { Handoff } from '../workflow/parts.ts'
import { evaluateCondition } from './condition.ts'

/** The handoff taken, by its place among the step's. */
interface Chosen {
  index: number
  to: string
}

export interface Routed {
  chosen: Chosen | null
  trace: TriedHandoff[]
}

/**
 * Tries a step's handoffs in order; the first that matches wins. The trace holds
 * every handoff up to and including it. Conditions that fail to evaluate count as no match and carry their error.
 * A timeout that no handoff took is tried once more as `failed`.
 */
export function routeVisit(step: Step, outcome: VisitOutcome, scope: Scope & { output: Json }): Routed {
  const routed = tryAll(step, outcome, scope)
  if (routed.chosen !== null || outcome.kind !== 'timeout') return routed
  const asFailed = tryAll(step, { kind: 'failed' }, scope)
  if (asFailed.chosen === null) return routed
  const { index } = asFailed.chosen
  return { chosen: asFailed.chosen, trace: [...routed.trace.slice(0, index), asFailed.trace[index]!] }
}

function tryAll(step: Step, outcome: VisitOutcome, scope: Scope & { output: Json }): Routed {
  const trace: TriedHandoff[] = []
  for (const [index, handoff] of (step.handoffs ?? []).entries()) {
    const tried = { index, to: handoff.to, ...labelled(handoff), ...judge(handoff, outcome, scope) }
    trace.push(tried)
    if (tried.verdict === 'matched') return { chosen: { index, to: handoff.to }, trace }
  }
  return { chosen: null, trace }
}

function labelled({ when, if: condition }: Handoff): Pick<TriedHandoff, 'when' | 'if'> {
  return { ...(when === undefined ? {} : { when }), ...(condition === undefined ? {} : { if: condition }) }
}

type Judgement = Pick<TriedHandoff, 'verdict' | 'value' | 'reads' | 'error'>

function judge(handoff: Handoff, outcome: VisitOutcome, scope: Scope & { output: Json }): Judgement {
  const verdict = labelVerdict(handoff, outcome)
  if (verdict !== 'matched' || handoff.if === undefined) return { verdict }
  const evaluated = evaluateCondition(handoff.if, scope)
  if ('error' in evaluated) return { verdict: 'error', error: evaluated.error, reads: evaluated.reads }
  return { verdict: evaluated.verdict ? 'matched' : 'no_match', value: evaluated.value, reads: evaluated.reads }
}

/** Whether `when`, or its absence, lets the handoff take this outcome; its `if` is still to be asked. */
function labelVerdict({ when, if: condition }: Handoff, outcome: VisitOutcome): Judgement['verdict'] {
  if (outcome.kind !== 'completed') {
    // What did not complete has no output to judge: an `if` beside the `when` cannot hold for it.
    if (when === outcome.kind) return condition === undefined ? 'matched' : 'not_applicable'
    return when === undefined || when === 'default' ? 'not_applicable' : 'no_match'
  }
  if (when === undefined || when === 'default') return 'matched'
  if (when === 'failed' || when === 'timeout' || when === 'unsure') return 'not_applicable'
  return when === outcome.label ? 'matched' : 'no_match'
}
