/** A small believable world for tests of the task engine: Acme's onboarding, its people, and journeys through it. */
import { createHash } from 'node:crypto'
import type { NewFile } from '../../src/domain/file/file.ts'
import { workflowsIn } from '../../src/domain/handler/of-step.ts'
import type { Human } from '../../src/domain/handler/parts/human-shape.ts'
import type { Json } from '../../src/domain/json/json.ts'
import type { CallNote, Command, CreateTask, Refusal } from '../../src/domain/task/commands.ts'
import { type Context, readValue } from '../../src/domain/task/context.ts'
import { decide } from '../../src/domain/task/decide.ts'
import { nextAlarm } from '../../src/domain/task/due.ts'
import { type Actor, LOG_VERSION, type LogRow, type TaskEvent } from '../../src/domain/task/events.ts'
import { replay } from '../../src/domain/task/evolve.ts'
import type { Usage } from '../../src/domain/task/run/outcome.ts'
import type { Run, TaskState } from '../../src/domain/task/state.ts'
import type { Definition, Pinned, Step } from '../../src/domain/workflow/definition.ts'
import type { Limits } from '../../src/domain/workflow/parts.ts'
import { mulberry32 } from './random.ts'

export const SECOND = 1000
export const MINUTE = 60 * SECOND
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR

/** A Monday morning in November 2026; tests count from here. */
export const START = Date.UTC(2026, 10, 2, 9)

export const SYSTEM: Actor = { kind: 'system' }
export const ANA: Actor = { kind: 'person', id: 'ana@acme.test', name: 'Ana' }
export const BEN: Actor = { kind: 'person', id: 'ben@acme.test', name: 'Ben' }
/** Ana again, by the link in her mail. */
export const ANA_BY_LINK: Actor = { kind: 'link', id: 'Ana@acme.test' }
export const BOT: Actor = { kind: 'key', id: 'key_bot', name: 'Bot' }
export const BOSS: Actor = { kind: 'person', id: 'boss@acme.test' }

/** "Customer onboarding": research, draft, approval, done. Fields given replace its own. */
export function onboarding(over: Partial<Definition> = {}): Definition {
  return {
    baton: 1,
    name: 'Customer onboarding',
    owner: 'Ana@acme.test',
    title: '{{ input.company }}',
    input: { type: 'object', required: ['company'], properties: { company: { type: 'string' } } },
    steps: [research(), draft(), approve()],
    ...over,
  }
}

export function research(over: Partial<Step> = {}): Step {
  return {
    key: 'research',
    name: 'Research the company',
    agent: 'researcher',
    instructions: 'Research {{ input.company }}.',
    handoffs: [{ to: 'draft' }],
    ...over,
  }
}

export function draft(over: Partial<Step> = {}): Step {
  return {
    key: 'draft',
    name: 'Draft the welcome mail',
    prompt:
      'Write to {{ input.company }}.{% if steps.research %} Background: {{ steps.research.output }}{% endif %}{% if last.note %} The reviewer said: {{ last.note }}{% endif %}',
    model: 'demo',
    handoffs: [{ to: 'approve' }],
    ...over,
  }
}

export function approve(human: Partial<Human> = {}, over: Partial<Step> = {}): Step {
  return {
    key: 'approve',
    name: 'Approve the mail',
    human: { assign: ['ana@acme.test', 'ben@acme.test'], instructions: 'Check tone and facts.', ...human },
    handoffs: [
      { when: 'approved', to: 'complete' },
      { when: 'rejected', to: 'draft' },
    ],
    ...over,
  }
}

/** One prompt step that leads to complete, unless told otherwise. */
export function onePrompt(over: Partial<Step> = {}, definition: Partial<Definition> = {}): Definition {
  const step = draft({ prompt: 'Write to {{ input.company }}.', handoffs: [{ to: 'complete' }], ...over })
  return onboarding({ steps: [step], ...definition })
}

/** One human step after which the task is done. */
export function oneHuman(human: Partial<Human> = {}, over: Partial<Step> = {}, rest: Partial<Definition> = {}) {
  const handoffs = [
    { when: 'approved', to: 'complete' },
    { when: 'rejected', to: 'complete' },
  ]
  return onboarding({ steps: [approve(human, { handoffs, ...over })], ...rest })
}

/** One step that starts a task of "Contract review" and waits for it. */
export function oneChild(over: Partial<Step> = {}, own: Partial<NonNullable<Step['workflow']>> = {}): Definition {
  const workflow = { use: 'Contract review', input: { text: '{{ input.company }}' }, ...own }
  return onboarding({ steps: [{ key: 'review', workflow, handoffs: [{ to: 'complete' }], ...over }] })
}

export function limited(limits: Limits, steps: Step[]): Definition {
  return onboarding({ limits, steps })
}

export function usage(over: Partial<Usage> = {}): Usage {
  return { model: 'gpt-5-mini', inputTokens: 1000, outputTokens: 500, calls: 1, durationMs: 1200, ...over }
}

/** The intent of a call to the outside, as a consumer notes it. */
export function aCall(over: Partial<OutsideCall> = {}): OutsideCall {
  return { call: 'call_1', tool: 'http', args: null, safe: true, key: null, ...over }
}

type OutsideCall = Extract<CallNote, { called: unknown }>['called']

/** A file that has just come. */
export function aFile(over: Partial<NewFile> = {}): NewFile {
  const sha = sha256('content')
  return {
    id: 'fil_1',
    name: 'a.pdf',
    type: 'application/pdf',
    bytes: 7,
    sha256: sha,
    from: 'api',
    until: 9e15,
    ...over,
  }
}

export function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

/** A published version as a task pins it. */
export interface Published {
  pinned: string
  digest: string
}

const published = new Map<string, Pinned>()

/** Publishes a definition: what `create` and `migrate` take. */
export function publish(definition: Definition, version = 3): Published {
  const uses = workflowsIn(definition.steps).map(use => [use, `wf_${use.toLowerCase().replaceAll(' ', '_')}`])
  const started = uses.length === 0 ? {} : { workflows: Object.fromEntries(uses) }
  const pinned: Pinned = { workflow: 'wf_onboarding', version, definition, agents: { researcher: 7 }, ...started }
  const text = JSON.stringify(pinned)
  const digest = sha256(text)
  published.set(digest, pinned)
  return { pinned: text, digest }
}

/** What was published under this digest, as the isolate's cache has it. */
export function versionOf(digest: string): Pinned {
  const version = published.get(digest)
  if (version === undefined) throw new Error(`nothing was published as ${digest}`)
  return version
}

/** A task on its way, with its log; time moves only when a test moves it. */
export class Journey {
  now = START
  rows: LogRow[] = []
  readonly blobs = new Map<string, string>()
  /** Leases whose object was away meanwhile. */
  readonly unseen = new Set<string>()
  #state: TaskState | null = null
  #tokens = 0
  #random: () => number

  constructor(seed = 1) {
    this.#random = mulberry32(seed)
  }

  get state(): TaskState {
    if (this.#state === null) throw new Error('the task was not made yet')
    return this.#state
  }

  get definition(): Definition {
    return versionOf(this.state.digest).definition
  }

  /** Every event so far, in order. */
  get events(): TaskEvent[] {
    return this.rows.flatMap(row => row.events)
  }

  types(): string[] {
    return this.events.map(event => event.type)
  }

  /** The run at hand: a plain step has one. */
  get run(): Run {
    return this.state.visit.runs[0]!
  }

  get lease(): string {
    const { phase } = this.run
    if (phase.name !== 'claimed') throw new Error(`the run is ${phase.name}, not claimed`)
    return phase.lease
  }

  ref() {
    return { visit: this.state.visit.n, run: this.run.id, attempt: this.run.attempt, lease: this.lease }
  }

  context(actor: Actor = SYSTEM): Context {
    return {
      now: this.now,
      actor,
      pinned: versionOf,
      blob: digest => this.blobs.get(digest)!,
      sha256,
      token: () => `lease_${++this.#tokens}`,
      random: this.#random,
      witnessed: lease => !this.unseen.has(lease),
    }
  }

  /** Gives a command; answers why it was refused, or null. */
  try(command: Command, actor: Actor = SYSTEM): Refusal | null {
    const decision = decide(this.#state, command, this.context(actor))
    if ('refusal' in decision) return decision.refusal
    if (decision.events.length > 0) {
      const seq = (this.#state?.seq ?? 0) + 1
      this.rows.push({ seq, v: LOG_VERSION, at: this.now, actor, events: decision.events })
    }
    this.#state = decision.state
    return null
  }

  /** Gives a command that must be carried out; answers the types of its events. */
  do(command: Command, actor: Actor = SYSTEM): string[] {
    const before = this.rows.length
    const refusal = this.try(command, actor)
    if (refusal !== null) throw new Error(`${command.type} was refused: ${JSON.stringify(refusal)}`)
    return this.rows.slice(before).flatMap(row => row.events.map(event => event.type))
  }

  claim(): string {
    const { visit } = this.state
    this.do({ type: 'claim', visit: visit.n, run: this.run.id, attempt: this.run.attempt })
    return this.lease
  }

  /** A consumer takes the run and brings this answer. */
  answer(output: Json, over: { handoff?: string; confidence?: number; usage?: Usage | null } = {}): string[] {
    this.claim()
    return this.do({
      type: 'report',
      ...this.ref(),
      outcome: { kind: 'completed', output, handoff: over.handoff, confidence: over.confidence ?? 0.9 },
      usage: over.usage === undefined ? usage() : over.usage,
      chain: false,
    })
  }

  /** A consumer takes the run and fails. */
  fail(over: Partial<Extract<Extract<Command, { type: 'report' }>['outcome'], { kind: 'failed' }>['failure']> = {}) {
    this.claim()
    return this.do({
      type: 'report',
      ...this.ref(),
      outcome: {
        kind: 'failed',
        failure: { code: 'provider_error', message: 'The provider had an error.', retryable: true, ...over },
      },
      usage: null,
      chain: false,
    })
  }

  decide(handoff: string, actor: Actor = ANA, over: Partial<Extract<Command, { type: 'decide' }>> = {}): string[] {
    return this.do({ type: 'decide', handoff, ...over }, actor)
  }

  alarm(): number | null {
    return nextAlarm(this.state, this.definition, this.now)
  }

  /** Lets time pass until the alarm and wakes the task; answers the types of what that brought. */
  wake(): string[] {
    const at = this.alarm()
    if (at === null) throw new Error('no alarm is set')
    this.now = Math.max(this.now, at)
    return this.do({ type: 'wake' })
  }

  /** Lets the claimed run's worker vanish. */
  lapse(): string[] {
    this.claim()
    return this.wake()
  }

  /** The state that the log comes to when it is read back from disk as text. */
  reread(): TaskState {
    return replay(JSON.parse(JSON.stringify(this.rows)) as LogRow[])!
  }

  value<T>(stored: Parameters<typeof readValue<T>>[0]): T {
    return readValue(stored, digest => this.blobs.get(digest)!)
  }
}

export const ACME: Json = { company: 'Acme' }

/** A task that was just made from this definition. */
export function aTask(
  definition: Definition,
  over: Partial<CreateTask> = {},
  actor: Actor = { kind: 'key', id: 'key_signup' },
  seed = 1,
): Journey {
  const journey = new Journey(seed)
  journey.do({ type: 'create', task: 'tsk_1', team: 'acme', ...publish(definition), input: ACME, ...over }, actor)
  return journey
}
