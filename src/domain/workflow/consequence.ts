/** What each choice of a person triggers, in words, so that nobody presses a button blindly. Pure. */
import type { AskKind } from '../task/people/ask.ts'
import { CALL_LABELS, type CallKind, consequenceOfCall, isAboutCall } from './call-choices.ts'
import { type Definition, stepOf } from './definition.ts'
import { COMPLETE, type Handoff, stepName } from './parts.ts'

export interface Choice {
  /** The handoff label, as the form sends it. */
  label: string
  /** What the button says. */
  name: string
  /** What it triggers: `→ sends to "Send it"`. */
  consequence: string
  /** The approving one stands out. */
  primary: boolean
  /** Whether a note must say why. */
  reason: boolean
  /** Whether the fields must be filled in. */
  fills: boolean
}

export interface Asked {
  /** Absent: a step's own question. */
  kind?: AskKind
  /** What a question about a call is about. */
  call?: { tool: string }
  step: string
  labels: string[]
  approve: string | null
  reason: string[]
  /** Those that need fields filled in. */
  fills?: string[]
  needs: number
  /** Who is asked in the stage after this one, where there is one. */
  next?: string[] | null
  /** How many have approved the content as it is now. */
  given: number
  /** The branch that asks, where the step asks several at once. */
  name?: string
}

/** A question by its step, and by its branch where the step asks several at once. */
export function questionName(step: string, branch: string | undefined): string {
  return branch === undefined ? step : `${step}: ${branch}`
}

/** The choices of a question with what each triggers; the approving one last, next to the thumb. */
export function choicesOf(definition: Definition, asked: Asked): Choice[] {
  const choices = asked.labels.map(label => ({
    label,
    name: buttonName(label, asked.kind),
    consequence: consequenceOf(definition, asked, label),
    primary: label === asked.approve,
    reason: asked.reason.includes(label),
    fills: asked.fills?.includes(label) ?? false,
  }))
  return [...choices.filter(choice => !choice.primary), ...choices.filter(choice => choice.primary)]
}

const VERBS: Record<string, string> = {
  approved: 'Approve',
  rejected: 'Reject',
  accepted: 'Accept',
  declined: 'Decline',
  answered: 'Answered',
  escalated: 'Escalate',
  confirmed: 'Confirm',
}

/** A label as a button says it; the answers to a question that is not a step's own are said as they are meant. */
export function buttonName(label: string, kind: AskKind = 'decide'): string {
  if (isAboutCall(kind)) return Object.hasOwn(CALL_LABELS[kind], label) ? CALL_LABELS[kind][label]! : label
  const known = Object.hasOwn(VERBS, label) ? VERBS[label] : undefined
  if (known !== undefined) return known
  const words = /^[a-z0-9_-]+$/i.test(label) ? label.replaceAll(/[_-]+/g, ' ').trim() || label : label
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function consequenceOf(definition: Definition, asked: Asked, label: string): string {
  if (isAboutCall(asked.kind)) return ofCall(definition, asked, asked.kind, label)
  const remaining = asked.needs - asked.given
  if (label === asked.approve && remaining > 1) {
    return `→ counts as ${asked.given + 1} of ${asked.needs} approvals; nothing happens until all are there`
  }
  if (label === asked.approve && asked.next)
    return `→ then the next stage is asked: ${asked.next.join(', ') || 'nobody yet'}`
  if (asked.name !== undefined)
    return `→ this part is done; ${targetName(definition, asked.step)} goes on when it has all it needs`
  const step = stepOf(definition, asked.step)
  const taking = (step?.handoffs ?? []).filter(handoff => takes(handoff, label))
  const certain = taking.findIndex(handoff => handoff.if === undefined)
  const open = certain < 0 ? taking : taking.slice(0, certain + 1)
  if (open.length === 0) return '→ no handoff takes this: the task will be stuck here'
  const targets = [...new Set(open.map(handoff => handoff.to))]
  if (targets.length === 1 && certain >= 0) return wayTo(definition, asked.step, targets[0]!)
  const names = targets.map(to => targetName(definition, to)).join(' or ')
  return `→ to ${names}, as its conditions say${certain < 0 ? '; if none holds, the task is stuck' : ''}`
}

function ofCall(definition: Definition, { step: key, call, name }: Asked, kind: CallKind, label: string): string {
  const step = stepOf(definition, key)
  const way = (outcome: 'ok' | 'failed') => {
    const taking = (step?.handoffs ?? []).filter(handoff =>
      outcome === 'failed' ? handoff.when === 'failed' : takes(handoff, outcome),
    )
    const [first] = taking
    if (name !== undefined || first === undefined || first.if !== undefined) return null
    return wayTo(definition, key, first.to).replace('→ ', '')
  }
  return consequenceOfCall({ kind, label, tool: call?.tool ?? '', place: targetName(definition, key), step, way })
}

/** Whether the handoff may take a completed outcome with this label; its `if` is still to be asked. */
function takes({ when }: Handoff, label: string): boolean {
  return when === undefined || when === 'default' || when === label
}

function wayTo(definition: Definition, from: string, to: string): string {
  if (to === COMPLETE) return 'and the task is done'
  const place = (key: string) => definition.steps.findIndex(step => step.key === key)
  if (place(to) === place(from)) return `→ asks again at ${targetName(definition, to)}`
  return place(to) < place(from)
    ? `→ back to ${targetName(definition, to)}`
    : `→ sends to ${targetName(definition, to)}`
}

/** A handoff's target as people know it. */
export function targetName(definition: Definition, to: string): string {
  if (to === COMPLETE) return 'the end'
  const step = stepOf(definition, to)
  return `"${step === undefined ? to : stepName(step)}"`
}
