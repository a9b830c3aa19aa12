/** What a state calls for and when: send slots, the one alarm, nothing stored and nothing skipped. */
import { describe, expect, it } from 'vitest'
import { due, nextAlarm, slotFrom } from '../../../../src/domain/task/due.ts'
import { isOver } from '../../../../src/domain/task/state.ts'
import { mulberry32 } from '../../../support/random.ts'
import {
  approve,
  aTask,
  DAY,
  HOUR,
  type Journey,
  limited,
  MINUTE,
  oneHuman,
  onePrompt,
  SECOND,
} from '../../../support/task-builders.ts'
import { situations } from '../../../support/task-situations.ts'

/** The times after it became due at which an unclaimed run is sent, when every alarm fires on time. */
function sendTimes(task: Journey, until: number): number[] {
  const from = task.now
  const times = due(task.state, task.now, task.now).length > 0 ? [0] : []
  for (let at = task.alarm(); at !== null && at - from <= until; at = task.alarm()) {
    task.now = at
    if (due(task.state, at, at).length > 0) times.push(at - from)
  }
  return times
}

describe('an unclaimed run', () => {
  it('is sent at once, after 10 s, 40 s, 3 min, 11 min, then hourly', () => {
    const times = sendTimes(aTask(onePrompt()), 4 * HOUR)
    const hourly = [1, 2, 3].map(hours => 11 * MINUTE + hours * HOUR)
    expect(times).toEqual([0, 10 * SECOND, 40 * SECOND, 3 * MINUTE, 11 * MINUTE, ...hourly])
  })

  it('costs at most five messages in ten minutes', () => {
    expect(sendTimes(aTask(onePrompt()), 10 * MINUTE).length).toBeLessThanOrEqual(5)
  })

  it('is sent once by an alarm that comes late, however many slots went by', () => {
    const task = aTask(onePrompt())
    const scheduled = task.alarm()!
    for (const late of [0, 1, 29 * SECOND, 10 * MINUTE, 5 * DAY]) {
      expect(due(task.state, scheduled, scheduled + late)).toEqual([{ kind: 'send', visit: 1, run: 1, attempt: 1 }])
    }
  })

  it('is not sent twice for one slot, nor between slots', () => {
    const task = aTask(onePrompt())
    const slot = task.now + 10 * SECOND
    expect(due(task.state, slot + 1, slot + 1)).toEqual([])
    expect(due(task.state, slot - 1, slot - 1)).toEqual([])
    expect(due(task.state, slot, slot)).toHaveLength(1)
  })

  it('misses no slot and uses none twice, whatever else wakes the task in between', () => {
    const random = mulberry32(7)
    for (let trial = 0; trial < 200; trial++) {
      const task = aTask(onePrompt())
      const sent = new Set<number>()
      let last = task.now
      while (last < task.now + 3 * HOUR) {
        const next = Math.min(nextAlarm(task.state, task.definition, last)!, last + Math.ceil(random() * 20 * MINUTE))
        // Whatever wakes it leaves the next alarm where it was, unless a slot lies between.
        const isAlarm = next === nextAlarm(task.state, task.definition, last)
        if (isAlarm && due(task.state, next, next).length > 0) sent.add(next - task.now)
        expect(isAlarm || slotFrom(task.run.dueAt, last + 1) > next).toBe(true)
        last = next
      }
      expect([...sent].slice(0, 4)).toEqual([10 * SECOND, 40 * SECOND, 3 * MINUTE, 11 * MINUTE])
    }
  })

  it('is not sent before its next try is due', () => {
    const task = aTask(onePrompt())
    task.fail()
    expect(due(task.state, task.now, task.now)).toEqual([])
    expect(task.alarm()).toBe(task.run.dueAt)
    expect(due(task.state, task.run.dueAt, task.run.dueAt)).toMatchObject([{ attempt: 2 }])
  })

  it('is not sent while it is claimed, nor once it reported', () => {
    const task = aTask(onePrompt())
    task.claim()
    expect(due(task.state, task.now, task.now + DAY)).toEqual([])
  })
})

describe('slots', () => {
  it('are the first at or after a time, for any time', () => {
    const slots = [0, 10_000, 40_000, 180_000, 660_000, 4_260_000, 7_860_000]
    for (let time = -5000; time <= 7_860_000; time += 997) {
      expect(slotFrom(1000, 1000 + time)).toBe(1000 + slots.find(slot => slot >= time)!)
    }
    for (const slot of slots) {
      expect(slotFrom(0, slot)).toBe(slot)
      expect(slotFrom(0, slot + 1)).toBe(slots.find(other => other > slot) ?? slot + HOUR)
    }
  })
})

describe('looking up roles', () => {
  it('is due like a send, and done again at the slots while it fails', () => {
    const task = aTask(oneHuman({ assign: ['role:admin'] }))
    expect(due(task.state, task.now, task.now)).toEqual([{ kind: 'resolve', visit: 1, run: 1, roles: ['admin'] }])
    expect(task.alarm()).toBe(task.now + 10 * SECOND)
  })
})

describe('the alarm', () => {
  it.each(situations())('with %s lies in the future, or is not needed', (_name, { status, reach }) => {
    const task = reach()
    for (const later of [0, 1, MINUTE, DAY, 400 * DAY]) {
      const now = task.now + later
      const at = nextAlarm(task.state, task.definition, now)
      if (isOver(status)) expect(at).toBeNull()
      expect(at ?? Number.POSITIVE_INFINITY).toBeGreaterThan(now)
      if (status === 'running' || status === 'held') expect(at).not.toBeNull()
    }
  })

  it.each(situations())('with %s always brings the task to where it needs none', (_name, { reach }) => {
    const task = reach()
    for (let woken = 0; task.alarm() !== null && woken < 50; woken++) {
      task.wake()
      const [work] = due(task.state, task.now, task.now)
      if (work?.kind === 'send') task.claim()
      if (work?.kind === 'resolve')
        task.do({ type: 'resolve', visit: work.visit, run: work.run, people: { admin: ['a@acme.test'] } })
    }
    expect(task.alarm()).toBeNull()
  })

  it('is set for the end of a lease', () => {
    const task = aTask(onePrompt({ timeout: '30s' }))
    task.claim()
    expect(task.alarm()).toBe(task.now + 45 * SECOND)
  })

  it('is set for the earliest of several', () => {
    const human = { due: '2d', overdue: { handoff: 'rejected' } }
    expect(aTask(limited({ duration: '1d' }, [approve(human)])).alarm()).toBe(aTask(onePrompt()).now + DAY)
    expect(aTask(limited({ duration: '3d' }, [approve(human)])).alarm()).toBe(aTask(onePrompt()).now + 2 * DAY)
  })
})
