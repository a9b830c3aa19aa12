/** A run's attempts: claimed under a lease, reported once, tried again with backoff, held, given up when they keep dying. */

import { peopleAfter } from '../../gate/people-after.ts'
import type { OrderedRun } from '../../handler/handler.ts'
import type { Json } from '../../json/json.ts'
import type { Definition } from '../../workflow/definition.ts'
import { durationMs, type Frame, stepName } from '../../workflow/parts.ts'
import type { AttemptRef, Command, Refusal, Work } from '../commands.ts'
import { type Context, readValue } from '../context.ts'
import { beyondCost } from '../cost.ts'
import { endRun, reachLimit } from '../flow.ts'
import type { Stored } from '../log/blob.ts'
import { refOf } from '../people/asking.ts'
import { depthOf, isOver, mayGoOn, type Run, type TaskState } from '../state.ts'
import { getStuck } from '../stop.ts'
import type { TaskChange } from '../task-change.ts'
import { unknownOutcome } from './calling.ts'
import { type ClaimedRun, givenTo, leased, leaseEnd, priced, timeoutMs } from './lease.ts'
import type { RunFailure, Usage } from './outcome.ts'
import { rulesOf } from './rules.ts'

/** A run whose leases lapse this often will not do better by itself. */
const MAX_LAPSES = 3
/** A run whose workers are lost with their hosts goes on at once for this long. */
const UNSEEN_PATIENCE_MS = 300_000
const MAX_BACKOFF_MS = 3_600_000
/** How long a task waits before it looks again whether its provider is there. */
const HOLD_MS = 60_000
const MAX_HOLD_MS = 720_000
/** Many that are held for one thing come back over this part of their wait, and over a second at least. */
const SPREAD = 0.25
const LEAST_SPREAD_MS = 1000

/** Claims a due run for a consumer. `chained` is the lease whose report asked for it. */
export function claim(
  change: TaskChange,
  ref: { visit: number; run: number; attempt: number },
  chained?: string,
): Refusal | null {
  const { state, ctx } = change
  if (isOver(state.status)) return { kind: 'not_claimable', why: 'over' }
  const run = state.visit.n === ref.visit ? change.run(ref.run) : undefined
  if (run === undefined || run.attempt !== ref.attempt) return { kind: 'not_claimable', why: 'stale' }
  if (!mayGoOn(state, run)) return { kind: 'not_claimable', why: 'over' }
  if (run.phase.name !== 'due') return { kind: 'not_claimable', why: 'claimed' }
  if (run.dueAt > ctx.now) return { kind: 'not_claimable', why: 'early' }
  change.emit({ type: 'claimed', ...ref, lease: ctx.token(), until: leaseEnd(change, run), chained })
  return null
}

/** Takes a report. One that comes late books its usage, once, and nothing else. */
export function report(change: TaskChange, command: Extract<Command, { type: 'report' }>): Refusal | null {
  const usage = command.usage && priced(command.usage)
  const run = leased(change.state, command)
  if (run === undefined) return book(change, command, usage)
  const { visit, attempt, lease, outcome } = command
  change.emit({ type: 'reported', visit, ...refOf(run), attempt, lease, outcome, usage })
  if (outcome.kind === 'completed') endRun(change, run.id, outcome)
  else if (outcome.failure.code === 'unknown_outcome') lost(change, run, outcome.failure)
  else retryOrFail(change, run, outcome.failure)
  if (command.chain) chain(change, lease)
  return null
}

function book(change: TaskChange, ref: AttemptRef, usage: Usage | null): Refusal | null {
  if (Object.hasOwn(change.state.settled, ref.lease)) return null
  if (usage === null) return { kind: 'stale_attempt' }
  change.emit({ type: 'booked', visit: ref.visit, run: ref.run, attempt: ref.attempt, lease: ref.lease, usage })
  return null
}

/** Tries again as the step's retries allow, else the run has failed. */
export function retryOrFail(change: TaskChange, run: Run, failure: RunFailure): void {
  const rules = change.rulesOf(run)
  const rule = retryRule(change.pinned.definition, rules.job.frame)
  const tries = run.attempt - run.firstAttempt + 1
  if (!failure.retryable || tries >= rule.attempts) return endRun(change, run.id, { kind: 'failed', failure })
  if (beyondCost(change, rules, givenTo(change, run))) {
    return reachLimit(change, 'limit_cost', { run: run.id })
  }
  const at =
    change.ctx.now +
    Math.max(backoffMs(rule, tries, change.ctx.random()), Math.min(failure.retryAfterMs ?? 0, MAX_BACKOFF_MS))
  change.emit({
    type: 'due',
    visit: change.state.visit.n,
    ...refOf(run),
    attempt: run.attempt + 1,
    at,
    why: failure.code,
  })
}

interface RetryRule {
  attempts: number
  delayMs: number
  factor: number
}

/** The step's own settings over the workflow's over ours: 3 attempts, 2 s, doubling. */
function retryRule(definition: Definition, step: Pick<Frame, 'retry'>): RetryRule {
  const merged = { ...definition.defaults?.retry, ...step.retry }
  return {
    attempts: merged.attempts ?? 3,
    delayMs: (merged.delay === undefined ? null : durationMs(merged.delay)) ?? 2000,
    factor: merged.factor ?? 2,
  }
}

/** The pause after the `tries`-th failed try: exponential, ±20 % so that many do not come back at once, an hour at most. */
export function backoffMs(rule: RetryRule, tries: number, random: number): number {
  const pause = rule.delayMs * rule.factor ** (tries - 1)
  return Math.round(Math.min(pause, MAX_BACKOFF_MS) * (0.8 + 0.4 * random))
}

/** Hands the consumer the next plain run with the answer to its report, so that a short chain needs no queue hop. */
function chain(change: TaskChange, lease: string): void {
  const { visit } = change.state
  const [run, ...others] = visit.runs
  if (run === undefined || others.length > 0 || !mayGoOn(change.state, run)) return
  if (run.phase.name === 'due' && run.dueAt <= change.ctx.now)
    claim(change, { visit: visit.n, run: run.id, attempt: run.attempt }, lease)
}

/** The run must wait for something outside: it is put back, that is not an attempt, and it is looked at again later. */
export function hold(change: TaskChange, command: Extract<Command, { type: 'hold' }>): Refusal | null {
  const { state, ctx } = change
  const { visit, attempt, lease, reason, message, fix } = command
  const run = state.visit.n === visit ? change.run(command.run) : undefined
  if (run === undefined || run.attempt !== attempt || !mayGoOn(state, run)) return { kind: 'stale_attempt' }
  // A worker whose lease lapsed holds nothing; whoever never took the run up has none to show.
  const held = run.phase.name === 'claimed' ? run.phase.lease : run.phase.name === 'due' ? undefined : null
  if (held === null || (lease ?? held) !== held) return { kind: 'stale_attempt' }
  // What a call used before the one that has to wait is paid, though the attempt does not count.
  if (lease !== undefined && command.usage && command.usage.inputTokens + command.usage.outputTokens > 0)
    book(change, { visit, run: run.id, attempt, lease }, priced(command.usage))
  const until = ctx.now + holdMs(command.retryAfterMs, ctx.now - state.visit.enteredAt, ctx.random())
  change.emit({ type: 'held', visit, run: run.id, reason, message, fix, until })
  return null
}

/** What the run waited for is there: it goes on at once. */
export function release(change: TaskChange, command: Extract<Command, { type: 'release' }>): Refusal | null {
  const run = change.state.visit.n === command.visit ? change.run(command.run) : undefined
  if (run?.phase.name !== 'held' || !mayGoOn(change.state, run)) return { kind: 'stale_attempt' }
  change.emit({ type: 'released', visit: command.visit, run: run.id })
  return null
}

/**
 * At least as long as the provider asked for; besides ever longer the longer the task has been in its step, a quarter of
 * an hour at most: a provider that goes on asking for a second must not be asked every second. Each for itself a little
 * longer, so that all those that one provider turned away do not come back in the same moment.
 */
function holdMs(asked: number | undefined, sinceEntered: number, random: number): number {
  const grown = Math.min(sinceEntered / 2, MAX_HOLD_MS)
  const least = asked === undefined ? HOLD_MS : Math.min(Math.max(asked, 1000), MAX_BACKOFF_MS)
  const wait = Math.max(least, grown)
  return Math.round(wait + random * Math.max(wait * SPREAD, LEAST_SPREAD_MS))
}

/**
 * A lease ended without a report. That is not an attempt, but three of them are a sign: of the run, if this object saw it
 * happen, else of the host that both were on. What the host did costs the run nothing.
 */
export function lapse(change: TaskChange, run: ClaimedRun): void {
  const visit = change.state.visit.n
  const unseen = change.ctx.witnessed?.(run.phase.lease) === false
  const lapses = run.lapses + (unseen ? 0 : 1)
  change.emit({ type: 'lapsed', visit, run: run.id, attempt: run.attempt, lapses, ...(unseen && { unseen }) })
  const open = run.calls.find(call => call.open && !call.safe)
  if (open !== undefined) return unknownOutcome(change, run, open)
  if (unseen) return waitOut(change, run)
  if (lapses < MAX_LAPSES) return
  const message = `${change.nameOf(run.id)} began ${lapses} times and its worker vanished each time.`
  const fix = 'Retry it; if it dies again, make the step smaller or its timeout longer.'
  getStuck(change, { cause: 'keeps_dying', message, fix, run: run.id })
}

/** The worker knows that the answer to its call was lost. */
function lost(change: TaskChange, run: Run, failure: RunFailure): void {
  const open = run.calls.find(call => call.open)
  if (open === undefined) return retryOrFail(change, run, { ...failure, retryable: false })
  unknownOutcome(change, run, open)
}

/** Goes on at once at first; where workers go on vanishing, ever later, without end. */
function waitOut(change: TaskChange, run: Run): void {
  const { now, random } = change.ctx
  const sinceEntered = now - change.state.visit.enteredAt
  if (sinceEntered < UNSEEN_PATIENCE_MS) return
  const message = `The worker of ${change.nameOf(run.id)} was lost with its host.`
  const fix = 'Nothing needs doing: it goes on by itself.'
  const until = now + holdMs(undefined, sinceEntered, random())
  change.emit({ type: 'held', visit: change.state.visit.n, run: run.id, reason: 'workers_lost', message, fix, until })
}

/** What the consumer works on; null when this lease holds nothing any more. */
export function workOf(state: TaskState, ctx: Pick<Context, 'pinned' | 'blob'>, lease: string): Work | null {
  const run = state.visit.runs.find(each => each.phase.name === 'claimed' && each.phase.lease === lease)
  if (run?.phase.name !== 'claimed' || !state.visit.open) return null
  const { definition, agents, tools = {}, skills = {}, workflows = {} } = ctx.pinned(state.digest, state.pinned)
  const step = definition.steps.find(each => each.key === state.visit.step)
  if (step === undefined) return null
  const rules = rulesOf(step, run)
  const { handler, job } = rules
  const { defaults, redact = [] } = definition
  const models = { model: defaults?.model, usual: state.terms.model, instead: state.raised.model?.name }
  const own = { redact, ...models, timeoutMs: timeoutMs(definition, rules) }
  const pins = { agents, tools, skills, workflows, ...own }
  const order = handler.order?.(job, orderedRun(state, definition, run, ctx.blob), pins)
  if (order === undefined) throw new Error(`the handler ${job.kind} has a run to be worked on, but no order for it`)
  const { task, team, workflow } = state
  const ref = { visit: state.visit.n, run: run.id, attempt: run.attempt, lease, until: run.phase.until }
  const turn = { madeAt: state.createdAt, leadsTo: peopleAfter(definition, step), waited: run.phase.waited === true }
  return { task, team, workflow, ...ref, step: step.key, stepName: stepName(step), ...turn, order }
}

/** The run as its handler makes an order of it, with every stored value in place. */
function orderedRun(state: TaskState, { owner }: Definition, run: Run, blob: Context['blob']): OrderedRun {
  const read = <T>(stored: Stored<T>): T => readValue(stored, blob)
  const { task, title, visit } = state
  return {
    id: run.id,
    name: run.name,
    prompt: run.prompt === null ? '' : read(run.prompt),
    files: state.files
      .filter(({ id }) => run.files?.includes(id))
      .map(({ id, name, type, bytes, text }) => ({
        id,
        name,
        type,
        bytes,
        text: text === undefined ? null : read(text),
      })),
    attempt: run.attempt,
    key: `${task}.${visit.n}.${run.id}`,
    calls: run.calls
      .filter(call => !call.open)
      .map(({ receipt, ...call }) => ({
        ...call,
        args: read<Json>(call.args),
        receipt: receipt && { ...receipt, result: read<Json>(receipt.result) },
        allowed: read<Json>(call.allowed),
      })),
    turns: run.turns.map(({ text, calls }) => ({ text: text === null ? null : read(text), calls: read(calls) })),
    firstTurn: run.firstTurn,
    facts: () => ({
      input: read<Json>(state.input),
      task: { id: task, title, visit: visit.n },
      depth: depthOf(state),
      people: [owner, state.startedBy.kind === 'person' ? state.startedBy.id : undefined].filter(
        one => one !== undefined,
      ),
    }),
  }
}
