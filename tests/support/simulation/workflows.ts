/** The workflows that simulated tasks travel through: small ones, so that one second tries thousands of schedules. */
import type { Human } from '../../../src/domain/handler/parts/human-shape.ts'
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { type Published, publish } from '../task-builders.ts'
import { madeUp } from './made-up.ts'

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

const ESCALATED: Partial<Human> = { due: '5m', overdue: { assign: ['boss@acme.test'] } }

const ask = (what: string) => ({ prompt: `Look at ${what} of {{ input.company }}.` })

const edits = (person: string, more: Partial<Human> = {}) => ({
  human: { assign: [person, 'boss@acme.test'], edits: 'draft', labels: ['approved', 'rejected'], ...more },
})

const each = (map: Partial<NonNullable<Step['map']>>, handoffs: NonNullable<Step['handoffs']>): Step => ({
  key: 'lines',
  map: { over: '{{ input.lines }}', do: { prompt: 'Look at {{ item }}, the line {{ index }}.' }, ...map },
  handoffs,
})

const DEFINITIONS: Definition[] = [
  workflow('draft and approve', [
    model('draft', 'approve', { prompt: 'Write to {{ input.company }}.{% if last.note %} {{ last.note }}{% endif %}' }),
    gate('approve', 'complete', 'draft', {
      edits: 'draft',
      assign: undefined,
      stages: [
        { assign: ['ana@acme.test', 'ben@acme.test'], needs: 2 },
        { assign: ['boss@acme.test', 'ana@acme.test'] },
      ],
    }),
  ]),
  workflow('a chain of three', [model('one', 'two'), model('two', 'three'), model('three', 'complete')]),
  workflow('one step, three tries', [model('one', 'complete', { retry: { attempts: 3, delay: '1s' } })]),
  workflow('two must approve', [
    model('draft', 'approve'),
    gate('approve', 'complete', 'draft', {
      needs: 2,
      edits: 'draft',
      due: '10m',
      remind: { before: ['8m', '1m'], every: '3m' },
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
  workflow('two gates', [
    gate('legal', 'finance', 'complete', { undo: '40s', needs: 2 }),
    gate('finance', 'complete', 'legal', { undo: '2m', remind: { every: '4m' } }),
  ]),
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
  workflow('three side by side, and what failed is looked at', [
    {
      key: 'review',
      parallel: {
        branches: {
          legal: ask('legal'),
          tone: ask('tone'),
          boss: { human: { assign: ['ana@acme.test'], undo: '50s' } },
        },
      },
      handoffs: [{ when: 'failed', to: 'look' }, { to: 'complete' }],
    },
    gate('look', 'review', 'complete'),
  ]),
  workflow('two of four, a person among them', [
    model('draft', 'review'),
    {
      key: 'review',
      parallel: {
        branches: {
          a: ask('a'),
          b: ask('b'),
          c: ask('c'),
          boss: { human: { assign: ['role:admin'], labels: ['yes', 'no'], edits: 'draft', ...ESCALATED } },
        },
        join: 2,
      },
      handoffs: [{ when: 'timeout', to: 'draft' }, { to: 'complete' }],
    },
  ]),
  workflow('any of three, twice', [
    {
      key: 'first',
      parallel: { branches: { a: ask('a'), b: ask('b'), boss: { human: { assign: ['ben@acme.test'] } } }, join: 'any' },
      handoffs: [{ to: 'second' }],
    },
    {
      key: 'second',
      parallel: { branches: { a: ask('a'), b: ask('b') }, join: 'any' },
      handoffs: [{ to: 'complete' }],
    },
  ]),
  workflow('two people edit one draft', [
    model('draft', 'approve'),
    {
      key: 'approve',
      parallel: { branches: { ana: edits('ana@acme.test', { undo: '30s' }), ben: edits('ben@acme.test') } },
      handoffs: [{ to: 'complete' }],
    },
  ]),
  workflow('each item, two at a time', [each({ concurrency: 2 }, [{ to: 'end' }]), model('end', 'complete')]),
  workflow('each item, what fails is kept', [
    each({ concurrency: 3, onError: 'keep' }, [{ if: 'task.visit > 1', to: 'complete' }, { to: 'lines' }]),
  ]),
  workflow('enough items', [each({ concurrency: 2, join: 2 }, [{ when: 'failed', to: 'lines' }, { to: 'complete' }])]),
  workflow('people for each item', [
    each({ concurrency: 2, do: { human: { assign: ['role:legal'], labels: ['approved', 'rejected'] } } }, [
      { to: 'complete' },
    ]),
  ]),
  workflow(
    'each item under a limit of cost and of time',
    [{ ...each({ concurrency: 2 }, [{ to: 'complete' }]), model: 'gpt-5-mini' }],
    { limits: { cost: 0.006, duration: '6m', reached: 'ask' } },
  ),
  workflow('a time, then a person, then a moment', [
    { key: 'rest', wait: { for: '90s' }, handoffs: [{ when: 'done', to: 'look' }] },
    gate('look', 'moment', 'rest', OVERDUE),
    // Ten minutes after each schedule begins; later it is past.
    { key: 'moment', wait: { until: '2026-11-02T10:10', timezone: 'Europe/Berlin' }, handoffs: [{ to: 'complete' }] },
  ]),
  workflow(
    'a reply, or another mail',
    [
      model('write', 'reply'),
      {
        key: 'reply',
        wait: { event: ['reply', 'stop'], if: 'event.data.good', for: '4m' },
        handoffs: [
          { when: 'stop', to: 'complete' },
          { when: 'reply', to: 'read' },
          { when: 'timeout', to: 'write' },
        ],
      },
      gate('read', 'complete', 'reply'),
    ],
    { limits: { steps: 9 } },
  ),
  workflow(
    'events that wait for their waits',
    [
      gate('open', 'paid', 'open'),
      { key: 'paid', wait: { event: 'paid' }, handoffs: [{ to: 'both' }] },
      { key: 'both', wait: { event: ['paid', 'reply'], for: '2m' }, handoffs: [{ to: 'complete' }] },
    ],
    { limits: { steps: 9, duration: '40m', reached: 'ask' } },
  ),
  workflow('nowhere to go', [model('one', '', { handoffs: [{ if: 'task.visit > 1', to: 'complete' }] })]),
]

const below = (key: string, use: string, handoffs: NonNullable<Step['handoffs']>, over: Partial<Step> = {}): Step => ({
  key,
  workflow: { use, input: { company: '{{ input.company }}', lines: ['x', 'y'] } },
  handoffs,
  ...over,
})

const child = (use: string) => ({ workflow: { use, input: { company: '{{ input.company }}' } } })

/** Those whose steps start tasks of others, by name. */
const PARENTS: Definition[] = [
  workflow('a task below', [
    below('sub', 'one step, three tries', [{ when: 'failed', to: 'look' }, { to: 'end' }]),
    gate('look', 'sub', 'complete'),
    model('end', 'complete'),
  ]),
  workflow('two levels below', [
    below('sub', 'a task below', [{ when: 'failed', to: 'complete' }, { to: 'complete' }]),
  ]),
  workflow('a person below', [
    below('sub', 'two gates', [
      { if: 'task.visit > 2', to: 'complete' },
      { when: 'failed', to: 'sub' },
      { to: 'complete' },
    ]),
  ]),
  workflow('below, for a while', [
    below('sub', 'draft and approve', [{ when: 'timeout', to: 'end' }, { when: 'failed', to: 'end' }, { to: 'end' }], {
      timeout: '3m',
      retry: { attempts: 2, delay: '2s' },
    }),
    model('end', 'complete'),
  ]),
  workflow('any of three, two of them below', [
    {
      key: 'review',
      parallel: { branches: { a: child('a chain of three'), b: child('draft and approve'), c: ask('c') }, join: 'any' },
      handoffs: [{ when: 'failed', to: 'review' }, { to: 'complete' }],
    },
  ]),
  workflow('both below', [
    {
      key: 'both',
      parallel: { branches: { a: child('one step, three tries'), b: child('a task below') } },
      handoffs: [{ when: 'failed', to: 'complete' }, { to: 'complete' }],
    },
  ]),
  workflow('each item below', [
    each({ concurrency: 2, onError: 'keep', do: child('one step, three tries') }, [{ to: 'complete' }]),
  ]),
  workflow('only started', [
    below('sub', 'one step, three tries', [{ to: 'end' }], { workflow: { use: 'one step, three tries', wait: false } }),
    model('end', 'complete'),
  ]),
  workflow('only some approvals are put', [
    model('draft', 'approve'),
    gate('approve', 'release', 'draft', { sample: 4, edits: 'draft' }),
    gate('release', 'complete', 'draft', { sample: 3, risk: 'high' }),
  ]),
]

export interface Workflow {
  definition: Definition
  first: Published
  /** What a task can be migrated to. */
  second: Published
}

const asPublished = (definition: Definition): Workflow => ({
  definition,
  first: publish(definition, 1),
  second: publish(definition, 2),
})

export const WORKFLOWS: Workflow[] = DEFINITIONS.map(asPublished)
export const FAMILIES: Workflow[] = [...PARENTS, ...madeUp(PARENTS, 32)].map(asPublished)

/** The one of this name. */
export function workflowCalled(name: string): Workflow {
  const found = [...FAMILIES, ...WORKFLOWS].find(({ definition }) => definition.name === name)
  if (found === undefined) throw new Error(`there is no workflow ${name}`)
  return found
}
