/** "Why isn't it moving?": one sentence for every task, and the one act that unblocks it; the views made from the same state. */
import { describe, expect, it } from 'vitest'
import { auditFacts } from '../../../../src/domain/task/log/facts.ts'
import { allowedIn } from '../../../../src/domain/task/machine.ts'
import { openAsks } from '../../../../src/domain/task/people/asking.ts'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { eventViews, openAsksOf, viewOf } from '../../../../src/domain/task/told/view.ts'
import { whyOf } from '../../../../src/domain/task/told/why.ts'
import { ANA, aTask, BEN, DAY, type Journey, onboarding, oneHuman } from '../../../support/task-builders.ts'
import { SITUATIONS, situations } from '../../../support/task-situations.ts'

const none = (): string => {
  throw new Error('nothing of this task is in a blob')
}

function why(task: Journey) {
  return whyOf(task.state, task.definition, task.now)
}

describe('why', () => {
  it.each(situations())('with %s is a sentence that ends and names no code', (_name, { reach }) => {
    const { sentence } = why(reach())
    expect(sentence).toMatch(/^["A-Z].*[.]$/)
    expect(sentence).not.toMatch(/undefined|null|NaN|\[object|_/)
  })

  it.each(situations())('with %s offers only an act that the task takes', (_name, { status, reach }) => {
    const task = reach()
    const { act } = why(task)
    expect(act !== null).toBe(status === 'stuck' || status === 'failed' || openAsks(task.state).length > 0)
    if (act === null) return
    expect(allowedIn(status)).toContain(act)
    if (act === 'retry') expect(task.try({ type: 'retry' }, ANA)).toBeNull()
    if (act === 'raise')
      expect(task.try({ type: 'raise', limits: { steps: 99, cost: 99, duration: '99d' } })).toBeNull()
    if (act === 'route') expect(task.try({ type: 'route', handoff: 'complete' }, ANA)).toBeNull()
    if (act === 'assign') expect(task.try({ type: 'assign', to: ['ana@acme.test'] }, ANA)).toBeNull()
  })

  it('names who is waited for, and how many approvals there are', () => {
    const task = aTask(oneHuman({ needs: 2, due: '1d' }))
    task.decide('approved', ANA)
    expect(why(task)).toEqual({
      sentence: '"Approve the mail" waits for ben@acme.test to decide (1 of 2 approvals): approved or rejected.',
      act: 'decide',
    })
    task.now += 2 * DAY
    expect(why(task).sentence).toMatch(/It is overdue\.$/)
  })

  it('says when a failed run is tried again', () => {
    const task = SITUATIONS['a run that waits for its next try']!.reach()
    expect(why(task).sentence).toMatch(/^"Research the company" failed and is tried again in [2-3] s \(attempt 2\)\.$/)
  })
})

describe('the views', () => {
  it.each(situations())('with %s show the task, its questions, its card and its log', (_name, { status, reach }) => {
    const task = reach()
    const view = viewOf(task.state, task.definition, task.now, none)
    expect(view).toMatchObject({ id: 'tsk_1', status, why: why(task).sentence })
    expect(view.stuck === null).toBe(status !== 'stuck')
    expect(view.error === null).toBe(status !== 'failed')
    expect(view.held === null).toBe(status !== 'held')
    const asks = openAsksOf(task.state, none)
    // Nobody is asked where a task waits for another, or for a decision to hold.
    const isAsked = task.state.children.length === 0 && view.undo === undefined
    if (status === 'waiting') expect(asks).toHaveLength(isAsked ? 1 : 0)
    if (asks.length > 0) expect(['waiting', 'stuck']).toContain(status)
    expect(cardOf(task.state, task.definition, task.now).asks).toHaveLength(asks.length)
    const views = eventViews(task.rows, none)
    expect(views.map(each => each.seq)).toEqual(task.events.map((_, index) => index + 1))
    expect(JSON.stringify(views)).not.toContain('"baton":1')
  })

  it('mark who has decided on the content as it is', () => {
    const task = aTask(oneHuman({ needs: 2 }))
    task.decide('approved', BEN)
    expect(openAsksOf(task.state, none)[0]!.assignees).toEqual([
      { email: 'ana@acme.test', decided: false },
      { email: 'ben@acme.test', decided: true },
    ])
  })

  it('give the audit at most 2 KiB of facts a row, without prompts and outputs', () => {
    const task = aTask(onboarding())
    task.answer(`secret ${'x'.repeat(5000)}`)
    task.answer('Dear Acme')
    task.decide('rejected', ANA, { note: 'n'.repeat(4000) })
    for (const row of task.rows) {
      const { facts, types } = auditFacts(row)
      expect(facts.length).toBeLessThanOrEqual(2048)
      expect(facts).not.toMatch(/secret|Research Acme/)
      expect(types.split(' ')).toEqual(row.events.map(event => event.type))
    }
  })
})
