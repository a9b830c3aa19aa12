/** How a question stands for whoever opens it: of several votes the one that settled it is the decision. */
import { expect, test } from 'vitest'
import { standingOf } from '../../../src/approval/question/standing.ts'
import { storyOf } from '../../../src/domain/task/told/story.ts'
import { eventViews } from '../../../src/domain/task/told/view.ts'
import { timelineOf } from '../../../src/task/page/timeline.ts'
import { ANA, aTask, BEN, type Journey, oneHuman } from '../../support/task-builders.ts'

function standing(task: Journey, who: string | null) {
  const story = storyOf(task.state, task.rows, task.definition, task.now, () => null)
  const visits = timelineOf(eventViews(task.rows, null), task.state.status)
  return standingOf(story, visits, { visit: 1, run: task.run.id, who })
}

test('one of two has approved: for them it is voted on, for the other it is open', () => {
  const task = aTask(oneHuman({ needs: 2 }))
  task.decide('approved', ANA)
  expect(standing(task, 'ana@acme.test')).toMatchObject({ kind: 'voted', vote: { by: ANA, settles: false } })
  expect(standing(task, 'ben@acme.test')).toMatchObject({ kind: 'open' })
  expect(standing(task, 'eve@evil.test')).toMatchObject({ kind: 'superseded', why: 'reassigned' })
})

test('one approved and the other rejected: it was decided by the one who rejected', () => {
  const task = aTask(oneHuman({ needs: 2 }))
  task.decide('approved', ANA)
  task.decide('rejected', BEN)
  for (const who of ['ana@acme.test', 'ben@acme.test', null]) {
    expect(standing(task, who)).toMatchObject({ kind: 'decided', vote: { by: BEN, handoff: 'rejected' } })
  }
})
