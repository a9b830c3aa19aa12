/** A schedule's rules: which slots there are, across clock changes and leap years, and which are due whatever the ticks did. */
import { expect, describe as group, test } from 'vitest'
import { clockChanges, clockNotes } from '../../../../src/domain/schedule/clock-changes.ts'
import { type Cron, nextSlot, readCron, slotsAfter, slotsUntil } from '../../../../src/domain/schedule/cron.ts'
import { describe } from '../../../../src/domain/schedule/describe.ts'
import { CATCH_UP, type CatchUp, dueSlots, GRACE_MS } from '../../../../src/domain/schedule/due.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const ms = (iso: string) => Date.parse(iso)
const iso = (times: number[]) => times.map(time => new Date(time).toISOString().slice(0, 16))

function cronOf(text: string, timezone = 'UTC'): Cron {
  const read = readCron(text, timezone)
  if (!read.ok) throw new Error(read.fault.message)
  return read.cron
}

group('slots across clock changes', () => {
  test.each([
    // Berlin, forward on 28 March 2027 at 01:00 UTC, back on 31 October at 01:00 UTC.
    ['Europe/Berlin', '30 2 * * *', '2027-03-27T02:00Z', ['2027-03-28T01:00', '2027-03-29T00:30']],
    ['Europe/Berlin', '0 3 * * *', '2027-03-27T03:00Z', ['2027-03-28T01:00', '2027-03-29T01:00']],
    ['Europe/Berlin', '30 2 * * *', '2027-10-30T12:00Z', ['2027-10-31T00:30', '2027-11-01T01:30']],
    ['Europe/Berlin', '0 9 * * *', '2027-10-30T12:00Z', ['2027-10-31T08:00', '2027-11-01T08:00']],
    ['Europe/Berlin', '0 * * * *', '2027-10-30T23:30Z', ['2027-10-31T00:00', '2027-10-31T01:00', '2027-10-31T02:00']],
    ['Europe/Berlin', '0 * * * *', '2027-03-27T23:30Z', ['2027-03-28T00:00', '2027-03-28T01:00', '2027-03-28T02:00']],
    // New York, forward on 14 March 2027 at 07:00 UTC, back on 7 November at 06:00 UTC.
    ['America/New_York', '30 2 * * *', '2027-03-13T08:00Z', ['2027-03-14T07:00', '2027-03-15T06:30']],
    ['America/New_York', '30 1 * * *', '2027-11-06T12:00Z', ['2027-11-07T05:30', '2027-11-08T06:30']],
    [
      'America/New_York',
      '0 * * * *',
      '2027-11-07T04:30Z',
      ['2027-11-07T05:00', '2027-11-07T06:00', '2027-11-07T07:00'],
    ],
    // Leap years, and a clock that is off by half an hour.
    ['UTC', '0 12 29 2 *', '2027-01-01T00:00Z', ['2028-02-29T12:00', '2032-02-29T12:00']],
    ['Asia/Kolkata', '0 9 29 2 *', '2027-01-01T00:00Z', ['2028-02-29T03:30']],
    ['Europe/Berlin', '0 0 L 2 *', '2027-12-01T00:00Z', ['2028-02-28T23:00', '2029-02-27T23:00']],
  ])('%s, %s after %s', (zone, cron, after, expected) => {
    expect(iso(slotsAfter(cronOf(cron, zone), ms(after), expected.length))).toEqual(expected)
  })

  const zones = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'UTC']
  const crons = [
    '30 2 * * *',
    '*/30 * * * *',
    '0,30 2 * * *',
    '15 1-3 * * *',
    '* * * * *',
    '0 9 * * 1-5',
    '*/7 1-3 * * *',
  ]
  const changes = [
    '2027-03-28T01:00Z',
    '2027-10-31T01:00Z',
    '2027-03-14T07:00Z',
    '2027-11-07T06:00Z',
    '2027-04-03T15:00Z',
  ]
  test.each(zones.flatMap(zone => crons.map(cron => [zone, cron])))(
    '%s, %s: looking back finds what looking ahead finds, strictly in order',
    (zone, text) => {
      const cron = cronOf(text, zone)
      for (const change of changes) {
        for (const minutes of [-61, -30, -1, 0, 1, 29, 30, 59, 60, 61, 125]) {
          const until = ms(change) + minutes * MINUTE
          const back = slotsUntil(cron, until, 8)
          const ahead = slotsAfter(cron, back[0]! - 1, 8).filter(slot => slot <= until)
          expect(ahead).toEqual(back)
          expect(back.every((slot, n) => n === 0 || slot > back[n - 1]!)).toBe(true)
        }
      }
    },
  )
})

group('what is due', () => {
  const now = ms('2026-11-21T12:00:00Z')
  const starts = (catchUp: CatchUp, cron: string, last: number, at = now) =>
    iso(dueSlots(cronOf(cron), catchUp, last, at).flatMap(one => (one.do === 'start' ? [one.slot] : [])))

  test.each([
    ['a tick on time', '0 * * * *', 1, 0, ['2026-11-21T12:00']],
    ['a tick 50 s late', '0 * * * *', 1, 50, ['2026-11-21T12:00']],
    ['a tick within the grace', '0 * * * *', 1, 299, ['2026-11-21T12:00']],
    ['a second tick for the same minute', '0 * * * *', 0, 20, []],
  ])('%s', (_name, cron, hours, lateSeconds, expected) => {
    for (const catchUp of CATCH_UP) {
      expect(starts(catchUp, cron, now - hours * HOUR, now + lateSeconds * 1000)).toEqual(expected)
    }
  })

  test.each<[CatchUp, string, number, number, string[]]>([
    ['none', '0 * * * *', 6, 10, []],
    ['last', '0 * * * *', 6, 10, ['2026-11-21T12:00']],
    ['all', '0 * * * *', 3, 10, ['2026-11-21T10:00', '2026-11-21T11:00', '2026-11-21T12:00']],
    ['all', '0 */6 * * *', 48, 10, ['2026-11-20T18:00', '2026-11-21T00:00', '2026-11-21T06:00', '2026-11-21T12:00']],
    ['last', '0 12 * * *', 24 * 7, 10, ['2026-11-21T12:00']],
  ])('catch-up %s of %s after %d hours and %d minutes', (catchUp, cron, hours, minutes, expected) => {
    expect(starts(catchUp, cron, now - hours * HOUR, now + minutes * MINUTE)).toEqual(expected)
  })

  test('all: ten slots at most, none older than a day', () => {
    const due = dueSlots(cronOf('* * * * *'), 'all', now - 3 * HOUR, now)
    expect(due.filter(one => one.do === 'start')).toHaveLength(10)
    expect(due[0]).toMatchObject({ do: 'skip', slot: now - 3 * HOUR + MINUTE, until: now - 10 * MINUTE })
  })

  const gaps = [0, 30_000, MINUTE, 4 * MINUTE, HOUR, 9 * 24 * HOUR]
  const patterns = ['* * * * *', '*/15 * * * *', '0 * * * *', '30 2 * * *', '0 9 * * 1-5', '0 0 29 2 *']
  test.each(CATCH_UP.flatMap(catchUp => patterns.map(cron => [catchUp, cron] as const)))(
    'property: %s, %s: every slot since the last lies in one entry, in order, and the next sweep finds nothing',
    (catchUp, text) => {
      const cron = cronOf(text, 'Europe/Berlin')
      for (const at of [
        '2026-11-21T12:00:07Z',
        '2027-03-28T01:20:00Z',
        '2027-10-31T01:40:30Z',
        '2028-02-29T00:00:00Z',
      ]) {
        for (const gap of gaps) {
          const until = ms(at)
          const last = until - gap
          const due = dueSlots(cron, catchUp, last, until)
          const ends = due.map(one => ('until' in one ? one.until : one.slot))
          const all = allSlots(cron, last, until)
          for (const slot of all) {
            expect(due.filter((one, n) => one.slot <= slot && slot <= ends[n]!)).toHaveLength(1)
          }
          expect(
            due.every((one, n) => one.slot > last && ends[n]! <= until && (n === 0 || one.slot > ends[n - 1]!)),
          ).toBe(true)
          expect(dueSlots(cron, catchUp, ends.at(-1) ?? last, until)).toEqual([])
          if (gap <= GRACE_MS) expect(due.every(one => one.do === 'start')).toBe(true)
        }
      }
    },
  )
})

/** At most some hundreds: no more are looked at. */
function allSlots(cron: Cron, after: number, until: number): number[] {
  const slots: number[] = []
  let slot = nextSlot(cron, after)
  while (slot !== null && slot <= until && slots.length < 300) {
    slots.push(slot)
    slot = nextSlot(cron, slot)
  }
  return slots
}

group('as a sentence', () => {
  test.each([
    ['* * * * *', 'Every minute, Berlin time'],
    ['*/15 * * * *', 'Every 15 minutes, Berlin time'],
    ['*/15 9-17 * * MON-FRI', 'Every 15 minutes from 09:00 to 17:59 on Monday to Friday, Berlin time'],
    ['0 * * * *', 'Every hour at :00, Berlin time'],
    ['30 2 * * *', 'Every day at 02:30, Berlin time'],
    ['0 6 * 7 *', 'Every day at 06:00 in July, Berlin time'],
    ['0 9 * * 1-5', 'At 09:00 on Monday to Friday, Berlin time'],
    ['30 8,14 * * 0', 'At 08:30 and 14:30 on Sunday, Berlin time'],
    ['0 8 1 * *', 'At 08:00 on the 1st of the month, Berlin time'],
    ['0 8 1,15 * *', 'At 08:00 on the 1st and 15th of the month, Berlin time'],
    ['0 9 L * *', 'At 09:00 on the last day of the month, Berlin time'],
    ['0 9 * * MON#2', 'At 09:00 on the 2nd Monday of the month, Berlin time'],
    ['0 0 1 1 *', 'At 00:00 on the 1st of the month in January, Berlin time'],
    ['0 */6 * * *', 'Every 6 hours at :00, Berlin time'],
    ['*/7 * * * *', 'Cron */7 * * * *, Berlin time'],
    ['0 9 1 */2 *', 'Cron 0 9 1 */2 *, Berlin time'],
    ['@daily', 'Every day at 00:00, Berlin time'],
    ['@weekly', 'At 00:00 on Sunday, Berlin time'],
    ['0 9 ? * MON', 'At 09:00 on Monday, Berlin time'],
  ])('%s', (cron, sentence) => {
    expect(describe(cron, 'Europe/Berlin')).toBe(sentence)
  })

  test('both clock changes are told where they matter, and only there', () => {
    const from = ms('2026-11-21T00:00:00Z')
    const notes = (cron: string, zone: string) => clockNotes(cronOf(cron, zone), from)
    expect(notes('30 2 * * *', 'Europe/Berlin')).toEqual([
      'On 28 March 2027 clocks go forward: 02:30 does not exist and runs at 03:00 instead.',
      'On 31 October 2027 clocks go back: 02:30 comes twice and runs once.',
    ])
    expect(notes('30 1 * * *', 'America/New_York')).toEqual([
      'On 7 November 2027 clocks go back: 01:30 comes twice and runs once.',
    ])
    expect(notes('0,30 2 * * *', 'Europe/Berlin')).toEqual([
      'On 28 March 2027 clocks go forward: 02:00 and 02:30 do not exist and are skipped.',
      'On 31 October 2027 clocks go back: 02:00 and 02:30 come twice and run twice.',
    ])
    for (const cron of ['0 9 * * *', '* * * * *', '*/10 * * * *', '0 3 * * *']) {
      expect(notes(cron, 'Europe/Berlin'), cron).toEqual([])
    }
    expect(notes('30 2 * * *', 'UTC')).toEqual([])
    expect(clockChanges('Europe/Berlin', from).map(one => [new Date(one.at).toISOString(), one.minutes])).toEqual([
      ['2027-03-28T01:00:00.000Z', 60],
      ['2027-10-31T01:00:00.000Z', -60],
    ])
  })
})

group('the ways that others write it', () => {
  test.each([
    ['@yearly', '0 0 1 1 *'],
    ['@annually', '0 0 1 1 *'],
    ['@monthly', '0 0 1 * *'],
    ['@weekly', '0 0 * * 0'],
    ['@daily', '0 0 * * *'],
    [' @Midnight ', '0 0 * * *'],
    ['@hourly', '0 * * * *'],
    ['5/15 * * * *', '5,20,35,50 * * * *'],
    ['0 2/6 * * *', '0 2,8,14,20 * * *'],
    ['0 9 3/10 * *', '0 9 3,13,23 * *'],
    ['0 9 1 2/5 *', '0 9 1 2,7,12 *'],
    ['0 9 * * 1/2', '0 9 * * 1,3,5'],
    ['1,5/20 * * * *', '1,5,25,45 * * * *'],
    ['0 9 ? * *', '0 9 * * *'],
    ['0 9 ? * 1', '0 9 * * 1'],
    ['0 9 15 * ?', '0 9 15 * *'],
  ])('%s is %s', (written, plain) => {
    const from = ms('2026-11-21T00:00:00Z')
    expect(slotsAfter(cronOf(written), from, 30)).toEqual(slotsAfter(cronOf(plain), from, 30))
  })
})

group('what is no schedule', () => {
  test.each([
    ['', 'UTC', 'cron'],
    ['* * * *', 'UTC', 'cron'],
    ['* * * * * *', 'UTC', 'cron'],
    ['60 * * * *', 'UTC', 'cron'],
    ['* 24 * * *', 'UTC', 'cron'],
    ['* * 32 * *', 'UTC', 'cron'],
    ['* * * 13 *', 'UTC', 'cron'],
    ['* * * * 8', 'UTC', 'cron'],
    ['*/0 * * * *', 'UTC', 'cron'],
    ['5-1 * * * *', 'UTC', 'cron'],
    ['@reboot', 'UTC', 'cron'],
    ['@daily extra', 'UTC', 'cron'],
    ['? 9 * * *', 'UTC', 'cron'],
    ['5/0 * * * *', 'UTC', 'cron'],
    ['70/5 * * * *', 'UTC', 'cron'],
    ['/5 * * * *', 'UTC', 'cron'],
    ['0 0 30 2 *', 'UTC', 'cron'],
    ['0 0 31 4,6,9,11 *', 'UTC', 'cron'],
    ['0 9 * * *; rm', 'UTC', 'cron'],
    [`0 9 * * ${'1,'.repeat(200)}1`, 'UTC', 'cron'],
    ['2027-04-01T00:00:00', 'UTC', 'cron'],
    ['0 9 * * *', '', 'timezone'],
    ['0 9 * * *', 'Mars/Olympus', 'timezone'],
    ['0 9 * * *', '+02:00', 'timezone'],
    ['0 9 * * *', 'Europe/Berlin; drop', 'timezone'],
  ])('"%s" in "%s" names the %s, with a hint', (cron, zone, path) => {
    const read = readCron(cron, zone)
    expect(read).toMatchObject({ ok: false, fault: { path } })
    if (!read.ok) expect(read.fault.hint.length * read.fault.message.length).toBeGreaterThan(0)
  })
})
