/** Every slot around every zone's clock changes of the next ten years, against a second way of counting that knows no calendar. */
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { clockChanges, clockNotes } from '../../../../src/domain/schedule/clock-changes.ts'
import { type Cron, readCron, slotsAfter, slotsUntil } from '../../../../src/domain/schedule/cron.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const FROM = Date.UTC(2026, 10, 27)

const cronOf = (text: string, timezone: string): Cron => {
  const read = readCron(text, timezone)
  if (!read.ok) throw new Error(read.fault.message)
  return read.cron
}

interface Changing {
  zone: string
  changes: { at: number; minutes: number }[]
}

/** Zones by how their clocks are changed in these ten years; of those that go alike one stands for all. */
function changingZones(): Changing[] {
  const seen = new Map<string, Changing>()
  for (const zone of Intl.supportedValuesOf('timeZone').filter(isChanged)) {
    const key = JSON.stringify([clockChanges(zone, FROM, 366), wallOf(zone, FROM) - FROM])
    if (!seen.has(key)) seen.set(key, { zone, changes: clockChanges(zone, FROM, 3653) })
  }
  return [...seen.values()]
}

/** Whether the clock shows different hours in a year, looked at every five days. */
function isChanged(zone: string): boolean {
  return new Set(Array.from({ length: 73 }, (_, n) => FROM + n * 5 * DAY).map(at => wallOf(zone, at) - at)).size > 1
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** What a clock on the wall there shows, by the platform's own words for it. */
function wallOf(timeZone: string, at: number): number {
  const options = { timeZone, dateStyle: 'short', timeStyle: 'medium' } as const
  const format = formats.get(timeZone) ?? new Intl.DateTimeFormat('sv-SE', options)
  formats.set(timeZone, format)
  return Date.parse(`${format.format(at).replace(' ', 'T')}Z`)
}

type Fits = (wall: Date) => boolean
interface Pattern {
  cron: string
  fits: Fits
  /** One time of day, in minutes. */
  fixed: number | null
}

const at = (minute: number): Pattern => ({
  cron: `${minute % 60} ${Math.floor(minute / 60)} * * *`,
  fits: wall => wall.getUTCHours() * 60 + wall.getUTCMinutes() === minute,
  fixed: minute,
})
const hours = (list: number[], minute: number): Pattern => ({
  cron: `${minute} ${list.join(',')} * * *`,
  fits: wall => list.includes(wall.getUTCHours()) && wall.getUTCMinutes() === minute,
  fixed: null,
})
const every = (minutes: number): Pattern => ({
  cron: `*/${minutes} * * * *`,
  fits: wall => wall.getUTCMinutes() % minutes === 0,
  fixed: null,
})

/** Goes through the quarter hours one by one and asks the clock: no calendar, no offset, no search. */
function counted({ fits, fixed }: Pattern, clock: { at: number; wall: number }[]): number[] {
  const slots: number[] = []
  const shown = new Set<number>()
  for (const [n, { at: moment, wall }] of clock.entries()) {
    const before = clock[n - 1]?.wall
    const skipped = before !== undefined && wall - before > 15 * MINUTE
    const jumped = skipped
      ? Array.from({ length: (wall - before) / (15 * MINUTE) - 1 }, (_, k) => before + (k + 1) * 15 * MINUTE)
      : []
    const fit = fits(new Date(wall)) && !(fixed !== null && shown.has(wall))
    if (fit || (fixed !== null && jumped.some(each => fits(new Date(each))))) slots.push(moment)
    shown.add(wall)
  }
  return slots
}

const zones = changingZones()

describe('each slot is found that a clock on the wall shows, and no other', () => {
  test('there are zones of every kind to look at', () => {
    expect(zones.length).toBeGreaterThan(20)
    const sizes = new Set(zones.flatMap(({ changes }) => changes.map(({ minutes }) => minutes)))
    expect([...sizes].sort((a, b) => a - b)).toEqual([-120, -60, -30, 30, 60, 120])
    const atNight = zones.filter(({ zone, changes }) =>
      changes.some(each => each.minutes > 0 && wallOf(zone, each.at) % DAY === 0),
    )
    expect(atNight.map(({ zone }) => zone)).toContain('America/Godthab')
  })

  test.each(zones.map(({ zone, changes }) => [zone, changes] as const))('%s', (zone, changes) => {
    for (const change of distinct(zone, changes)) {
      const from = change.at - 26 * HOUR
      const clock = Array.from({ length: 54 * 4 }, (_, n) => from + n * 15 * MINUTE).map(moment => ({
        at: moment,
        wall: wallOf(zone, moment),
      }))
      const until = clock.at(-1)!.at
      const wall = (wallOf(zone, change.at - MINUTE) + MINUTE) / MINUTE
      const near = [-60, -30, 0, 30, 45, 60].map(minutes => (((wall + minutes) % 1440) + 1440) % 1440)
      const hour = Math.floor(near[2]! / 60)
      const lists = [hours([hour, (hour + 12) % 24], 30), hours([(hour + 23) % 24, hour, (hour + 1) % 24], 15)]
      for (const pattern of [...near.map(at), ...lists, every(30), every(15), at(0), at(23 * 60 + 30)]) {
        const wanted = counted(pattern, clock).filter(slot => slot > from)
        const cron = cronOf(pattern.cron, zone)
        const found = slotsAfter(cron, from, wanted.length + 1).filter(slot => slot <= until)
        expect([pattern.cron, new Date(change.at), found]).toEqual([pattern.cron, new Date(change.at), wanted])
        expect(slotsUntil(cron, until, wanted.length)).toEqual(wanted)
        // From within the change: what comes next, and what came last.
        for (const minutes of [-75, -15, 0, 30, 60]) {
          const moment = change.at + minutes * MINUTE
          expect(slotsAfter(cron, moment, 1)[0]).toBe(wanted.find(slot => slot > moment))
          const last = wanted.filter(slot => slot <= moment).slice(-3)
          expect(slotsUntil(cron, moment, last.length)).toEqual(last)
        }
      }
    }
  })
})

/** Changes of one kind: the same jump at the same time of the wall. Of each the last of the ten years stands for all. */
function distinct(zone: string, changes: { at: number; minutes: number }[]): { at: number; minutes: number }[] {
  const kinds = new Map<string, { at: number; minutes: number }[]>()
  for (const change of changes) {
    const key = `${change.minutes} ${wallOf(zone, change.at) % DAY}`
    kinds.set(key, [...(kinds.get(key) ?? []), change])
  }
  return [...kinds.values()].map(list => list.at(-1)!)
}

test('the ten years’ changes of every zone lose no daily time: one slot a day, for each hour of the night', () => {
  for (const { zone, changes } of zones) {
    for (const minute of [30, 150, 23 * 60 + 30]) {
      const cron = cronOf(at(minute).cron, zone)
      for (const change of changes) {
        const slots = slotsAfter(cron, change.at - 2.2 * DAY, 4)
        const gaps = slots.slice(1).map((slot, n) => slot - slots[n]!)
        expect(
          gaps.every(gap => gap >= 21 * HOUR && gap <= 27 * HOUR),
          `${cron.timezone} ${minute} ${new Date(change.at)}`,
        ).toBe(true)
      }
    }
  }
})

test.each(
  (JSON.parse(readFileSync('tests/node/domain/schedule/b29-cron.json', 'utf8')) as Case[]).map(
    one => [one.cron, one.timezone, one] as const,
  ),
)('%s in %s keeps its slots', (_cron, _zone, { cron, timezone, after, wanted }) => {
  const slots = (count: number) => slotsAfter(cronOf(cron, timezone), Date.parse(after), count)
  if (Array.isArray(wanted)) expect(slots(wanted.length)).toEqual(wanted.map(time => Date.parse(time)))
  else expect(slots(12).map((slot, n) => slot - Date.parse(after) - (n + 1) * 30 * MINUTE)).toEqual(Array(12).fill(0))
})

interface Case {
  cron: string
  timezone: string
  after: string
  wanted: string[] | string
}

describe('the preview says what a clock change does', () => {
  const notes = (cron: string, zone: string) => clockNotes(cronOf(cron, zone), FROM)

  test('to a list of hours, and to every second hour', () => {
    expect(notes('30 2,14 * * *', 'Europe/Berlin')).toEqual([
      'On 28 March 2027 clocks go forward: 02:30 does not exist and is skipped.',
      'On 31 October 2027 clocks go back: 02:30 comes twice and runs twice.',
    ])
    expect(notes('0 */2 * * *', 'Europe/Berlin')).toEqual([
      'On 28 March 2027 clocks go forward: 02:00 does not exist and is skipped.',
      'On 31 October 2027 clocks go back: 02:00 comes twice and runs twice.',
    ])
  })

  test('to a time at the end of a day, by the day that it was meant for', () => {
    expect(notes('30 23 * * *', 'America/Nuuk')[0]).toBe(
      'On 27 March 2027 clocks go forward: 23:30 does not exist and runs at 00:00 instead.',
    )
  })
})
