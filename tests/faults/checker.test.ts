/** The checker of the fault tests, held to account: each kind of damage, planted in a run that is whole, is seen. */
import { describe, expect, test } from 'vitest'
import type { AuditEntry, TaskEvent } from '../support/api-client.ts'
import { stillRunning } from '../support/process-tree.ts'
import {
  diedThrice,
  type Found,
  hitOf,
  percentile,
  type Sent,
  wrongAnswers,
  wrongList,
  wrongTask,
} from '../support/wholeness.ts'

const at = (second: number) => new Date(Date.UTC(2026, 10, 7, 12, 0, second)).toISOString()
const sent = (key: string, task: string, more: Partial<Sent> = {}): Sent => ({
  ...{ key, task, sentAt: 1, endedAt: 2, status: 202, duplicate: false },
  ...more,
})
const COURSE = { status: 'waiting', steps: ['draft', 'approve'], last: 'asked' }

function aRun(): Found {
  const types: [string, string, TaskEvent['data']][] = [
    ['created', '', {}],
    ['entered', 'draft', { visit: 1 }],
    ['due', 'draft', { visit: 1, run: 1, attempt: 1 }],
    ['claimed', 'draft', { visit: 1, run: 1, attempt: 1, lease: 'l1', until: Date.parse(at(9)) }],
    ['reported', 'draft', { visit: 1, run: 1, attempt: 1, lease: 'l1' }],
    ['entered', 'approve', { visit: 2 }],
    ['asked', 'approve', { visit: 2, run: 1 }],
  ]
  const events = types.map(([type, step, data], i) => ({ seq: i + 1, at: at(i), type, step, data }))
  const task = { id: 'tsk_a', title: 'k1', status: 'waiting', step: 'approve', why: 'It waits.' } as Found['task']
  return { task, events, audit: events.map(event => ({ seq: event.seq, at: event.at, types: [event.type] })) }
}

/** The run with another log, and the audit of that log. */
function logged(change: (events: TaskEvent[]) => TaskEvent[]): Found {
  const run = aRun()
  const events = change(run.events).map((event, i) => ({ ...event, seq: i + 1 }))
  return { ...run, events, audit: events.map(({ seq, at, type }): AuditEntry => ({ seq, at, types: [type] })) }
}

test('a run without damage has nothing wrong', () => {
  const history = [sent('k1', 'tsk_a'), sent('k1', 'tsk_a', { duplicate: true }), sent('k2', 'tsk_b')]
  expect(wrongAnswers(history)).toEqual([])
  expect(wrongList(history, [{ ...aRun().task }, { ...aRun().task, id: 'tsk_b', title: 'k2' }])).toEqual([])
  expect(wrongTask(aRun(), COURSE)).toEqual([])
})

test('of a run in which nothing was done nothing good is said', () => {
  expect(wrongAnswers([])).toEqual(['nobody asked for anything'])
  expect(wrongList([], [])).toEqual(['no task was accepted'])
  expect(() => stillRunning([])).toThrow('no process was watched')
})

describe('seen in what clients were answered', () => {
  test.each([
    ['two tasks for one key', [sent('k1', 'tsk_a'), sent('k1', 'tsk_b', { duplicate: true })], 'made 2 tasks'],
    ['one task for two keys', [sent('k1', 'tsk_a'), sent('k2', 'tsk_a')], 'share the task'],
    ['two first answers', [sent('k1', 'tsk_a'), sent('k1', 'tsk_a')], 'answered 2 times as if it were the first'],
    ['an answer other than 202', [sent('k1', 'tsk_a'), sent('k1', '', { status: 500 })], 'answered 500'],
    ['a key that was never answered', [sent('k1', '', { status: null })], 'never accepted'],
  ])('%s', (_what, history, words) => {
    expect(wrongAnswers(history).join()).toContain(words)
  })

  test('an accepted task that no list has, and a listed one that nobody was told of', () => {
    const item = { ...aRun().task, id: 'tsk_z', title: 'k9' }
    expect(wrongList([sent('k1', 'tsk_a')], [item]).join()).toMatch(/tsk_a is not listed.*tsk_z: nobody was told/)
  })
})

describe('seen in a task', () => {
  const again = (type: string) => (events: TaskEvent[]) => {
    const at = events.findIndex(event => event.type === type)
    return events.toSpliced(at + 1, 0, events[at]!)
  }
  test.each([
    ['a step entered twice', logged(again('entered')), 'entered 1:draft 1:draft'],
    ['an attempt reported twice', logged(again('reported')), 'reported twice: 1.1.1'],
    ['an attempt claimed twice', logged(again('claimed')), 'claimed twice: 1.1.1'],
    ['people asked twice', logged(again('asked')), '2 × asked'],
    [
      'a step left out',
      logged(events => events.filter(event => event.step !== 'draft')),
      'instead of 1:draft 2:approve',
    ],
    ['a task that stays where it is', { ...aRun(), task: { ...aRun().task, status: 'running' } }, 'is running'],
    ['a gap in the log', { ...aRun(), events: aRun().events.filter(event => event.seq !== 3) }, 'its log has gaps'],
    ['a missing audit row', { ...aRun(), audit: aRun().audit.slice(0, -1) }, 'its audit differs'],
    ['a doubled audit row', { ...aRun(), audit: [...aRun().audit, aRun().audit[6]!] }, 'its audit differs'],
  ])('%s', (_what, run, words) => {
    expect(wrongTask(run, COURSE).join()).toContain(words)
  })

  test('but not a second claim after the first one lapsed', () => {
    const run = logged(events => {
      const claimed = events.find(event => event.type === 'claimed')!
      return events.toSpliced(4, 0, { ...claimed, type: 'lapsed' }, claimed)
    })
    expect(wrongTask(run, COURSE)).toEqual([])
  })
})

test('a task may be given up only when the same call died three times in a row', () => {
  const [, , , claimed] = aRun().events
  const died = [claimed!, { ...claimed!, type: 'lapsed' }]
  const stuck = { ...claimed!, type: 'stuck', data: { visit: 1, cause: 'keeps_dying' } }
  expect(diedThrice([...died, ...died, ...died, stuck])).toBe(true)
  expect(diedThrice([...died, ...died, stuck])).toBe(false)
  expect(diedThrice([...died, ...died, ...died])).toBe(false)
  const other = { ...claimed!, data: { ...claimed!.data, attempt: 2 } }
  expect(diedThrice([...died, ...died, other, { ...other, type: 'lapsed' }, stuck])).toBe(false)
})

test('a kill is told with what it met, and a task that waits for its lease is not late', () => {
  const kill = { at: Date.parse(at(3)), served: Date.parse(at(4)) }
  const events = aRun().events.map(event => (event.seq > 4 ? { ...event, at: at(event.seq + 5) } : event))
  expect(hitOf([events], kill, undefined)).toEqual({ underWay: 1, midCall: 1, recovery: [6000], late: [1000] })
  expect(hitOf([events], kill, { ...kill, at: Date.parse(at(5)) })).toMatchObject({ underWay: 1, recovery: [] })
  expect(hitOf([events], { ...kill, at: Date.parse(at(59)) }, undefined)).toMatchObject({ underWay: 0 })
  expect(percentile([3, 1, 2], 50)).toBe(2)
})
