/** Reads the decision out of the form that a question's page sends. Nothing is decided that was not chosen by name. Pure. */
import { typedOutput } from '../../domain/call/typed-output.ts'
import type { Json } from '../../domain/json/json.ts'
import type { StoryAsk } from '../../domain/task/told/story.ts'
import { callEdits } from './call-form.ts'
import { type Edited, editedOf, type FormReader } from './edit.ts'
import { type Filled, filledIn } from './fill.ts'
import { isEditable } from './question.ts'

export interface Decision {
  handoff: string
  /** The digest of the content that the page showed. */
  seen: string
  note?: string
  edits?: Json
  fields?: Json
  proven?: boolean
}

/** What is wrong with the form, and where. */
export interface FormProblem {
  field: 'handoff' | 'note' | 'edits' | 'fields' | 'files' | 'code' | 'to' | 'comment'
  message: string
  /** What is wrong with each of the fields that were filled in. */
  errors?: Record<string, string>
}

export type ReadDecision = { ok: true; decision: Decision } | { ok: false; problem: FormProblem }

const MAX_NOTE = 5000

/** A reader over a form; a field that was sent twice with different values was not sent at all. */
export function formReader(form: URLSearchParams): FormReader {
  return name => {
    const values = new Set(form.getAll(name))
    return values.size === 1 ? [...values][0]! : null
  }
}

/** The decision that the form holds, checked as far as the question tells. */
export function readDecision(ask: StoryAsk, read: FormReader): ReadDecision {
  const handoff = read('handoff') ?? ''
  if (handoff === '') return wrong('handoff', 'Choose one of the buttons: nothing was decided yet.')
  const seen = read('seen') ?? ''
  if (seen === '') return wrong('handoff', 'The form came without what it showed. Look at this page and choose again.')
  const note = (read('note') ?? '').trim()
  if (note.length > MAX_NOTE) return wrong('note', `The note is longer than ${MAX_NOTE} characters.`)
  const edited = editsFor(ask, handoff, read)
  if (!edited.ok) return wrong('edits', edited.message)
  const filled = fieldsFor(ask, handoff, read)
  if (!filled.ok) return { ok: false, problem: { field: 'fields', message: UNFIT, errors: filled.errors } }
  const { edits } = edited
  const { fields } = filled
  return {
    ok: true,
    decision: {
      handoff,
      seen,
      ...(note === '' ? {} : { note }),
      ...(edits === undefined ? {} : { edits }),
      ...(fields === undefined ? {} : { fields }),
    },
  }
}

export const UNFIT = 'Nothing was decided yet: look at what was filled in.'

/** What was filled in; it counts for no choice that does not need it. */
function fieldsFor({ form }: StoryAsk, handoff: string, read: FormReader): Filled {
  return form?.labels.includes(handoff) ? filledIn(form, read) : { ok: true, fields: undefined }
}

/** What was typed besides: an output as it should be, a call's arguments, or what it answered; none of it counts for other choices. */
function editsFor(ask: StoryAsk, handoff: string, read: FormReader): Edited {
  const { call } = ask
  if (isEditable(ask)) return editedOf(ask.artefact!.output, read)
  if (ask.kind === 'call' && handoff === 'allow' && call?.parameters !== undefined) {
    return callEdits(call.args, call.parameters, read)
  }
  if (ask.kind !== 'outcome' || handoff !== 'happened') return { ok: true, edits: undefined }
  const typed = typedOutput(read('output') ?? '', ask.expects)
  return typed.ok ? { ok: true, edits: typed.output } : typed
}

function wrong(field: FormProblem['field'], message: string): ReadDecision {
  return { ok: false, problem: { field, message } }
}
