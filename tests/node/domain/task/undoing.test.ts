/** Decisions that can be taken back: nothing comes of them before their time is over, and then exactly once. */
import { describe, expect, it } from 'vitest'
import type { Human } from '../../../../src/domain/handler/parts/human-shape.ts'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import {
  ANA,
  ANA_BY_LINK,
  approve,
  aTask,
  BEN,
  BOSS,
  BOT,
  DAY,
  draft,
  type Journey,
  MINUTE,
  onboarding,
  SECOND,
} from '../../../support/task-builders.ts'

/** A draft that waits for an approval which can be undone for a minute. */
function drafted(human: Partial<Human> = {}): Journey {
  const task = aTask(onboarding({ owner: 'boss@acme.test', steps: [draft(), approve({ undo: '60s', ...human })] }))
  task.answer('Dear Acme')
  return task
}

describe('a decision that can be undone', () => {
  it('takes effect once its time is over, by the alarm', () => {
    const task = drafted()
    expect(task.decide('approved', ANA, { note: 'Fine.' })).toEqual(['decided'])
    expect(task.state).toMatchObject({ status: 'waiting', steps: { draft: {} } })
    expect(task.state.steps.approve).toBeUndefined()
    expect(task.alarm()).toBe(task.now + MINUTE)
    task.now += MINUTE - 1
    expect(task.do({ type: 'wake' })).toEqual([])
    task.now += 1
    expect(task.do({ type: 'wake' })).toEqual(['effected', 'routed', 'finished'])
    expect(task.do({ type: 'wake' })).toEqual([])
    expect(task.state.steps.approve?.decision).toEqual({ handoff: 'approved', note: 'Fine.', by: 'ana@acme.test' })
    expect(task.state.last).toMatchObject({ handoff: 'approved', by: 'ana@acme.test', note: 'Fine.' })
    expect(task.reread()).toEqual(task.state)
  })

  it('is on nobody’s list meanwhile, and its card says until when', () => {
    const task = drafted()
    task.decide('approved')
    task.now += 18 * SECOND
    const card = cardOf(task.state, task.definition, task.now)
    expect(card.asks).toEqual([])
    expect(card.why).toBe(
      '"Approve the mail" was decided by Ana: approved. It takes effect in 42 s, and can be undone until then.',
    )
    const story = storyOf(task.state, task.rows, task.definition, task.now, () => null)
    expect(story.view.undo).toMatchObject([{ run: 1, handoff: 'approved', by: ANA }])
    expect(story.allowed).toContain('undo')
  })

  it.each([
    ['whoever decided', ANA],
    ['the same person by their link', ANA_BY_LINK],
    ['the workflow’s owner', BOSS],
  ])('is taken back by %s, and asked again as before', (_who, actor) => {
    const task = drafted({ due: '2d', overdue: { assign: ['boss@acme.test'] } })
    const before = task.run
    const seen = (before.phase as { ask: { digest: string } }).ask.digest
    task.decide('approved', ANA)
    task.now += 59 * SECOND
    expect(task.do({ type: 'undo', visit: 2, run: 1 }, actor)).toEqual(['undone'])
    const again = { ask: { digest: expect.not.stringMatching(seen), undone: 1 } }
    expect(task.run).toMatchObject({ ...before, phase: { ...before.phase, ...again } })
    // The click that was undone decides nothing when it comes once more.
    expect(task.try({ type: 'decide', handoff: 'approved', seen }, ANA)).toMatchObject({ kind: 'content_changed' })
    expect(task.state.decided[2]).toEqual({})
    expect(task.reread()).toEqual(task.state)
    // Its own time comes as if nothing had been.
    expect(task.alarm()).toBe(task.now - 59 * SECOND + 2 * DAY)
    task.decide('rejected', BEN)
    task.wake()
    expect(task.state.last).toMatchObject({ handoff: 'rejected', by: 'ben@acme.test' })
  })

  it('is not taken back by others, unless an owner of the team does', () => {
    const task = drafted()
    task.decide('approved', ANA)
    for (const actor of [BEN, BOT]) expect(task.try({ type: 'undo' }, actor)).toEqual({ kind: 'not_yours', by: ANA })
    expect(task.do({ type: 'undo', owner: true }, BEN)).toEqual(['undone'])
  })

  it('is too late to take back when its time is over, whether or not the alarm was there', () => {
    const task = drafted()
    task.decide('approved', ANA)
    task.now += MINUTE
    const late = { kind: 'too_late', visit: 2, by: ANA, at: task.now - MINUTE, handoff: 'approved' }
    expect(task.try({ type: 'undo' }, ANA)).toEqual(late)
    task.do({ type: 'wake' })
    expect(task.try({ type: 'undo' }, ANA)).toEqual(late)
    expect(task.try({ type: 'undo', visit: 2, run: 1 }, ANA)).toEqual(late)
    expect(task.state.status).toBe('done')
  })

  it('cannot be taken back twice, nor where nothing was decided', () => {
    const task = drafted()
    expect(task.try({ type: 'undo' }, ANA)).toEqual({ kind: 'nothing_to_undo' })
    task.decide('approved', ANA)
    task.do({ type: 'undo' }, ANA)
    expect(task.try({ type: 'undo' }, ANA)).toEqual({ kind: 'nothing_to_undo' })
  })

  it('is decided by nobody else meanwhile: whoever comes second hears who did', () => {
    const task = drafted()
    task.decide('approved', ANA)
    for (const handoff of ['approved', 'rejected']) {
      expect(task.try({ type: 'decide', handoff, visit: 2, run: 1 }, BEN)).toMatchObject({
        kind: 'already_decided',
        by: ANA,
      })
    }
    expect(task.try({ type: 'assign', to: ['boss@acme.test'] }, ANA)).toMatchObject({ kind: 'already_decided' })
  })

  it('keeps the approvals of others when the last of them is taken back', () => {
    const task = drafted({ needs: 2 })
    task.decide('approved', BEN)
    expect(task.try({ type: 'undo' }, BEN)).toEqual({ kind: 'nothing_to_undo' })
    task.decide('approved', ANA)
    task.do({ type: 'undo' }, ANA)
    expect(task.run.phase).toMatchObject({ name: 'asked', votes: [{ voter: 'ben@acme.test' }] })
    task.decide('approved', ANA)
    expect(task.wake()).toContain('finished')
  })

  it('keeps what was filled in and edited, and gives it once it holds', () => {
    const output = { type: 'object', required: ['amount'], properties: { amount: { type: 'number' } } }
    const steps = [draft(), approve({ undo: '60s', edits: 'draft' }, { output })]
    const task = aTask(onboarding({ steps }))
    task.answer('Dear Acme')
    task.decide('approved', ANA, { edits: 'Dear Acme!', fields: { amount: 4 } })
    task.do({ type: 'undo' }, ANA)
    expect(task.run.phase).toMatchObject({
      ask: { form: { values: { amount: 4 } }, artefact: { output: 'Dear Acme!' } },
    })
    task.decide('approved', ANA)
    expect(task.state.steps.approve).toBeUndefined()
    task.wake()
    expect(task.state.result).toEqual({ amount: 4 })
  })

  it('goes with its visit when the task is moved or cancelled', () => {
    const moved = drafted()
    moved.decide('approved')
    moved.do({ type: 'move', step: 'draft' }, ANA)
    moved.now += DAY
    moved.do({ type: 'wake' })
    expect(moved.types()).not.toContain('effected')
    expect(moved.try({ type: 'undo', visit: 2 }, ANA)).toMatchObject({ kind: 'moved_on', visit: 3 })
    const gone = drafted()
    gone.decide('approved')
    gone.do({ type: 'cancel' }, ANA)
    expect(gone.alarm()).toBeNull()
  })

  it('that time took holds at once', () => {
    const task = drafted({ due: '2d', overdue: { handoff: 'rejected' } })
    expect(task.wake()).toEqual(['decided', 'routed', 'entered', 'due'])
  })

  it('of a branch lets the others go on, and joins once it holds', () => {
    const human = { assign: ['ana@acme.test'], labels: ['yes', 'no'], undo: '60s' }
    const branches = { boss: { human }, other: { human: { ...human, undo: undefined } } }
    const task = aTask(onboarding({ steps: [{ key: 'both', parallel: { branches }, handoffs: [{ to: 'complete' }] }] }))
    task.decide('yes', ANA, { run: 1 })
    task.decide('no', ANA, { run: 2 })
    expect(task.state.status).toBe('waiting')
    task.do({ type: 'undo', run: 1 }, ANA)
    task.decide('no', ANA, { run: 1 })
    expect(task.wake()).toEqual(['effected', 'joined', 'routed', 'finished'])
    expect(task.state.result).toMatchObject({ boss: { decision: 'no' }, other: { decision: 'no' } })
  })
})
