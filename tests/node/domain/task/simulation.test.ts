/**
 * The promise of the engine, tried on a hundred thousand schedules: whatever dies, is lost, doubled, late or out of order,
 * every task ends with every transition recorded once. A failure names its seed; the seed alone replays it.
 */
import { beforeAll, describe, expect, it } from 'vitest'
import { type Coverage, FAULTS, HAPPENINGS, noCoverage } from '../../../support/simulation/chances.ts'
import { isOfFamily, isOfFiles, play } from '../../../support/simulation/schedule.ts'
import { BATON, PLANTED } from '../../../support/simulation/subjects.ts'

/** The nightly bench sets more. */
const SCHEDULES = Number(process.env.BATON_SCHEDULES ?? 100_000)
/** What this many violations have in common is seen; more only take time. */
const ENOUGH = 5
/** Between two pauses in which the test runner gets to talk to its worker. */
const CHUNK = 2000

/** Seeds that once failed, for the engine's fault or the model's: they are tried first. */
const CORPUS = [
  20, 116, 178, 271, 326, 472, 498, 557, 580, 624, 770, 1920, 2553, 10_007, 13_196, 24_078, 36_277, 37_273, 64_472,
  66_115,
]

/** A planted bug must be found within this many schedules. */
const HUNT = 20_000

async function pause(): Promise<void> {
  await new Promise(resolve => setImmediate(resolve))
}

describe('in the simulation', () => {
  const coverage: Coverage = noCoverage()
  const violations: string[] = []

  function tryOut(seed: number): void {
    const violated = violations.length < ENOUGH ? play(seed, BATON, coverage) : null
    if (violated !== null) violations.push(`seed ${seed}: ${violated}`)
  }

  beforeAll(async () => {
    for (const seed of CORPUS) tryOut(seed)
    const began = performance.now()
    for (let seed = 1; seed <= SCHEDULES && violations.length < ENOUGH; seed++) {
      tryOut(seed)
      if (seed % CHUNK === 0) await pause()
    }
    const seconds = ((performance.now() - began) / 1000).toFixed(1)
    console.info(`${coverage.schedules} schedules in ${seconds} s: ${JSON.stringify(coverage)}`)
  }, 600_000)

  it('every task ends with every transition once', () => {
    expect(violations).toEqual([])
    expect(coverage.schedules).toBe(SCHEDULES + CORPUS.length)
  })

  it.each(FAULTS)('%s did strike', fault => {
    expect(coverage[fault]).toBeGreaterThan(0)
  })

  it.each(HAPPENINGS)('%s did happen', what => {
    expect(coverage[what]).toBeGreaterThan(0)
  })

  it('a seed plays the same schedule each time', () => {
    const [one, two] = [noCoverage(), noCoverage()]
    for (let seed = 1; seed <= 50; seed++) {
      play(seed, BATON, one)
      play(seed, BATON, two)
    }
    expect(one).toEqual(two)
  })
})

describe('the simulation finds that', () => {
  it.each(Object.entries(PLANTED))(
    '%s',
    async (bug, subject) => {
      const coverage = noCoverage()
      let found: string | null = null
      let seed = 0
      for (let tried = 0; found === null && tried < HUNT; tried++) {
        do seed++
        while ((subject.ofFamilies && !isOfFamily(seed)) || (subject.ofFiles && !isOfFiles(seed)))
        found = play(seed, subject, coverage)
      }
      expect(found, `not found in ${HUNT} schedules`).not.toBeNull()
      console.info(`found at seed ${seed} that ${bug}: ${found?.split('\n')[0]}`)
      await pause()
    },
    60_000,
  )
})
