/**
 * What a task consisted of, as figures add it up: its steps with where their time went, the agents and models that worked on
 * it, its intake and version. It follows the log row by row, and all of it can be made again from the log. Pure.
 */
import type { Definition } from '../../workflow/definition.ts'
import { stepOf } from '../../workflow/definition.ts'
import type { LogRow, TaskEvent } from '../events.ts'
import { upcast } from '../log/upcast.ts'
import type { Usage } from '../run/outcome.ts'
import { rulesOf } from '../run/rules.ts'
import { isOver, type Run, type TaskState } from '../state.ts'

/**
 * Where time goes. Waiting: for `people`; for a time, an event or another task (`time`); `held` back by a limit or a provider;
 * in the `queue`, for a worker or the next attempt. Working: a `model`, or whatever else is at work (`call`).
 */
export const TIME_KINDS = ['people', 'time', 'held', 'queue', 'model', 'call'] as const
export type TimeKind = (typeof TIME_KINDS)[number]

/** `task` is all of it, under the name ''. */
export const DIMENSIONS = ['task', 'step', 'agent', 'model', 'intake', 'version'] as const
export type Dimension = (typeof DIMENSIONS)[number]

/** What happened to a part: bits, as the task's own `told` has them. */
const [UNSURE, DECIDED, EDITED] = [1, 2, 4]

interface Part {
  dimension: Dimension
  name: string
  /** USD; null: a call of it had no price. */
  cost: number | null
  told: number
  /** How often the task left it: stays that are over. */
  left: number
  ms: Record<TimeKind, number>
}

/** A part as it is stored: dimension, name, cost, what was told, times it was left, and ms of each kind of time in their order. */
export type StoredPart = [Dimension, string, number | null, number, number, ...number[]]

/** Follows a task's log; what it is given must be in order. */
export class Parts {
  readonly #parts = new Map<string, Part>()
  /** Who worked at a step: keys of agents and models. */
  readonly #workers = new Map<string, Set<string>>()
  /** A visit's step. */
  readonly #steps = new Map<number, string>()

  /** Takes a row that led from one state to the next. `definition`: the one that held before it. */
  take(row: Pick<LogRow, 'v' | 'at' | 'events'>, before: TaskState | null, definition: Definition): void {
    if (before !== null) this.#pass(before, row.at - before.updatedAt, definition)
    for (const event of upcast(row)) this.#tell(event, before, definition)
  }

  /** All parts, as the task stands. */
  stored(state: TaskState): StoredPart[] {
    const { source, startedBy } = state
    const told = [...this.#parts.values()].reduce((all, part) => all | part.told, 0)
    const times = this.#part('task', '')
    const whole = { ...times, cost: state.usage.unpriced > 0 ? null : round(state.usage.cost), told }
    const intake = source?.id?.startsWith('int_')
      ? source.id
      : (source?.kind ?? (startedBy.kind === 'key' ? 'api' : 'hand'))
    const rest = [...this.#parts.values()].filter(({ dimension }) => dimension !== 'task')
    const none = { left: 0, ms: noTime() }
    return [
      { ...whole, left: isOver(state.status) ? 1 : 0 },
      ...rest,
      { ...whole, ...none, dimension: 'intake' as const, name: intake },
      { ...whole, ...none, dimension: 'version' as const, name: String(state.version) },
    ].map(({ dimension, name, cost, told, left, ms }) => [
      dimension,
      name,
      cost === null ? null : round(cost),
      told,
      left,
      ...(left > 0 ? TIME_KINDS.map(kind => ms[kind]) : []),
    ])
  }

  /** Time passed since the row before. */
  #pass(state: TaskState, ms: number, definition: Definition): void {
    const { step } = state.visit
    if (ms <= 0 || isOver(state.status)) return
    const kind = kindOfTime(state, definition)
    this.#part('task', '').ms[kind] += ms
    for (const part of this.#step(step)) part.ms[kind] += ms
  }

  #tell(event: TaskEvent, before: TaskState | null, definition: Definition): void {
    switch (event.type) {
      case 'entered':
        this.#steps.set(event.visit, event.step)
        this.#part('step', event.step)
        return
      case 'turned':
      case 'booked':
      case 'reported':
        if (event.usage !== null) this.#use(event, event.usage, before, definition)
        return
      case 'routed':
        if (event.outcome === 'unsure') this.#note(this.#stepOf(event.visit), UNSURE)
        if (event.to !== null) this.#leave(event.visit)
        return
      case 'left':
        return this.#leave(event.visit)
      case 'decided':
        return this.#note(draftOf(before, event.run) ?? this.#stepOf(event.visit), DECIDED)
      case 'edited':
        return this.#note(event.step, EDITED)
      default:
    }
  }

  #use(
    { visit, run: id }: { visit: number; run: number },
    usage: Usage,
    state: TaskState | null,
    definition: Definition,
  ) {
    const step = this.#stepOf(visit)
    const name = (state?.visit.n === visit && state.visit.runs.find(run => run.id === id)?.name) || null
    const found = stepOf(definition, step)
    const { handler, job } = found === undefined ? { handler: null, job: null } : rulesOf(found, { name })
    const agents = handler?.agents?.(job!) ?? []
    const workers = this.#workers.get(step) ?? new Set()
    this.#workers.set(step, workers)
    const parts = [
      ...this.#step(step),
      // An answer that was recorded before has no model.
      ...(usage.model === '' ? [] : [this.#part('model', usage.model)]),
      ...agents.map(agent => this.#part('agent', agent)),
    ]
    for (const part of parts) {
      if (part.dimension !== 'step') workers.add(keyOf(part))
      const isUnpriced = usage.cost === null || (usage.cost === undefined && usage.calls > 0)
      part.cost = isUnpriced || part.cost === null ? null : part.cost + (usage.cost ?? 0)
    }
  }

  /** It is told of the step, and of whoever worked there. */
  #note(step: string, bit: number): void {
    const workers = [...(this.#workers.get(step) ?? [])].map(key => this.#parts.get(key)!)
    for (const part of [...this.#step(step), ...workers]) part.told |= bit
  }

  #leave(visit: number): void {
    for (const part of this.#step(this.#stepOf(visit))) part.left++
  }

  #stepOf(visit: number): string {
    return this.#steps.get(visit) ?? ''
  }

  /** Nothing, where the task is at no step. */
  #step(key: string): Part[] {
    return key === '' ? [] : [this.#part('step', key)]
  }

  #part(dimension: Dimension, name: string): Part {
    const key = keyOf({ dimension, name })
    const known = this.#parts.get(key)
    if (known !== undefined) return known
    const part = { dimension, name, cost: 0, told: 0, left: 0, ms: noTime() }
    this.#parts.set(key, part)
    return part
  }
}

const keyOf = ({ dimension, name }: Pick<Part, 'dimension' | 'name'>) => `${dimension} ${name}`
const noTime = (): Record<TimeKind, number> => ({ people: 0, time: 0, held: 0, queue: 0, model: 0, call: 0 })
const round = (usd: number) => Math.round(usd * 1e6) / 1e6

/** The step whose draft a question shows; undefined: it shows none. */
function draftOf(state: TaskState | null, run: number): string | undefined {
  const phase = state?.visit.runs.find(({ id }) => id === run)?.phase
  return phase?.name === 'asked' ? phase.ask.artefact?.step : undefined
}

/**
 * What a task that stands like this spends its time on. People come first, as it waits for them whatever else goes on; then
 * work, and of what waits what is nearest to it.
 */
function kindOfTime(state: TaskState, definition: Definition): TimeKind {
  // Nothing happens until somebody does something about it.
  if (state.halted !== null) return 'people'
  const { runs, step } = state.visit
  const at = (...names: Run['phase']['name'][]) => runs.filter(({ phase }) => names.includes(phase.name))
  if (at('asked', 'undoable').length > 0) return 'people'
  const [working] = at('claimed')
  if (working !== undefined) return workOf(working, stepOf(definition, step))
  if (at('due', 'asking', 'queued').length > 0)
    return at('held').length > 0 && at('due').length === 0 ? 'held' : 'queue'
  if (at('held').length > 0) return 'held'
  return at('awaiting').length > 0 ? 'time' : 'queue'
}

function workOf(run: Run, step: Definition['steps'][number] | undefined): 'model' | 'call' {
  if (step === undefined || run.calls.some(({ open }) => open)) return 'call'
  return rulesOf(step, run).handler.spends === 'calls' ? 'model' : 'call'
}
