/** A question that is passed on, and comments: who may, who is told, and that as many decide as before. */
import { describe, expect, it } from 'vitest'
import type { Human } from '../../../../src/domain/handler/parts/human-shape.ts'
import { auditFacts } from '../../../../src/domain/task/log/facts.ts'
import { eventViews } from '../../../../src/domain/task/told/view.ts'
import { mentionsIn } from '../../../../src/domain/text/mentions.ts'
import { noticeOf } from '../../../../src/task/object/notices.ts'
import { timelineOf } from '../../../../src/task/page/timeline.ts'
import {
  ANA,
  ANA_BY_LINK,
  approve,
  aTask,
  BEN,
  BOT,
  DAY,
  type Journey,
  onboarding,
  SYSTEM,
} from '../../../support/task-builders.ts'

const asking = (human: Partial<Human> = {}): Journey => aTask(onboarding({ steps: [approve(human)] }))
const pass = (to: string) => ({ type: 'delegate' as const, to, visit: 1, run: 1 })
const assignees = ({ run: { phase } }: Journey) => (phase.name === 'asked' ? phase.ask.assignees : null)

describe('a question that is passed on', () => {
  it('asks the other in the place of who passed it on, on record, and as many decide as before', () => {
    const task = asking({ needs: 2 })
    expect(task.do(pass('Cleo@acme.test'), ANA)).toEqual(['assigned'])
    expect(assignees(task)).toEqual(['cleo@acme.test', 'ben@acme.test'])
    expect(task.events.at(-1)).toMatchObject({ because: [{ from: 'ana@acme.test', why: 'delegated' }] })
    expect(task.try({ type: 'decide', handoff: 'approved' }, ANA)).toMatchObject({ kind: 'not_assigned' })
    expect(task.try(pass('dora@acme.test'), ANA)).toMatchObject({ kind: 'not_assigned' })
    task.decide('approved', BEN)
    expect(task.state.status).toBe('waiting')
    task.decide('approved', { kind: 'person', id: 'cleo@acme.test' })
    expect(task.state.status).toBe('done')
    expect(task.reread()).toEqual(task.state)
  })

  it.each([
    [
      'to who is asked already, as fewer would decide',
      {},
      'ben@acme.test',
      ANA,
      { kind: 'cannot_delegate', why: 'asked_already' },
    ],
    ['to oneself', {}, 'ana@acme.test', ANA, { kind: 'cannot_delegate', why: 'asked_already' }],
    [
      'by who is not asked',
      {},
      'cleo@acme.test',
      { kind: 'person' as const, id: 'dora@acme.test' },
      { kind: 'not_assigned' },
    ],
    ['by a key, which is asked nothing, in nobody’s place', {}, 'cleo@acme.test', BOT, { kind: 'not_assigned' }],
    [
      'by a link alone where it is high-risk',
      { risk: 'high' as const },
      'cleo@acme.test',
      ANA_BY_LINK,
      { kind: 'code_required' },
    ],
  ])('is not: %s', (_name, human, to, actor, refusal) => {
    const task = asking(human)
    expect(task.try(pass(to), actor)).toMatchObject(refusal)
    expect(assignees(task)).toEqual(['ana@acme.test', 'ben@acme.test'])
  })

  it.each([
    ['a key', BOT],
    ['a member who is not asked', { kind: 'person' as const, id: 'dora@acme.test' }],
  ])('is passed on for who is asked by %s; the others stay asked', (_name, actor) => {
    const task = asking({ needs: 2 })
    const forBen = { ...pass('cleo@acme.test'), from: 'Ben@acme.test' }
    expect(task.do(forBen, actor)).toEqual(['assigned'])
    expect(assignees(task)).toEqual(['ana@acme.test', 'cleo@acme.test'])
    expect(task.events.at(-1)).toMatchObject({ because: [{ from: 'ben@acme.test', why: 'delegated' }] })
    expect(task.try({ ...forBen, to: 'dora@acme.test' }, actor)).toMatchObject({ kind: 'not_assigned' })
    task.decide('approved', ANA)
    expect(task.try({ ...pass('eve@acme.test'), from: 'ana@acme.test' }, actor)).toMatchObject({
      kind: 'already_voted',
    })
  })

  it('is by link in its own person’s place alone', () => {
    const task = asking()
    task.do({ ...pass('cleo@acme.test'), from: 'ben@acme.test' }, ANA_BY_LINK)
    expect(assignees(task)).toEqual(['cleo@acme.test', 'ben@acme.test'])
  })

  it('is not to who started the task, where they may not decide', () => {
    const task = aTask(
      onboarding({ steps: [approve({ requester: false })] }),
      {},
      { kind: 'person', id: 'Cleo@acme.test' },
    )
    expect(task.try(pass('cleo@acme.test'), ANA)).toMatchObject({ kind: 'cannot_delegate', why: 'requester' })
  })

  it('is not by who has approved it already', () => {
    const task = asking({ needs: 2 })
    task.decide('approved', ANA)
    expect(task.try(pass('cleo@acme.test'), ANA)).toMatchObject({ kind: 'already_voted' })
  })

  it('goes by link with the code that a high-risk question takes', () => {
    const task = asking({ risk: 'high' })
    expect(task.do({ ...pass('cleo@acme.test'), proven: true }, ANA_BY_LINK)).toEqual(['assigned'])
  })
})

describe('a comment', () => {
  const say = (text: string, mentions: string[] = []) => ({ type: 'comment' as const, text, mentions })

  it('stands in the timeline, tells whom it names once, and decides nothing', () => {
    const task = asking()
    task.do(say('  Look at the tone, @cleo. ', ['Cleo@acme.test', 'cleo@acme.test', 'ana@acme.test']), ANA)
    expect(task.state.status).toBe('waiting')
    const [visit] = timelineOf(eventViews(task.rows, null), 'waiting')
    expect(visit!.comments).toMatchObject([{ by: ANA, text: 'Look at the tone, @cleo.', to: ['cleo@acme.test'] }])
    const notice = () => noticeOf(task.state, task.definition, task.now)
    expect(notice()?.mentioned).toMatchObject([{ recipients: ['cleo@acme.test'], by: ANA }])
    task.now += DAY + 1
    expect(notice()?.mentioned).toBeUndefined()
    expect(task.reread()).toEqual(task.state)
  })

  it('is taken whatever the task is at, also when it is over', () => {
    const task = asking()
    task.do({ type: 'cancel' }, ANA)
    task.do(say('Why?'), BEN)
    expect(task.state.status).toBe('cancelled')
    expect(task.alarm()).toBeNull()
  })

  it('is refused by link from who is not asked, when it is empty, and when it is too long', () => {
    const task = asking()
    task.do(say('May I?'), ANA_BY_LINK)
    expect(task.try(say('Hello'), { kind: 'link', id: 'guest@else.test' })).toMatchObject({ kind: 'not_assigned' })
    expect(task.try(say(' \n '), ANA)).toMatchObject({ kind: 'invalid_comment' })
    expect(task.try(say('x'.repeat(4001)), ANA)).toMatchObject({ kind: 'invalid_comment' })
  })

  it('leaves its text in the log alone: the audit has only whom it was for', () => {
    const task = asking()
    task.do(say('canary-4711', ['ben@acme.test']), ANA)
    const { facts } = auditFacts(task.rows.at(-1)!)
    expect(facts).toContain('ben@acme.test')
    expect(facts).not.toContain('canary-4711')
  })

  it('is refused beyond five hundred', () => {
    const task = asking()
    for (let n = 0; n < 500; n++) task.do(say(`${n}`), SYSTEM)
    expect(task.try(say('more'), SYSTEM)).toMatchObject({ kind: 'invalid_comment' })
  })
})

describe('whom a text names', () => {
  const members = [
    { email: 'ana@acme.test', name: 'Ana Sol' },
    { email: 'ben@acme.test', name: 'Ben' },
    { email: 'ben@else.test', name: 'Benno Frey' },
    { email: 'kim.lee@acme.test', name: 'Kim Lee' },
  ]

  it.each([
    ['@ana look', ['ana@acme.test']],
    ['(@Ana), please.', ['ana@acme.test']],
    ['Ask @kim.', ['kim.lee@acme.test']],
    ['Ask @kim.lee.', ['kim.lee@acme.test']],
    ['@benno and @ana and @ana@acme.test', ['ben@else.test', 'ana@acme.test']],
    ['@ben: two are called so', []],
    ['@ben@acme.test', ['ben@acme.test']],
    ['write to ana@acme.test', []],
    ['@nobody @@ana x@ana', []],
    ['', []],
  ])('%s', (text, expected) => expect(mentionsIn(text, members)).toEqual(expected))
})
