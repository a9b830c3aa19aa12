/** Outside suites are held to both ways: what differs is listed by name and reason, and what no longer does must go from the list. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'

/** The names of tests that come out otherwise here than in the suite, by the reason. */
export type Known = Record<string, string[]>

/** A suite, or the list of what is known to differ from it. */
export function readSuite<T>(name: string): T {
  return JSON.parse(readFileSync(path.join(import.meta.dirname, '../../support/suites', name), 'utf8')) as T
}

/** Numbers names that stand several times, so that each test has its own. */
export function distinctNames(names: string[]): string[] {
  const seen = new Map<string, number>()
  return names.map(name => {
    const times = (seen.get(name) ?? 0) + 1
    seen.set(name, times)
    return times === 1 ? name : `${name} #${times}`
  })
}

/** Fails on a test that differs and is not listed, and on one that is listed and does not differ. */
export function expectOnlyKnown(differing: string[], known: Known): void {
  const listed = Object.values(known).flat()
  expect(listed).toHaveLength(new Set(listed).size)
  const unlisted = differing.filter(name => !listed.includes(name))
  expect(unlisted, 'these differ, and are not listed').toEqual([])
  const mended = listed.filter(name => !differing.includes(name))
  expect(mended, 'these are listed, and differ no more').toEqual([])
}
