/** Working time: over weekends, holidays, clock changes in both directions, in several zones. */
import { describe, expect, it } from 'vitest'
import {
  afterWorking,
  afterWorkingTime,
  hoursProblem,
  lastOpening,
  opensAt,
  spansOf,
  USUAL_HOURS,
  type WorkingHours,
  workingTimeOf,
} from '../../../../src/domain/schedule/working-hours.ts'

const berlin: WorkingHours = {
  ...USUAL_HOURS,
  timezone: 'Europe/Berlin',
  holidays: ['2026-12-25', '2026-05-01'],
}
const newYork: WorkingHours = { ...USUAL_HOURS, timezone: 'America/New_York' }
const nights: WorkingHours = {
  timezone: 'Europe/Berlin',
  hours: { sun: '00:00-06:00', mon: '00:00-06:00', sat: '00:00-24:00' },
  holidays: [],
}

const due = (hours: WorkingHours, from: string, text: string) =>
  new Date(afterWorking(hours, Date.parse(from), workingTimeOf(text)!)).toISOString()

describe('working days', () => {
  it.each([
    ['over a weekend', berlin, '2026-11-27T15:00:00+01:00', '2 working days', '2026-12-01T14:00:00.000Z'],
    ['over a holiday', berlin, '2026-12-24T10:00:00+01:00', '1 working day', '2026-12-28T09:00:00.000Z'],
    [
      'from a Sunday, counted from Monday’s opening',
      berlin,
      '2026-11-29T12:00:00Z',
      '1 working day',
      '2026-12-01T08:00:00.000Z',
    ],
    ['after the day’s end', berlin, '2026-11-26T20:00:00+01:00', '1 working day', '2026-11-30T08:00:00.000Z'],
    [
      'clocks put forward: the same time of day',
      berlin,
      '2026-03-27T15:00:00+01:00',
      '1 working day',
      '2026-03-30T13:00:00.000Z',
    ],
    [
      'clocks put back: the same time of day',
      berlin,
      '2026-10-23T15:00:00+02:00',
      '1 working day',
      '2026-10-26T14:00:00.000Z',
    ],
    ['another zone', newYork, '2026-11-27T15:00:00-05:00', '1 working day', '2026-11-30T20:00:00.000Z'],
    ['over a year’s end', USUAL_HOURS, '2026-12-31T10:00:00Z', '1 working day', '2027-01-01T10:00:00.000Z'],
    ['a leap day', USUAL_HOURS, '2028-02-28T10:00:00Z', '1 working day', '2028-02-29T10:00:00.000Z'],
  ])('%s', (_name, hours, from, text, expected) => expect(due(hours, from, text)).toBe(expected))

  it('ends with a shorter day', () => {
    const short = { ...berlin, hours: { mon: '09:00-17:00', tue: '09:00-12:00' } }
    expect(due(short, '2026-11-30T15:00:00+01:00', '1 working day')).toBe('2026-12-01T11:00:00.000Z')
  })

  it('waits for the end of a break', () => {
    const broken = { ...berlin, hours: { mon: '09:00-17:00', tue: '09:00-12:00, 13:00-17:00' } }
    expect(due(broken, '2026-11-30T12:30:00+01:00', '1 working day')).toBe('2026-12-01T12:00:00.000Z')
  })
})

describe('working hours', () => {
  it.each([
    ['within a day', berlin, '2026-11-27T09:00:00+01:00', '8 working hours', '2026-11-27T16:00:00.000Z'],
    ['over a weekend', berlin, '2026-11-27T16:00:00+01:00', '2 working hours', '2026-11-30T09:00:00.000Z'],
    [
      'over a holiday and a weekend',
      berlin,
      '2026-12-24T16:00:00+01:00',
      '2 working hours',
      '2026-12-28T09:00:00.000Z',
    ],
    [
      'in a night when an hour is skipped',
      nights,
      '2026-03-29T00:00:00+01:00',
      '5 working hours',
      '2026-03-29T04:00:00.000Z',
    ],
    [
      'the night after it has six again',
      nights,
      '2026-03-29T00:00:00+01:00',
      '6 working hours',
      '2026-03-29T23:00:00.000Z',
    ],
    [
      'in a night when an hour comes twice',
      nights,
      '2026-10-25T00:00:00+02:00',
      '7 working hours',
      '2026-10-25T05:00:00.000Z',
    ],
    ['a day up to midnight', nights, '2026-11-28T20:00:00+01:00', '5 working hours', '2026-11-29T00:00:00.000Z'],
  ])('%s', (_name, hours, from, text, expected) => expect(due(hours, from, text)).toBe(expected))

  it('adds up the same in one go and in two', () => {
    const from = Date.parse('2026-03-26T11:17:00Z')
    for (let minutes = 0; minutes < 4000; minutes += 77) {
      const half = afterWorkingTime(berlin, from, minutes * 60_000)
      expect(afterWorkingTime(berlin, half, 90 * 60_000)).toBe(afterWorkingTime(berlin, from, (minutes + 90) * 60_000))
    }
  })
})

describe('openings', () => {
  it.each([
    ['at work', '2026-11-27T10:00:00Z', '2026-11-27T10:00:00.000Z', '2026-11-27T08:00:00.000Z'],
    ['early in the morning', '2026-11-27T05:00:00Z', '2026-11-27T08:00:00.000Z', '2026-11-26T08:00:00.000Z'],
    ['at the very end', '2026-11-27T16:00:00Z', '2026-11-30T08:00:00.000Z', '2026-11-27T08:00:00.000Z'],
    ['on a holiday', '2026-12-25T10:00:00Z', '2026-12-28T08:00:00.000Z', '2026-12-24T08:00:00.000Z'],
  ])('%s', (_name, at, next, last) => {
    expect(new Date(opensAt(berlin, Date.parse(at))).toISOString()).toBe(next)
    expect(new Date(lastOpening(berlin, Date.parse(at))!).toISOString()).toBe(last)
  })

  it('goes by the plain clock where nobody ever works', () => {
    const never = { ...berlin, hours: {} }
    expect(opensAt(never, 5)).toBe(5)
    expect(afterWorking(never, 0, { count: 2, unit: 'hours' })).toBe(7_200_000)
    expect(lastOpening(never, 5)).toBeNull()
  })
})

describe('what is refused', () => {
  it.each(['9-17', '09:00-08:00', '09:00-24:01', '09:60-10:00', '09:00-12:00,11:00-13:00', '', '09:00'])('%s', text => {
    expect(spansOf(text)).toBeNull()
    expect(hoursProblem({ ...berlin, hours: { mon: text } })?.path).toBe('hours.mon')
  })

  it('a zone, a date and a week that there is not', () => {
    expect(hoursProblem(berlin)).toBeNull()
    expect(hoursProblem({ ...berlin, timezone: 'Berlin' })?.path).toBe('timezone')
    expect(hoursProblem({ ...berlin, holidays: ['2026-02-30'] })?.path).toBe('holidays')
    expect(hoursProblem({ ...berlin, hours: {} })?.path).toBe('hours')
    expect(hoursProblem({ ...berlin, holidays: Array(401).fill('2026-12-25') })?.path).toBe('holidays')
  })

  it.each(['2d', '0 working days', 'working days', '2 workdays', '-1 working days', '1.5 working hours'])(
    'as working time: %s',
    text => expect(workingTimeOf(text)).toBeNull(),
  )
})
