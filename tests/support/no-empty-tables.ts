/** A table of cases with no case in it fails the file that has it: it would pass without having tried anything. */
import { describe, it } from 'vitest'

type Each = (this: unknown, cases: unknown, ...rest: unknown[]) => unknown

for (const api of [it, describe] as unknown as { each: Each; for: Each }[]) {
  for (const way of ['each', 'for'] as const) {
    const each = api[way]
    api[way] = function (cases, ...rest) {
      if (Array.isArray(cases) && cases.length === 0) throw new Error(`\`${way}\` over a table without cases`)
      return each.call(this, cases, ...rest)
    }
  }
}
