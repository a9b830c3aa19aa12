/** The steps that a task may still come to from where it is, going forward, as its page shows them. Pure. */
import type { Definition } from './definition.ts'
import { graphOf } from './graph.ts'
import { COMPLETE } from './parts.ts'

export interface StepToCome {
  key: string
  name: string
  /** Whether every way to the end leads through it. */
  sure: boolean
}

/** In the order in which they are likely to be reached. Ways back to earlier steps are left out: nobody knows whether they are taken. */
export function stepsToCome(definition: Definition, at: string): StepToCome[] {
  const { nodes, edges } = graphOf(definition)
  const forward = edges.filter(({ back }) => !back)
  const reached = reachFrom(at, forward)
  return nodes
    .filter(({ key }) => key !== at && key !== COMPLETE && reached.has(key))
    .toSorted((a, b) => a.rank - b.rank || a.row - b.row)
    .map(({ key, name }) => ({ key, name, sure: !reachFrom(at, forward, key).has(COMPLETE) }))
}

function reachFrom(at: string, edges: { from: string; to: string }[], without?: string): Set<string> {
  const reached = new Set([at])
  // A set is walked to the end of what is added meanwhile.
  for (const key of reached) for (const { from, to } of edges) if (from === key && to !== without) reached.add(to)
  return reached
}
