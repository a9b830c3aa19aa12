/** A small believable world for tests in workerd: definitions, tasks made straight on their Durable Object, scripted models. */
/// <reference types="@cloudflare/vitest-pool-workers/types" />
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env as bindings } from 'cloudflare:workers'
import { vi } from 'vitest'
import { workflowsIn } from '../../src/domain/handler/of-step.ts'
import type { Json } from '../../src/domain/json/json.ts'
import type { Command, CreateTask } from '../../src/domain/task/commands.ts'
import type { Actor } from '../../src/domain/task/events.ts'
import type { TaskView } from '../../src/domain/task/told/views.ts'
import type { Definition, Pinned } from '../../src/domain/workflow/definition.ts'
import { type Env, gateStub, taskStub } from '../../src/env.ts'
import { forgetStandings } from '../../src/execution/gate/standing.ts'
import type { ModelOutcome, ModelRequest } from '../../src/execution/models/port.ts'
import { scriptModels } from '../../src/execution/orders/model.ts'
import { sha256 } from '../../src/task/object/task-log.ts'
import type { CallContext, TaskVerbs } from '../../src/task/rpc.ts'

export const env = bindings as unknown as Env
export const TEAM = 'team_acme'
export const WORKFLOW = 'wf_onboarding'
export const ANA: Actor = { kind: 'person', id: 'ana@acme.test' }
export const KEY: Actor = { kind: 'key', id: 'key_1', name: 'CI' }

/** agent-less onboarding: research → draft → approve → done; a rejection goes back to the draft with the note. */
export const onboarding: Definition = {
  baton: 1,
  name: 'Customer onboarding',
  owner: 'ana@acme.test',
  title: '{{ input.company }}',
  steps: [
    { key: 'research', prompt: 'Research {{ input.company }}.', model: 'demo', handoffs: [{ to: 'draft' }] },
    {
      key: 'draft',
      prompt:
        'Write to {{ input.company }}. Background: {{ steps.research.output }}{% if last.note %} The reviewer said: {{ last.note }}{% endif %}',
      model: 'demo',
      handoffs: [{ to: 'approve' }],
    },
    {
      key: 'approve',
      human: { assign: ['ana@acme.test'], instructions: 'Check tone.', edits: 'draft' },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', to: 'draft' },
      ],
    },
  ],
}

/** Prompts in a row, then the end. */
export function promptsInARow(count: number): Definition {
  const steps = Array.from({ length: count }, (_, i) => ({
    key: `s${i + 1}`,
    prompt: `Step ${i + 1} for {{ input.company }}`,
    model: 'demo',
    handoffs: [{ to: i + 1 < count ? `s${i + 2}` : 'complete' }],
  }))
  return { baton: 1, name: 'In a row', steps }
}

let made = 0

export interface TestTask {
  id: string
  stub: TaskVerbs & DurableObjectStub
  view(): Promise<TaskView>
  types(): Promise<string[]>
  alarm(): Promise<boolean>
  command(command: Exclude<Command, CreateTask>, actor?: Actor): ReturnType<TaskVerbs['command']>
}

/** The handle of a task that may not exist yet. */
export function theTask(id: string): TestTask {
  const stub = () => taskStub(env, TEAM, id) as TaskVerbs & DurableObjectStub
  return {
    id,
    get stub() {
      return stub()
    },
    view: async () => (await stub().view())!,
    types: async () => (await stub().events(0, 10_000))!.map(event => event.type),
    alarm: () => runDurableObjectAlarm(stub()),
    command: (command, actor = ANA) => stub().command(command, { actor, flushed: false }),
  }
}

export function newTaskId(): string {
  return `tsk_${(++made).toString(32).padStart(26, 'a')}`
}

/** What `create` takes for this definition. */
export function createOf(id: string, definition: Definition, input: Json = { company: 'Nimbus' }, version = 1) {
  // Steps name other workflows by their ids here.
  const workflows = Object.fromEntries(workflowsIn(definition.steps).map(use => [use, use]))
  const pinned: Pinned = { workflow: WORKFLOW, version, definition, agents: {}, workflows }
  const text = JSON.stringify(pinned)
  return { task: id, team: TEAM, pinned: text, digest: sha256(text), input }
}

/** Makes a task of this definition on its own Durable Object. */
export async function aTask(
  definition: Definition,
  input?: Json,
  context: Partial<CallContext> = {},
): Promise<TestTask> {
  const id = newTaskId()
  const answer = await taskStub(env, TEAM, id).create(createOf(id, definition, input), {
    actor: KEY,
    flushed: false,
    ...context,
  })
  if (!answer.ok) throw new Error(`refused: ${JSON.stringify(answer.refusal)}`)
  return theTask(id)
}

/** Waits until the task is there. */
export async function until(task: TestTask, reached: (view: TaskView) => boolean, timeout = 10_000): Promise<TaskView> {
  return vi.waitFor(
    async () => {
      const view = await task.view()
      if (!reached(view)) throw new Error(`still ${view.status} at ${view.step}: ${view.why}`)
      return view
    },
    { timeout, interval: 20 },
  )
}

export type Scripted = (request: ModelRequest, nth: number) => Promise<ModelOutcome> | ModelOutcome

/** Every model answers by this script from now on. */
export function modelsAnswer(script: Scripted): { requests: ModelRequest[] } {
  const requests: ModelRequest[] = []
  const complete = async (request: ModelRequest) => {
    requests.push(request)
    return script(request, requests.length)
  }
  scriptModels({ resolve: step => step ?? 'demo', provider: () => 'demo', port: () => ({ complete }) })
  return { requests }
}

/** The rendered prompt that a request begins with. */
export function promptOf({ messages: [first] }: ModelRequest): string {
  if (first?.role !== 'user') throw new Error(`it begins with ${JSON.stringify(first)}`)
  return first.text
}

export function says(
  output: Json,
  more: Partial<Extract<ModelOutcome, { kind: 'completed' }>['answer']> = {},
): ModelOutcome {
  return {
    kind: 'completed',
    answer: { output, confidence: 1, ...more },
    usage: { model: 'demo', inputTokens: 10, outputTokens: 5, calls: 1, durationMs: 1 },
  }
}

export function fails(
  code: 'rate_limited' | 'provider_error' | 'timeout' | 'bad_request',
  retryable = true,
  retryAfterMs?: number,
): ModelOutcome {
  return {
    kind: 'failed',
    failure: { code, message: `scripted ${code}`, retryable, retryAfterMs },
    usage: { model: 'demo', inputTokens: 1, outputTokens: 0, calls: 1, durationMs: 1 },
  }
}

/** The team's Gate forgets all that it knows, as of what earlier tests' providers did. */
export async function freshGate(): Promise<void> {
  const gate = gateStub(env, TEAM) as unknown as DurableObjectStub
  await runInDurableObject(gate, (_object, state) => state.storage.deleteAll())
  await evictDurableObject(gate)
  forgetStandings()
}

/** Runs `act` with the clock put forward by `ms`, for the Worker and its objects, too. */
export async function atLater<T>(ms: number, act: () => Promise<T>): Promise<T> {
  vi.useFakeTimers({ now: Date.now() + ms, toFake: ['Date'] })
  try {
    return await act()
  } finally {
    vi.useRealTimers()
  }
}
