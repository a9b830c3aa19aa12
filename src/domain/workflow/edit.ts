/** Editing a definition one operation at a time: what the editor's forms, and whatever else changes a draft, apply. */

import { referencesOf, withPlace } from '../handler/of-step.ts'
import { type Definition, type Step, stepSchema } from './definition.ts'
import { COMPLETE, type Handoff, handoffSchema, KEY_PATTERN, RESERVED_KEYS } from './parts.ts'
import { renameStep } from './rename.ts'

export const MAX_STEPS = 100
const MAX_HANDOFFS = 20

/** What the workflow itself says, beside its steps; `undefined` takes a field away. */
export type WorkflowFields = Partial<Omit<Definition, 'baton' | 'steps'>>

export type Edit =
  /** `from`: a step that then routes to the new one, which stands behind it; else the new one is last. */
  | { do: 'addStep'; step: Step; from?: string }
  /** The step as it is to be; under another key its references follow. */
  | { do: 'updateStep'; key: string; step: Step }
  /** `to`: its place among the steps, from 0; the first is the entry step. */
  | { do: 'moveStep'; key: string; to: number }
  /** What led to the step then leads to where it led. */
  | { do: 'deleteStep'; key: string }
  | { do: 'setHandoffs'; key: string; handoffs: Handoff[] }
  | { do: 'updateWorkflow'; fields: WorkflowFields }

export type EditRefusal =
  | { kind: 'unknown_step'; key: string }
  | { kind: 'key_taken'; key: string }
  | { kind: 'bad_key'; key: string }
  | { kind: 'too_many'; what: 'steps' | 'handoffs'; most: number }
  /** `field` is where in the step: `human.needs`. */
  | { kind: 'bad_field'; field: string; message: string }

export type Edited = { ok: true; definition: Definition } | { ok: false; refusal: EditRefusal }

/**
 * Applies one operation; the definition given stays as it is. Keys that the format does not know are kept: what they
 * should have been is for their author to say.
 */
export function applyEdit(definition: Definition, edit: Edit): Edited {
  switch (edit.do) {
    case 'addStep':
      return addStep(definition, edit.step, edit.from)
    case 'updateStep':
      return updateStep(definition, edit.key, edit.step)
    case 'moveStep':
      return moveStep(definition, edit.key, edit.to)
    case 'deleteStep':
      return deleteStep(definition, edit.key)
    case 'setHandoffs':
      return setHandoffs(definition, edit.key, edit.handoffs)
    case 'updateWorkflow':
      return done({ ...definition, ...edit.fields })
  }
}

/** A key for a step of this name that no other step has: `Draft the mail` → `draft_the_mail`. */
export function keyFor(name: string, taken: readonly string[]): string {
  const plain = name
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '_')
    .replaceAll(/^[_0-9]+|_+$/g, '')
    .slice(0, 34)
    .replaceAll(/_+$/g, '')
  const base = plain === '' ? 'step' : plain
  const used = new Set<string>([...taken, ...RESERVED_KEYS])
  for (let n = 1; ; n++) {
    const key = n === 1 ? base : `${base}_${n}`
    if (!used.has(key)) return key
  }
}

function addStep(definition: Definition, step: Step, from?: string): Edited {
  const { steps } = definition
  if (steps.length >= MAX_STEPS) return refuse({ kind: 'too_many', what: 'steps', most: MAX_STEPS })
  const refusal = checkStep(step) ?? checkKey(definition, step.key)
  if (refusal) return refuse(refusal)
  if (from === undefined) return done({ ...definition, steps: [...steps, step] })
  const place = steps.findIndex(one => one.key === from)
  const before = steps[place]
  if (before === undefined) return refuse({ kind: 'unknown_step', key: from })
  const handoffs = before.handoffs ?? []
  if (handoffs.length >= MAX_HANDOFFS) return refuse({ kind: 'too_many', what: 'handoffs', most: MAX_HANDOFFS })
  const routed = { ...before, handoffs: [...handoffs, { to: step.key }] }
  return done({ ...definition, steps: steps.toSpliced(place, 1, routed, step) })
}

function updateStep(definition: Definition, key: string, step: Step): Edited {
  const place = placeOf(definition, key)
  if (place < 0) return refuse({ kind: 'unknown_step', key })
  const refusal = checkStep(step) ?? (step.key === key ? null : checkKey(definition, step.key))
  if (refusal) return refuse(refusal)
  const steps = definition.steps.with(place, step)
  return done(renameStep({ ...definition, steps }, key, step.key))
}

function moveStep(definition: Definition, key: string, to: number): Edited {
  const place = placeOf(definition, key)
  const step = definition.steps[place]
  if (step === undefined) return refuse({ kind: 'unknown_step', key })
  const others = definition.steps.toSpliced(place, 1)
  const at = Math.min(Math.max(0, Math.trunc(to)), others.length)
  return done({ ...definition, steps: others.toSpliced(at, 0, step) })
}

function deleteStep(definition: Definition, key: string): Edited {
  const gone = definition.steps.find(step => step.key === key)
  if (gone === undefined) return refuse({ kind: 'unknown_step', key })
  const next = nextOf(gone)
  const steps = definition.steps.filter(step => step.key !== key).map(step => withoutTarget(step, key, next))
  const { reached, ...limits } = definition.limits ?? {}
  if (reached !== key) return done({ ...definition, steps })
  return done({ ...definition, limits, steps })
}

/** Where a step leads when nothing special happens: its fallback, else its first handoff. */
function nextOf(step: Step): string | null {
  const handoffs = step.handoffs ?? []
  const fallback = handoffs.find(one => one.if === undefined && (one.when === undefined || one.when === 'default'))
  const to = (fallback ?? handoffs[0])?.to
  return to === undefined || to === step.key ? null : to
}

function withoutTarget(step: Step, gone: string, next: string | null): Step {
  const { handoffs } = step
  const changed = referencesOf(step)
    .filter(({ key }) => key === gone)
    .reduce((one, { path }) => withPlace(one, path, undefined), { ...step })
  if (!handoffs?.some(handoff => handoff.to === gone)) return changed
  // A step that would then lead to itself does so only where its author said so before.
  const to = next === step.key ? null : next
  changed.handoffs = handoffs.flatMap(handoff => {
    if (handoff.to !== gone) return [handoff]
    if (to !== null) return [{ ...handoff, to }]
    return handoff.when === undefined ? [] : [{ ...handoff, to: COMPLETE }]
  })
  return changed
}

function setHandoffs(definition: Definition, key: string, handoffs: Handoff[]): Edited {
  const place = placeOf(definition, key)
  const step = definition.steps[place]
  if (step === undefined) return refuse({ kind: 'unknown_step', key })
  if (handoffs.length > MAX_HANDOFFS) return refuse({ kind: 'too_many', what: 'handoffs', most: MAX_HANDOFFS })
  const refusal = handoffs.flatMap((handoff, index) => checkHandoff(definition, handoff, index))[0]
  if (refusal) return refuse(refusal)
  const { handoffs: _before, ...rest } = step
  const changed = handoffs.length === 0 ? rest : { ...rest, handoffs }
  return done({ ...definition, steps: definition.steps.with(place, changed) })
}

function checkHandoff(definition: Definition, handoff: Handoff, index: number): EditRefusal[] {
  const parsed = handoffSchema.safeParse(handoff)
  const issue = parsed.error?.issues.find(one => one.code !== 'unrecognized_keys')
  if (issue) {
    const field = ['handoffs', index, ...issue.path].join('.')
    return [{ kind: 'bad_field', field, message: issue.message }]
  }
  return handoff.to === COMPLETE || placeOf(definition, handoff.to) >= 0
    ? []
    : [{ kind: 'unknown_step', key: handoff.to }]
}

function checkStep(step: Step): EditRefusal | null {
  if (!KEY_PATTERN.test(step.key)) return { kind: 'bad_key', key: step.key }
  const issue = stepSchema.safeParse(step).error?.issues.find(one => one.code !== 'unrecognized_keys')
  return issue ? { kind: 'bad_field', field: issue.path.join('.'), message: issue.message } : null
}

function checkKey(definition: Definition, key: string): EditRefusal | null {
  if ((RESERVED_KEYS as readonly string[]).includes(key)) return { kind: 'bad_key', key }
  return placeOf(definition, key) >= 0 ? { kind: 'key_taken', key } : null
}

function placeOf({ steps }: Definition, key: string): number {
  return steps.findIndex(step => step.key === key)
}

function done(definition: Definition): Edited {
  return { ok: true, definition: withoutUndefined(definition) }
}

/** A field set to `undefined` is a field taken away. */
function withoutUndefined(definition: Definition): Definition {
  return Object.fromEntries(Object.entries(definition).filter(([, value]) => value !== undefined)) as Definition
}

function refuse(refusal: EditRefusal): Edited {
  return { ok: false, refusal }
}
