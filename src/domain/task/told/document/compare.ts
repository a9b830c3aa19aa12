/** Two runs of a workflow side by side: where they went, what they put out, what they cost, and how long they took. Pure. */
import { canonical } from '../../../json/canonical.ts'
import type { Json } from '../../../json/json.ts'
import type { TaskDocument } from './document.ts'

/** One thing of both; null: the run has none. */
export interface Compared<T = Json> {
  name: string
  a: T | null
  b: T | null
  same: boolean
}

export interface Comparison {
  /** Times in ms. */
  facts: { status: Compared<string>; version: Compared<number>; cost: Compared<number>; ms: Compared<number> }
  /** The steps in the order that each came to them. */
  route: Compared<string[]>
  input: Compared
  /** What each step put out last, in the order that either came to it. */
  outputs: Compared[]
  result: Compared
}

/** Compares two documents that tell everything. A run that goes on has taken the time until `now`. */
export function compareRuns(a: TaskDocument, b: TaskDocument, now: number): Comparison {
  const keys = [...new Set([...a.steps, ...b.steps].map(({ key }) => key))]
  const last = (run: TaskDocument, key: string) => run.steps.findLast(step => step.key === key)
  return {
    facts: {
      status: compared('Status', a.status, b.status),
      version: compared('Version', a.version, b.version),
      cost: compared('Cost', a.cost, b.cost),
      ms: compared('Time', took(a, now), took(b, now)),
    },
    route: compared('Route', routeOf(a), routeOf(b)),
    input: compared('What came in', a.input ?? null, b.input ?? null),
    outputs: keys.flatMap(key => {
      const [one, other] = [last(a, key), last(b, key)]
      const name = (one ?? other)!.step
      const row = compared(name, one?.output ?? null, other?.output ?? null)
      return row.a === null && row.b === null ? [] : [row]
    }),
    result: compared('Result', a.result, b.result),
  }
}

function compared<T extends Json>(name: string, a: T | null, b: T | null): Compared<T> {
  return { name, a, b, same: canonical(a) === canonical(b) }
}

function routeOf({ steps }: TaskDocument): string[] {
  return steps.map(({ step, outcome }) => (outcome === null ? step : `${step}: ${outcome}`))
}

function took({ createdAt, finishedAt }: TaskDocument, now: number): number {
  return (finishedAt === null ? now : Date.parse(finishedAt)) - Date.parse(createdAt)
}
