/** A task as its readers see it: the API's resource, its log, its open questions. Made from state and log alone. */
import { shownPrompt } from '../../call/shown.ts'
import { fileView } from '../../file/file.ts'
import { textStateOf } from '../../file/text.ts'
import type { Json } from '../../json/json.ts'
import type { Definition } from '../../workflow/definition.ts'
import { type Context, isBlobRef, readValue } from '../context.ts'
import type { LogRow, TaskEvent } from '../events.ts'
import type { Ask, AskedCall } from '../people/ask.ts'
import { type AskedRun, openAsks } from '../people/asking.ts'
import { undoable } from '../people/undoing.ts'
import type { RunPhase, TaskState } from '../state.ts'
import type { EventView, OpenAsk, OpenCall, RunView, TaskView } from './views.ts'
import { whyOf } from './why.ts'

type Blob = Context['blob']

const iso = (ms: number) => new Date(ms).toISOString()
const isoOrNull = (ms: number | null) => (ms === null ? null : iso(ms))

/** The task as `GET /tasks/:id` answers it. */
export function viewOf(state: TaskState, definition: Definition, now: number, blob: Blob): TaskView {
  return {
    id: state.task,
    workflow: state.workflow,
    version: state.version,
    title: state.title,
    key: state.key,
    duplicateOf: state.duplicateOf,
    status: state.status,
    step: state.status === 'done' ? null : state.visit.step || null,
    visit: state.visit.n,
    input: readValue<Json>(state.input, blob),
    outputs: Object.fromEntries(
      Object.entries(state.steps).map(([key, record]) => [key, readValue<Json>(record.output, blob)]),
    ),
    files: state.files.map(file => ({
      ...fileView(file),
      ...textStateOf(file),
      from: file.from,
      by: file.by,
    })),
    result: state.result === null ? null : readValue<Json>(state.result, blob),
    error: state.error,
    stuck:
      state.stuck === null ? null : { cause: state.stuck.cause, message: state.stuck.message, fix: state.stuck.fix },
    held: heldOf(state),
    ...undoOf(state),
    ...(skippedSteps(state).length > 0 && { skipped: skippedSteps(state) }),
    ...runsOf(state),
    ...childrenOf(state),
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

/** The steps whose latest visit went on as approved, though nobody looked at it. */
export function skippedSteps({ steps }: Pick<TaskState, 'steps'>): string[] {
  return Object.entries(steps).flatMap(([key, { decision }]) => (decision?.skipped ? [key] : []))
}

/** Decisions that can still be taken back. */
function undoOf(state: TaskState): Pick<TaskView, 'undo'> {
  const found = undoable(state).map(({ id, name, phase: { decision, asked } }) => ({
    run: id,
    ...(name === null ? {} : { name }),
    handoff: decision.handoff,
    kind: asked.ask.kind,
    by: decision.by,
    until: iso(decision.until),
  }))
  return found.length === 0 ? {} : { undo: found }
}

const STANDING: Record<RunPhase['name'], RunView['status']> = {
  queued: 'queued',
  due: 'running',
  claimed: 'running',
  asking: 'running',
  asked: 'waiting',
  undoable: 'waiting',
  awaiting: 'waiting',
  held: 'held',
  completed: 'done',
  failed: 'failed',
  fenced: 'fenced',
}

/** Nothing of a visit that is left, as nobody can act on its runs any more. */
function runsOf({ visit: { plan, open, runs } }: TaskState): Pick<TaskView, 'runs'> {
  if (plan === null || !open) return {}
  return {
    runs: runs.map(({ id, name, phase }) => ({
      run: id,
      name: name ?? '',
      status: STANDING[phase.name],
      error: phase.name === 'failed' ? { code: phase.failure.code, message: phase.failure.message } : null,
    })),
  }
}

/** The latest of a task's children that readers are told of: a loop over lists may start very many. */
const MOST_CHILDREN = 500

function childrenOf({ children }: TaskState): Pick<TaskView, 'children'> {
  const told = children.slice(-MOST_CHILDREN).map(({ task: id, workflow, name, visit, run, waits, ended }) => {
    return { id, workflow, name, visit, run, waits, standing: ended?.standing ?? ('open' as const) }
  })
  return told.length === 0 ? {} : { children: told }
}

/** The questions that are open to people now. */
export function openAsksOf(state: TaskState, blob: Blob): OpenAsk[] {
  return shownAsks(state).map(run => openAsk(state, run, blob))
}

/** The runs whose question is put to people: not while the task has failed, as nobody can decide then. */
export function shownAsks(state: TaskState): AskedRun[] {
  return state.status === 'waiting' || state.status === 'stuck' ? openAsks(state) : []
}

function openAsk(state: TaskState, { id, name, phase: { ask, votes, changed } }: AskedRun, blob: Blob): OpenAsk {
  const voted = new Set(votes.filter(vote => vote.digest === ask.digest).map(vote => vote.voter))
  const artefact =
    ask.artefact === null ? null : { step: ask.artefact.step, output: readValue<Json>(ask.artefact.output, blob) }
  return {
    visit: state.visit.n,
    run: id,
    ...(name === null ? {} : { name }),
    step: state.visit.step,
    kind: ask.kind,
    instructions: ask.instructions,
    artefact,
    digest: ask.digest,
    ...(ask.form && { form: { ...ask.form, values: readValue<Json>(ask.form.values, blob) } }),
    ...(ask.undo !== undefined && { undo: ask.undo }),
    ...stageOf(ask),
    ...(ask.risk && { risk: ask.risk }),
    needs: ask.needs,
    assignees: ask.assignees.map(email => ({ email, decided: voted.has(email) })),
    labels: ask.labels,
    reason: ask.reason,
    edits: ask.edits,
    due: isoOrNull(ask.due),
    ...(changed === undefined ? {} : { changed: { ...changed, at: iso(changed.at) } }),
    ...(ask.call === undefined ? {} : { call: callOf(ask.call, blob) }),
  }
}

/** Which of several stages is asked. */
export function stageOf({ stages }: Ask): Pick<OpenAsk, 'stage'> {
  if (stages === undefined) return {}
  const { of, at } = stages
  return { stage: { n: at + 1, of: of.length, name: of[at]?.name ?? null, next: of[at + 1]?.assignees ?? null } }
}

function callOf({ id, tool, args, at, parameters }: AskedCall, blob: Blob): OpenCall {
  return { id, tool, args: readValue<Json>(args, blob), at: isoOrNull(at ?? null), parameters }
}

/**
 * The log as `GET /tasks/:id/events` lists it: every event with its own number, step and data, values in place; without
 * `blob` the big ones stay references.
 */
export function eventViews(rows: Iterable<LogRow>, blob: Blob | null): EventView[] {
  const views: EventView[] = []
  const entered = new Map<number, { step: string; handler: string }>()
  for (const row of rows) {
    row.events.forEach((event, index) => {
      if (event.type === 'entered') entered.set(event.visit, event)
      const { step, handler } = ('visit' in event ? entered.get(event.visit) : undefined) ?? NOWHERE
      views.push({
        seq: row.seq + index,
        at: iso(row.at),
        type: event.type,
        actor: row.actor,
        step,
        data:
          event.type === 'due' && (event.handler ?? handler) === 'http' ? dueCall(event, blob) : dataOf(event, blob),
      })
    })
  }
  return views
}

const NOWHERE = { step: null, handler: null }

/** What a call was given is its rendering, with marks of secrets that are nobody's to read: it is told as what is sent. */
function dueCall(event: Extract<TaskEvent, { type: 'due' }>, blob: Blob | null): Record<string, Json> {
  const data = dataOf(event, blob)
  const prompt: unknown = data.prompt
  if (isBlobRef(prompt)) return { ...data, prompt: { $blob: prompt.$blob, bytes: prompt.bytes, head: '' } }
  const call = typeof prompt === 'string' ? shownPrompt(prompt) : null
  return call === null ? data : { ...data, prompt: JSON.stringify(call) }
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
