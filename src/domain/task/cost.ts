/** What a task may spend, what it has spent by step, and what its next call may cost. */
import { isSeen } from '../file/given.ts'
import { costOf, type Prices, UNPRICED_CALL_COST } from '../money.ts'
import { type Definition, stepOf } from '../workflow/definition.ts'
import { type Frame, stepName } from '../workflow/parts.ts'
import type { Stored } from './log/blob.ts'
import { type Rules, rulesOf } from './run/rules.ts'
import type { Run, TaskState } from './state.ts'
import type { TaskChange } from './task-change.ts'

/** Output tokens that a reservation allows for, as nobody knows an answer's length before. */
const RESERVED_OUTPUT_TOKENS = 1000
const CHARS_PER_TOKEN = 4

/** USD the task may spend: as raised, else as its definition says, else as its team does; null: no limit. */
export function costLimit(state: TaskState, definition: Definition): number | null {
  return state.raised.cost ?? definition.limits?.cost ?? state.terms.budget
}

/** USD that count against the limit; an unpriced call counts as a fixed sum, so that a limit always ends. */
function counted({ cost, unpriced }: { cost: number; unpriced: number }): number {
  return cost + unpriced * UNPRICED_CALL_COST
}

/** USD that count against the limit: the task's own, and what those have spent that it started and waited for. */
export function spentInAll({ usage, children }: Pick<TaskState, 'usage' | 'children'>): number {
  return sumOf([counted(usage), ...children.map(({ spent }) => spent)])
}

/** To a millionth of a dollar, as costs are kept. */
function sumOf(usd: readonly number[]): number {
  return Math.round(usd.reduce((sum, each) => sum + each, 0) * 1e6) / 1e6
}

/**
 * Whether an attempt by these rules, with this prompt and these files, would go beyond the cost limit: what was spent, plus what its call
 * may cost, plus what those may cost that are under way. A task that it starts has a limit of its own.
 */
export function beyondCost(
  change: TaskChange,
  { handler, job }: Rules,
  { prompt, files }: { prompt: string; files?: string[] },
  underWay = 0,
): boolean {
  const limit = costLimit(change.state, change.pinned.definition)
  if (limit === null || handler.spends === null) return false
  const reserve =
    handler.spends === 'tasks' ? 0 : reserveOf(change, job.frame, prompt.length + filesLength(change.state, files))
  const sum = spentInAll(change.state) + underWay
  return reserve === 0 ? sum > 0 && sum >= limit : sum + reserve > limit
}

/** What a step says of the models that it asks. */
type Asking = Pick<Frame, 'model' | 'fallback' | 'params'>

/** USD that one call with so long a prompt may cost, whichever of the step's models answers; 0: nobody knows. */
export function reserveOf({ state, pinned }: TaskChange, step: Asking, chars: number): number {
  const { terms, raised } = state
  const prices: Prices = { ...terms.prices, ...(raised.model && { [raised.model.name]: raised.model.price }) }
  const tokens = tokensOf(step, chars)
  const costs = modelsOf(state, pinned.definition, step).map(each => costOf(each, tokens, prices))
  return Math.max(0, ...costs.map(cost => cost ?? 0))
}

/** Tokens that a call with so long a prompt is reserved for. */
function tokensOf({ params }: Asking, chars: number): CostAsk['tokens'] {
  return {
    inputTokens: Math.ceil(chars / CHARS_PER_TOKEN),
    outputTokens: params?.maxOutputTokens ?? RESERVED_OUTPUT_TOKENS,
  }
}

/** The models that may answer the step: the one that the task was told to go on with, else its own and those in its place. */
function modelsOf({ raised, terms }: TaskState, { defaults }: Definition, { model, fallback = [] }: Asking): string[] {
  if (raised.model !== null) return [raised.model.name]
  const own = [model, defaults?.model].find(each => each !== undefined && each !== 'default')
  return [own ?? terms.model, ...fallback].filter(each => each !== undefined)
}

/** What one step has spent, by the name that people know it by. */
export interface StepSpent {
  name: string
  usd: number
  /** Calls without a price, each counted as a fixed sum. */
  unpriced: number
}

/** What each step has spent, and the tasks of each workflow that were started, the dearest first. */
export function spentBySteps({ spent, children }: TaskState, definition: Definition): StepSpent[] {
  const steps = Object.entries(spent).map(([key, used]) => {
    const step = stepOf(definition, key)
    return { name: step === undefined ? key : stepName(step), usd: counted(used), unpriced: used.unpriced }
  })
  const tasks = [...new Set(children.map(({ name }) => name))].map(name => {
    const of = children.filter(child => child.name === name)
    return { name: `Tasks of “${name}”`, usd: sumOf(of.map(child => child.spent)), unpriced: 0 }
  })
  return [...steps, ...tasks].filter(({ usd }) => usd > 0).toSorted((a, b) => b.usd - a.usd)
}

/** What a person is told who decides how a task at its cost limit goes on. */
export interface CostAsk {
  /** USD that it may spend, and what of it is left. */
  limit: number
  left: number
  steps: StepSpent[]
  /** The model that it would ask now; null: nothing names one. */
  model: string | null
  /** What its next call is reserved for. */
  tokens: { inputTokens: number; outputTokens: number }
}

/** How a task stands that is stuck at its cost limit; null: it is not. */
export function costAskOf(state: TaskState, definition: Definition): CostAsk | null {
  const stop = state.stops.findLast(({ cause }) => cause === 'limit_cost')
  const step = stepOf(definition, stop?.next ?? state.visit.step)
  if (state.status !== 'stuck' || stop === undefined || step === undefined) return null
  const limit = costLimit(state, definition) ?? 0
  const run = state.visit.runs.find(({ id }) => id === stop.run) ?? state.visit.runs[0]
  const asking = rulesOf(step, { name: run?.name ?? null }).job.frame
  return {
    limit,
    left: Math.max(0, limit - spentInAll(state)),
    steps: spentBySteps(state, definition),
    model: modelsOf(state, definition, asking)[0] ?? null,
    tokens: tokensOf(asking, run === undefined ? 0 : lengthOf(state, run)),
  }
}

/** How much a run's model is given, in characters or, where it is kept apart, bytes: its prompt, and its files. */
export function lengthOf(state: TaskState, { prompt, files }: Run): number {
  return (prompt === null ? 0 : textLength(prompt)) + filesLength(state, files)
}

function textLength(text: Stored<string>): number {
  return typeof text === 'string' ? text.length : text.bytes
}

/** What models count a picture, or a page that they see, for: some 1,500 tokens. */
const PICTURE_CHARS = 1500 * CHARS_PER_TOKEN
/** Of a page that holds text, and of one that is a scan. */
const PAGE_CHARS = 3000
const PAGE_BYTES = 100_000

/** What the files that a model is given count for, in characters: their text, and of those that it sees each page besides. */
function filesLength({ files }: TaskState, given: readonly string[] = []): number {
  const lengths = files.map(({ id, type, bytes, text }) => {
    if (!given.includes(id)) return 0
    const chars = text === undefined ? 0 : textLength(text)
    if (!isSeen(type)) return chars
    const pages =
      type !== 'application/pdf' ? 1 : Math.ceil(text === undefined ? bytes / PAGE_BYTES : chars / PAGE_CHARS)
    return chars + Math.max(1, pages) * PICTURE_CHARS
  })
  return lengths.reduce((sum, length) => sum + length, 0)
}
