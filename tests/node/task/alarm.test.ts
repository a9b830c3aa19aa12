/** The alarm of a task: moved earlier and never later, at one write for each move, and taken back at the end. */
import { expect, test } from 'vitest'
import { Alarm } from '../../../src/task/object/alarm.ts'

/** A storage that keeps an alarm and what was done to it. */
function aStorage(at: number | null = null) {
  const kept = { at, writes: [] as (number | 'deleted')[] }
  const storage = {
    getAlarm: async () => kept.at,
    setAlarm: (to: number) => {
      kept.at = to
      kept.writes.push(to)
    },
    deleteAlarm: () => {
      kept.at = null
      kept.writes.push('deleted')
    },
  }
  return { kept, alarm: new Alarm(storage as unknown as DurableObjectStorage) }
}

test('it is moved to an earlier time, and a later or the same one costs no write', () => {
  const { kept, alarm } = aStorage()
  for (const at of [500, 900, 500, 200, null, 300]) alarm.arm(at)
  expect(kept).toEqual({ at: 200, writes: [500, 200] })
})

test('what storage has counts, once it was read', async () => {
  const { kept, alarm } = aStorage(400)
  await alarm.read()
  alarm.arm(600)
  expect(kept.writes).toEqual([])
  alarm.arm(300)
  expect(kept.writes).toEqual([300])
})

test('after it fired it is set to what is left, or not at all', () => {
  const { kept, alarm } = aStorage()
  alarm.arm(100)
  expect(alarm.fired(100)).toBe(100)
  alarm.settle(700, 110)
  expect(kept.writes).toEqual([100, 700])
  alarm.settle(900, 120)
  expect(kept.at).toBe(900)
  alarm.settle(null, 130)
  expect(kept).toMatchObject({ at: null, writes: [100, 700, 900, 'deleted'] })
})

test('one whose time came while another was served stays, as its slot was looked at by nobody', () => {
  const { kept, alarm } = aStorage()
  alarm.arm(100)
  alarm.fired(100)
  alarm.arm(115)
  alarm.settle(10_115, 116)
  expect(kept.at).toBe(115)
})

test('one in the place of a lost one looks at every slot there was', () => {
  const { alarm } = aStorage()
  alarm.standIn(1000)
  expect(alarm.fired(1001)).toBe(0)
  alarm.arm(2000)
  expect(alarm.fired(2000)).toBe(2000)
})
