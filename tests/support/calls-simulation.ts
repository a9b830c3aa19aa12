/**
 * Tasks that call an outside world which counts, performed by the real performers while workers die, answers are lost and
 * people allow, deny and say what happened. One seed is one schedule.
 */
import type { Json } from '../../src/domain/json/json.ts'
import type { Message } from '../../src/domain/messages.ts'
import type { CallNote, Work } from '../../src/domain/task/commands.ts'
import { workOf } from '../../src/domain/task/run/attempts.ts'
import type { TeamTool } from '../../src/domain/tools/tool.ts'
import type { Definition } from '../../src/domain/workflow/definition.ts'
import type { Env } from '../../src/env.ts'
import { setNetwork } from '../../src/execution/egress/call-out.ts'
import type { ModelOutcome, ModelRequest } from '../../src/execution/models/port.ts'
import { scriptModels } from '../../src/execution/orders/model.ts'
import { perform } from '../../src/execution/orders/perform.ts'
import type { Report } from '../../src/task/rpc.ts'
import { mulberry32 } from './random.ts'
import { ANA, aTask, type Journey } from './task-builders.ts'

/** What may be wrong with Baton; each must be found. */
export const PLANTED = [
  'no intent is recorded',
  'the key is new in each attempt',
  'a receipt is not looked at',
  'every call counts as safe',
  'a lost answer counts as a failure',
  'a turn is not recorded',
  'what a person denied is made',
  'edits of what was allowed are dropped',
] as const
export type Planted = (typeof PLANTED)[number]

const POST = 'POST' as const
const ref = (value: string) => ({ ref: value })

const DEFINITION: Definition = {
  baton: 1,
  name: 'Calls',
  owner: 'ana@acme.test',
  limits: { calls: 60 },
  steps: [
    {
      key: 'pay',
      http: { method: POST, url: 'https://pay.example/', body: ref('pay') },
      handoffs: [{ when: 'failed', to: 'book' }, { when: 'timeout', to: 'book' }, { to: 'book' }],
    },
    {
      key: 'book',
      http: { method: POST, url: 'https://book.example/', body: ref('book'), key: 'Idempotency-Key' },
      handoffs: [{ when: 'failed', to: 'work' }, { when: 'timeout', to: 'work' }, { to: 'work' }],
    },
    {
      key: 'work',
      agent: 'researcher',
      instructions: 'Work.',
      handoffs: [{ when: 'failed', to: 'tell' }, { when: 'timeout', to: 'tell' }, { to: 'tell' }],
    },
    {
      key: 'tell',
      tool: 'refund',
      with: ref('tell'),
      handoffs: [{ when: 'failed', to: 'complete' }, { to: 'complete' }],
    },
  ],
}

const PARAMETERS = { type: 'object', required: ['ref'], properties: { ref: { type: 'string' } } }
const send = (url: string) => ({ method: POST, url, body: { ref: '{{ args.ref }}' } })
const TOOLS: TeamTool[] = [
  {
    key: 'look',
    description: 'Looks.',
    parameters: PARAMETERS,
    http: { url: 'https://look.example/', query: { ref: '{{ args.ref }}' } },
  },
  { key: 'charge', description: 'Charges.', parameters: PARAMETERS, http: send('https://pay.example/') },
  { key: 'refund', description: 'Refunds.', parameters: PARAMETERS, http: send('https://pay.example/'), ask: true },
]
const AGENT = { key: 'researcher', name: 'R', description: 'Works.', tools: TOOLS.map(tool => tool.key), version: 7 }

/** D1 as far as the performers read it: the agent, and the tools in their versions. */
const DB = {
  // The terms of its team, which are the usual ones.
  batch: async () => [],
  prepare: (sql: string) => ({
    bind: (...values: unknown[]) => ({
      first: async () => ({ tool: JSON.stringify(TOOLS.find(tool => tool.key === values[1])) }),
      // As drizzle reads a row of the agent's versions.
      raw: async () =>
        sql.includes('agent_versions') ? [['acme', AGENT.key, 7, JSON.stringify(AGENT), 0, 'ana']] : [],
    }),
  }),
}
const ENV = { DB } as unknown as Env

/** The turns of the model, by how many it took before. */
const TURNS: { tool: string; ref: string }[][] = [
  [
    { tool: 'look', ref: 'l1' },
    { tool: 'charge', ref: 'a1' },
  ],
  [{ tool: 'refund', ref: 'a2' }],
  [
    { tool: 'charge', ref: 'a3' },
    { tool: 'nothing', ref: 'a4' },
    { tool: 'charge', ref: 'a5' },
  ],
]

export interface Coverage {
  deaths: number
  lostAnswers: number
  outcomesAsked: number
  happened: number
  denied: number
  edited: number
  receiptsReused: number
  retried: number
}

export const noCoverage = (): Coverage => ({
  deaths: 0,
  lostAnswers: 0,
  outcomesAsked: 0,
  happened: 0,
  denied: 0,
  edited: 0,
  receiptsReused: 0,
  retried: 0,
})

class Broken extends Error {}

/** Runs one schedule to its end. Throws what is wrong, in words. */
export async function runSchedule(seed: number, coverage: Coverage, planted: Planted | null = null): Promise<void> {
  await new Schedule(seed, coverage, planted).run()
}

class Schedule {
  readonly #random: () => number
  readonly #coverage: Coverage
  readonly #planted: Planted | null
  readonly #task: Journey
  /** How often what was asked for took effect, by its ref. */
  readonly #effects = new Map<string, number>()
  /** The keys under which the service that knows repeats took them. */
  readonly #booked = new Map<string, Set<string>>()
  /** Refs that a person denied, and those that a person changed to others. */
  readonly #denied = new Set<string>()
  readonly #edited = new Map<string, string>()
  #die: (() => void) | null = null
  #problem: string | null = null
  #quiet = 0

  constructor(seed: number, coverage: Coverage, planted: Planted | null) {
    this.#random = mulberry32(seed)
    this.#coverage = coverage
    this.#planted = planted
    this.#task = aTask(DEFINITION)
  }

  async run(): Promise<void> {
    setNetwork(((input: RequestInfo | URL, init?: RequestInit) =>
      this.#network(new Request(input as string, init))) as typeof fetch)
    scriptModels({
      resolve: () => 'demo',
      provider: () => 'demo',
      port: () => ({ complete: request => this.#model(request) }),
    })
    try {
      for (let turn = 0; turn < 400 && !this.#isOver(); turn++) {
        // In the end nothing strikes any more, and everything must come to its end.
        if (turn > 120) this.#quiet = 1
        await this.#step()
        if (this.#problem !== null) throw new Broken(this.#problem)
      }
      this.#atEnd()
    } finally {
      setNetwork(null)
      scriptModels(null)
    }
  }

  #isOver(): boolean {
    return ['done', 'failed', 'cancelled'].includes(this.#task.state.status)
  }

  #chance(probability: number): boolean {
    return this.#quiet === 0 && this.#random() < probability
  }

  async #step(): Promise<void> {
    const task = this.#task
    const run = task.state.visit.runs[0]!
    switch (run.phase.name) {
      case 'due':
        if (task.state.status === 'stuck') return void task.do({ type: 'retry' }, ANA)
        task.now = Math.max(task.now, run.dueAt) + 1
        return this.#work()
      case 'asked':
        return this.#person()
      default:
        if (task.state.status === 'stuck') return void task.do({ type: 'retry' }, ANA)
        task.wake()
    }
  }

  async #work(): Promise<void> {
    const task = this.#task
    const { visit } = task.state
    const lease = task.claim()
    if (this.#chance(0.05)) task.unseen.add(lease)
    const work = workOf(task.state, task.context(), lease)!
    const refs = { visit: visit.n, run: work.run, attempt: work.attempt, lease }
    const died = new Promise<'died'>(resolve => {
      this.#die = () => resolve('died')
    })
    const note = async (told: CallNote): Promise<boolean> => {
      if (this.#strikesDead(0.04)) return never()
      const isKept = this.#note(refs, told)
      return this.#strikesDead(0.04) ? never() : isKept
    }
    const performed = perform(this.#spoilt(work), { team: 'acme', chain: false, note }, ENV)
    const report = await Promise.race([performed, died])
    this.#die = null
    if (report === 'died' || report === null) return
    if (this.#chance(0.05)) return // the report is lost
    this.#report(refs, report)
  }

  #strikesDead(probability: number): boolean {
    if (!this.#chance(probability)) return false
    this.#coverage.deaths++
    this.#die?.()
    return true
  }

  /** What the Task DO's verb does. */
  #note(refs: { visit: number; run: number; attempt: number; lease: string }, told: CallNote): boolean {
    const isSkipped =
      (this.#planted === 'no intent is recorded' && 'called' in told) ||
      (this.#planted === 'a turn is not recorded' && 'turned' in told)
    if (isSkipped) return true
    const safely =
      this.#planted === 'every call counts as safe' && 'called' in told
        ? { called: { ...told.called, safe: true } }
        : told
    if (this.#task.try({ type: 'note', ...refs, note: safely }) !== null) return false
    const { phase } = this.#task.state.visit.runs[0]!
    return phase.name === 'claimed' && phase.lease === refs.lease
  }

  #report(refs: { visit: number; run: number; attempt: number; lease: string }, report: Report): void {
    if (report.kind === 'hold') {
      this.#task.do({ ...report, type: 'hold', ...refs })
      return
    }
    let { outcome } = report
    if (
      this.#planted === 'a lost answer counts as a failure' &&
      outcome.kind === 'failed' &&
      outcome.failure.code === 'unknown_outcome'
    ) {
      outcome = { kind: 'failed', failure: { ...outcome.failure, code: 'unreachable', retryable: true } }
    }
    this.#task.do({ type: 'report', ...refs, outcome, usage: report.usage, chain: false })
  }

  #spoilt(work: Work): Work {
    const { order } = work
    if (order.kind === 'http') {
      if (order.receipt !== null) this.#coverage.receiptsReused++
      if (work.attempt > 1) this.#coverage.retried++
      if (this.#planted === 'a receipt is not looked at') return { ...work, order: { ...order, receipt: null } }
      if (this.#planted === 'the key is new in each attempt')
        return { ...work, order: { ...order, key: `${order.key}.${this.#random()}` } }
    }
    if (order.kind === 'model' && order.loop !== null) {
      const { loop } = order
      if (this.#planted === 'a receipt is not looked at') {
        return {
          ...work,
          order: { ...order, loop: { ...loop, calls: loop.calls.map(call => ({ ...call, receipt: null })) } },
        }
      }
      if (this.#planted === 'what a person denied is made') {
        const calls = loop.calls.map(call =>
          isDenied(call.receipt) ? { ...call, receipt: null, allowed: call.args } : call,
        )
        return { ...work, order: { ...order, loop: { ...loop, calls } } }
      }
      if (this.#planted === 'edits of what was allowed are dropped') {
        const calls = loop.calls.map(call => (call.allowed === null ? call : { ...call, allowed: call.args }))
        return { ...work, order: { ...order, loop: { ...loop, calls } } }
      }
    }
    return work
  }

  /** What the service does with a request, and whether it lets its sender know. */
  async #network(request: Request): Promise<Response> {
    const { host, searchParams } = new URL(request.url)
    const asked = request.method === 'GET' ? searchParams.get('ref')! : ((await request.json()) as { ref: string }).ref
    this.#looksRight(asked)
    if (host === 'look.example') return Response.json({ saw: asked })
    if (this.#strikesDead(0.06)) return never()
    if (this.#chance(0.06)) return this.#lost()
    if (this.#chance(0.06)) return Response.json({ error: 'busy' }, { status: 503 })
    if (this.#chance(0.03)) return Response.json({ error: 'no' }, { status: 422 })
    this.#takesEffect(asked, host === 'book.example' ? request.headers.get('idempotency-key') : null)
    if (this.#strikesDead(0.06)) return never()
    if (this.#chance(0.08)) return this.#lost()
    return Response.json({ done: asked })
  }

  #lost(): never {
    this.#coverage.lostAnswers++
    if (this.#random() < 0.3) throw Object.assign(new Error('late'), { name: 'TimeoutError' })
    throw new Error('connection reset')
  }

  #takesEffect(asked: string, key: string | null): void {
    if (key !== null) {
      const keys = this.#booked.get(asked) ?? new Set()
      if (keys.has(key)) return
      this.#booked.set(asked, keys.add(key))
    }
    this.#effects.set(asked, (this.#effects.get(asked) ?? 0) + 1)
  }

  /** Before anything is done outside, its intent is in the log, and no receipt is. */
  #looksRight(asked: string): void {
    const run = this.#task.state.visit.runs[0]!
    const call = run.calls.findLast(
      each => JSON.stringify(each.args).includes(`"${asked}"`) || JSON.stringify(each.allowed).includes(`"${asked}"`),
    )
    if (call === undefined || !call.open) this.#problem ??= `${asked} is called, and its intent is not in the log`
    if (this.#denied.has(asked)) this.#problem ??= `${asked} is called though a person denied it`
    if (this.#edited.has(asked)) this.#problem ??= `${asked} is called though a person changed it`
  }

  async #model(request: ModelRequest): Promise<ModelOutcome> {
    const usage = { model: 'demo', inputTokens: 10, outputTokens: 5, calls: 1, durationMs: 1 }
    const taken = request.messages.filter(message => message.role === 'assistant').length
    const run = this.#task.state.visit.runs[0]!
    if (taken !== run.turns.length)
      this.#problem ??= `the model is asked for turn ${taken + 1}, ${run.turns.length} are recorded`
    if (request.messages.some(isUnanswered)) this.#problem ??= 'the model goes on without the result of a call'
    if (this.#strikesDead(0.04)) return never()
    if (this.#chance(0.05))
      return { kind: 'failed', failure: { code: 'provider_error', message: 'Down.', retryable: true }, usage }
    const calls = TURNS[taken]
    if (calls === undefined) return { kind: 'completed', answer: { output: 'worked', confidence: 1 }, usage }
    const asked = calls.map(({ tool, ref: value }, index) => ({ id: `c${taken}_${index}`, tool, args: ref(value) }))
    return { kind: 'calls', calls: asked, text: null, usage }
  }

  /** Ana allows, denies, changes, and says of a lost call what she finds in the world. */
  #person(): void {
    const task = this.#task
    const run = task.state.visit.runs[0]!
    if (run.phase.name !== 'asked') return
    const { ask } = run.phase
    const args = task.value<Json>(ask.call!.args)
    const [asked] = [...JSON.stringify(args).matchAll(/"ref":"(\w+)"/g)].map(match => match[1]!)
    if (ask.kind === 'outcome') {
      const isDone = (this.#effects.get(asked!) ?? 0) > 0
      this.#coverage.outcomesAsked++
      if (isDone) this.#coverage.happened++
      task.do({ type: 'answer', happened: isDone, output: isDone ? { done: asked! } : undefined }, ANA)
    } else if (this.#random() < 0.2) {
      this.#denied.add(asked!)
      this.#coverage.denied++
      task.do({ type: 'decide', handoff: 'deny', note: 'No.' }, ANA)
    } else if (this.#random() < 0.3) {
      this.#edited.set(asked!, `${asked}x`)
      this.#coverage.edited++
      task.do({ type: 'decide', handoff: 'allow', edits: ref(`${asked}x`) }, ANA)
    } else task.do({ type: 'decide', handoff: 'allow' }, ANA)
  }

  #atEnd(): void {
    const { state } = this.#task
    if (state.status !== 'done')
      throw new Broken(`it ended ${state.status}: ${state.stuck?.message ?? state.error?.message ?? ''}`)
    for (const [asked, count] of this.#effects) if (count > 1) throw new Broken(`${asked} took effect ${count} times`)
    const outputs = state.steps.pay?.output as { body?: { done?: string } } | null
    if (outputs?.body?.done !== undefined && this.#effects.get('pay') !== 1)
      throw new Broken('pay has an output and took no effect')
    if (JSON.stringify(this.#task.reread()) !== JSON.stringify(state))
      throw new Broken('the log comes to another state')
  }
}

function isDenied(receipt: { result: Json } | null): boolean {
  return (receipt?.result as { error?: string } | null)?.error === 'denied'
}

function isUnanswered(message: Message): boolean {
  return message.role === 'tool' && message.result === null
}

function never(): Promise<never> {
  return new Promise(() => {})
}
