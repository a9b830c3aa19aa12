/** The board as a view model: columns from the live version, cards and counts from the index. */
import { lessonOf } from '../domain/handler/of-step.ts'
import { type HandlerKind, handlerOf } from '../domain/handler/registry.ts'
import type { Definition, Step } from '../domain/workflow/definition.ts'
import { isDeadEnd } from '../domain/workflow/lint/handoffs.ts'
import type { WorkflowStatus } from '../domain/workflow/live.ts'
import { COMPLETE, stepName } from '../domain/workflow/parts.ts'
import { type BoardFilter, type BoardRows, OTHER_STEPS, type StepCount } from '../records/task/boards.ts'
import { type CardView, cardOfRow } from './card-view.ts'

export interface RouteView {
  /** What leads there: a label, a condition, or null for whatever else there is. */
  by: { kind: 'label' | 'condition' | 'otherwise' | 'always'; text: string }
  /** The target's name; `back` when it is this step or an earlier one. */
  to: string
  back: boolean
}

export interface ColumnView {
  /** A step's key, or `-` for the steps that the live version lacks. */
  key: string
  /** Counts from 1; null for other steps. */
  number: number | null
  name: string
  handler: HandlerKind | null
  total: number
  running: number
  cards: CardView[]
  routes: RouteView[]
  deadEnd: boolean
  /** What an empty column tells about itself. */
  teaches: string
}

export interface WorkflowView {
  id: string
  name: string
  description: string | null
  status: WorkflowStatus
  version: number | null
  hasDraft: boolean
}

export interface BoardView {
  workflow: WorkflowView
  columns: ColumnView[]
  recent: CardView[]
  filter: BoardFilter
  /** Deliveries that were kept while the workflow was paused. */
  held: number
}

/** Whether anything narrows what the board shows. */
export function isFiltered(filter: BoardFilter): boolean {
  return Boolean(filter.q || filter.status || filter.assignee || filter.stuck)
}

/** The board of a published workflow. */
export function boardView(
  workflow: WorkflowView,
  definition: Definition,
  rows: BoardRows,
  over: Pick<BoardView, 'filter' | 'held'>,
): BoardView {
  const known = new Set(definition.steps.map(step => step.key))
  const columnOf = (step: string | null) => (step !== null && known.has(step) ? step : OTHER_STEPS)
  const cards = grouped(rows.cards, row => columnOf(row.step))
  const counts = grouped(rows.counts, count => columnOf(count.step))
  const filled = (key: string) => ({
    key,
    cards: (cards.get(key) ?? []).map(row => cardOfRow(workflow.id, row)),
    ...sums(counts.get(key) ?? []),
  })
  const columns = definition.steps.map((step, index) => ({
    ...filled(step.key),
    number: index + 1,
    name: stepName(step),
    handler: handlerOf(step),
    routes: routesOf(definition, index),
    deadEnd: isDeadEnd(step),
    teaches: isFiltered(over.filter) ? 'Nothing here matches the filter.' : lesson(step, index),
  }))
  const other = filled(OTHER_STEPS)
  const extra = other.total > 0 ? [{ ...other, ...OTHER }] : []
  return {
    workflow,
    columns: [...columns, ...extra],
    recent: rows.recent.map(row => cardOfRow(workflow.id, row)),
    ...over,
  }
}

function grouped<T>(items: T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}

const OTHER = {
  number: null,
  name: 'Other steps',
  handler: null,
  routes: [],
  deadEnd: false,
  teaches: '',
}

function sums(counts: StepCount[]): { total: number; running: number } {
  const of = (some: StepCount[]) => some.reduce((sum, count) => sum + count.n, 0)
  return { total: of(counts), running: of(counts.filter(count => count.status === 'running')) }
}

/** "Routes to:": each handoff in its order, as people read it. */
function routesOf(definition: Definition, index: number): RouteView[] {
  const { handoffs = [] } = definition.steps[index]!
  return handoffs.map(({ when, if: condition, to }) => {
    const at = definition.steps.findIndex(step => step.key === to)
    const name = to === COMPLETE ? 'Complete' : at < 0 ? to : stepName(definition.steps[at]!)
    return { by: byOf(when, condition, handoffs.length), to: name, back: at >= 0 && at <= index }
  })
}

function byOf(when: string | undefined, condition: string | undefined, among: number): RouteView['by'] {
  if (when !== undefined && when !== 'default') {
    return { kind: 'label', text: condition === undefined ? when : `${when}, if ${condition}` }
  }
  if (condition !== undefined) return { kind: 'condition', text: `if ${condition}` }
  return among > 1 ? { kind: 'otherwise', text: 'otherwise' } : { kind: 'always', text: '' }
}

/** An empty column says what will happen in it. */
function lesson(step: Step, index: number): string {
  return `${index === 0 ? 'New tasks start here. ' : ''}${lessonOf(step)}`
}
