/** A step as it is when it was just added: it runs as it stands; pure. */
import { handlerOf, KINDS } from '../../domain/handler/registry.ts'
import type { Step } from '../../domain/workflow/definition.ts'
import { pagesFor } from '../editor/handlers/registry.ts'

interface NewStep {
  key: string
  name: string
  /** Which of the kinds' offers was taken. */
  kind: string
  /** The step that leads here. */
  from: string | undefined
}

/** The step that the offer stands for; an offer that nobody made is a step as it is unless said. `owner`: who is asked. */
export function newStep({ key, name, kind: offer, from }: NewStep, owner: string): Step {
  const added = { name, from, owner }
  const usual = handlerOf({})
  const begun = KINDS.map(kind => pagesFor(kind).begin(offer, added)).find(work => work !== null)
  return { key, name, ...(begun ?? pagesFor(usual).begin(usual, added)) }
}

const NOTE = '{% if last.note %}The reviewer said: {{ last.note }}{% endif %}'

/** A step that a person may send back to: it reads why, or it would do the same again; null: it does, or reads nothing. */
export function readingTheNote(step: Step): Step | null {
  const { brief } = pagesFor(handlerOf(step))
  const text = brief === undefined ? undefined : step[brief]
  if (brief === undefined || typeof text !== 'string' || text.includes('last.note')) return null
  return { ...step, [brief]: `${text.trimEnd()}\n\n${NOTE}` }
}
