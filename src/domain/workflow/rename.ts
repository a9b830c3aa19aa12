/** A step's new key, carried to everything in the definition that names the old one: targets, edits, limits, texts and conditions. */
import { referencesOf, textsOf, withPlace } from '../handler/of-step.ts'
import type { Definition, Step } from './definition.ts'
import type { Handoff } from './parts.ts'

/** The definition with every reference to `from` naming `to`; the step itself already bears its new key. */
export function renameStep(definition: Definition, from: string, to: string): Definition {
  if (from === to) return definition
  const { title, result, key, limits } = definition
  return {
    ...definition,
    ...(title === undefined ? {} : { title: inText(title, from, to) }),
    ...(result === undefined ? {} : { result: inText(result, from, to) }),
    ...(key === undefined ? {} : { key: inText(key, from, to) }),
    ...(limits?.reached === from ? { limits: { ...limits, reached: to } } : {}),
    steps: definition.steps.map(step => inStep(step, from, to)),
  }
}

function inStep(step: Step, from: string, to: string): Step {
  const texts = textsOf(step).reduce((one, { path, text }) => withPlace(one, path, inText(text, from, to)), step)
  const named = referencesOf(step)
    .filter(({ key }) => key === from)
    .reduce((one, { path }) => withPlace(one, path, to), texts)
  if (step.handoffs === undefined) return named
  return { ...named, handoffs: step.handoffs.map(handoff => inHandoff(handoff, from, to)) }
}

function inHandoff(handoff: Handoff, from: string, to: string): Handoff {
  return {
    ...handoff,
    ...(handoff.if === undefined ? {} : { if: inText(handoff.if, from, to) }),
    to: handoff.to === from ? to : handoff.to,
  }
}

/** `steps.old` and `steps["old"]`, as Liquid and CEL write them; keys hold nothing that a pattern would read otherwise. */
function inText(text: string, from: string, to: string): string {
  return text
    .replaceAll(new RegExp(`(?<![\\w.])steps\\.${from}(?![\\w])`, 'g'), `steps.${to}`)
    .replaceAll(new RegExp(`(?<![\\w.])steps\\[(["'])${from}\\1\\]`, 'g'), `steps[$1${to}$1]`)
}
