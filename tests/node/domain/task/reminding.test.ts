/** Due times in working time, and reminders: each once, in hours, to those who have not decided, by the one alarm. */
import { describe, expect, it } from 'vitest'
import type { Human } from '../../../../src/domain/handler/parts/human-shape.ts'
import { USUAL_HOURS, type WorkingHours } from '../../../../src/domain/schedule/working-hours.ts'
import {
  ANA,
  approve,
  aTask,
  BEN,
  DAY,
  draft,
  HOUR,
  type Journey,
  MINUTE,
  onboarding,
  START,
} from '../../../support/task-builders.ts'

const BERLIN: WorkingHours = { ...USUAL_HOURS, timezone: 'Europe/Berlin', holidays: ['2026-11-11'] }

/** A question that is asked at `from`; the team's hours are looked up first. */
function asked(human: Partial<Human>, hours: WorkingHours | null = BERLIN, from = START): Journey {
  const task = aTask(onboarding({ steps: [draft(), approve(human)] }))
  task.now = from
  task.answer('Dear Acme')
  expect(task.run.phase).toEqual({ name: 'asking', roles: [], hours: true })
  task.do({ type: 'resolve', visit: 2, run: 1, people: {}, hours })
  return task
}

/** Lets the alarm fire until `end`, late by so much each time; when somebody was told again, with whom. */
function reminders(task: Journey, end: number, late = 0): [string, string[]][] {
  const from = task.rows.length
  for (let fired = 0; fired < 500; fired++) {
    const at = task.alarm()
    if (at === null || at > end) break
    task.now = at + late
    task.do({ type: 'wake' })
  }
  return task.rows
    .slice(from)
    .flatMap(row => row.events.map(event => ({ event, at: row.at })))
    .flatMap(({ event, at }) =>
      event.type === 'reminded' ? [[new Date(at).toISOString(), event.to] as [string, string[]]] : [],
    )
}

const dueOf = ({ run: { phase } }: Journey) =>
  phase.name === 'asked' && phase.ask.due !== null ? new Date(phase.ask.due).toISOString() : null

describe('a due time', () => {
  it.each([
    ['2d', '2026-11-08T14:00:00.000Z'],
    ['2 working days', '2026-11-10T14:00:00.000Z'],
    ['8 working hours', '2026-11-09T14:00:00.000Z'],
    ['3 working days', '2026-11-12T14:00:00.000Z'],
  ])('%s, asked on a Friday afternoon before a Wednesday off', (due, expected) => {
    // Reminders have the hours looked up even where the due time needs none.
    expect(dueOf(asked({ due, remind: { every: '30d' } }, BERLIN, Date.parse('2026-11-06T14:00:00Z')))).toBe(expected)
  })

  it('without hours of the team counts the usual ones', () => {
    expect(dueOf(asked({ due: '1 working day' }, null, Date.parse('2026-11-06T14:00:00Z')))).toBe(
      '2026-11-09T14:00:00.000Z',
    )
  })

  it('needs no look-up where it is plain time', () => {
    const task = aTask(onboarding({ steps: [approve({ due: '2d' })] }))
    expect(task.run.phase.name).toBe('asked')
    expect(dueOf(task)).toBe(new Date(START + 2 * DAY).toISOString())
  })

  it('stays what it was when the team changes its hours, or the log is read again', () => {
    const task = asked({ due: '2 working days' })
    expect(task.reread()).toEqual(task.state)
  })
})

describe('reminders', () => {
  it('come before it is due, each once, and only to who has not decided', () => {
    const task = asked({ due: '2d', needs: 2, remind: { before: ['1d', '2h'] } }, null)
    task.now += HOUR
    task.decide('approved', BEN)
    expect(reminders(task, START + 10 * DAY)).toEqual([
      ['2026-11-03T09:00:00.000Z', ['ana@acme.test']],
      ['2026-11-04T07:00:00.000Z', ['ana@acme.test']],
    ])
    expect(task.alarm()).toBeNull()
    expect(task.reread()).toEqual(task.state)
  })

  it('come every so often while it is open, in hours alone: over a weekend, a holiday, a clock put back', () => {
    // Friday, 29 October: clocks are put back on Sunday.
    const task = asked({ remind: { every: '12h' } }, BERLIN, Date.parse('2027-10-29T08:00:00Z'))
    expect(reminders(task, Date.parse('2027-11-03T00:00:00Z')).map(([at]) => at)).toEqual([
      '2027-11-01T08:00:00.000Z',
      '2027-11-02T08:00:00.000Z',
    ])
    const off = asked({ remind: { every: '1d' } }, BERLIN, Date.parse('2026-11-10T09:00:00Z'))
    expect(reminders(off, Date.parse('2026-11-14T00:00:00Z')).map(([at]) => at)).toEqual([
      '2026-11-12T08:00:00.000Z',
      '2026-11-13T08:00:00.000Z',
    ])
  })

  it('come in hours when clocks are put forward', () => {
    const task = asked(
      { due: '1 working day', remind: { before: ['20h'] } },
      BERLIN,
      Date.parse('2027-03-26T10:00:00Z'),
    )
    expect(dueOf(task)).toBe('2027-03-29T09:00:00.000Z')
    // 20 h before is Sunday; nobody works before Monday at 9, which is 7 UTC by now.
    expect(reminders(task, Date.parse('2027-04-01T00:00:00Z')).map(([at]) => at)).toEqual(['2027-03-29T07:00:00.000Z'])
  })

  it('that would come too late in the morning come the working day before', () => {
    const from = Date.parse('2026-11-04T08:30:00Z')
    const task = asked({ due: '3 working days', remind: { before: ['2h'] } }, { ...BERLIN, holidays: [] }, from)
    expect(dueOf(task)).toBe('2026-11-09T08:30:00.000Z')
    expect(reminders(task, from + 9 * DAY).map(([at]) => at)).toEqual(['2026-11-09T08:00:00.000Z'])
    const first = asked(
      { due: '1 working day', remind: { before: ['2h'] } },
      BERLIN,
      Date.parse('2026-11-05T20:00:00Z'),
    )
    expect(dueOf(first)).toBe('2026-11-09T08:00:00.000Z')
    expect(reminders(first, from + 9 * DAY).map(([at]) => at)).toEqual(['2026-11-06T08:00:00.000Z'])
  })

  it('that were missed are one, told when the team is at work', () => {
    const task = asked({ due: '9d', remind: { before: ['8d', '7d'], every: '1d' } })
    task.now = Date.parse('2026-11-07T12:00:00Z')
    expect(task.do({ type: 'wake' })).toEqual([])
    expect(reminders(task, Date.parse('2026-11-09T08:30:00Z')).map(([at]) => at)).toEqual(['2026-11-09T08:00:00.000Z'])
  })

  it('are one a time however late alarms fire, and however often', () => {
    for (const late of [0, 1, 17 * MINUTE, 3 * HOUR]) {
      const task = asked({ due: '3d', remind: { before: ['1d'], every: '1d' } }, null)
      const times = reminders(task, START + 4 * DAY, late).map(([at]) => at)
      expect(new Set(times).size).toBe(times.length)
      expect(times.length).toBeLessThanOrEqual(5)
      expect(task.do({ type: 'wake' })).toEqual([])
    }
  })

  it('end with the decision, and with who is asked besides once it is overdue they go on', () => {
    const task = asked({ due: '1d', overdue: { assign: ['boss@acme.test'] }, remind: { every: '18h' } }, null)
    expect(reminders(task, START + 2 * DAY)).toEqual([
      ['2026-11-03T03:00:00.000Z', ['ana@acme.test', 'ben@acme.test']],
      ['2026-11-03T21:00:00.000Z', ['ana@acme.test', 'ben@acme.test', 'boss@acme.test']],
    ])
    task.decide('approved', ANA)
    expect(task.alarm()).toBeNull()
  })

  it('decide nothing: a step that is overdue with nobody’s word stays open', () => {
    const task = asked({ due: '1 working hour', remind: { before: ['30m'], every: '1d' } })
    reminders(task, START + 30 * DAY)
    expect(task.state.status).toBe('waiting')
    expect(task.types()).not.toContain('decided')
  })
})

describe('the team’s reminders', () => {
  const begun = (human: Partial<Human>) =>
    aTask(onboarding({ steps: [approve(human)] }), { terms: { budget: null, remind: { every: '1d' } } })

  it('count where a step says nothing', () => {
    const task = begun({})
    task.do({ type: 'resolve', visit: 1, run: 1, people: {}, hours: null })
    expect(task.alarm()).toBe(START + DAY)
  })

  it('do not where it has its own, or wants none', () => {
    expect(begun({ remind: {} }).alarm()).toBeNull()
    const own = begun({ remind: { every: '2d' } })
    own.do({ type: 'resolve', visit: 1, run: 1, people: {}, hours: null })
    expect(own.alarm()).toBe(START + 2 * DAY)
  })

  // Asked on a Friday afternoon: a day later is Saturday, the team is back on Monday at nine by the clock of Berlin.
  const friday = Date.parse('2026-11-06T14:00:00Z')
  const monday = '2026-11-09T08:00:00.000Z'
  const asksOf = (kind: 'call' | 'question' | 'unsure'): Journey => {
    const handoffs = [{ when: 'good', to: 'complete' }]
    const terms = { budget: null, remind: { every: '1d', before: ['1h'] }, hours: BERLIN }
    const task = aTask(onboarding({ steps: [draft({ handoffs })] }), { terms })
    task.now = friday
    if (kind === 'unsure') task.answer('text', { handoff: 'good', confidence: 0.1 })
    else {
      const lease = task.claim()
      const asks = { kind, call: '1.1', tool: 'pay', args: {}, why: 'It costs.' }
      task.do({ type: 'note', visit: 1, run: 1, attempt: 1, lease, note: { asks } })
    }
    return task
  }

  it.each(['call', 'question', 'unsure'] as const)('are sent for what else is asked, in its hours: %s', kind => {
    const task = asksOf(kind)
    expect(task.run.phase).toMatchObject({ name: 'asked', ask: { kind } })
    expect(reminders(task, friday + 4 * DAY)).toEqual([
      [monday, ['ana@acme.test']],
      ['2026-11-10T08:00:00.000Z', ['ana@acme.test']],
    ])
    const handoff = { call: 'deny', question: 'answer', unsure: 'good' }[kind]
    task.do({ type: 'decide', handoff, note: 'Well.' }, ANA)
    expect(reminders(task, friday + 20 * DAY)).toEqual([])
    expect(task.reread()).toEqual(task.state)
  })
})
