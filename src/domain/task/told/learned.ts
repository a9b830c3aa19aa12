/**
 * What people made of what models had drafted, as a row of the log tells it: what they decided, and which fields they changed.
 * All of it can be made again from the log; D1 keeps what the ledger of corrections lists.
 */
import { chooserOf } from '../../handler/of-step.ts'
import { jobOf } from '../../handler/registry.ts'
import { type FieldChange, fieldChanges } from '../../json/field-changes.ts'
import type { Json } from '../../json/json.ts'
import { changedPart } from '../../text/changed-part.ts'
import { shorten } from '../../text/cut.ts'
import { type Pinned, stepOf } from '../../workflow/definition.ts'
import { type Context, readValue } from '../context.ts'
import type { LogRow, TaskEvent } from '../events.ts'
import { evolve } from '../evolve.ts'
import type { EventOf } from '../log/changes.ts'
import { upcast } from '../log/upcast.ts'
import type { Ask } from '../people/ask.ts'
import { basisOf, sampledDraft } from '../people/sampling.ts'
import { voterOf } from '../people/voter.ts'
import type { TaskState } from '../state.ts'
import type { Correction, Drafted, Learned, Review } from './review.ts'

export interface Around {
  /** The state before the row; null: it is the first. */
  before: TaskState | null
  pinned(state: TaskState): Pinned
  blob: Context['blob']
  /** The log up to this row. Asked only where people decided. */
  rows(): Iterable<LogRow>
  sha256(text: string): string
}

const TELLING: ReadonlySet<TaskEvent['type']> = new Set([
  ...(['decided', 'edited', 'filled', 'undone', 'skipped', 'joined', 'routed'] as const),
])

/** Whether the event may tell something; most tasks' rows hold none that does, and are not folded again. */
function mayTell(event: TaskEvent, before: TaskState): boolean {
  if (event.type === 'joined') return before.last.note !== null
  if (event.type === 'routed') return event.outcome === 'unsure'
  return TELLING.has(event.type)
}

/** What this row tells; null: nothing. */
export function learnedFrom(row: LogRow, around: Around): Learned | null {
  const { before } = around
  const events = upcast(row)
  if (before === null || !events.some(event => mayTell(event, before))) return null
  const reader = new Reader(row, around)
  let state = around.before
  for (const event of events) {
    if (state !== null && TELLING.has(event.type)) reader.read(state, event)
    state = evolve(state, event, row)
  }
  const { reviews, corrections } = reader
  return reviews.length === 0 && corrections.length === 0 ? null : { reviews, corrections }
}

const NOTE = 300

class Reader {
  readonly reviews: Review[] = []
  readonly corrections: Correction[] = []
  readonly #row: LogRow
  readonly #around: Around
  /** The steps whose drafts this row changed. */
  readonly #edited = new Set<string>()

  constructor(row: LogRow, around: Around) {
    this.#row = row
    this.#around = around
  }

  read(state: TaskState, event: TaskEvent): void {
    switch (event.type) {
      case 'edited':
        return this.#edit(state, event)
      case 'filled':
        return this.#fill(state, event)
      case 'decided':
        return this.#decide(state, event)
      case 'undone':
        return this.#undo(state, event)
      case 'skipped':
        return this.#skip(state, event)
      case 'joined':
        return this.#redraft(state, event)
      case 'routed':
        // Where a handoff takes it, whoever is asked next is asked about the draft.
        if (event.outcome === 'unsure' && event.to === null) this.#unsure(state, event.visit)
        return
      default:
    }
  }

  #edit(state: TaskState, { step, output }: EventOf<'edited'>): void {
    const by = this.#drafted(state, step)
    // The same edit is told to everybody who is shown the draft.
    if (by === null || this.#edited.has(step)) return
    this.#edited.add(step)
    const changes = fieldChanges(this.#value(state.steps[step]?.output ?? null), this.#value(output))
    this.#correct(by, state.visit.step, changes, 'edited', null)
  }

  /** What was there and was changed; what a person adds of their own corrects nobody. */
  #fill(state: TaskState, { run, fields }: EventOf<'filled'>): void {
    const ask = askOf(state, run)
    const step = ask?.artefact?.step
    const by = step === undefined ? null : this.#drafted(state, step)
    if (by === null || ask?.form === undefined) return
    const changes = fieldChanges(this.#value(ask.form.values), this.#value(fields)).filter(
      ({ before }) => before !== undefined && before !== null && before !== '',
    )
    if (changes.length > 0) this.#edited.add(by.step)
    this.#correct(by, state.visit.step, changes, 'edited', null)
  }

  #decide(state: TaskState, event: EventOf<'decided'>): void {
    const ask = askOf(state, event.run)
    if (ask?.kind === 'decide') this.#decideStep(state, event, ask)
    else if (ask?.kind === 'unsure') this.#answerUnsure(state, event)
    else if (ask?.kind === 'call' && ask.call !== undefined) this.#decideCall(state, event, ask.call)
  }

  #decideStep(state: TaskState, { visit, run, handoff, settles }: EventOf<'decided'>, ask: Ask): void {
    const by = ask.artefact === null ? null : this.#drafted(state, ask.artefact.step)
    if (by === null) return
    const edited = this.#edited.has(by.step)
    const isTime = this.#row.actor.kind === 'system'
    const decided = isTime ? 'lapsed' : handoff === ask.approve ? 'approved' : 'rejected'
    this.#review(by, state, { visit, run, kind: 'decide', verdict: settles ? decided : 'open', edited })
  }

  /** A model was not sure; its answer is right where a person chooses the same. */
  #unsure(state: TaskState, visit: number): void {
    const by = this.#drafted(state, state.visit.step)
    if (by !== null) this.#review(by, state, { visit, run: 1, kind: 'unsure', verdict: 'open', edited: false })
  }

  #answerUnsure(state: TaskState, { visit, run, handoff, note }: EventOf<'decided'>): void {
    const by = this.#drafted(state, state.visit.step)
    const meant = this.#meantBy(visit)
    if (by === null || meant === null) return
    const edited = meant !== handoff
    const changes = edited ? [{ field: 'handoff', before: meant, after: handoff }] : []
    this.#correct(by, state.visit.step, changes, 'answered', note)
    this.#review(by, state, { visit, run, kind: 'unsure', verdict: 'approved', edited })
  }

  /** Arguments that an agent chose; those of a step's own call are its author's. */
  #decideCall(
    state: TaskState,
    { visit, run, handoff, note }: EventOf<'decided'>,
    call: NonNullable<Ask['call']>,
  ): void {
    const by = this.#drafted(state, state.visit.step)
    if (by === null) return
    const allowed = this.#row.events.find(event => event.type === 'allowed')
    const args = this.#value<Json>(call.args)
    const changes =
      handoff !== 'allow'
        ? [{ field: call.tool, before: args, after: undefined }]
        : allowed?.type === 'allowed'
          ? fieldChanges(args, this.#value(allowed.args)).map(one => ({ ...one, field: `${call.tool}.${one.field}` }))
          : []
    const denied = handoff !== 'allow'
    this.#correct(by, state.visit.step, changes, denied ? 'denied' : 'edited', note)
    const verdict = denied ? ('rejected' as const) : ('approved' as const)
    this.#review(by, state, { visit, run, call: call.id, kind: 'call', verdict, edited: !denied && changes.length > 0 })
  }

  #undo(state: TaskState, { visit, run }: EventOf<'undone'>): void {
    const phase = state.visit.runs.find(each => each.id === run)?.phase
    const shown = phase?.name === 'undoable' ? phase.asked.ask.artefact : null
    const by = shown === null ? null : this.#drafted(state, shown.step)
    if (by !== null) this.#review(by, state, { visit, run, kind: 'decide', verdict: 'undone', edited: false })
  }

  #skip(state: TaskState, { visit, run }: EventOf<'skipped'>): void {
    const shown = sampledDraft(state, this.#around.pinned(state))
    const by = shown === null ? null : this.#drafted(state, shown)
    if (by !== null) this.#review(by, state, { visit, run, kind: 'decide', verdict: 'sampled', edited: false })
  }

  /** A new draft after a person sent the last one back. */
  #redraft(state: TaskState, { output }: EventOf<'joined'>): void {
    const { step, n: visit } = state.visit
    const old = state.steps[step]
    const { step: from, note, by: person } = state.last
    if (old === undefined || old.visit === visit || old.output === null) return
    if (from === null || note === null || person === null || person === 'system') return
    const rejecting = stepOf(this.#around.pinned(state).definition, from)
    const by = rejecting !== undefined && chooserOf(rejecting) === 'person' ? this.#drafted(state, step) : null
    if (by === null) return
    const changes = fieldChanges(this.#value(old.output), this.#value(output))
    this.#correct(by, from, changes, 'redrafted', note, person)
  }

  #review(
    by: Drafted,
    state: TaskState,
    said: Pick<Review, 'visit' | 'run' | 'kind' | 'verdict' | 'edited'> & { call?: string },
  ): void {
    const { step: at } = state.visit
    const basis = said.kind === 'decide' ? this.#basis(state, at, by.step) : null
    this.reviews.push({ ...by, at, person: voterOf(this.#row.actor), call: '', basis, ...said })
  }

  #correct(
    by: Drafted,
    at: string,
    changes: FieldChange[],
    why: Correction['why'],
    note: string | null,
    person = voterOf(this.#row.actor),
  ): void {
    for (const { field, ...sides } of changes) {
      const [before, after] = changedPart(textOf(sides.before), textOf(sides.after))
      this.corrections.push({ ...by, at, person, why, field, before, after, note: note && shorten(note, NOTE) })
    }
  }

  /** Who drafted what the step put out; null: no model did. */
  #drafted(state: TaskState, key: string): Drafted | null {
    const pinned = this.#around.pinned(state)
    const step = stepOf(pinned.definition, key)
    if (step === undefined || chooserOf(step) !== 'model') return null
    const agent = jobOf(step).kind === 'agent' ? (step.agent ?? null) : null
    const agentVersion = agent === null ? null : (pinned.agents[agent] ?? null)
    return { step: key, agent, agentVersion, model: this.#modelAt(key) }
  }

  #basis(state: TaskState, asking: string, drafted: string): string {
    return basisOf(state, this.#around.pinned(state), { asking, drafted }, this.#around.sha256)
  }

  /** The model that last answered at the step. */
  #modelAt(step: string): string | null {
    let model: string | null = null
    let here = false
    for (const { events } of this.#around.rows()) {
      for (const event of events) {
        if (event.type === 'entered') here = event.step === step
        else if (here && event.type === 'reported' && event.usage !== null) model = event.usage.model
      }
    }
    return model
  }

  /** The label that the model chose in this visit; null: it chose none. */
  #meantBy(visit: number): string | null {
    let meant: string | null = null
    for (const { events } of this.#around.rows())
      for (const event of events)
        if (event.type === 'reported' && event.visit === visit && event.outcome.kind === 'completed')
          meant = event.outcome.handoff ?? null
    return meant
  }

  #value<T = Json>(stored: unknown): T {
    return readValue(stored as T, this.#around.blob)
  }
}

function askOf(state: TaskState, run: number): Ask | undefined {
  const phase = state.visit.runs.find(each => each.id === run)?.phase
  return phase?.name === 'asked' ? phase.ask : undefined
}

function textOf(value: Json | undefined): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}
