/** What is asked of people: who may answer, how votes and edits count, what must be said, and what happens when nobody does. */
import { describe, expect, it } from 'vitest'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { openAsksOf } from '../../../../src/domain/task/told/view.ts'
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
  onboarding,
  oneHuman,
  SYSTEM,
  versionOf,
} from '../../../support/task-builders.ts'

/** A drafted mail that waits for approval. */
function drafted(human: Parameters<typeof approve>[0] = {}, schema?: Record<string, never>): Journey {
  const steps = [draft({ output: schema }), approve(human)]
  const task = aTask(onboarding({ steps }))
  task.answer(schema === undefined ? 'Dear Acme' : { subject: 'Hello' })
  return task
}

function askOf(task: Journey) {
  const { phase } = task.run
  if (phase.name !== 'asked') throw new Error(`nothing is asked, the run is ${phase.name}`)
  return phase
}

describe('a question', () => {
  it('is put with its words, its artefact and a digest of both', () => {
    const task = drafted({ edits: 'draft' })
    expect(askOf(task).ask).toMatchObject({
      kind: 'decide',
      instructions: 'Check tone and facts.',
      artefact: { step: 'draft', output: 'Dear Acme' },
      assignees: ['ana@acme.test', 'ben@acme.test'],
      labels: ['approved', 'rejected'],
      approve: 'approved',
      needs: 1,
      due: null,
      requester: true,
    })
    expect(askOf(task).ask.digest).toMatch(/^[0-9a-f]{64}$/)
    expect(askOf(drafted({ instructions: 'Other words.' })).ask.digest).not.toBe(askOf(task).ask.digest)
  })

  it('has one button, Done, where the step names no labels', () => {
    const task = aTask(oneHuman({}, { handoffs: [{ to: 'complete' }] }))
    expect(askOf(task).ask).toMatchObject({ labels: ['done'], approve: 'done' })
    task.decide('done')
    expect(task.state.status).toBe('done')
  })

  it('takes the approving label as set, else `approved`, else the first', () => {
    const labels = (...names: string[]) => ({ handoffs: names.map(when => ({ when, to: 'complete' })) })
    expect(askOf(aTask(oneHuman({}, labels('no', 'approved')))).ask.approve).toBe('approved')
    expect(askOf(aTask(oneHuman({}, labels('yes', 'no')))).ask.approve).toBe('yes')
    expect(askOf(aTask(oneHuman({ approve: 'no' }, labels('yes', 'no')))).ask.approve).toBe('no')
  })

  it('is answered by those assigned, by mail address in any spelling, and by keys', () => {
    for (const actor of [ANA, ANA_BY_LINK, BOT]) {
      const task = drafted()
      task.decide('approved', actor)
      expect(task.state.status).toBe('done')
    }
    expect(drafted().try({ type: 'decide', handoff: 'approved' }, BOSS)).toEqual({
      kind: 'not_assigned',
      assignees: ['ana@acme.test', 'ben@acme.test'],
    })
  })

  it('names the labels when an unknown one is chosen', () => {
    expect(drafted().try({ type: 'decide', handoff: 'perhaps' }, ANA)).toEqual({
      kind: 'unknown_label',
      label: 'perhaps',
      labels: ['approved', 'rejected'],
    })
  })

  it('needs a note for a label that asks for one; blanks are none', () => {
    const task = drafted({ reason: ['rejected'] })
    for (const note of [undefined, '', '  \n']) {
      expect(task.try({ type: 'decide', handoff: 'rejected', note }, ANA)).toEqual({
        kind: 'reason_required',
        label: 'rejected',
      })
    }
    task.decide('rejected', ANA, { note: ' Too stiff. ' })
    expect(task.state.last).toMatchObject({ handoff: 'rejected', note: 'Too stiff.' })
  })

  it('bars whoever started the task when the step says so, also by their link', () => {
    const task = aTask(oneHuman({ requester: false }), {}, ANA)
    for (const actor of [ANA, ANA_BY_LINK]) {
      expect(task.try({ type: 'decide', handoff: 'approved' }, actor)).toEqual({ kind: 'requester_barred' })
    }
    task.decide('approved', BEN)
    expect(task.state.status).toBe('done')
  })

  it('that is high-risk is decided by link only with proof of the message', () => {
    const task = drafted({ risk: 'high' })
    expect(task.try({ type: 'decide', handoff: 'approved' }, ANA_BY_LINK)).toEqual({ kind: 'code_required' })
    expect(task.try({ type: 'decide', handoff: 'rejected', note: 'No' }, ANA_BY_LINK)).toEqual({
      kind: 'code_required',
    })
    task.decide('approved', ANA_BY_LINK, { proven: true })
    expect(task.state.status).toBe('done')
    for (const actor of [ANA, BOT]) expect(drafted({ risk: 'high' }).decide('approved', actor)).toContain('decided')
  })

  it('is not answered for content that was not seen', () => {
    const task = drafted({ edits: 'draft', needs: 2 })
    const { digest } = askOf(task).ask
    task.decide('approved', BEN, { edits: 'Dear Acme!', seen: digest })
    expect(task.try({ type: 'decide', handoff: 'approved', seen: digest }, ANA)).toEqual({
      kind: 'content_changed',
      seen: digest,
      digest: askOf(task).ask.digest,
    })
    task.decide('approved', ANA, { seen: askOf(task).ask.digest })
    expect(task.state).toMatchObject({ status: 'done', result: 'Dear Acme!' })
  })
})

describe('votes', () => {
  it('count distinct people: with two needed, the second person settles it', () => {
    const task = drafted({ needs: 2 })
    expect(task.decide('approved', ANA)).toEqual(['decided'])
    expect(task.state.status).toBe('waiting')
    for (const again of [ANA, ANA_BY_LINK]) {
      expect(task.try({ type: 'decide', handoff: 'approved' }, again)).toEqual({
        kind: 'already_voted',
        by: 'ana@acme.test',
      })
    }
    expect(task.decide('approved', BEN)).toEqual(['decided', 'routed', 'finished'])
    const votes = task.events.filter(event => event.type === 'decided')
    expect(votes).toMatchObject([
      { counted: 1, needs: 2, settles: false },
      { counted: 2, needs: 2, settles: true },
    ])
  })

  it('count a key as one voter', () => {
    const task = drafted({ needs: 2 })
    task.decide('approved', BOT)
    expect(task.try({ type: 'decide', handoff: 'approved' }, BOT)).toEqual({ kind: 'already_voted', by: 'key:key_bot' })
    // Nobody who was asked has answered, and yet one approval is there.
    const { definition } = versionOf(task.state.digest)
    const [asked] = cardOf(task.state, definition, task.state.updatedAt).asks
    expect(asked).toMatchObject({ needs: 2, given: 1 })
    expect(asked!.assignees.map(one => one.decided)).toEqual([false, false])
    task.decide('approved', ANA)
    expect(task.state.status).toBe('done')
  })

  it('for any other label take effect at the first person, also one who had approved', () => {
    const task = drafted({ needs: 2 })
    task.decide('approved', ANA)
    task.decide('rejected', ANA)
    expect(task.state.visit).toMatchObject({ n: 3, step: 'draft' })
  })

  it('given to earlier content count no more once it was edited', () => {
    const task = drafted({ needs: 2, edits: 'draft' })
    task.decide('approved', ANA)
    expect(task.decide('approved', BEN, { edits: 'Dear Acme!' })).toEqual(['edited', 'decided'])
    expect(task.events.at(-1)).toMatchObject({ counted: 1, settles: false })
    // Whoever is asked again can be told by whom, and that their approval counts no more.
    const changed = { by: BEN, cleared: ['ana@acme.test'] }
    expect(cardOf(task.state, task.definition, task.now).asks).toMatchObject([{ changed }])
    expect(openAsksOf(task.reread(), () => null)).toMatchObject([{ changed }])
    task.decide('approved', ANA)
    expect(task.state).toMatchObject({ status: 'done', result: 'Dear Acme!' })
  })

  it('are not cleared by an edit that changes nothing', () => {
    const task = drafted({ needs: 2, edits: 'draft' })
    task.decide('approved', ANA)
    expect(task.decide('approved', BEN, { edits: 'Dear Acme' })).toEqual(['decided', 'routed', 'finished'])
  })
})

describe('an edit', () => {
  it('is the step’s output from then on, and the original stays in the log', () => {
    const task = drafted({ edits: 'draft' })
    task.decide('rejected', ANA, { edits: 'Dear Acme!', note: 'Shorter.' })
    expect(task.state.steps.draft).toMatchObject({ output: 'Dear Acme!', visit: 1 })
    expect(task.events.find(event => event.type === 'reported')).toMatchObject({ outcome: { output: 'Dear Acme' } })
  })

  it('is refused where none is allowed, or where the output must be otherwise', () => {
    const edits = { type: 'decide' as const, handoff: 'approved', edits: 5 }
    expect(drafted().try(edits, ANA)).toEqual({ kind: 'edits_not_allowed' })
    expect(drafted({ edits: 'draft' }).try(edits, ANA)).toMatchObject({ kind: 'invalid_edits' })
    const schema = { type: 'object', required: ['subject'], properties: { subject: { type: 'string' } } } as never
    const task = drafted({ edits: 'draft' }, schema)
    expect(task.try(edits, ANA)).toMatchObject({ kind: 'invalid_edits' })
    task.decide('approved', ANA, { edits: { subject: 'Welcome' } })
    expect(task.state.result).toEqual({ subject: 'Welcome' })
  })
})

describe('roles', () => {
  it('stand for the people that they have when the question is put', () => {
    const task = aTask(oneHuman({ assign: ['role:admin', 'Ben@acme.test'] }))
    expect(task.state.status).toBe('running')
    task.do({ type: 'resolve', visit: 1, run: 1, people: { admin: ['Ana@acme.test', 'ben@acme.test'] } })
    expect(askOf(task).ask.assignees).toEqual(['ana@acme.test', 'ben@acme.test'])
  })

  it('that stand for nobody leave the task stuck until someone is assigned', () => {
    const task = aTask(oneHuman({ assign: ['role:legal'] }))
    task.do({ type: 'resolve', visit: 1, run: 1, people: { legal: [] } })
    expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'nobody_assigned' } })
    task.do({ type: 'assign', to: ['Ana@acme.test', 'ana@acme.test'] }, ANA)
    expect(task.state).toMatchObject({ status: 'waiting', stuck: null })
    expect(askOf(task).ask.assignees).toEqual(['ana@acme.test'])
  })

  it('looked up for an earlier visit do not answer for this one', () => {
    const steps = [approve({ assign: ['role:legal'] }), approve({ assign: ['role:admin'] }, { key: 'second' })]
    const task = aTask(onboarding({ steps }))
    task.do({ type: 'move', step: 'second' }, ANA)
    const late = { type: 'resolve' as const, visit: 1, run: 1, people: { legal: ['ana@acme.test'] } }
    expect(task.try(late)).toEqual({ kind: 'stale_attempt' })
    task.do({ type: 'resolve', visit: 2, run: 1, people: { admin: ['ben@acme.test'] } })
    expect(askOf(task).ask.assignees).toEqual(['ben@acme.test'])
  })

  it('are looked up once: a repeated answer changes nothing', () => {
    const task = aTask(oneHuman({ assign: ['role:admin'] }))
    const resolve = { type: 'resolve' as const, visit: 1, run: 1, people: { admin: ['ana@acme.test'] } }
    task.do(resolve)
    expect(task.try(resolve)).toEqual({ kind: 'stale_attempt' })
  })
})

describe('assigning', () => {
  it('asks others instead', () => {
    const task = drafted()
    task.do({ type: 'assign', to: ['boss@acme.test'], visit: 2 }, ANA)
    expect(task.try({ type: 'decide', handoff: 'approved' }, ANA)).toMatchObject({ kind: 'not_assigned' })
    task.decide('approved', BOSS)
    expect(task.state.status).toBe('done')
  })

  it('to nobody leaves the task stuck, in plain sight', () => {
    const task = drafted()
    expect(task.do({ type: 'assign', to: [] }, ANA)).toEqual(['assigned', 'stuck'])
    expect(task.state.stuck?.cause).toBe('nobody_assigned')
  })
})

describe('when nobody decides in time', () => {
  it('others are asked too, once', () => {
    const task = drafted({ due: '2d', overdue: { assign: ['boss@acme.test'] } })
    expect(task.alarm()).toBe(task.now + 2 * DAY)
    expect(task.wake()).toEqual(['assigned'])
    expect(askOf(task).ask.assignees).toEqual(['ana@acme.test', 'ben@acme.test', 'boss@acme.test'])
    expect(task.alarm()).toBeNull()
    task.decide('approved', BOSS)
    expect(task.state.status).toBe('done')
  })

  it('the named default is taken, in the name of the system, with a note', () => {
    const task = drafted({ due: '2d', overdue: { handoff: 'rejected' }, reason: ['rejected'], needs: 2 })
    task.decide('approved', ANA)
    expect(task.wake()).toEqual(['decided', 'routed', 'entered', 'due'])
    expect(task.state.decided[2]![1]).toMatchObject({ by: SYSTEM, handoff: 'rejected' })
    expect(task.state.last.note).toBe('Nobody decided in time.')
  })

  it('it is never approved, whatever the definition says', () => {
    const task = drafted({ due: '2d', overdue: { handoff: 'approved' } })
    expect(task.wake()).toEqual(['assigned'])
    expect(task.state.status).toBe('waiting')
    expect(task.alarm()).toBeNull()
  })

  it('a question that nobody had is put to those who are asked then', () => {
    const human = { assign: [], due: '2d', overdue: { assign: ['role:boss'] } }
    const task = aTask(oneHuman(human))
    task.do({ type: 'resolve', visit: 1, run: 1, people: { boss: ['boss@acme.test'] } })
    expect(task.state.stuck?.cause).toBe('nobody_assigned')
    expect(task.wake()).toEqual(['assigned'])
    expect(task.state.status).toBe('waiting')
  })

  it('nothing happens where the step has no rule for it', () => {
    const task = drafted({ due: '2d' })
    expect(task.alarm()).toBeNull()
    task.now += 9 * DAY
    expect(task.do({ type: 'wake' })).toEqual([])
  })
})
