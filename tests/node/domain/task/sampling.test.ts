/** Approvals that are left out: only where the step says so and nothing speaks against it, always on record, else people are asked. */
import { describe, expect, test } from 'vitest'
import { auditFacts } from '../../../../src/domain/task/log/facts.ts'
import { basisOf, isEarned } from '../../../../src/domain/task/people/sampling.ts'
import { cardOf } from '../../../../src/domain/task/told/card.ts'
import { eventViews, viewOf } from '../../../../src/domain/task/told/view.ts'
import type { Definition, Step } from '../../../../src/domain/workflow/definition.ts'
import { whyAlwaysLookedAt } from '../../../../src/domain/workflow/lint/sampling.ts'
import {
  approve,
  aTask,
  draft,
  type Journey,
  onboarding,
  research,
  SYSTEM,
  sha256,
} from '../../../support/task-builders.ts'

const sampled = (human: Parameters<typeof approve>[0] = {}, over: Partial<Step> = {}): Definition => {
  const definition = onboarding()
  return { ...definition, steps: [...definition.steps.slice(0, -1), approve({ sample: 5, ...human }, over)] }
}

/** A task whose draft is there, and whose approval is about to be asked for. */
function drafted(definition: Definition): Journey {
  const task = aTask(definition)
  task.answer('Notes.')
  task.answer('Dear Acme.')
  return task
}

const resolve = (task: Journey, skip?: true) =>
  task.do(
    { type: 'resolve', visit: task.state.visit.n, run: 1, people: { admin: ['ana@acme.test'] }, ...(skip && { skip }) },
    SYSTEM,
  )

const view = (task: Journey) => viewOf(task.state, task.definition, task.now, digest => task.blobs.get(digest)!)

test('what was earned is looked up before anybody is asked', () => {
  const task = drafted(sampled())
  expect(task.state).toMatchObject({
    status: 'running',
    visit: { runs: [{ phase: { name: 'asking', sample: true } }] },
  })
  expect(resolve(task)).toEqual(['asked'])
  expect(task.state.status).toBe('waiting')
  expect(view(task).skipped).toBeUndefined()
})

test('one that is left out goes on as approved, by nobody, and says so on the card, in the view and in the audit', () => {
  const task = drafted(sampled())
  expect(resolve(task, true)).toEqual(['skipped', 'routed', 'finished'])
  expect(task.state).toMatchObject({ status: 'done', last: { handoff: 'approved', by: 'system', note: null } })
  expect(task.events.find(event => event.type === 'skipped')).toEqual({
    type: 'skipped',
    visit: 3,
    run: 1,
    handoff: 'approved',
    oneIn: 5,
  })
  expect(view(task).skipped).toEqual(['approve'])
  expect(cardOf(task.state, task.definition, task.now).skipped).toBe(true)
  expect(JSON.parse(auditFacts(task.rows.at(-1)!).facts)).toContainEqual(
    expect.objectContaining({ type: 'skipped', handoff: 'approved', oneIn: 5 }),
  )
  expect(eventViews(task.rows, digest => task.blobs.get(digest)!).map(each => each.type)).toContain('skipped')
})

test('without `sample` nothing is looked up, and nothing can be left out', () => {
  const task = drafted(onboarding())
  expect(task.state.status).toBe('waiting')
  const roles = drafted({ ...sampled({ sample: undefined, assign: ['role:admin'] }) })
  expect(resolve(roles, true)).toEqual(['asked'])
})

describe('whatever speaks against it, people are asked', () => {
  const RULES: [string, Definition][] = [
    ['a high risk', sampled({ risk: 'high', assign: ['role:admin'] })],
    ['two who must approve', sampled({ needs: 2, assign: ['role:admin', 'ben@acme.test'] })],
    ['stages', sampled({ assign: undefined, stages: [{ assign: ['role:admin'] }, { assign: ['ben@acme.test'] }] })],
    ['fields to fill in', sampled({ assign: ['role:admin'] }, { output: { type: 'object', properties: { ok: {} } } })],
  ]

  test.each(RULES)('%s', (_what, definition) => {
    expect(resolve(drafted(definition), true)).toEqual(['asked'])
  })

  test('a draft that no model made', () => {
    const person: Step = { key: 'write', human: { assign: ['ana@acme.test'] }, handoffs: [{ to: 'approve' }] }
    const task = aTask({ ...onboarding(), steps: [person, approve({ sample: 5 })] })
    task.decide('done')
    expect(resolve(task, true)).toEqual(['asked'])
  })

  test('nothing to look at', () => {
    const task = aTask({ ...onboarding(), steps: [approve({ sample: 5 }, { handoffs: [{ to: 'complete' }] })] })
    expect(resolve(task, true)).toEqual(['asked'])
  })

  test('a person in a branch', () => {
    const branches = { look: { human: { assign: ['ana@acme.test'], sample: 5 } }, read: { prompt: 'Read.' } }
    const both = { key: 'draft', parallel: { branches }, handoffs: [{ to: 'complete' }] } as unknown as Step
    const task = aTask({ ...onboarding(), steps: [onboarding().steps[0]!, both] })
    task.answer('Notes.')
    for (const { id, phase } of task.state.visit.runs)
      if (phase.name === 'asking') task.do({ type: 'resolve', visit: 2, run: id, people: {}, skip: true }, SYSTEM)
    expect(task.types()).not.toContain('skipped')
    expect(task.types()).toContain('asked')
  })
})

test('when the step comes round again and a person decides, it counts as looked at', () => {
  const task = drafted(sampled())
  const back = drafted(
    sampled(
      {},
      {
        handoffs: [
          { when: 'approved', to: 'draft' },
          { when: 'rejected', to: 'complete' },
        ],
      },
    ),
  )
  expect(resolve(back, true)).toEqual(['skipped', 'routed', 'entered', 'due'])
  back.answer('Dear Acme, again.')
  expect(resolve(back)).toEqual(['asked'])
  expect(view(back).skipped).toEqual(['approve'])
  back.decide('rejected')
  expect(view(back).skipped).toBeUndefined()
  expect(task.state.status).toBe('running')
})

describe('a draft that is in doubt is put to people, whatever was earned', () => {
  /** Draft and approval, with what is between them. */
  const two = (over: Partial<Step> = {}, ...between: Step[]) =>
    onboarding({ steps: [draft(over), ...between, approve({ sample: 5 })] })
  const begun = (definition: Definition, confidence = 0.9) => {
    const task = aTask(definition)
    task.answer('Dear Acme.', { confidence })
    return task
  }

  test('as its model was not sure', () => {
    const over = { confidence: 0.7, handoffs: [{ to: 'approve' }, { when: 'unsure', to: 'approve' }] }
    expect(resolve(begun(two(over)), true)).toContain('skipped')
    expect(resolve(begun(two(over), 0.2), true)).toEqual(['asked'])
  })

  test('as another step came in between', () => {
    const rule = { columns: {}, rows: [{ then: 1 }] } as unknown as Step['rule']
    const check: Step = { key: 'check', rule, handoffs: [{ to: 'approve' }] }
    expect(resolve(begun(two({ handoffs: [{ to: 'check' }] }, check)), true)).toEqual(['asked'])
  })

  test('as it was moved there by hand', () => {
    const task = begun(two())
    task.do({ type: 'move', step: 'approve' }, SYSTEM)
    expect(resolve(task, true)).toEqual(['asked'])
  })

  test('as people sent the one before back', () => {
    const task = begun(two())
    resolve(task)
    task.decide('rejected')
    task.answer('Dear friends.')
    expect(resolve(task, true)).toEqual(['asked'])
  })
})

describe('what was earned', () => {
  test.each<[string, Parameters<typeof isEarned>, boolean]>([
    ['by twenty of the same basis', [{ unchanged: 20, basis: 'a' }, 'a', 1], true],
    ['and was drawn all the same', [{ unchanged: 20, basis: 'a' }, 'a', 0], false],
    ['not yet', [{ unchanged: 19, basis: 'a' }, 'a', 1], false],
    ['with other drafts', [{ unchanged: 20, basis: 'b' }, 'a', 1], false],
    ['with nothing known', [{ unchanged: 20, basis: null }, 'a', 1], false],
    ['with no draw', [{ unchanged: 20, basis: 'a' }, 'a', Number.NaN], false],
  ])('%s', (_, given, earned) => {
    expect(isEarned(...given)).toBe(earned)
  })

  test('is lost once what drafts or asks is another, and not by how many are looked at', () => {
    const pins = { agents: { researcher: 7 } }
    const basis = (over: Partial<Step> = {}, human = {}, pinned = pins, model?: string) => {
      const definition = onboarding({ steps: [research(over), approve(human)] })
      const of = {
        terms: { budget: null, ...(model && { model }) },
        raised: { steps: null, cost: null, calls: null, model: null },
      }
      return basisOf(of, { ...pinned, definition }, { asking: 'approve', drafted: 'research' }, sha256)
    }
    expect(basis({}, { sample: 5 })).toBe(basis())
    expect(basis({}, {}, { agents: { researcher: 7, other: 1 } as never })).toBe(basis())
    const others = [
      basis({ instructions: 'Research it in French.' }),
      basis({}, { instructions: 'Check it all.' }),
      basis({}, {}, { agents: { researcher: 8 } }),
      basis({}, {}, pins, 'gpt-5.2'),
    ]
    expect(new Set([basis(), ...others]).size).toBe(5)
  })
})

test.each<[string, Definition, RegExp | null]>([
  ['one button', onboarding({ steps: [approve({}, { handoffs: [{ when: 'done', to: 'complete' }] })] }), /one button/],
  ['a reason for an approval', onboarding({ steps: [approve({ reason: ['approved'] })] }), /needs a reason/],
  ['a reason for a rejection', onboarding({ steps: [approve({ reason: ['rejected'] })] }), null],
  ['a requester who is barred', onboarding({ steps: [approve({ requester: false })] }), /may not approve/],
])('%s', (_, definition, why) => {
  const found = whyAlwaysLookedAt(definition, definition.steps[0]!, new Map())
  expect(found ?? 'null').toMatch(why ?? /^null$/)
})
