/** Moments as people write them: by which clock, over its changes, and what is none. */
import { describe, expect, it } from 'vitest'
import { momentOf } from '../../../../src/domain/schedule/moment.ts'

const utc = (text: string, zone: string) => {
  const at = momentOf(text, zone)
  return at === null ? null : new Date(at).toISOString()
}

describe('a moment', () => {
  it.each([
    ['2026-12-01', 'UTC', '2026-12-01T00:00:00.000Z'],
    ['2026-12-01', 'Europe/Berlin', '2026-11-30T23:00:00.000Z'],
    ['2026-12-01', 'Pacific/Auckland', '2026-11-30T11:00:00.000Z'],
    ['2026-12-01', 'America/St_Johns', '2026-12-01T03:30:00.000Z'],
    ['2026-07-01T09:00', 'America/New_York', '2026-07-01T13:00:00.000Z'],
    ['2026-07-01T09:00:30', 'Asia/Kathmandu', '2026-07-01T03:15:30.000Z'],
    ['2026-07-01T09:00:30.25', 'UTC', '2026-07-01T09:00:30.250Z'],
    ['2026-07-01T09:00:30,123456', 'UTC', '2026-07-01T09:00:30.123Z'],
    [' 2026-07-01T09:00 \n', 'UTC', '2026-07-01T09:00:00.000Z'],
    ['2028-02-29', 'UTC', '2028-02-29T00:00:00.000Z'],
    ['2027-01-31', 'UTC', '2027-01-31T00:00:00.000Z'],
  ])('%j by the clock of %s is %s', (text, zone, at) => expect(utc(text, zone)).toBe(at))

  it.each([
    '2026-07-01T09:00Z',
    '2026-07-01T11:00+02:00',
    '2026-07-01T11:00+0200',
    '2026-07-01T11:00+02',
    '2026-07-01T03:30-05:30',
  ])('%s names its offset: the zone does not count', text =>
    expect(utc(text, 'Pacific/Auckland')).toBe('2026-07-01T09:00:00.000Z'),
  )

  it.each([
    // Clocks go forward at 2:00, so 2:30 does not exist: it is the moment of the change.
    ['2027-03-28T02:30', 'Europe/Berlin', '2027-03-28T01:00:00.000Z'],
    ['2027-03-14T02:00', 'America/New_York', '2027-03-14T07:00:00.000Z'],
    // Midnight does not exist there that day.
    ['2026-04-24', 'Africa/Cairo', '2026-04-23T22:00:00.000Z'],
    // Clocks go back: 2:30 comes twice, and the first counts.
    ['2026-10-25T02:30', 'Europe/Berlin', '2026-10-25T00:30:00.000Z'],
    ['2026-11-01T01:30', 'America/New_York', '2026-11-01T05:30:00.000Z'],
    // Half an hour forward, at the other end of the year.
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:30:00.000Z'],
    // Neither of them is a minute off right beside the change.
    ['2027-03-28T01:59:59', 'Europe/Berlin', '2027-03-28T00:59:59.000Z'],
    ['2027-03-28T03:00', 'Europe/Berlin', '2027-03-28T01:00:00.000Z'],
  ])('%s in %s, where clocks change, is %s', (text, zone, at) => expect(utc(text, zone)).toBe(at))

  it.each([
    ...['', 'tomorrow', '3d', '1765000000', '2026-13-01', '2026-02-30', '2027-02-29', '2026-00-10', '2026-1-5'],
    ...['2026-07-01T25:00', '2026-07-01T24:00', '2026-07-01T09', '2026-07-01T09:60', '2026-07-01 09:00', '01.07.2026'],
    ...[
      '2026-07-01T09:00+25:00',
      '2026-07-01T09:00+0260',
      '2026-07-01Z',
      '2026-07-01T09:00 UTC',
      '2026-07-01T09:00:61',
    ],
    ...['2026-W27-3', '20260701T090000Z', '2026-07-01T09:00z', '２０２６-07-01', 'null', '{"date":"2026-07-01"}'],
  ])('%j is none', text => expect(momentOf(text, 'UTC')).toBeNull())
})
