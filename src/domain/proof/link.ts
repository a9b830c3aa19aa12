/** How an audit row covers the one before it: what the digest of a row is taken over. `scripts/verify.mjs` does the same. */

/** An audit row, as far as it is proven. */
export interface Proven {
  team: string
  /** The task; the team itself: an act of its own. */
  task: string
  seq: number
  /** ms since the epoch */
  at: number
  workflow: string
  types: string
  /** JSON text */
  actor: string
  step: string | null
}

/** Facts that tell nothing need no digest of their own. */
const NO_FACTS = '[]'

const ERASED = /^\{"erased":"([0-9a-f]{64})"\}$/

/** What stands for the facts in the chain: their SHA-256, also once they were erased, as that is what is left of them. */
export function digestOfFacts(facts: string, sha256: (text: string) => string): string {
  if (facts === NO_FACTS) return ''
  return ERASED.exec(facts)?.[1] ?? sha256(facts)
}

/** What is left of facts that may not be kept; the chain holds as before. Facts without content are nothing to erase. */
export function erasedFacts(digest: string): string {
  return digest === '' ? NO_FACTS : JSON.stringify({ erased: digest })
}

/**
 * The text whose SHA-256 is the row's digest. `before`: the digest of the row before, '' of none. `own`: of a task's row the
 * SHA-256 of the row in its log, of an act the digest that it was written with.
 */
export function linkText(before: string, row: Proven, facts: string, own: string): string {
  const { team, task, seq, at, workflow, types, actor, step } = row
  return JSON.stringify(['baton-audit-1', before, team, task, seq, at, workflow, types, actor, step, facts, own])
}

/** The facts of a row as they were written, in order; none, where there were none or they were erased. */
export function factsIn<Fact>(facts: string): Fact[] {
  return wereErased(facts) ? [] : (JSON.parse(facts) as Fact[])
}

/** Whether only their digest is left. */
export function wereErased(facts: string): boolean {
  return ERASED.test(facts)
}
