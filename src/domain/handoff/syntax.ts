/** Reading a condition's syntax tree: which paths it looks at, and what in it cannot be allowed. */
import type { ASTNode } from '@marcbachmann/cel-js'

/** Loops over lists (`all`, `exists`, `map`, `filter`) in one another. */
const MAX_LOOP_DEPTH = 2
const LOOPS = ['all', 'exists', 'exists_one', 'map', 'filter']

/** A node as the type checker leaves it: what it evaluates with, and what a macro became. */
export type CheckedNode = ASTNode & {
  handle?: (...args: unknown[]) => unknown
  meta: { alternate?: CheckedNode }
}

/** The parts of a loop that a macro was turned into. */
interface Loop {
  iterable: CheckedNode
  init: CheckedNode
  step: CheckedNode
}

/** Nodes directly under this one, those that a macro was turned into included. */
export function childrenOf(node: CheckedNode): CheckedNode[] {
  const { alternate } = node.meta
  return alternate === undefined ? nodesIn(node.args) : [...nodesIn(node.args), ...partsOfLoop(alternate), alternate]
}

function partsOfLoop(alternate: CheckedNode): CheckedNode[] {
  const { iterable, init, step } = alternate.args as unknown as Partial<Loop>
  return iterable && init && step ? [iterable, init, step] : []
}

function nodesIn(args: unknown): CheckedNode[] {
  if (isNode(args)) return [args]
  return Array.isArray(args) ? args.flatMap(nodesIn) : []
}

function isNode(value: unknown): value is CheckedNode {
  return typeof value === 'object' && value !== null && 'op' in value && 'args' in value
}

/**
 * The paths that the expression reads, such as `['output', 'score']`, each once, as far as they are fixed:
 * `output.items[0].n` is whole, `output[input.key]` is `output`. Names bound by a loop are not paths.
 */
export function pathsOf(root: CheckedNode, roots: readonly string[]): string[][] {
  const paths = new Map<string, string[]>()
  collect(root, new Set())
  return [...paths.values()]

  function collect(node: CheckedNode, bound: ReadonlySet<string>): void {
    const path = pathOf(node)
    if (path !== null) add(path, bound)
    else if (node.op === 'rcall' && LOOPS.includes(node.args[0])) collectLoop(node.args[1], node.args[2], bound)
    else for (const child of nodesIn(node.args)) collect(child, bound)
    if (path !== null) for (const index of indexesOf(node)) collect(index, bound)
  }

  function collectLoop(list: ASTNode, [variable, ...body]: ASTNode[], bound: ReadonlySet<string>): void {
    collect(list as CheckedNode, bound)
    const inside = variable?.op === 'id' ? new Set([...bound, variable.args]) : bound
    for (const part of body) collect(part as CheckedNode, inside)
  }

  function add(path: string[], bound: ReadonlySet<string>): void {
    const root = path[0]!
    if (roots.includes(root) && !bound.has(root)) paths.set(JSON.stringify(path), path)
  }
}

/** `a.b[0]["c"]` as a path, up to the first part that is computed; null for what does not start with a name. */
function pathOf(node: ASTNode): string[] | null {
  if (node.op === 'id') return [node.args]
  if (node.op !== '.' && node.op !== '[]') return null
  const base = pathOf(node.args[0])
  if (base === null || isComputed(node.args[0])) return base
  const key = node.op === '.' ? node.args[1] : literalOf(node.args[1])
  return key === null ? base : [...base, key]
}

function isComputed(node: ASTNode): boolean {
  if (node.op !== '.' && node.op !== '[]') return false
  return (node.op === '[]' && literalOf(node.args[1]) === null) || isComputed(node.args[0])
}

/** The computed indexes along a path: `input.key` in `output[input.key]`. */
function indexesOf(node: ASTNode): CheckedNode[] {
  if (node.op === '.') return indexesOf(node.args[0])
  if (node.op !== '[]') return []
  const own = literalOf(node.args[1]) === null ? [node.args[1] as CheckedNode] : []
  return [...indexesOf(node.args[0]), ...own]
}

function literalOf(node: ASTNode): string | null {
  return node.op === 'value' && ['string', 'bigint'].includes(typeof node.args) ? String(node.args) : null
}

/** The literal patterns given to `matches()`. */
export function patternsOf(node: CheckedNode): string[] {
  const inside = nodesIn(node.args).flatMap(patternsOf)
  const isMatch = (node.op === 'rcall' || node.op === 'call') && node.args[0] === 'matches'
  if (!isMatch) return inside
  const pattern = node.op === 'rcall' ? node.args[2][0] : node.args[1][1]
  return pattern?.op === 'value' && typeof pattern.args === 'string' ? [...inside, pattern.args] : inside
}

/** The lists and objects without items that the expression holds. */
export function emptyIn(node: CheckedNode): CheckedNode[] {
  if ((node.op === 'list' || node.op === 'map') && node.args.length === 0) return [node]
  return nodesIn(node.args).flatMap(emptyIn)
}

/** What the expression does that conditions may not, in words; null when it is fine. */
export function objectionTo(node: CheckedNode, loops = 0): string | null {
  if (node.op === 'id' && (node.args === 'cel' || node.args === 'google')) return `\`${node.args}\` cannot be used here`
  if (loops > MAX_LOOP_DEPTH) return `loops (${LOOPS.join(', ')}) are nested over ${MAX_LOOP_DEPTH} deep`
  const isLoop = node.op === 'rcall' && LOOPS.includes(node.args[0])
  // A list that was filtered first is beside the loop, not inside it.
  const outside = isLoop ? nodesIn(node.args[1]) : nodesIn(node.args)
  const inside = isLoop ? nodesIn(node.args[2]) : []
  return firstObjection(outside, loops) ?? firstObjection(inside, loops + 1)
}

function firstObjection(nodes: CheckedNode[], loops: number): string | null {
  for (const node of nodes) {
    const objection = objectionTo(node, loops)
    if (objection !== null) return objection
  }
  return null
}
