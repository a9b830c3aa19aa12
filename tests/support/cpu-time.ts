/** What code costs in CPU time, measured in a child: a clock on the wall would count the neighbours' work, too. */
import { execFileSync } from 'node:child_process'
import path from 'node:path'

export interface CostCase {
  name: string
  /** Does the work once; another `round` must not be answered from a cache. */
  run: (round: number) => unknown
}

/** The CPU time in ms of each case that the module exports, scaled to a machine of fixed speed. */
export function cpuTimes(module: string): Record<string, number> {
  const child = path.join(import.meta.dirname, 'cpu-child.ts')
  // Helpers that collect garbage beside the work are charged for waiting on each other, the more the busier the machine is.
  const printed = execFileSync(process.execPath, ['--no-warnings', '--single-threaded-gc', child, module], {
    encoding: 'utf8',
    timeout: 240_000,
  })
  return JSON.parse(printed) as Record<string, number>
}
