/** Whatever a stranger or one member can send costs 200 ms of CPU at most: the worst of each kind, measured in a child. */
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { cpuTimes } from '../../support/cpu-time.ts'

const MOST_MS = 200

describe('the worst of its kind is done within 200 ms of CPU', () => {
  test.each([
    ['yaml', 100],
    ['schema', 40],
    ['cel', 45],
    ['liquid', 180],
    ['bodies', 70],
    ['mails', 120],
    ['pages', 120],
    ['definitions', 25],
  ])(
    '%s',
    (language, kinds) => {
      const costs = cpuTimes(path.join(import.meta.dirname, `cases/${language}.ts`))
      expect(Object.keys(costs).length).toBeGreaterThanOrEqual(kinds)
      expect(Object.entries(costs).filter(([, ms]) => ms > MOST_MS)).toEqual([])
    },
    240_000,
  )
})
