/** A step's new key, carried to everything in the definition that names the old one: targets, edits, limits, texts and conditions. */
import type { Definition, Handoff, Human, Step } from './definition.ts'

/** The definition with every reference to `from` naming `to`; the step itself already bears its new key. */
export function renameStep(definition: Definition, from: string, to: string): Definition {
  if (from === to) return definition
  const { title, limits } = definition
  return {
    ...definition,
    ...(title === undefined ? {} : { title: inText(title, from, to) }),
    ...(limits?.reached === from ? { limits: { ...limits, reached: to } } : {}),
    steps: definition.steps.map(step => inStep(step, from, to)),
  }
}

function inStep(step: Step, from: string, to: string): Step {
  const { prompt, instructions, human, handoffs } = step
  return {
    ...step,
    ...(prompt === undefined ? {} : { prompt: inText(prompt, from, to) }),
    ...(instructions === undefined ? {} : { instructions: inText(instructions, from, to) }),
    ...(human === undefined ? {} : { human: inHuman(human, from, to) }),
    ...(handoffs === undefined ? {} : { handoffs: handoffs.map(handoff => inHandoff(handoff, from, to)) }),
  }
}

function inHuman(human: Human, from: string, to: string): Human {
  const { instructions, edits } = human
  return {
    ...human,
    ...(instructions === undefined ? {} : { instructions: inText(instructions, from, to) }),
    ...(edits === from ? { edits: to } : {}),
  }
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
