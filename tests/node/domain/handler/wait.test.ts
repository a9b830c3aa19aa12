/** A step that waits: the task rests until the time is over, and goes on by itself. */
import { expect, it } from 'vitest'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import { timelineOf } from '../../../../src/task/page/timeline.ts'
import { ANA, aTask, draft, onboarding } from '../../../support/task-builders.ts'

const DAY = 86_400_000

function followUp(handoffs: object[] = [{ when: 'done', to: 'draft' }]) {
  const cool = { key: 'cool_off', name: 'Cool off', wait: { for: '3d' }, handoffs }
  return aTask(onboarding({ steps: [cool as never, draft({ handoffs: [{ to: 'complete' }] })] }))
}

it('waits, says until when, and asks nobody', () => {
  const task = followUp()
  expect(task.types()).toEqual(['created', 'entered', 'awaiting'])
  expect(task.state.status).toBe('waiting')
  expect(task.alarm()).toBe(task.now + 3 * DAY)
  const card = cardOf(task.state, task.definition, task.now)
  const until = new Date(task.now + 3 * DAY).toISOString().slice(0, 16).replace('T', ' ')
  expect(card).toMatchObject({ why: `"Cool off" waits until ${until} UTC.`, act: null, asks: [] })
  const { allowed } = storyOf(task.state, task.rows, task.definition, task.now, () => null)
  expect(allowed).toEqual(['move', 'raise', 'cancel', 'migrate'])
})

it('goes on when the time is over, not a moment before, and once', () => {
  const task = followUp()
  task.now += 3 * DAY - 1
  expect(task.do({ type: 'wake' })).toEqual([])
  task.now += 1
  expect(task.do({ type: 'wake' })).toEqual(['awaited', 'joined', 'routed', 'entered', 'due'])
  expect(task.do({ type: 'wake' })).toEqual([])
  expect(task.state).toMatchObject({ visit: { n: 2, step: 'draft' }, last: { step: 'cool_off', handoff: 'done' } })
  expect(task.reread()).toEqual(task.state)
})

it('is taken by a fallback, too; without any handoff the task is stuck', () => {
  const fallback = followUp([{ to: 'complete' }])
  fallback.wake()
  expect(fallback.state).toMatchObject({ status: 'done', result: null })
  const nowhere = followUp([])
  nowhere.wake()
  expect(nowhere.state.stuck?.cause).toBe('no_handoffs')
})

it('is left when the task is moved or cancelled: the time then passes without effect', () => {
  const moved = followUp()
  moved.do({ type: 'move', step: 'draft' }, ANA)
  moved.now += 4 * DAY
  moved.do({ type: 'wake' })
  expect(moved.state.visit).toMatchObject({ n: 2, step: 'draft' })
  const cancelled = followUp()
  cancelled.do({ type: 'cancel' }, ANA)
  expect(cancelled.alarm()).toBeNull()
})

it('stands in the timeline with its times', () => {
  const task = followUp()
  const began = task.now
  task.wake()
  const { events } = storyOf(task.state, task.rows, task.definition, task.now, () => null)
  expect(timelineOf(events)[0]).toMatchObject({
    handler: 'wait',
    runs: [{ waits: [{ at: began, until: began + 3 * DAY, endedAt: began + 3 * DAY }] }],
    state: 'done',
  })
})
