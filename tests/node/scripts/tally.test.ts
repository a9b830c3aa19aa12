/** The tally of `npm test`: a phase that finds nothing to run is a failure, and so is a test file that no phase ran. */
import { describe, expect, it } from 'vitest'
import { Tally } from '../../../scripts/lib/tally.mjs'

function aTally(ci = false): { tally: Tally; said: string[] } {
  const said: string[] = []
  return { tally: new Tally(text => said.push(text), ci), said }
}

describe('a phase', () => {
  it('says how many tests it ran, and passes', async () => {
    const { tally, said } = aTally()
    await tally.phase('rules', () => {
      tally.count('passed', 'one', 'a.test.ts')
      tally.count('passed', 'two', 'a.test.ts')
    })
    expect(said.join('')).toMatch(/— rules\nrules: 2 ran, in \d+ s\n/)
    expect([tally.line, tally.failures]).toEqual(['2 passed, 0 failed', []])
  })

  it.each([
    ['nothing', () => {}],
    ['what is skipped', (tally: Tally) => tally.count('skipped', 'one', 'a.test.ts')],
    ['what never ran', (tally: Tally) => tally.count('pending', 'one', 'a.test.ts')],
    ['a file that could not be set up', (tally: Tally) => tally.fail('a.test.ts: no such module')],
  ])('that ran %s fails, whatever the other phases did', async (_what, work) => {
    const { tally } = aTally()
    await tally.phase('rules', () => tally.count('passed', 'one', 'a.test.ts'))
    await tally.phase('browser', () => work(tally))
    expect(tally.failures).toContain('browser: nothing ran')
    expect(tally.failed).toBe(tally.failures.length)
  })

  it('whose tests fail did run', async () => {
    const { tally, said } = aTally()
    await tally.phase('rules', () => tally.count('failed', 'one', 'a.test.ts'))
    expect(said.join('')).toContain('rules: 1 ran')
    expect([tally.line, tally.failures]).toEqual(['0 passed, 1 failed', ['one']])
  })

  it('that breaks outside of its tests fails and hides none of the others', async () => {
    const { tally } = aTally()
    await tally.phase('browser', () => {
      throw new Error('there is no Chromium')
    })
    await tally.phase('rules', () => tally.count('passed', 'one', 'a.test.ts'))
    expect(tally.failures).toEqual(['browser, outside of any test: there is no Chromium', 'browser: nothing ran'])
    expect(tally.line).toBe('1 passed, 2 failed')
  })
})

it('a skip is counted, and in CI a failure', () => {
  const [{ tally: here }, { tally: ci }] = [aTally(), aTally(true)]
  for (const tally of [here, ci]) tally.count('skipped', 'one', 'a.test.ts')
  expect(here.line).toBe('0 passed, 0 failed, 1 skipped')
  expect(ci.failures).toEqual(['one (skipped, which CI does not allow)'])
})

it('a file that looks like tests and of which none ran is a failure', () => {
  const { tally } = aTally()
  tally.count('passed', 'one', 'tests/node/a.test.ts')
  tally.count('failed', 'two', 'tests/node/b.test.ts')
  tally.count('skipped', 'three', 'tests/node/c.test.ts')
  tally.missing(['tests/node/a.test.ts', 'tests/node/b.test.ts', 'tests/node/c.test.ts', 'tests/e2e/d.e2e.ts'])
  expect(tally.failures).toEqual([
    'two',
    'tests/node/c.test.ts: no test of it ran',
    'tests/e2e/d.e2e.ts: no test of it ran',
  ])
})
