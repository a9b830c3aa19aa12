/** Calls to an outside world that counts, over seeded schedules of dying workers, lost answers and people who decide. */
import { expect, it } from 'vitest'
import { noCoverage, PLANTED, runSchedule } from '../../../support/calls-simulation.ts'

const SCHEDULES = 1000

/** What is wrong with these schedules. */
async function violations(count: number, planted: (typeof PLANTED)[number] | null, stopAtFirst: boolean) {
  const coverage = noCoverage()
  const found: string[] = []
  for (let seed = 1; seed <= count && !(stopAtFirst && found.length > 0); seed++) {
    try {
      await runSchedule(seed, coverage, planted)
    } catch (error) {
      found.push(`seed ${seed}: ${(error as Error).message}`)
    }
  }
  return { found, coverage }
}

it('no effect happens twice, none without its intent, and every task comes to its end', async () => {
  const { found, coverage } = await violations(SCHEDULES, null, false)
  expect(found).toEqual([])
  // A run in which nothing strikes proves nothing.
  for (const [what, count] of Object.entries(coverage)) expect(count, what).toBeGreaterThan(20)
}, 120_000)

it.each(PLANTED)(
  'finds that %s',
  async planted => {
    const { found } = await violations(SCHEDULES, planted, true)
    expect(found).toHaveLength(1)
  },
  120_000,
)
