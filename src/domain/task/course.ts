/** One command's course: the events it has caused so far and the state they come to. Everything from outside arrives in `Context`. */
import type { Json } from '../json/json.ts'
import type { Scope } from '../template/scope.ts'
import { type Pinned, type Step, stepOf } from '../workflow/definition.ts'
import type { Actor, BlobRef, Stored, TaskEvent } from './events.ts'
import { evolve } from './evolve.ts'
import { type Rules, rulesOf, rulesOfStep, runName } from './run/rules.ts'
import type { Run, TaskState } from './state.ts'

/** Time, ids, chance and stored values: what a decision may not make up. */
export interface Context {
  /** ms since the epoch, by the Task DO's clock */
  now: number
  actor: Actor
  /** The parsed pinned version with this digest. */
  pinned(digest: string, text: Stored<string>): Pinned
  /** The JSON text of a value that lies in a blob row; null: there is none of this digest. */
  blob(digest: string): string | null
  /** SHA-256, hex. */
  sha256(text: string): string
  /** A fresh, unguessable lease token. */
  token(): string
  /** In [0, 1). */
  random(): number
  /**
   * Whether this object has been there ever since it gave the lease; absent: always. If not, what took the object away may
   * have taken the worker, too, and that says nothing of the run.
   */
  witnessed?(lease: string): boolean
}

const BLOB_HEAD_CHARS = 200

/** Whether this has the exact shape of a reference. People's data may imitate it, so `readValue` also asks storage. */
export function isBlobRef(value: unknown): value is BlobRef {
  if (typeof value !== 'object' || value === null || Object.keys(value).length !== 3) return false
  const { $blob, bytes, head } = value as BlobRef
  const digest = typeof $blob === 'string' && /^[0-9a-f]{64}$/.test($blob)
  return digest && Number.isInteger(bytes) && typeof head === 'string' && head.length <= BLOB_HEAD_CHARS
}

/** The value itself, wherever it is kept. What only looks like a reference is data. */
export function readValue<T>(stored: Stored<T>, blob: Context['blob']): T {
  const text = isBlobRef(stored) ? blob(stored.$blob) : null
  return text === null ? (stored as T) : (JSON.parse(text) as T)
}

export class Course {
  readonly events: TaskEvent[] = []
  state: TaskState
  readonly ctx: Context

  constructor(state: TaskState, ctx: Context) {
    this.state = state
    this.ctx = ctx
  }

  emit(event: TaskEvent): void {
    this.events.push(event)
    this.state = evolve(this.state, event, { at: this.ctx.now, actor: this.ctx.actor })
  }

  get pinned(): Pinned {
    return this.ctx.pinned(this.state.digest, this.state.pinned)
  }

  /** The step that the task is in. Its definition is pinned, so it is there. */
  get step(): Step {
    const step = stepOf(this.pinned.definition, this.state.visit.step)
    if (step === undefined) throw new Error(`the pinned definition has no step ${this.state.visit.step}`)
    return step
  }

  /** The rules of the open visit. */
  get rules(): Rules {
    return rulesOfStep(this.step)
  }

  /** The rules of one of its runs. */
  rulesOf(run: { name: string | null }): Rules {
    return rulesOf(this.step, run)
  }

  /** The run as people know it. */
  nameOf(id: number): string {
    return runName(this.step, this.run(id)?.name ?? null)
  }

  value<T>(stored: Stored<T>): T {
    return readValue(stored, this.ctx.blob)
  }

  run(id: number): Run | undefined {
    return this.state.visit.runs.find(run => run.id === id)
  }

  /** What templates and conditions read. */
  scope(): Scope {
    return scopeOf(this.state, this.ctx.blob)
  }
}

/** What templates and conditions of a task read, with every stored value in place. */
export function scopeOf(state: TaskState, blob: Context['blob']): Scope {
  const steps: Scope['steps'] = {}
  for (const [key, record] of Object.entries(state.steps)) {
    steps[key] = { output: readValue<Json>(record.output, blob), decision: record.decision }
  }
  return {
    input: readValue<Json>(state.input, blob),
    steps,
    last: { ...state.last, output: readValue<Json>(state.last.output, blob) },
    task: { id: state.task, title: state.title, visit: state.visit.n },
  }
}
