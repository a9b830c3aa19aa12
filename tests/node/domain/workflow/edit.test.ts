/** Editing a definition: each operation on a small workflow, what it refuses, and what follows a renamed or deleted step. */
import { describe, expect, test } from 'vitest'
import { type Definition, stepOf } from '../../../../src/domain/workflow/definition.ts'
import { applyEdit, type Edit, keyFor, MAX_STEPS } from '../../../../src/domain/workflow/edit.ts'
import { lintDefinition } from '../../../../src/domain/workflow/lint.ts'

const world: Definition = {
  baton: 1,
  name: 'Mails',
  title: '{{ steps.draft.output }}',
  result: '{{ steps.draft.output }}',
  limits: { steps: 9, reached: 'approve' },
  steps: [
    { key: 'draft', prompt: 'Write.{% if last.note %}{{ last.note }}{% endif %}', handoffs: [{ to: 'approve' }] },
    {
      key: 'approve',
      human: { assign: ['a@x.test'], edits: 'draft', instructions: 'Read {{ steps.draft.output }}' },
      handoffs: [
        { when: 'approved', to: 'send' },
        { when: 'rejected', to: 'draft' },
      ],
    },
    {
      key: 'send',
      prompt: 'Send {{ steps["draft"].output }}',
      handoffs: [{ if: 'steps.draft.output != ""', to: 'complete' }],
    },
  ],
}

const apply = (edit: Edit, on = world) => {
  const before = JSON.stringify(on)
  const edited = applyEdit(on, edit)
  expect(JSON.stringify(on)).toBe(before)
  if (!edited.ok) throw new Error(JSON.stringify(edited.refusal))
  return edited.definition
}
const refusal = (edit: Edit, on = world) => {
  const edited = applyEdit(on, edit)
  return edited.ok ? null : edited.refusal
}
const keys = (definition: Definition) => definition.steps.map(step => step.key)

describe('adding a step', () => {
  test('puts it last, or behind the step that now routes to it', () => {
    const step = { key: 'log', prompt: 'Log.' }
    expect(keys(apply({ do: 'addStep', step }))).toEqual(['draft', 'approve', 'send', 'log'])
    const routed = apply({ do: 'addStep', step, from: 'approve' })
    expect(keys(routed)).toEqual(['draft', 'approve', 'log', 'send'])
    expect(stepOf(routed, 'approve')?.handoffs?.at(-1)).toEqual({ to: 'log' })
  })

  test('refuses a key that is taken, reserved or no key, a step of the wrong shape, and the 101st', () => {
    const add = (key: string, more = {}) => ({ do: 'addStep', step: { key, prompt: 'x', ...more } }) as Edit
    expect(refusal(add('draft'))).toEqual({ kind: 'key_taken', key: 'draft' })
    expect(refusal(add('complete'))).toEqual({ kind: 'bad_key', key: 'complete' })
    expect(refusal(add('Not a key'))).toEqual({ kind: 'bad_key', key: 'Not a key' })
    expect(refusal(add('x', { confidence: 2 }))).toMatchObject({ kind: 'bad_field', field: 'confidence' })
    expect(refusal({ do: 'addStep', step: { key: 'x', prompt: 'x' }, from: 'nowhere' })?.kind).toBe('unknown_step')
    const full = { ...world, steps: Array.from({ length: MAX_STEPS }, (_, n) => ({ key: `s${n}`, prompt: 'x' })) }
    expect(refusal(add('x'), full)).toEqual({ kind: 'too_many', what: 'steps', most: 100 })
  })
})

describe('changing a step', () => {
  test('under another key takes along every reference to it', () => {
    const step = { ...world.steps[0]!, key: 'write' }
    const text = JSON.stringify(apply({ do: 'updateStep', key: 'draft', step }))
    expect(text).not.toContain('draft')
    const { lint } = lintDefinition(JSON.parse(text), { agents: [], members: ['a@x.test'], models: [] })
    expect(lint.filter(item => item.level === 'error')).toEqual([])
  })

  test('renames no part of another name', () => {
    const prompt = '{{ steps.drafts.output }} {{ mysteps.draft }} {{ steps.draft_2.output }} {{ steps.draft.output }}'
    const on = { ...world, steps: [...world.steps, { key: 'x', prompt }] }
    const renamed = apply({ do: 'updateStep', key: 'draft', step: { ...world.steps[0]!, key: 'w' } }, on)
    expect(stepOf(renamed, 'x')?.prompt).toBe(
      '{{ steps.drafts.output }} {{ mysteps.draft }} {{ steps.draft_2.output }} {{ steps.w.output }}',
    )
  })

  test('keeps keys that the format does not know', () => {
    const odd = {
      ...world,
      extra: 1,
      steps: [{ ...world.steps[0]!, odd: true }, ...world.steps.slice(1)],
    } as Definition
    const changed = apply({ do: 'updateStep', key: 'draft', step: { ...odd.steps[0]!, name: 'D' } }, odd)
    expect(changed).toMatchObject({ extra: 1, steps: [{ odd: true, name: 'D' }, {}, {}] })
  })

  test('refuses another step’s key and a step that is not there', () => {
    expect(refusal({ do: 'updateStep', key: 'draft', step: { key: 'send', prompt: 'x' } })?.kind).toBe('key_taken')
    expect(refusal({ do: 'updateStep', key: 'gone', step: { key: 'gone', prompt: 'x' } })?.kind).toBe('unknown_step')
  })
})

describe('moving a step', () => {
  test.each([
    ['send', 0, ['send', 'draft', 'approve']],
    ['draft', 1, ['approve', 'draft', 'send']],
    ['draft', 99, ['approve', 'send', 'draft']],
    ['approve', -5, ['approve', 'draft', 'send']],
    ['approve', 1, ['draft', 'approve', 'send']],
  ])('%s to place %i', (key, to, expected) => {
    expect(keys(apply({ do: 'moveStep', key, to }))).toEqual(expected)
  })
})

describe('deleting a step', () => {
  test('joins what led to it with what came next', () => {
    const without = apply({ do: 'deleteStep', key: 'approve' })
    expect(stepOf(without, 'draft')?.handoffs).toEqual([{ to: 'send' }])
    expect(without.limits).toEqual({ steps: 9 })
  })

  test('forgets whose output was edited, and leads nothing to itself', () => {
    const without = apply({ do: 'deleteStep', key: 'draft' })
    expect(stepOf(without, 'approve')?.human).not.toHaveProperty('edits')
    expect(stepOf(without, 'approve')?.handoffs).toEqual([
      { when: 'approved', to: 'send' },
      { when: 'rejected', to: 'complete' },
    ])
  })

  test('every order of deletions ends with no steps and no reference to a step that is gone', () => {
    const orders = [
      [0, 1, 2],
      [0, 2, 1],
      [1, 0, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ]
    for (const order of orders) {
      let at: Definition = world
      for (const place of order) {
        at = apply({ do: 'deleteStep', key: world.steps[place]!.key }, at)
        const targets = at.steps.flatMap(step => (step.handoffs ?? []).map(handoff => handoff.to))
        expect(targets.filter(to => to !== 'complete' && !stepOf(at, to))).toEqual([])
      }
      expect(at.steps).toEqual([])
    }
  })
})

test('handoffs are set as given, taken away when none are, and lead only to what is there', () => {
  const set = apply({
    do: 'setHandoffs',
    key: 'send',
    handoffs: [{ when: 'failed', to: 'approve' }, { to: 'complete' }],
  })
  expect(stepOf(set, 'send')?.handoffs).toHaveLength(2)
  expect(stepOf(apply({ do: 'setHandoffs', key: 'send', handoffs: [] }), 'send')).not.toHaveProperty('handoffs')
  expect(refusal({ do: 'setHandoffs', key: 'send', handoffs: [{ to: 'gone' }] })?.kind).toBe('unknown_step')
  expect(refusal({ do: 'setHandoffs', key: 'send', handoffs: [{ if: '', to: 'draft' }] })?.kind).toBe('bad_field')
  const many = Array.from({ length: 21 }, () => ({ to: 'draft' }))
  expect(refusal({ do: 'setHandoffs', key: 'send', handoffs: many })?.kind).toBe('too_many')
})

test('the workflow’s own fields are set, or taken away', () => {
  const changed = apply({ do: 'updateWorkflow', fields: { name: 'Post', limits: undefined } })
  expect(changed.name).toBe('Post')
  expect(changed).not.toHaveProperty('limits')
})

test.each([
  ['Draft the mail', [], 'draft_the_mail'],
  ['Draft the mail', ['draft_the_mail'], 'draft_the_mail_2'],
  ['Größe prüfen!', [], 'gro_e_pru_fen'],
  ['2024', [], 'step'],
  ['完成', ['step'], 'step_2'],
  ['Complete', [], 'complete_2'],
  ['a'.repeat(99), ['a'.repeat(34)], `${'a'.repeat(34)}_2`],
])('the key for %s beside %j is %s', (name, taken, key) => {
  expect(keyFor(name, taken)).toBe(key)
})
