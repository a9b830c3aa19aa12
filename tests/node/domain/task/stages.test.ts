/** Stages of approval: one after another on the same content, each with its own N of M, and all again after a change. */
import { describe, expect, it } from 'vitest'
import type { Human } from '../../../../src/domain/handler/parts/human-shape.ts'
import type { Actor } from '../../../../src/domain/task/events.ts'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { openAsksOf } from '../../../../src/domain/task/told/view.ts'
import type { Step } from '../../../../src/domain/workflow/definition.ts'
import {
  ANA,
  ANA_BY_LINK,
  approve,
  aTask,
  BEN,
  BOSS,
  BOT,
  draft,
  type Journey,
  onboarding,
} from '../../../support/task-builders.ts'

const LAW: Actor = { kind: 'link', id: 'law@firm.test' }
const STAGES: NonNullable<Human['stages']> = [
  { name: 'Legal', assign: ['ana@acme.test', 'ben@acme.test', 'guest:law@firm.test'], needs: 2 },
  { name: 'Boss', assign: ['boss@acme.test'] },
]

/** A draft that two of Legal approve, and then the boss. */
function staged(human: Partial<Human> = {}, over: Partial<Step> = {}, startedBy?: Actor): Journey {
  const steps = [
    draft(),
    approve({ assign: undefined, stages: STAGES, edits: 'draft', reason: ['rejected'], ...human }, over),
  ]
  const task = aTask(onboarding({ steps }), {}, startedBy)
  task.answer('Dear Acme')
  return task
}

function askOf(task: Journey) {
  const { phase } = task.run
  if (phase.name !== 'asked') throw new Error(`nothing is asked, the run is ${phase.name}`)
  return phase.ask
}

describe('several stages', () => {
  it('are asked one after another, each once the one before has all it needs', () => {
    const task = staged()
    expect(askOf(task)).toMatchObject({ assignees: ['ana@acme.test', 'ben@acme.test', 'law@firm.test'], needs: 2 })
    expect(task.try({ type: 'decide', handoff: 'approved' }, BOSS)).toMatchObject({ kind: 'not_assigned' })
    expect(task.decide('approved', ANA)).toEqual(['decided'])
    expect(task.try({ type: 'decide', handoff: 'approved' }, ANA_BY_LINK)).toMatchObject({ kind: 'already_voted' })
    expect(task.decide('approved', LAW)).toEqual(['decided', 'staged'])
    expect(askOf(task)).toMatchObject({ assignees: ['boss@acme.test'], needs: 1 })
    for (const actor of [ANA, BEN, LAW])
      expect(task.try({ type: 'decide', handoff: 'approved' }, actor)).toMatchObject({ kind: 'not_assigned' })
    expect(task.decide('approved', BOSS)).toEqual(['decided', 'routed', 'finished'])
    expect(task.events.filter(event => event.type === 'decided')).toMatchObject([
      { counted: 1, needs: 2, settles: false },
      { counted: 2, needs: 2, settles: false },
      { counted: 1, needs: 1, settles: true },
    ])
    expect(task.reread()).toEqual(task.state)
  })

  it('are told on the card, in the inbox and in the sentence of the task', () => {
    const task = staged()
    const none = () => null
    const [ask] = openAsksOf(task.state, none)
    expect(ask).toMatchObject({ stage: { n: 1, of: 2, name: 'Legal', next: ['boss@acme.test'] } })
    task.decide('approved', ANA)
    expect(cardOf(task.state, task.definition, task.now).why).toContain('(1 of 2 approvals, stage 1 of 2)')
    task.decide('approved', BEN)
    const card = cardOf(task.state, task.definition, task.now)
    expect(card.why).toContain('boss@acme.test to decide (stage 2 of 2)')
    expect(card.asks).toMatchObject([
      {
        stage: { n: 2, of: 2, name: 'Boss', next: null },
        given: 0,
        assignees: [{ email: 'boss@acme.test', decided: false }],
      },
    ])
  })

  it('take a rejection from the first who gives it, in whichever stage', () => {
    const task = staged()
    task.decide('approved', ANA)
    task.decide('approved', BEN)
    expect(task.try({ type: 'decide', handoff: 'rejected' }, BOSS)).toEqual({
      kind: 'reason_required',
      label: 'rejected',
    })
    expect(task.decide('rejected', BOSS, { note: 'No.' })).toEqual(['decided', 'routed', 'entered', 'due'])
  })

  it('begin anew with the first when a later one changes the content, whose approval then is still to come', () => {
    const task = staged()
    task.decide('approved', ANA)
    task.decide('approved', BEN)
    expect(task.decide('approved', BOSS, { edits: 'Dear Acme!', note: 'Warmer.' })).toEqual(['edited', 'staged'])
    expect(task.events.at(-1)).toMatchObject({ stage: 0, note: 'Warmer.' })
    expect(askOf(task)).toMatchObject({ assignees: ['ana@acme.test', 'ben@acme.test', 'law@firm.test'], needs: 2 })
    expect(task.run.phase).toMatchObject({ changed: { by: BOSS, cleared: ['ana@acme.test', 'ben@acme.test'] } })
    task.decide('approved', ANA)
    task.decide('approved', BEN)
    task.decide('approved', BOSS)
    expect(task.state).toMatchObject({ status: 'done', result: 'Dear Acme!' })
  })

  it('count an edit in the first stage as that stage’s first approval', () => {
    const task = staged()
    task.decide('approved', ANA)
    expect(task.decide('approved', BEN, { edits: 'Dear Acme!' })).toEqual(['edited', 'decided'])
    expect(task.decide('approved', ANA)).toEqual(['decided', 'staged'])
  })

  it('are not decided by a click that was made for another stage', () => {
    const both = [{ assign: ['ana@acme.test'] }, { assign: ['ana@acme.test', 'boss@acme.test'] }]
    const task = staged({ stages: both })
    const seen = askOf(task).digest
    task.decide('approved', ANA, { seen })
    expect(task.try({ type: 'decide', handoff: 'approved', seen }, ANA)).toMatchObject({ kind: 'content_changed' })
    // Whoever is named in two stages is asked in each.
    task.decide('approved', ANA, { seen: askOf(task).digest })
    expect(task.state.status).toBe('done')
  })

  it('bar whoever started the task in each of them', () => {
    const task = staged({ requester: false }, {}, BEN)
    expect(task.try({ type: 'decide', handoff: 'approved' }, BEN)).toEqual({ kind: 'requester_barred' })
    expect(task.decide('approved', ANA)).toEqual(['decided'])
    expect(task.try({ type: 'decide', handoff: 'approved' }, BEN)).toEqual({ kind: 'requester_barred' })
  })

  it('take a key for one voter of one stage alone, until the content changes; it may reject in any', () => {
    const task = staged({ undo: '60s' })
    const again = () => task.try({ type: 'decide', handoff: 'approved' }, BOT)
    task.decide('approved', BOT)
    expect(again()).toMatchObject({ kind: 'already_voted' })
    task.decide('approved', ANA)
    expect(askOf(task).stages?.at).toBe(1)
    expect(again()).toEqual({ kind: 'already_voted', by: 'key:key_bot' })
    // Nor once a decision was taken back, which makes another digest of the same content.
    task.decide('approved', BOSS)
    task.do({ type: 'undo' }, BOSS)
    expect(again()).toMatchObject({ kind: 'already_voted' })
    task.decide('approved', BOSS, { edits: 'Dear Acme!' })
    expect(askOf(task).stages?.at).toBe(0)
    task.decide('approved', ANA)
    task.decide('approved', BEN)
    expect(task.decide('approved', BOT)).toEqual(['decided'])
    const other = staged()
    other.decide('approved', BOT)
    other.decide('approved', ANA)
    expect(other.decide('rejected', BOT, { note: 'No.' })).toContain('decided')
  })

  it('keep to whom a question was passed on when they begin anew', () => {
    const task = staged()
    task.do({ type: 'delegate', to: 'cleo@acme.test' }, ANA)
    const people = ['cleo@acme.test', 'ben@acme.test', 'law@firm.test']
    task.decide('approved', { kind: 'person', id: 'cleo@acme.test' })
    task.decide('approved', BEN)
    expect(task.decide('approved', BOSS, { edits: 'Dear Acme!' })).toEqual(['edited', 'staged'])
    expect(askOf(task).assignees).toEqual(people)
    expect(task.try({ type: 'decide', handoff: 'approved' }, ANA)).toMatchObject({ kind: 'not_assigned' })
    expect(task.reread()).toEqual(task.state)
  })

  it('know the people behind roles from the beginning, and wait in plain sight where there is nobody', () => {
    const stages = [{ assign: ['role:admin'] }, { assign: ['role:boss'] }]
    const task = staged({ stages })
    expect(task.run.phase).toMatchObject({ name: 'asking', roles: ['admin', 'boss'] })
    task.do({ type: 'resolve', visit: 2, run: 1, people: { admin: ['ana@acme.test'], boss: [] } })
    expect(task.decide('approved', ANA)).toEqual(['decided', 'staged', 'stuck'])
    expect(task.state.stuck).toMatchObject({ cause: 'nobody_assigned' })
    task.do({ type: 'assign', to: ['boss@acme.test'] }, ANA)
    task.decide('approved', BOSS, { edits: 'Dear Acme!' })
    task.decide('approved', ANA)
    // Whoever was asked instead stays so when the stage comes again.
    expect(askOf(task).assignees).toEqual(['boss@acme.test'])
  })

  it('can be undone at their end, and ask the last of them again', () => {
    const task = staged({ undo: '60s' })
    task.decide('approved', ANA)
    task.decide('approved', BEN)
    expect(task.decide('approved', BOSS)).toEqual(['decided'])
    task.do({ type: 'undo' }, BOSS)
    expect(askOf(task)).toMatchObject({ assignees: ['boss@acme.test'], stages: { at: 1 } })
    task.decide('approved', BOSS)
    expect(task.wake()).toContain('finished')
  })

  it('go back to the first when a later one fills in other values', () => {
    const output = { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } }
    const task = staged({}, { output })
    task.decide('approved', ANA, { fields: { amount: 4 } })
    task.decide('approved', BEN)
    expect(task.decide('approved', BOSS, { fields: { amount: 5 } })).toEqual(['filled', 'staged'])
    task.decide('approved', ANA)
    task.decide('approved', BEN)
    task.decide('approved', BOSS, { fields: { amount: 5 } })
    expect(task.state.result).toEqual({ amount: 5 })
  })
})
