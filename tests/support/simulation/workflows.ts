/** The workflows that simulated tasks travel through: small ones, so that one second tries thousands of schedules. */
import type { Human } from '../../../src/domain/handler/parts/human-shape.ts'
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { type Published, publish } from '../task-builders.ts'

const model = (key: string, to: string, over: Partial<Step> = {}): Step => ({
  key,
  prompt: `Do ${key}.`,
  handoffs: [{ to }],
  ...over,
})

const gate = (key: string, approved: string, rejected: string, human: Partial<Human> = {}): Step => ({
  key,
  human: { assign: ['ana@acme.test', 'ben@acme.test'], ...human },
  handoffs: [
    { when: 'approved', to: approved },
    { when: 'rejected', to: rejected },
  ],
})

const workflow = (name: string, steps: Step[], over: Partial<Definition> = {}): Definition => ({
  baton: 1,
  name,
  owner: 'ana@acme.test',
  limits: { steps: 7 },
  defaults: { retry: { attempts: 2, delay: '2s' } },
  steps,
  ...over,
})

const OVERDUE: Partial<Human> = { due: '6m', overdue: { handoff: 'rejected' } }

/** Who has which role. */
export const ROLES: Record<string, string[]> = {
  admin: ['ana@acme.test', 'ben@acme.test'],
  legal: ['boss@acme.test', 'ana@acme.test'],
}

const DEFINITIONS: Definition[] = [
  workflow('draft and approve', [
    model('draft', 'approve', { prompt: 'Write to {{ input.company }}.{% if last.note %} {{ last.note }}{% endif %}' }),
    gate('approve', 'complete', 'draft', { edits: 'draft' }),
  ]),
  workflow('a chain of three', [model('one', 'two'), model('two', 'three'), model('three', 'complete')]),
  workflow('one step, three tries', [model('one', 'complete', { retry: { attempts: 3, delay: '1s' } })]),
  workflow('two must approve', [
    model('draft', 'approve'),
    gate('approve', 'complete', 'draft', {
      needs: 2,
      edits: 'draft',
      due: '10m',
      overdue: { handoff: 'rejected' },
      reason: ['rejected'],
    }),
  ]),
  workflow('roles', [
    gate('approve', 'wrap_up', 'approve', {
      assign: ['role:admin'],
      requester: false,
      due: '5m',
      overdue: { assign: ['boss@acme.test'] },
    }),
    model('wrap_up', 'complete'),
  ]),
  workflow('two gates', [gate('legal', 'finance', 'complete'), gate('finance', 'complete', 'legal')]),
  workflow('a model that chooses', [
    model('triage', '', {
      handoffs: [
        { when: 'good', to: 'complete' },
        { when: 'poor', to: 'triage' },
      ],
    }),
  ]),
  workflow('failures go to people', [
    model('call', '', {
      handoffs: [
        { when: 'failed', to: 'look' },
        { when: 'timeout', to: 'call' },
        { if: 'task.visit > 2', to: 'complete' },
        { to: 'call' },
      ],
    }),
    gate('look', 'call', 'complete'),
  ]),
  workflow('a limit that fails', [model('loop', 'loop')], { limits: { steps: 3, reached: 'fail' } }),
  workflow('a limit that asks', [model('loop', 'loop'), gate('end', 'complete', 'loop')], { limits: { steps: 2 } }),
  workflow('a limit with a step', [model('loop', 'loop'), gate('wrap_up', 'complete', 'loop')], {
    limits: { steps: 9, duration: '4m', reached: 'wrap_up' },
  }),
  workflow('a limit of cost', [model('loop', 'loop', { model: 'gpt-5-mini' })], { limits: { steps: 9, cost: 0.02 } }),
  workflow(
    'a limit that fails while people are asked',
    [gate('one', 'two', 'one', OVERDUE), gate('two', 'one', 'complete')],
    {
      limits: { steps: 9, duration: '4m', reached: 'fail' },
    },
  ),
  workflow('roles twice, and a decision that no handoff takes', [
    {
      key: 'legal',
      human: { assign: ['role:legal'] },
      handoffs: [{ when: 'approved', to: 'admin' }],
    },
    {
      key: 'admin',
      human: { assign: ['role:admin'] },
      handoffs: [
        { when: 'approved', if: 'task.visit > 4', to: 'complete' },
        { when: 'rejected', to: 'legal' },
      ],
    },
  ]),
  workflow('nowhere to go', [model('one', '', { handoffs: [{ if: 'task.visit > 1', to: 'complete' }] })]),
]

export interface Workflow {
  definition: Definition
  first: Published
  /** What a task can be migrated to. */
  second: Published
}

export const WORKFLOWS: Workflow[] = DEFINITIONS.map(definition => ({
  definition,
  first: publish(definition, 1),
  second: publish(definition, 2),
}))
