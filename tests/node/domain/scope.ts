/** The world of the domain's text tests: a scope with a drafted mail that a reviewer sent back. */
import type { Json } from '../../../src/domain/json/json.ts'
import type { Scope } from '../../../src/domain/template/scope.ts'

/** A scope, some of its parts replaced. */
export function aScope(parts: Partial<Scope> = {}): Scope {
  return {
    input: {
      company: 'Acme',
      email: 'ana@acme.test',
      seats: 3,
      tags: ['a', 'b'],
      address: { city: 'Bonn' },
      none: null,
    },
    steps: {
      research: { output: { score: 73, items: [{ n: 1 }, { n: 2 }] }, decision: null },
      approve: { output: 'Dear Acme', decision: { handoff: 'rejected', note: 'Too long', by: 'ana@acme.test' } },
    },
    last: { step: null, output: null, handoff: null, note: null, by: null },
    task: { id: 'tsk_1', title: 'Acme', visit: 2 },
    ...parts,
  }
}

/** The scope of a condition. */
export function withOutput(output: Json, parts: Partial<Scope> = {}): Scope & { output: Json } {
  return { ...aScope(parts), output }
}

/** How long `work` takes, in ms. Hostile inputs are held to a bound that a runaway would pass by far. */
export function timed<T>(work: () => T): { result: T; ms: number } {
  const start = performance.now()
  const result = work()
  return { result, ms: performance.now() - start }
}

/** Far above what any bounded input takes on a slow machine, far below what an unbounded one would. */
export const RUNAWAY_MS = 4000
