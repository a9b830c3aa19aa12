/**
 * What a team's Gate promises, tried on thousands of schedules: never more calls than are allowed, the oldest first, nobody
 * forgotten, whatever dies, is lost or forgotten. A failure names its seed; the seed alone replays it.
 */
import { describe, expect, it } from 'vitest'
import { PLANTED_IN_GATE } from '../../../support/simulation/gate/planted.ts'
import { GATE, type GateCoverage, playCrowd, playGate } from '../../../support/simulation/gate/world.ts'

const SCHEDULES = Number(process.env.BATON_GATE_SCHEDULES ?? 2000)
/** Within so many a planted bug must be found. */
const HUNT = 1000

/** What must have happened, for the schedules to say anything. */
const HAPPENED = [
  ...['answered', 'limited', 'offline', 'unknown', 'released', 'waits', 'waitsOn', 'alarms', 'notHeldYet'],
  ...['provider_limit', 'provider_offline', 'team_budget', 'told 80', 'told 100'],
  ...['crashes', 'evictions', 'deadWorkers', 'lapsedRuns', 'lostAnswers', 'lostEnds', 'safetyNets'],
]

describe('in the simulation of the Gate', () => {
  it('every run ends, the oldest first, within every limit', () => {
    const coverage: GateCoverage = {}
    const violations: string[] = []
    for (let seed = 1; seed <= SCHEDULES && violations.length < 5; seed++) {
      const violated = playGate(seed, GATE, coverage)
      if (violated !== null) violations.push(`seed ${seed}: ${violated}`)
    }
    expect(violations).toEqual([])
    for (const what of HAPPENED) expect(coverage[what], what).toBeGreaterThan(0)
  }, 120_000)
})

describe('a crowd', () => {
  const seeds = [1, 2, 3, 4]

  it.each(seeds)(
    'of 300 ends whole and by age at a provider that answers five at a time and turns others away (%i)',
    seed => {
      const came = playCrowd(seed, { tasks: 300, capacity: 5 })
      expect(came).toMatchObject({ violated: null, done: 300, most: 5 })
      expect(came.disorder).toBeLessThan(0.1)
    },
  )

  it.each(seeds)('of 300 never is more than the team lets, which finds that out by no refusal (%i)', seed => {
    const came = playCrowd(seed, { tasks: 300, capacity: 1000, parallel: 5 })
    expect(came).toMatchObject({ violated: null, done: 300, most: 5 })
    expect(came.disorder).toBeLessThan(0.1)
  })

  it.each(seeds)('of 300 waits out a provider that is dead for ten minutes, and makes no storm of it (%i)', seed => {
    const came = playCrowd(seed, { tasks: 300, capacity: 1000, downMs: 600_000 })
    expect(came).toMatchObject({ violated: null, done: 300 })
    // Each that had begun meets it once; from then on one at a time looks whether it is back, ever more rarely.
    expect(came.offline).toBeLessThan(60)
  })

  it.each(seeds)('of 200 passes its day’s budget by one call at most (%i)', seed => {
    const came = playCrowd(seed, { tasks: 200, capacity: 1000, day: 3 })
    expect(came).toMatchObject({ violated: null, done: 200 })
    expect(came.spent).toBeGreaterThan(2.5)
    expect(came.spent).toBeLessThanOrEqual(3 + 0.2)
  })
})

describe('the simulation of the Gate finds that', () => {
  it.each(Object.entries(PLANTED_IN_GATE))(
    '%s',
    (bug, subject) => {
      let found: string | null = null
      let seed = 0
      while (found === null && seed < HUNT) found = playGate(++seed, subject, {})
      expect(found, `not found in ${HUNT} schedules`).not.toBeNull()
      console.info(`found at seed ${seed} that ${bug}: ${found?.split('\n')[0]}`)
    },
    60_000,
  )
})
