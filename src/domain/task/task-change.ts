/** What one command changes of a task: the events that it has caused so far, and the state that they come to. */
import { fileInScope, type TaskFile, withFiles } from '../file/file.ts'
import type { Json } from '../json/json.ts'
import type { Scope } from '../template/scope.ts'
import { type Pinned, type Step, stepOf } from '../workflow/definition.ts'
import { type Context, readValue } from './context.ts'
import type { TaskEvent } from './events.ts'
import { evolve } from './evolve.ts'
import type { Stored } from './log/blob.ts'
import { type Rules, rulesOf, rulesOfStep, runName } from './run/rules.ts'
import type { Run, TaskState } from './state.ts'

export class TaskChange {
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
  const files = state.files.map(file => ({ id: file.id, file: fileInScope(file, textOf(file, blob)) }))
  const byId = new Map(files.map(({ id, file }) => [id, file]))
  const steps: Scope['steps'] = {}
  for (const [key, record] of Object.entries(state.steps)) {
    steps[key] = { output: withFiles(readValue<Json>(record.output, blob), byId), decision: record.decision }
  }
  return {
    input: withFiles(readValue<Json>(state.input, blob), byId),
    files: files.map(({ file }) => file),
    steps,
    last: { ...state.last, output: withFiles(readValue<Json>(state.last.output, blob), byId) },
    task: { id: state.task, title: state.title, visit: state.visit.n },
  }
}

function textOf({ text }: TaskFile, blob: Context['blob']): string | null {
  return text === undefined ? null : readValue<string>(text, blob)
}
