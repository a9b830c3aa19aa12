/** A task as its readers see it: the API's resource, its log, its open questions, its card. Made from state and log alone. */
import type { Json } from '../json.ts'
import { shorten } from '../text/cut.ts'
import type { Definition } from '../workflow/definition.ts'
import { type AskedRun, openAsk } from './asking.ts'
import type { EventView, OpenAsk, TaskView } from './commands.ts'
import { type Context, isBlobRef, readValue } from './course.ts'
import type { Ask, LogRow, TaskEvent } from './events.ts'
import { originOf } from './source.ts'
import type { TaskState } from './state.ts'
import { whyOf } from './why.ts'

type Blob = Context['blob']

const iso = (ms: number) => new Date(ms).toISOString()
const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms))

/** The task as `GET /tasks/:id` answers it (contract.md, API). */
export function viewOf(state: TaskState, definition: Definition, now: number, blob: Blob): TaskView {
  return {
    id: state.task,
    workflow: state.workflow,
    version: state.version,
    title: state.title,
    status: state.status,
    step: state.status === 'done' ? null : state.visit.step || null,
    visit: state.visit.n,
    input: readValue<Json>(state.input, blob),
    outputs: Object.fromEntries(
      Object.entries(state.steps).map(([key, record]) => [key, readValue<Json>(record.output, blob)]),
    ),
    result: state.result === null ? null : readValue<Json>(state.result, blob),
    error: state.error,
    stuck:
      state.stuck === null ? null : { cause: state.stuck.cause, message: state.stuck.message, fix: state.stuck.fix },
    held: heldOf(state),
    why: whyOf(state, definition, now).sentence,
    usage: {
      inputTokens: state.usage.inputTokens,
      outputTokens: state.usage.outputTokens,
      cost: costOfTask(state),
    },
    createdAt: iso(state.createdAt),
    updatedAt: iso(state.updatedAt),
    finishedAt: isoOrNull(state.finishedAt),
  }
}

/** What the task has cost so far in USD; null when a call had no price, as then nobody knows. */
export function costOfTask(state: TaskState): number | null {
  return state.usage.unpriced > 0 ? null : state.usage.cost
}

function heldOf(state: TaskState): TaskView['held'] {
  const phase = state.visit.runs.find(run => run.phase.name === 'held')?.phase
  if (state.status !== 'held' || phase?.name !== 'held') return null
  return { reason: phase.reason, message: phase.message, fix: phase.fix, until: isoOrNull(phase.until) }
}

/** The questions that are open to people now. */
export function openAsksOf(state: TaskState, blob: Blob): OpenAsk[] {
  const run = openAsk(state)
  if (run === undefined || (state.status !== 'waiting' && state.status !== 'stuck')) return []
  const { ask, votes } = run.phase
  const voted = new Set(votes.filter(vote => vote.digest === ask.digest).map(vote => vote.voter))
  return [
    {
      visit: state.visit.n,
      run: run.id,
      step: state.visit.step,
      kind: ask.kind,
      instructions: ask.instructions,
      artefact:
        ask.artefact === null ? null : { step: ask.artefact.step, output: readValue<Json>(ask.artefact.output, blob) },
      digest: ask.digest,
      needs: ask.needs,
      assignees: ask.assignees.map(email => ({ email, decided: voted.has(email) })),
      labels: ask.labels,
      reason: ask.reason,
      edits: ask.edits,
      due: isoOrNull(ask.due),
    },
  ]
}

/**
 * The log as `GET /tasks/:id/events` lists it: every event with its own number, step and data, values in place; without
 * `blob` the big ones stay references.
 */
export function eventViews(rows: Iterable<LogRow>, blob: Blob | null): EventView[] {
  const views: EventView[] = []
  const stepOfVisit = new Map<number, string>()
  for (const row of rows) {
    row.events.forEach((event, index) => {
      if (event.type === 'entered') stepOfVisit.set(event.visit, event.step)
      const step = 'visit' in event ? (stepOfVisit.get(event.visit) ?? null) : null
      views.push({
        seq: row.seq + index,
        at: iso(row.at),
        type: event.type,
        actor: row.actor,
        step,
        data: dataOf(event, blob),
      })
    })
  }
  return views
}

function dataOf(event: TaskEvent, blob: Blob | null): Record<string, Json> {
  const { type: _type, ...data } = event
  if (event.type === 'created' || event.type === 'migrated') {
    const { pinned: _pinned, ...rest } = data as Record<string, unknown>
    return inPlace(rest, blob) as Record<string, Json>
  }
  return inPlace(data, blob) as Record<string, Json>
}

/** A value with every blob reference replaced by what it stands for. */
function inPlace(value: unknown, blob: Blob | null): Json {
  const kept = blob !== null && isBlobRef(value) ? blob(value.$blob) : null
  if (kept !== null) return JSON.parse(kept) as Json
  if (Array.isArray(value)) return value.map(item => inPlace(item, blob))
  if (typeof value !== 'object' || value === null) return (value ?? null) as Json
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, inPlace(item, blob)]),
  )
}

/** What a card on the board and the inbox need of a task, besides its row: no prompt, no output. */
export interface Card {
  why: string
  act: string | null
  attempt: number
  enteredAt: number
  asks: CardAsk[]
}

export type CardAsk = Pick<Ask, 'kind' | 'digest' | 'needs' | 'labels' | 'due'> & {
  /** Approvals so far of what is shown now, whoever gave them. Cards of older releases lack it. */
  given?: number
  visit: number
  run: number
  step: string
  assignees: { email: string; decided: boolean }[]
}

/** The card as lists keep it. */
export function cardOf(state: TaskState, definition: Definition, now: number): Card {
  const why = whyOf(state, definition, now)
  const run = openAsk(state)
  const waits = run !== undefined && (state.status === 'waiting' || state.status === 'stuck')
  const asks = waits ? [cardAsk(state, run)] : []
  return {
    why: why.sentence,
    act: why.act,
    attempt: state.visit.runs[0]?.attempt ?? 1,
    enteredAt: state.visit.enteredAt,
    asks,
  }
}

function cardAsk(state: TaskState, { id: run, phase: { ask, votes } }: AskedRun): CardAsk {
  const { kind, digest, needs, labels, due } = ask
  const counted = votes.filter(vote => vote.digest === digest)
  const voted = new Set(counted.map(vote => vote.voter))
  const assignees = ask.assignees.map(email => ({ email, decided: voted.has(email) }))
  const given = counted.filter(vote => vote.handoff === ask.approve).length
  return { kind, digest, needs, labels, due, visit: state.visit.n, run, step: state.visit.step, given, assignees }
}

const MAX_FACTS = 2048

/** A log row as the audit keeps it: who, what kinds, which step, and at most 2 KiB of facts; never a definition, prompt or output. */
export function auditFacts(row: LogRow): { types: string; step: string | null; facts: string } {
  const types = row.events.map(event => event.type).join(' ')
  const facts = row.events.map(factsOf).filter(fact => fact !== null)
  const entered = row.events.find(event => event.type === 'entered')
  let text = JSON.stringify(facts)
  while (text.length > MAX_FACTS && facts.length > 0) {
    facts.pop()
    text = JSON.stringify([...facts, { more: true }])
  }
  return { types, step: entered?.type === 'entered' ? entered.step : null, facts: text }
}

const short = (text: string | null | undefined) => (text == null ? text : shorten(text, 300))

function factsOf(event: TaskEvent): Record<string, unknown> | null {
  const { type } = event
  switch (event.type) {
    case 'created':
      return {
        type,
        workflow: event.workflow,
        version: event.version,
        title: event.title,
        source: event.source && originOf(event.source),
      }
    case 'entered':
      return {
        type,
        visit: event.visit,
        step: event.step,
        by: event.by,
        from: event.from,
        edited: event.input !== undefined || undefined,
      }
    case 'reported':
      return {
        type,
        visit: event.visit,
        attempt: event.attempt,
        outcome: event.outcome.kind,
        ...(event.outcome.kind === 'failed'
          ? { code: event.outcome.failure.code, message: short(event.outcome.failure.message) }
          : { handoff: event.outcome.handoff, confidence: event.outcome.confidence }),
        model: event.usage?.model,
        cost: event.usage?.cost,
      }
    case 'decided':
      return {
        type,
        visit: event.visit,
        handoff: event.handoff,
        note: short(event.note),
        counted: event.counted,
        needs: event.needs,
        digest: event.digest,
      }
    case 'routed':
      return {
        type,
        visit: event.visit,
        outcome: event.outcome,
        to: event.to,
        by: event.by,
        matched: event.trace.find(t => t.verdict === 'matched')?.index,
      }
    case 'asked':
      return {
        type,
        visit: event.visit,
        assignees: event.ask.assignees,
        needs: event.ask.needs,
        digest: event.ask.digest,
        due: event.ask.due,
      }
    case 'stuck':
      return { type, visit: event.visit, cause: event.cause, message: short(event.message) }
    case 'failed':
      return { type, visit: event.visit, code: event.code, message: short(event.message) }
    case 'held':
      return { type, visit: event.visit, reason: event.reason, until: event.until }
    case 'due':
      return event.attempt > 1
        ? { type, visit: event.visit, attempt: event.attempt, at: event.at, why: event.why }
        : null
    case 'assigned':
      return { type, visit: event.visit, to: event.to, by: event.by }
    case 'edited':
      return { type, visit: event.visit, step: event.step, digest: event.digest }
    case 'raised':
      return { type, limits: event.limits }
    case 'migrated':
      return { type, version: event.version }
    case 'noticed':
      return { type, name: event.name }
    case 'cancelled':
      return { type, note: short(event.note) }
    case 'lapsed':
      return { type, visit: event.visit, attempt: event.attempt, lapses: event.lapses }
    case 'booked':
      return { type, visit: event.visit, model: event.usage.model, cost: event.usage.cost }
    default:
      return null
  }
}
