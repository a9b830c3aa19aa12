/** A workflow as a graph for the page to draw: steps in ranks, handoffs as edges, with loops, dead ends and unreachable steps marked. */

import { namesOf, type Wait, waitText } from '../handler/parts/wait-shape.ts'
import { type HandlerKind, handlerOf } from '../handler/registry.ts'
import type { Definition, Step } from './definition.ts'
import { isDeadEnd } from './lint/handoffs.ts'
import { COMPLETE, stepName } from './parts.ts'

export interface GraphNode {
  key: string
  name: string
  /** null: the end. */
  handler: HandlerKind | null
  /** How many handoffs from the entry step, along the shortest way that does not go back. */
  rank: number
  /** Its place within the rank, from 0. */
  row: number
  deadEnd: boolean
  unreachable: boolean
  /** A handoff of it leads to a step that is not there. */
  astray: boolean
  /** What it works on side by side, and when it goes on; null: it works on one thing. */
  fork: { parts: string[]; join: string } | null
  /** The workflow that it starts a task of, as it names it; null: none, or its parts do. */
  starts: string | null
  /** What it waits for; null: it does not wait. */
  waits: string | null
}

export interface GraphEdge {
  from: string
  to: string
  /** The labels and conditions, one line each. */
  labels: string[]
  /** Leads back to an earlier rank, or to itself. */
  back: boolean
}

export interface Graph {
  nodes: GraphNode[]
  edges: GraphEdge[]
  ranks: number
  rows: number
}

/** Lays the steps out. Targets that are not there have no edge: the step is marked instead. */
export function graphOf(definition: Definition): Graph {
  const edges = edgesOf(definition)
  const { ranks, back } = rank(definition, edges)
  const keys = keysOf(definition)
  const last = Math.max(0, ...ranks.values())
  const unreached = definition.steps.filter(step => !ranks.has(step.key))
  const rows = new Map<number, number>()
  const place = (at: number) => {
    const row = rows.get(at) ?? 0
    rows.set(at, row + 1)
    return row
  }
  const reached = definition.steps.filter(step => ranks.has(step.key))
  const nodes = reached.map(step => {
    const at = ranks.get(step.key) ?? 0
    return nodeOf(step, keys, { rank: at, row: place(at), unreachable: false })
  })
  const ends = edges.some(edge => edge.to === COMPLETE)
  if (ends) nodes.push(endNode(last + 1, place(last + 1)))
  // What nothing leads to stands below everything else.
  const below = Math.max(0, ...rows.values())
  for (const [index, step] of unreached.entries())
    nodes.push(nodeOf(step, keys, { rank: index, row: below, unreachable: true }))
  const rankCount = Math.max(last + (ends ? 2 : 1), unreached.length)
  return {
    nodes,
    edges: edges.map(edge => ({ ...edge, back: back.has(`${edge.from} ${edge.to}`) })),
    ranks: rankCount,
    rows: below + (unreached.length > 0 ? 1 : 0),
  }
}

function keysOf({ steps }: Definition): Set<string> {
  return new Set([...steps.map(step => step.key), COMPLETE])
}

function edgesOf(definition: Definition): Omit<GraphEdge, 'back'>[] {
  const keys = keysOf(definition)
  const edges = new Map<string, Omit<GraphEdge, 'back'>>()
  for (const { key, handoffs = [] } of definition.steps) {
    for (const { when, if: condition, to } of handoffs) {
      if (!keys.has(to)) continue
      const id = `${key} ${to}`
      const edge = edges.get(id) ?? { from: key, to, labels: [] }
      const label = [when, condition].filter(part => part !== undefined).join(' · ')
      if (label !== '') edge.labels.push(label)
      edges.set(id, edge)
    }
  }
  return [...edges.values()]
}

/**
 * Ranks by the longest way from the entry step, with edges that close a loop left out: those are the ones that a walk
 * in the order of the handoffs finds leading to a step it is still inside of.
 */
function rank(
  { steps }: Definition,
  edges: Omit<GraphEdge, 'back'>[],
): { ranks: Map<string, number>; back: Set<string> } {
  const next = new Map(steps.map(step => [step.key, edges.filter(edge => edge.from === step.key)]))
  const back = new Set<string>()
  const inside = new Set<string>()
  const order: string[] = []
  const seen = new Set<string>()
  const walk = (key: string): void => {
    seen.add(key)
    inside.add(key)
    for (const { to } of next.get(key) ?? []) {
      if (inside.has(to)) back.add(`${key} ${to}`)
      else if (!seen.has(to) && to !== COMPLETE) walk(to)
    }
    inside.delete(key)
    order.unshift(key)
  }
  const entry = steps[0]
  if (entry) walk(entry.key)
  const ranks = new Map<string, number>(entry ? [[entry.key, 0]] : [])
  for (const key of order) {
    for (const { to } of next.get(key) ?? []) {
      if (to === COMPLETE || back.has(`${key} ${to}`)) continue
      ranks.set(to, Math.max(ranks.get(to) ?? 0, (ranks.get(key) ?? 0) + 1))
    }
  }
  return { ranks, back }
}

function nodeOf(
  step: Step,
  keys: ReadonlySet<string>,
  place: Pick<GraphNode, 'rank' | 'row' | 'unreachable'>,
): GraphNode {
  const astray = (step.handoffs ?? []).some(handoff => !keys.has(handoff.to))
  const deadEnd = isDeadEnd(step)
  return {
    key: step.key,
    name: stepName(step),
    handler: handlerOf(step),
    ...place,
    deadEnd,
    astray,
    fork: forkOf(step),
    starts: step.workflow?.use ?? null,
    waits: step.wait === undefined ? null : waitsOf(step.wait),
  }
}

/** As short as there is room for below a step. */
function waitsOf(wait: Wait): string {
  const names = namesOf(wait).join(' or ')
  if (names === '') return waitText(wait)
  return wait.for === undefined ? names : `${names}, ${wait.for} at most`
}

function forkOf({ parallel, map }: Step): GraphNode['fork'] {
  if (parallel !== undefined) {
    const { branches, join = 'all' } = parallel
    const parts = Object.entries(branches).map(([name, { workflow }]) => withStart(name, workflow))
    return { parts, join: typeof join === 'number' ? `${join} of ${parts.length}` : join }
  }
  if (map === undefined) return null
  const { join = 'all', concurrency } = map
  const atOnce = concurrency === undefined ? '' : `, ${concurrency} at a time`
  return {
    parts: [withStart(`each of ${map.over.replaceAll(/[{}]/g, '').trim()}`, map.do.workflow)],
    join: `${join}${atOnce}`,
  }
}

/** What starts a task of another workflow names that, too. */
function withStart(name: string, started: { use: string } | undefined): string {
  return started === undefined ? name : `${name} ↗ ${started.use}`
}

function endNode(rank: number, row: number): GraphNode {
  return {
    key: COMPLETE,
    name: 'Complete',
    handler: null,
    rank,
    row,
    deadEnd: false,
    unreachable: false,
    astray: false,
    fork: null,
    starts: null,
    waits: null,
  }
}
