/** Until when somebody is away: the end of a day by the team's clock, and what an absence may not be. */
import { expect, test } from 'vitest'
import { awayProblem, dayOf, endOfDay } from '../../../src/approval/away.ts'

const NOW = Date.parse('2026-11-28T12:00:00Z')

test.each([
  ['UTC', '2026-11-30', '2026-11-30T23:59:59.999Z'],
  ['Europe/Berlin', '2026-11-30', '2026-11-30T22:59:59.999Z'],
  ['America/New_York', '2026-11-30', '2026-12-01T04:59:59.999Z'],
  ['Pacific/Auckland', '2026-11-30', '2026-11-30T10:59:59.999Z'],
  // Days of 23 and of 25 hours, and a midnight that clocks skip.
  ['Europe/Berlin', '2027-03-28', '2027-03-28T21:59:59.999Z'],
  ['Europe/Berlin', '2027-10-31', '2027-10-31T22:59:59.999Z'],
  ['Africa/Cairo', '2027-04-29', '2027-04-29T21:59:59.999Z'],
])('a day in %s: %s', (timezone, day, end) => {
  const at = endOfDay(day, timezone)!
  expect(new Date(at).toISOString()).toBe(end)
  expect(dayOf(at, timezone)).toBe(day)
})

test.each(['', 'tomorrow', '2026-13-01', '2026-02-30', '2026-11-30T10:00'])('“%s” is no day', day => {
  expect(endOfDay(day, 'UTC')).toBeNull()
})

test('it ends later than now, within a year, and somebody else of the team stands in', () => {
  const absence = { email: 'ana@acme.test', backup: 'ben@acme.test', awayUntil: NOW + 1000 }
  const members = ['ana@acme.test', 'Ben@acme.test']
  expect(awayProblem(absence, members, NOW)).toBeNull()
  expect(awayProblem({ ...absence, backup: null }, [], NOW)).toBeNull()
  expect(awayProblem({ ...absence, awayUntil: NOW }, members, NOW)?.path).toBe('until')
  expect(awayProblem({ ...absence, awayUntil: null }, members, NOW)?.path).toBe('until')
  expect(awayProblem({ ...absence, awayUntil: NOW + 400 * 86_400_000 }, members, NOW)?.path).toBe('until')
  expect(awayProblem({ ...absence, backup: 'ana@acme.test' }, members, NOW)?.path).toBe('backup')
  expect(awayProblem({ ...absence, backup: 'cleo@acme.test' }, members, NOW)?.path).toBe('backup')
})
