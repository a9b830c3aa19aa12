/** What a rerun takes over when it begins at a later step. */
import { expect, it } from 'vitest'
import { carriedTo } from '../../../../src/domain/task/log/carried.ts'
import { ANA, aTask, type Journey, onboarding } from '../../../support/task-builders.ts'

/** Research, a draft that was rejected, a second one that was approved. */
function decidedTwice(): Journey {
  const task = aTask(onboarding())
  task.answer('Acme makes anvils.')
  task.answer('Dear Acme …')
  task.decide('rejected', ANA, { note: 'Warmer, please.' })
  task.answer('Dearest Acme …')
  task.decide('approved')
  return task
}

const carried = (step: string) => carriedTo(step, decidedTwice().rows, () => null)

it('knows what the step knew when it last began: outputs, the decision, the note', () => {
  expect(carried('draft')).toEqual({
    step: 'draft',
    outputs: [
      { step: 'research', visit: -2, output: 'Acme makes anvils.', decision: null },
      { step: 'draft', visit: -1, output: 'Dear Acme …', decision: null },
      {
        step: 'approve',
        visit: 0,
        output: null,
        decision: { handoff: 'rejected', note: 'Warmer, please.', by: 'ana@acme.test' },
      },
    ],
    last: { step: 'approve', output: null, handoff: 'rejected', note: 'Warmer, please.', by: 'ana@acme.test' },
  })
  expect(carried('research').outputs).toEqual([])
  // A step that it never entered: all that is known.
  expect(carried('elsewhere').outputs.map(each => each.output)).toContain('Dearest Acme …')
})

it('begins there with a first visit of its own, and renders what it took over', () => {
  const again = aTask(onboarding(), { begin: carried('draft') })
  expect(again.state.visit).toMatchObject({ n: 1, step: 'draft', by: 'start' })
  expect(again.run.prompt).toBe('Write to Acme. Background: Acme makes anvils. The reviewer said: Warmer, please.')
  again.answer('New draft')
  again.decide('approved')
  expect(again.state).toMatchObject({
    status: 'done',
    steps: { research: { visit: -2, output: 'Acme makes anvils.' } },
  })
  expect(again.reread()).toEqual(again.state)
})

it('asks people about the output that they were asked about', () => {
  const again = aTask(onboarding(), { begin: carried('approve') })
  expect(again.run.phase).toMatchObject({
    name: 'asked',
    ask: { artefact: { step: 'draft', output: 'Dearest Acme …' } },
  })
})
