/** A step as it is when it was just added: it runs as it stands; pure. */
import type { Step } from '../domain/workflow/definition.ts'
import { COMPLETE } from '../domain/workflow/parts.ts'

interface NewStep {
  key: string
  name: string
  /** `prompt`, `human`, `approval`, or `agent:` and its key. */
  kind: string
  /** The step that leads here. */
  from: string | undefined
}

/** Its name says what to do; what came in and what the step before put out stand below. `owner`: who is asked. */
export function newStep({ key, name, kind, from }: NewStep, owner: string): Step {
  if (kind === 'human') return { key, name, human: { assign: [owner], instructions: name } }
  if (kind === 'approval') {
    const human = { assign: [owner], instructions: name, approve: 'approved', reason: ['rejected'] }
    const handoffs = [
      { when: 'approved', to: COMPLETE },
      { when: 'rejected', to: from ?? COMPLETE },
    ]
    return { key, name, human, handoffs }
  }
  const before = from === undefined ? '' : `\n\n{{ steps.${from}.output }}`
  const text = `${name}.\n\n{{ input }}${before}`
  return kind.startsWith('agent:')
    ? { key, name, agent: kind.slice('agent:'.length, 60), instructions: text }
    : { key, name, prompt: text }
}

const NOTE = '{% if last.note %}The reviewer said: {{ last.note }}{% endif %}'

/** The step that an approval sends back to: it reads why, or it would do the same again; null: it does, or reads nothing. */
export function readingTheNote(step: Step): Step | null {
  const field = step.prompt === undefined ? 'instructions' : 'prompt'
  const text = step[field]
  if (step.human !== undefined || text === undefined || text.includes('last.note')) return null
  return { ...step, [field]: `${text.trimEnd()}\n\n${NOTE}` }
}
