/** How one document tells a task: which of it was chosen, people by name or not, values without what no model is told. */
import type { Json } from '../../../json/json.ts'
import { type Hidden, hiddenIn, hideIn, redactInput } from '../../../text/redact.ts'
import { type Definition, stepOf } from '../../../workflow/definition.ts'
import { stepName } from '../../../workflow/parts.ts'
import { isBlobRef } from '../../context.ts'
import type { Actor, TaskEvent } from '../../events.ts'
import type { Stored } from '../../log/blob.ts'
import type { Story } from '../story.ts'
import type { EventView } from '../views.ts'

export const DETAILS = ['summary', 'full'] as const

/** What a document tells. */
export interface DocumentChoice {
  /** `full`: what each step put out, why, notes and comments, too. */
  detail: (typeof DETAILS)[number]
  /** What came in, and what of it stands in the log. */
  inputs: boolean
  /** The log, event by event. */
  log: boolean
  /** Who did what, and why it stands as it does; without, it is "a person". */
  people: boolean
}

/** What a step is called; one that is no longer there goes by its key. */
export function nameOf(definition: Definition, key: string): string {
  const step = stepOf(definition, key)
  return step === undefined ? key : stepName(step)
}

/** How values, texts and people are told in one document. */
export class Telling {
  readonly choice: DocumentChoice
  readonly #redact: readonly string[]
  readonly #hidden: Hidden[]

  constructor({ view, events, definition }: Story, choice: DocumentChoice) {
    this.choice = choice
    this.#redact = definition.redact ?? []
    const inputs = [view.input, ...events.flatMap(inputsIn)]
    const hidden = inputs.flatMap(input => hiddenIn(input, this.#redact))
    this.#hidden = hidden.toSorted((a, b) => b.text.length - a.text.length)
  }

  /** A value without echoes of what is hidden; of one that the story only refers to, how large it is. */
  value(value: Stored<Json>): Json {
    return hideIn(this.#inPlace(value as Json), this.#hidden)
  }

  text(text: string): string {
    return hideIn(text, this.#hidden) as string
  }

  input(input: Stored<Json>): Json {
    return this.value(redactInput(input as Json, this.#redact))
  }

  who(actor: Actor): string {
    if (actor.kind === 'system') return 'Baton'
    if (!this.choice.people) return actor.kind === 'key' ? 'a service' : 'a person'
    if (actor.kind === 'key') return `the key ${actor.name ?? actor.id}`
    return actor.kind === 'link' ? `${actor.id} (by link)` : (actor.name ?? actor.id)
  }

  /** In the beginning of a large value an echo of what is hidden could be cut off, and so be missed. */
  #inPlace(value: Json): Json {
    if (isBlobRef(value)) {
      const size = `[${value.bytes} bytes, whole in Baton]`
      return this.#redact.length > 0 ? size : `${value.head}… ${size}`
    }
    if (Array.isArray(value)) return value.map(item => this.#inPlace(item))
    if (typeof value !== 'object' || value === null) return value
    return Object.fromEntries(Object.entries(value).map(([name, part]) => [name, this.#inPlace(part)]))
  }
}

/** An event as the log holds it, its number, time and actor beside it. */
export type Logged = TaskEvent & { seq: number; on: string; actor: Actor }

export function asLogged({ seq, at, actor, type, data }: EventView): Logged {
  return { ...data, type, seq, on: at, actor } as unknown as Logged
}

/** The inputs that an event tells of: a task may be given another on its way. */
function inputsIn({ type, data }: EventView): Json[] {
  const { input } = data
  return (type === 'created' || type === 'entered') && input !== undefined ? [input] : []
}
