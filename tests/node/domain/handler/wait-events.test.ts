/** A step that waits for events from outside or until a moment: what it takes, when, once, and what is said of it. */
import { describe, expect, it } from 'vitest'
import type { Json } from '../../../../src/domain/json/json.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import { whyOf } from '../../../../src/domain/task/told/why.ts'
import type { Definition, Step } from '../../../../src/domain/workflow/definition.ts'
import { timelineOf } from '../../../../src/task/page/timeline.ts'
import { readDocument } from '../../../../src/workflow/document/document.ts'
import { templateBySlug } from '../../../../src/workflow/templates/templates.ts'
import { ANA, aTask, DAY, HOUR, type Journey, onboarding, START } from '../../../support/task-builders.ts'

const TO = [
  { when: 'reply', to: 'thanks' },
  { when: 'unsubscribe', to: 'complete' },
  { when: 'timeout', to: 'remind' },
]
const LONG: Step = { key: 'thanks', name: 'Thanks', wait: { for: '365d' }, handoffs: [{ to: 'complete' }] }
const REMIND: Step = { ...LONG, key: 'remind' }

type Wait = NonNullable<Step['wait']>

function waiting(wait: Wait, handoffs: NonNullable<Step['handoffs']> = TO, input: Json = { company: 'Acme' }): Journey {
  return aTask(onboarding({ steps: [{ key: 'it', name: 'Follow up', wait, handoffs }, LONG, REMIND] }), { input })
}

const send = (task: Journey, name: string, data: Json = null) => task.do({ type: 'event', name, data })
const at = (task: Journey) => task.state.visit.step
const why = (task: Journey) => whyOf(task.state, task.definition, task.now).sentence

describe('a wait for an event', () => {
  it('goes on with the event: its name is the label, its data the output', () => {
    const task = waiting({ event: ['reply', 'unsubscribe'], for: '7d' })
    expect(task.types()).toEqual(['created', 'entered', 'listening'])
    expect(why(task)).toBe('"Follow up" waits for "reply" or "unsubscribe" until 2026-11-09 09:00 UTC.')
    expect(task.alarm()).toBe(START + 7 * DAY)
    task.now += DAY
    expect(send(task, 'reply', { text: 'Yes' })).toEqual([
      'noticed',
      'awaited',
      'joined',
      'routed',
      'entered',
      'awaiting',
    ])
    expect(at(task)).toBe('thanks')
    expect(task.state.last).toMatchObject({ step: 'it', handoff: 'reply', output: { text: 'Yes' } })
    expect(task.state.events).toEqual([])
    expect(task.reread()).toEqual(task.state)
  })

  it('ends as timeout when nothing came, not a moment before; without a handoff the task fails with the reason', () => {
    const task = waiting({ event: 'reply', for: '7d' })
    task.now += 7 * DAY - 1
    expect(task.do({ type: 'wake' })).toEqual([])
    task.now += 1
    task.do({ type: 'wake' })
    expect(at(task)).toBe('remind')
    expect(task.state.last.handoff).toBe('timeout')
    const bare = waiting({ event: ['reply', 'unsubscribe'], for: '7d' }, [{ when: 'reply', to: 'complete' }])
    bare.wake()
    expect(bare.state.status).toBe('failed')
    expect(bare.state.error).toMatchObject({
      code: 'timeout',
      message: '"reply" or "unsubscribe" did not come within 7d.',
    })
    expect(bare.reread()).toEqual(bare.state)
    bare.do({ type: 'retry' }, ANA)
    expect(bare.alarm()).toBe(bare.now + 7 * DAY)
    send(bare, 'reply')
    expect(bare.state.status).toBe('done')
  })

  it('a fallback does not take its timeout, a handoff for failures does', () => {
    const fallback = waiting({ event: 'reply', for: '1d' }, [{ to: 'thanks' }])
    fallback.wake()
    expect(fallback.state.status).toBe('failed')
    const failed = waiting({ event: 'reply', for: '1d' }, [{ to: 'thanks' }, { when: 'failed', to: 'remind' }])
    failed.wake()
    expect(at(failed)).toBe('remind')
  })

  it('without an end costs nothing while it waits: no alarm is set, and a wake does nothing', () => {
    const task = waiting({ event: 'reply' })
    expect(task.alarm()).toBeNull()
    expect(why(task)).toBe('"Follow up" waits for "reply".')
    task.now += 400 * DAY
    expect(task.do({ type: 'wake' })).toEqual([])
    send(task, 'reply')
    expect(at(task)).toBe('thanks')
  })

  it('what comes in the very moment that the time is over, or later, comes too late, whenever the alarm comes', () => {
    const last = waiting({ event: 'reply', for: '1h' })
    last.now += HOUR - 1
    send(last, 'reply')
    expect(at(last)).toBe('thanks')
    const late = waiting({ event: 'reply', for: '1h' })
    late.now += HOUR
    expect(send(late, 'reply')).toContain('reported')
    expect(at(late)).toBe('remind')
    // It is kept for a wait to come.
    expect(late.state.events).toMatchObject([{ name: 'reply' }])
  })
})

describe('an event that no wait has taken', () => {
  const twice: Step[] = [
    { key: 'one', human: { assign: ['ana@acme.test'] }, handoffs: [{ when: 'done', to: 'two' }] },
    { key: 'two', wait: { event: 'paid' }, handoffs: [{ when: 'paid', to: 'three' }] },
    { key: 'three', wait: { event: ['paid', 'reply'] }, handoffs: [{ to: 'complete' }] },
  ]

  it('is kept and taken by the next wait for its name, oldest first, each once', () => {
    const task = aTask(onboarding({ steps: twice }))
    for (const [name, n] of [
      ['other', 0],
      ['paid', 1],
      ['reply', 2],
    ] as const)
      send(task, name, { n })
    expect(task.state.events.map(({ name }) => name)).toEqual(['other', 'paid', 'reply'])
    task.decide('done')
    expect(task.state.status).toBe('done')
    expect(task.state.steps).toMatchObject({ two: { output: { n: 1 } }, three: { output: { n: 2 } } })
    expect(task.state.events.map(({ name }) => name)).toEqual(['other'])
    expect(task.reread()).toEqual(task.state)
  })

  it('is taken once only, though two waits wait for it one after the other', () => {
    const task = aTask(onboarding({ steps: twice }))
    send(task, 'paid', { n: 1 })
    task.decide('done')
    expect(at(task)).toBe('three')
    expect(task.state.status).toBe('waiting')
    send(task, 'paid', { n: 2 })
    expect(task.state.result).toEqual({ n: 2 })
  })

  it('does not keep a loop of waits from ending: the limit of steps does', () => {
    const loop: Step[] = [twice[0]!, { key: 'two', wait: { event: 'paid' }, handoffs: [{ to: 'two' }] }]
    const task = aTask(onboarding({ steps: loop, limits: { steps: 5 } }))
    for (let n = 0; n < 9; n++) send(task, 'paid', { n })
    task.decide('done')
    expect(task.state.stuck?.cause).toBe('limit_steps')
    expect(task.state.events).toHaveLength(5)
  })

  it('waits for a task that stands still: it is taken when the limit is raised', () => {
    const task = aTask(
      onboarding({
        steps: [{ key: 'it', wait: { event: 'reply', for: '9d' }, handoffs: [{ to: 'complete' }] }],
        limits: { duration: '1d' },
      }),
    )
    task.wake()
    expect(task.state.stuck?.cause).toBe('limit_duration')
    expect(send(task, 'reply', 1)).toEqual(['noticed'])
    task.do({ type: 'raise', limits: { duration: '30d' } }, ANA)
    expect(task.state).toMatchObject({ status: 'done', result: 1 })
  })

  it('is refused by a task that is over', () => {
    const task = waiting({ event: 'reply' })
    task.do({ type: 'cancel' }, ANA)
    expect(task.try({ type: 'event', name: 'reply', data: null })).toMatchObject({ kind: 'wrong_status' })
  })
})

describe('the condition of a wait', () => {
  const from = 'event.data.from == input.email'
  const input = { company: 'Acme', email: 'kim@else.test' }

  it('takes what fits it, and keeps what does not', () => {
    const task = waiting({ event: 'reply', if: from, for: '7d' }, TO, input)
    expect(send(task, 'reply', { from: 'spam@else.test' })).toEqual(['noticed', 'weighed'])
    expect(task.events.at(-1)).toMatchObject({ verdict: 'no_match', reads: { 'event.data.from': 'spam@else.test' } })
    expect(send(task, 'reply', { from: 'kim@else.test' })).toContain('awaited')
    expect(task.state.last.output).toEqual({ from: 'kim@else.test' })
    expect(task.state.events).toMatchObject([{ data: { from: 'spam@else.test' } }])
  })

  it('that cannot be evaluated takes nothing, and says why; each event is looked at once', () => {
    const task = waiting({ event: 'reply', if: from, for: '7d' }, TO, input)
    send(task, 'reply', { text: 'no sender' })
    expect(task.events.at(-1)).toMatchObject({
      type: 'weighed',
      verdict: 'error',
      error: '`event.data.from` is missing',
    })
    expect(send(task, 'other')).toEqual(['noticed'])
    const { events } = storyOf(task.state, task.rows, task.definition, task.now, () => null)
    const [visit] = timelineOf(events)
    expect(visit?.runs[0]?.waits[0]).toMatchObject({ took: null, passed: [{ error: '`event.data.from` is missing' }] })
  })

  it('reads the name, too', () => {
    const task = waiting({ event: ['reply', 'unsubscribe'], if: 'event.name == "unsubscribe"' }, TO, input)
    send(task, 'reply')
    expect(at(task)).toBe('it')
    send(task, 'unsubscribe')
    expect(task.state.status).toBe('done')
  })
})

describe('the template that follows up', () => {
  const read = readDocument(templateBySlug('follow-up')!.text, 'yaml')
  const definition = read.ok ? (read.value as Definition) : onboarding()
  const input = { name: 'Kim', email: 'kim@else.test', about: 'Shifts' }
  const approved = () => {
    const task = aTask({ ...definition, owner: 'ana@acme.test' }, { input })
    task.answer('Hello')
    task.do({ type: 'resolve', visit: 2, run: 1, people: { owner: ['ana@acme.test'] } })
    task.decide('approved')
    task.answer({ ok: true })
    return task
  }

  it('writes on day 3, 7 and 14, and is done a fortnight later', () => {
    const task = approved()
    const first = task.now
    for (const day of [3, 7, 14]) {
      task.wake()
      expect(task.now - first).toBe(day * DAY)
      expect(at(task)).toBe(`draft_${day}`)
      task.answer('Again')
      expect(at(task)).toBe(`send_${day}`)
      task.answer({ ok: true })
      expect(task.state.status).toBe('waiting')
    }
    task.wake()
    expect(task.state.status).toBe('done')
    expect(task.now - first).toBe(28 * DAY)
  })

  it('stops with their reply, even one that came while a mail was written, and not with anybody else’s', () => {
    const task = approved()
    task.wake()
    send(task, 'reply', { from: 'else@else.test', text: 'Who are you?' })
    send(task, 'reply', { from: 'kim@else.test', text: 'Yes' })
    task.answer('Again')
    task.answer({ ok: true })
    expect(at(task)).toBe('read')
    expect(task.state.last).toMatchObject({ handoff: 'reply', output: { text: 'Yes' } })
    const gone = approved()
    send(gone, 'unsubscribe')
    expect(gone.state.status).toBe('done')
  })
})

describe('a wait until a moment', () => {
  const DONE = [
    { when: 'done', to: 'complete' },
    { when: 'failed', to: 'remind' },
  ]
  const until = (date: Json, timezone?: string) =>
    waiting({ until: '{{ input.date }}', ...(timezone && { timezone }) }, DONE, { company: 'Acme', date })

  it.each([
    ['2026-11-16', undefined, '2026-11-16T00:00:00.000Z'],
    ['2026-11-16T09:30', 'Europe/Berlin', '2026-11-16T08:30:00.000Z'],
    ['2026-11-16T09:30', 'America/New_York', '2026-11-16T14:30:00.000Z'],
    ['2026-11-16T09:30', 'Asia/Kolkata', '2026-11-16T04:00:00.000Z'],
    ['2027-02-28', 'UTC', '2027-02-28T00:00:00.000Z'],
    // Fourteen days on, over the clock change of spring.
    ['2027-04-04T09:00', 'Europe/Berlin', '2027-04-04T07:00:00.000Z'],
  ])('%s by the clock of %s ends at %s, and once', (date, zone, end) => {
    const task = until(date, zone)
    expect(task.alarm()).toBe(Date.parse(end))
    task.wake()
    expect(task.state.status).toBe('done')
    expect(task.types().filter(type => type === 'awaited')).toHaveLength(1)
  })

  it('what is past is done at once, without an alarm', () => {
    const task = until('2020-01-01')
    expect(task.types()).toEqual(['created', 'entered', 'awaiting', 'awaited', 'joined', 'routed', 'finished'])
    expect(task.state).toMatchObject({ status: 'done', result: null })
  })

  it.each(['soon', '', 1765000000, null, '2027-02-30'])('%j fails as bad_time, which a handoff may take', date => {
    const task = until(date)
    expect(task.run.phase.name === 'failed' || at(task) === 'remind').toBe(true)
    expect(task.events.find(event => event.type === 'reported')).toMatchObject({
      outcome: { kind: 'failed', failure: { code: 'bad_time', message: expect.stringContaining('`until` came to') } },
    })
    expect(at(task)).toBe('remind')
  })

  it('fails when its zone is none, or what it reads is missing', () => {
    const zone = waiting({ until: '2030-01-01', timezone: '{{ input.zone }}' }, [], { zone: 'Europe/Nowhere' })
    expect(zone.state.error).toMatchObject({ code: 'bad_time', message: expect.stringContaining('"Europe/Nowhere"') })
    expect(waiting({ until: '{{ input.gone }}' }, []).state.error).toMatchObject({ code: 'template' })
  })
})
