import { describe, expect, test } from 'vitest'
import { LINT_CODES, type LintCode, type LintItem, lintDefinition } from '../../../src/domain/workflow/lint.ts'
import { timed } from './scope.ts'

const known = {
  agents: ['researcher', 'writer', 'keeper', 'clerk'],
  tools: new Map([
    ['researcher', ['search', 'fetch']],
    ['writer', []],
    ['keeper', ['send_email', 'find_custommer']],
    ['clerk', ['crm.find', 'crm.note']],
  ]),
  members: ['ana@acme.test', 'boss@acme.test'],
  former: ['gone@acme.test'],
  skills: ['house_style', 'legal'],
  agentSkills: new Map([['keeper', ['house_style', 'old_tone']]]),
  toolNames: ['send_email', 'find_customer', 'search', 'fetch', 'crm.find', 'crm.book', 'crm.note'],
  heldTools: new Map<string, 'changed' | 'gone'>([
    ['crm.find', 'changed'],
    ['crm.book', 'gone'],
  ]),
  secrets: new Map([['crm', ['api.crm.example']]]),
  models: ['demo', 'house-model', 'acme/llama-3', 'acme/unpriced'],
  priced: ['house-model', 'acme/llama-3'],
  providers: { keys: ['acme', 'eu-west'], router: false, workersAi: false },
  self: { id: 'wf_onboarding', name: 'Onboarding' },
  workflows: [
    { id: 'wf_onboarding', name: 'Customer onboarding', live: true, starts: [] },
    { id: 'wf_review', name: 'Contract review', live: true, starts: ['wf_legal'] },
    { id: 'wf_legal', name: 'Legal', live: true, starts: ['wf_review'] },
    { id: 'wf_first', name: 'First', live: true, starts: ['wf_review', 'wf_second'] },
    { id: 'wf_second', name: 'Second', live: true, starts: ['wf_onboarding'] },
    { id: 'wf_draft', name: 'A draft', live: false, starts: [] },
  ],
}

/** A definition with every feature and nothing wrong. */
const aDefinition = () => ({
  baton: 1,
  name: 'Onboarding',
  owner: 'ana@acme.test',
  title: '{{ input.company }}',
  input: {
    type: 'object',
    required: ['company'],
    properties: { company: { type: 'string' }, address: { type: 'object', properties: { city: {} } } },
  },
  limits: { steps: 20, cost: 2, duration: '30d', reached: 'ask' },
  defaults: { model: 'gpt-5', timeout: '60s', retry: { attempts: 3, delay: '2s', factor: 2 } },
  steps: [
    {
      key: 'research',
      agent: 'researcher',
      instructions: 'Research {{ input.company }}{% if last.note %}: {{ last.note }}{% endif %}.',
      confidence: 0.7,
      output: {
        type: 'object',
        properties: { score: { type: 'number' }, items: { type: 'array', items: { properties: { n: {} } } } },
      },
      handoffs: [
        { when: 'unsure', to: 'approve' },
        { when: 'failed', to: 'approve' },
        { if: 'output.score < 20 && output.items[0].n > 1', to: 'complete' },
        { to: 'draft' },
      ],
    },
    {
      key: 'draft',
      prompt: 'Mail about {{ steps.research.output.score }} for {{ task.title }}',
      model: 'house-model',
      timeout: '90s',
      handoffs: [
        { when: 'long', to: 'draft' },
        { when: 'default', to: 'approve' },
      ],
    },
    {
      key: 'approve',
      human: {
        assign: ['ana@acme.test', 'role:admin'],
        instructions: '{{ steps.draft.output }}',
        approve: 'approved',
        needs: 2,
        edits: 'draft',
        due: '2d',
        overdue: { assign: ['boss@acme.test'] },
        reason: ['rejected'],
        requester: false,
      },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', if: 'steps.approve.decision.note != null', to: 'draft' },
        { when: 'rejected', to: 'research' },
      ],
    },
  ],
})

type Draft = Record<string, unknown> & { steps: Record<string, unknown>[] }
type Change = (draft: Draft) => void

const lint = (change: Change = () => undefined) => {
  const draft = aDefinition() as unknown as Draft
  change(draft)
  return lintDefinition(draft, known)
}
/** Replaces step 1, the prompt. */
const draftStep =
  (step: Record<string, unknown>): Change =>
  draft => {
    draft.steps[1] = { key: 'draft', prompt: 'Write', handoffs: [{ to: 'approve' }], ...step }
  }
/** Replaces parts of step 2's `human`. */
/** The draft step is this call. */
function call(http: Record<string, unknown>, over: Record<string, unknown> = {}): Change {
  return draftStep({ prompt: undefined, http: { url: 'https://api.crm.example/x', ...http }, ...over })
}

/** The draft step waits. */
function waits(wait: Record<string, unknown>, handoffs: object[] = [{ to: 'approve' }]): Change {
  return draftStep({ prompt: undefined, wait, handoffs })
}

/** The draft step starts a task of this workflow. */
function starts(use: string): Change {
  return draftStep({ prompt: undefined, workflow: { use, input: { text: '{{ input.company }}' } } })
}

/** The approval is sampled, and these steps follow it, one after the other. */
function sampled(own: Record<string, unknown>, ...after: { key: string; [field: string]: unknown }[]): Change {
  return draft => {
    human({ sample: 5, needs: 1, ...own })(draft)
    const [first] = after
    if (first !== undefined)
      Object.assign(draft.steps[2]!, { handoffs: [{ when: 'rejected', to: 'draft' }, { to: first.key }] })
    draft.steps.push(...after.map(step => ({ handoffs: [{ to: 'complete' }], ...step })))
  }
}

const TWO = { a: { prompt: 'One.' }, b: { prompt: 'Two.' } }

/** The draft step has these branches. */
function branches(all: Record<string, unknown>, own: Record<string, unknown> = {}, step: object = {}): Change {
  return draftStep({ prompt: undefined, parallel: { branches: all, ...own }, ...step })
}

/** The draft step works on each item. */
function each(own: Record<string, unknown>): Change {
  return draftStep({ prompt: undefined, map: { over: '{{ input.company }}', do: { prompt: 'x' }, ...own } })
}

/** Nobody owns it, and this is its draft step. */
function unowned(over: Record<string, unknown>): Change {
  return draft => {
    draft.owner = undefined
    draftStep(over)(draft)
  }
}

const human =
  (part: Record<string, unknown>): Change =>
  draft => {
    draft.steps[2]!.human = { assign: ['ana@acme.test'], ...part }
  }
const STAGES = [{ name: 'Legal', assign: ['role:admin'], needs: 2 }, { assign: ['ana@acme.test'] }]
const approveStep =
  (part: Record<string, unknown>): Change =>
  draft => {
    Object.assign(draft.steps[2]!, part)
  }
const approveHandoffs =
  (...handoffs: object[]): Change =>
  draft => {
    draft.steps[2]!.handoffs = handoffs
  }
const set =
  (key: string, value: unknown): Change =>
  draft => {
    draft[key] = value
  }
const nest = (depth: number) => Array.from({ length: depth }).reduce<object>(inner => ({ a: inner }), {})

test('a definition with nothing wrong has no findings', () => {
  const { definition, lint: found } = lint()
  expect(found).toEqual([])
  expect(definition).toEqual(aDefinition())
})

type Case = [code: LintItem['code'], level: LintItem['level'], path: string, change: Change, says: RegExp]
/** The second step as a table over `size`, a whole number; a row without `then` comes to 1. */
function rule(...given: Record<string, unknown>[]): Change {
  const columns = given.find(one => 'columns' in one)?.columns ?? { size: 'steps.research.output.size' }
  const rows = given.filter(one => !('columns' in one)).map(row => ({ then: 1, ...row }))
  return draft => {
    const { properties } = (draft.steps[0] as { output: { properties: Record<string, unknown> } }).output
    properties.size = { type: 'integer' }
    draftStep({ prompt: undefined, rule: { columns, rows } })(draft)
  }
}

const cases: Case[] = [
  [
    'too_deep',
    'error',
    expect.stringContaining('input.') as unknown as string,
    set('input', nest(31)),
    /32 deep.*flatter/,
  ],
  [
    'too_large',
    'error',
    '',
    draft => {
      draft.steps = Array.from({ length: 6 }, (_, n) => ({
        key: `s${n}`,
        prompt: 'x'.repeat(50_000),
        handoffs: [{ to: 'complete' }],
      }))
    },
    /256 KiB/,
  ],
  ['forbidden_key', 'error', 'input.constructor', set('input', { constructor: 1 }), /constructor/],
  [
    'forbidden_key',
    'error',
    'steps[1].__proto__',
    draft => {
      draft.steps[1] = JSON.parse('{"key":"draft","__proto__":{"x":1}}')
    },
    /__proto__/,
  ],
  ['unknown_key', 'error', 'stepz', set('stepz', []), /`stepz` is not a key of a definition.*Did you mean `steps`/],
  ['unknown_key', 'error', 'steps[1].handof', draftStep({ handof: [] }), /`steps\[1\]`.*Did you mean `handoffs`/],
  [
    'unknown_key',
    'error',
    'steps[1].handoffs[0].then',
    draftStep({ handoffs: [JSON.parse('{"to":"approve","then":"x"}')] }),
    /`when`/,
  ],
  ['unknown_key', 'error', 'steps[2].human.asign', human({ asign: [] }), /Did you mean `assign`/],
  [
    'unknown_key',
    'error',
    'steps[2].human.overdue.asign',
    human({ due: '1d', overdue: { asign: [] } }),
    /Did you mean `assign`/,
  ],
  ['unknown_key', 'error', 'limits.step', set('limits', { step: 3 }), /Did you mean `steps`/],
  [
    'unknown_key',
    'error',
    'defaults.retry.atempts',
    set('defaults', { retry: { atempts: 3 } }),
    /Did you mean `attempts`/,
  ],
  [
    'unknown_key',
    'error',
    'defaults.zzzzzzzz',
    set('defaults', { zzzzzzzz: 3 }),
    /Use one of `model`, `timeout` and `retry`/,
  ],
  ['bad_value', 'error', 'steps[1].wait.until', waits({ for: '3d', until: '2027-01-01' }), /Keep one of them/],
  ['bad_value', 'error', 'steps[1].wait.until', waits({ event: 'a', until: '2027-01-01' }), /Keep one of them/],
  ['bad_value', 'error', 'steps[1].wait.timezone', waits({ for: '3d', timezone: 'UTC' }), /no `until`/],
  ['bad_value', 'error', 'steps[1].wait.timezone', waits({ until: '2027-01-01', timezone: 'CET+1' }), /IANA name/],
  ['bad_value', 'error', 'steps[1].wait.if', waits({ for: '3d', if: 'true' }), /no `event`/],
  ['bad_value', 'error', 'steps[1].wait.event', waits({ event: ['reply', 'failed'] }), /another name/],
  ['bad_time', 'error', 'steps[1].wait.until', waits({ until: '31.01.2027' }), /neither an ISO time nor a date/],
  ['bad_time', 'error', 'steps[1].wait.until', waits({ until: '2027-02-30' }), /`{{ input.date }}`/],
  ['endless_wait', 'warning', 'steps[1].wait', waits({ event: ['a', 'b'] }), /"a" or "b" never comes.*`for: 7d`/],
  ['bad_condition', 'error', 'steps[1].wait.if', waits({ event: 'a', for: '1d', if: 'event.' }), /cannot be read/],
  ['bad_condition', 'error', 'steps[1].wait.if', waits({ event: 'a', for: '1d', if: 'output == 1' }), /output/],
  ['unknown_field', 'warning', 'steps[1].wait.if', waits({ event: 'a', for: '1d', if: 'event.dat == 1' }), /`data`/],
  ['unknown_field', 'warning', 'steps[1].wait.until', waits({ until: '{{ input.date }}' }), /no `date`/],
  [
    'label_never_given',
    'warning',
    'steps[1].handoffs[0].when',
    waits({ event: 'reply', for: '1d' }, [{ when: 'replied', to: 'approve' }, { to: 'approve' }]),
    /does not wait for an event `replied`.*`reply`/,
  ],
  [
    'label_never_given',
    'warning',
    'steps[1].handoffs[0].when',
    waits({ event: 'reply' }, [{ when: 'timeout', to: 'approve' }, { to: 'approve' }]),
    /without end/,
  ],
  [
    'label_never_given',
    'warning',
    'steps[1].handoffs[0].when',
    waits({ for: '1d' }, [{ when: 'reply', to: 'approve' }, { to: 'approve' }]),
    /never comes out as `reply`/,
  ],
  ['bad_duration', 'error', 'steps[1].wait.for', draftStep({ prompt: undefined, wait: { for: 'soon' } }), /like `90s`/],
  ['missing_field', 'error', 'steps[1].wait', waits({}), /not said what is waited for/],
  [
    'missing_field',
    'error',
    'steps[1].parallel.branches',
    draftStep({ prompt: undefined, parallel: {} }),
    /is missing/,
  ],
  ['bad_value', 'error', 'steps[1].parallel.branches', branches({ a: { prompt: 'x' } }), /2 to 20 branches/],
  ['bad_key', 'error', 'steps[1].parallel.branches.A', branches({ A: { prompt: 'x' } }), /must start with a letter/],
  ['reserved_key', 'error', 'steps[1].parallel.branches.complete', branches({ complete: {}, b: {} }), /another key/],
  ['bad_value', 'error', 'steps[1].parallel.join', branches(TWO, { join: 'most' }), /`all`, `any`, or how many/],
  ['bad_value', 'error', 'steps[1].parallel.join', branches(TWO, { join: 3 }), /there are only 2/],
  [
    'unknown_key',
    'error',
    'steps[1].parallel.branches.a.promt',
    branches({ ...TWO, a: { promt: 'x' } }),
    /Did you mean `prompt`/,
  ],
  [
    'unknown_key',
    'error',
    'steps[1].parallel.branches.a.handoffs',
    branches({ ...TWO, a: { prompt: 'x', handoffs: [] } }),
    /not a key of `steps\[1\].parallel.branches.a`/,
  ],
  [
    'handler_count',
    'error',
    'steps[1].parallel.branches.a',
    branches({ ...TWO, a: { prompt: 'x', tool: 'search' } }),
    /has `prompt` and `tool`/,
  ],
  [
    'handler_count',
    'error',
    'steps[1].map.do',
    each({ do: {} }),
    /Add one of `prompt`, `agent`, `human`, `http`, `tool` and `workflow`/,
  ],
  [
    'unknown_agent',
    'error',
    'steps[1].parallel.branches.a.agent',
    branches({ ...TWO, a: { agent: 'writre', instructions: 'x' } }),
    /Did you mean `writer`/,
  ],
  [
    'unused_field',
    'warning',
    'steps[1].parallel.branches.a.tools',
    branches({ ...TWO, a: { prompt: 'x', tools: ['search'] } }),
    /means nothing/,
  ],
  ['unused_field', 'warning', 'steps[2].human.labels', human({ labels: ['a'] }), /of its handoffs/],
  [
    'unknown_label',
    'error',
    'steps[1].parallel.branches.a.human.approve',
    branches({ ...TWO, a: { human: { assign: ['ana@acme.test'], labels: ['yes', 'no'], approve: 'fine' } } }),
    /`yes` and `no`/,
  ],
  [
    'bad_schema',
    'error',
    'steps[1].map.do.output',
    each({ do: { prompt: 'x', output: { type: 'thing' } } }),
    /not right/,
  ],
  ['not_a_list', 'error', 'steps[1].map.over', each({ over: 'lines: {{ input.company }}' }), /not a list/],
  ['bad_value', 'error', 'steps[1].map.as', each({ as: 'input' }), /templates have already/],
  ['bad_value', 'error', 'steps[1].map.concurrency', each({ concurrency: 51 }), /at most 50/],
  ['unknown_variable', 'error', 'steps[1].map.do.prompt', each({ as: 'line', do: { prompt: '{{ item }}' } }), /`item`/],
  ['unknown_variable', 'error', 'steps[1].map.over', each({ over: '{{ item }}' }), /only in a map step/],
  [
    'unknown_field',
    'warning',
    'steps[1].map.do.prompt',
    each({ over: '{{ steps.research.output.items }}', as: 'line', do: { prompt: '{{ line.m }} of {{ index }}' } }),
    /`line.m` is read, but an item of `steps.research.output.items` has no `m`/,
  ],
  [
    'missing_fallback',
    'warning',
    'steps[1].handoffs',
    waits({ event: 'reply', for: '3d' }),
    /When "reply" does not come within 3d, a task fails here/,
  ],
  [
    'unused_field',
    'warning',
    'duplicates',
    draft => {
      draft.duplicates = 'refuse'
    },
    /has none unless its caller gives one/,
  ],
  [
    'unknown_field',
    'warning',
    'steps[2].human.instructions',
    draft => {
      branches({ ...TWO, a: { prompt: 'x', output: { type: 'object', properties: { score: {} } } } })(draft)
      human({ instructions: '{{ steps.draft.output.a.scor }} {{ steps.draft.output.c }}' })(draft)
    },
    /Did you mean `score`/,
  ],
  [
    'unused_branch',
    'warning',
    'steps[1].parallel.branches.b',
    draft => {
      branches(TWO, {}, { handoffs: [{ to: 'after' }] })(draft)
      human({ instructions: 'Fine?' })(draft)
      draft.steps.push({ key: 'after', prompt: '{{ steps.draft.output.a }}', handoffs: [{ to: 'approve' }] })
    },
    /Nothing reads what the branch `b` puts out/,
  ],
  ['bad_value', 'error', 'steps[2].human.assign', human({ stages: STAGES }), /nothing beside `stages`/],
  ['bad_value', 'error', 'steps[2].human.stages', human({ assign: undefined, stages: [STAGES[0]] }), /at least 2/],
  [
    'too_few_people',
    'warning',
    'steps[2].human.stages[1].needs',
    human({ assign: undefined, stages: [STAGES[0], { ...STAGES[1], needs: 2 }] }),
    /2 people must approve in this stage/,
  ],
  [
    'bad_assignee',
    'error',
    'steps[2].human.stages[0].assign[0]',
    human({ assign: undefined, stages: [{ assign: ['role:admn'] }, STAGES[1]] }),
    /Did you mean `admin`/,
  ],
  ['bad_duration', 'error', 'steps[2].human.undo', human({ undo: '60 seconds' }), /`60 seconds`/],
  ['bad_value', 'error', 'steps[2].human.undo', human({ undo: '2h' }), /longer than an hour/],
  ['unknown_label', 'error', 'steps[2].human.form[0]', human({ form: ['aproved'] }), /Did you mean `approved`/],
  ['form_without_fields', 'warning', 'steps[2].human.form', human({ form: ['approved'] }), /no `output`/],
  ['form_without_fields', 'warning', 'steps[2].output', approveStep({ output: { type: 'object' } }), /asked for JSON/],
  ['bad_schema', 'error', 'steps[2].output', approveStep({ output: { type: 'string' } }), /is an object with fields/],
  ['missing_field', 'error', 'name', set('name', undefined), /`name` is missing.*Add `name`/],
  ['missing_field', 'error', 'steps[1].handoffs[0].to', draftStep({ handoffs: [{}] }), /is missing/],
  ['wrong_type', 'error', 'steps', set('steps', {}), /must be a list/],
  ['wrong_type', 'error', 'steps[1].prompt', draftStep({ prompt: 3 }), /must be text/],
  ['wrong_type', 'error', 'steps[2].human.needs', human({ needs: 'two' }), /must be a number/],
  ['bad_key', 'error', 'steps[1].key', draftStep({ key: 'Draft mail' }), /must start with a letter/],
  ['bad_key', 'error', 'steps[1].key', draftStep({ key: 'draft-mail' }), /a–z, 0–9 and _/],
  ['bad_value', 'error', 'baton', set('baton', 2), /must be `1`/],
  ['bad_value', 'error', 'name', set('name', ''), /must not be empty/],
  ['bad_value', 'error', 'steps[2].human.needs', human({ needs: 51 }), /at most 50/],
  ['bad_value', 'error', 'steps[1].confidence', draftStep({ confidence: -1 }), /at least 0/],
  [
    'bad_value',
    'error',
    'steps[1].handoffs',
    draftStep({ handoffs: Array.from({ length: 21 }, () => ({ to: 'approve' })) }),
    /at most 20 items/,
  ],
  [
    'bad_value',
    'error',
    'steps',
    set(
      'steps',
      Array.from({ length: 101 }, (_, n) => ({ key: `s${n}`, prompt: 'x' })),
    ),
    /at most 100 items/,
  ],
  ['bad_value', 'error', 'input', set('input', []), /must be a JSON Schema object/],
  ['no_steps', 'error', 'steps', set('steps', []), /no steps/],
  ['duplicate_key', 'error', 'steps[1].key', draftStep({ key: 'research' }), /Two steps have the key `research`/],
  ['reserved_key', 'error', 'steps[1].key', draftStep({ key: 'complete' }), /`complete`/],
  ['reserved_key', 'error', 'steps[1].key', draftStep({ key: 'ask' }), /`ask`/],
  [
    'handler_count',
    'error',
    'steps[1]',
    draftStep({ prompt: undefined }),
    /Nothing handles.*`prompt`, `agent`, `human`, `http`, `tool`, .* and `\w+`/,
  ],
  ['handler_count', 'error', 'steps[1]', draftStep({ agent: 'writer', instructions: 'x' }), /has `prompt` and `agent`/],
  [
    'unused_field',
    'warning',
    'steps[1].tools',
    draftStep({ tools: ['search'] }),
    /`tools` means nothing to a step with `prompt`/,
  ],
  [
    'unused_field',
    'warning',
    'steps[2].model',
    draft => {
      draft.steps[2]!.model = 'gpt-5'
    },
    /`model` means nothing/,
  ],
  [
    'missing_instructions',
    'warning',
    'steps[1]',
    draftStep({ prompt: undefined, agent: 'writer' }),
    /not told what to do/,
  ],
  [
    'unknown_agent',
    'error',
    'steps[1].agent',
    draftStep({ prompt: undefined, agent: 'writr', instructions: 'x' }),
    /Did you mean `writer`/,
  ],
  [
    'unknown_tool',
    'error',
    'steps[0].tools[1]',
    draft => {
      draft.steps[0]!.tools = ['search', 'serch']
    },
    /`researcher` has no tool `serch`.*Did you mean `search`/,
  ],
  [
    'unknown_tool',
    'error',
    'steps[1].tools[0]',
    draftStep({ prompt: undefined, agent: 'writer', instructions: 'x', tools: ['search'] }),
    /`writer` has no tool `search`.*give the agent the tool first/,
  ],
  [
    'tool_held_back',
    'warning',
    'steps[1].tool',
    draftStep({ prompt: undefined, tool: 'crm.find' }),
    /`crm.find` is held back.*accept it on the page of the MCP server `crm` \(\/mcp-servers\/crm\)/,
  ],
  [
    'tool_held_back',
    'warning',
    'steps[1].tool',
    draftStep({ prompt: undefined, tool: 'crm.book' }),
    /`crm.book` is not listed by its server any more.*\/mcp-servers\/crm/,
  ],
  [
    'tool_held_back',
    'warning',
    'steps[1].agent',
    draftStep({ prompt: undefined, agent: 'clerk', instructions: 'x' }),
    /`crm.find` is held back/,
  ],
  // What the agent `keeper` was saved with long ago is not there any more.
  [
    'unknown_tool',
    'error',
    'steps[1].agent',
    draftStep({ prompt: undefined, agent: 'keeper', instructions: 'x' }),
    /`keeper` names the tool `find_custommer`, which this team does not have.*Did you mean `find_customer`/,
  ],
  [
    'unknown_tool',
    'error',
    'steps[1].tools[1]',
    draftStep({ prompt: undefined, agent: 'keeper', instructions: 'x', tools: ['send_email', 'find_custommer'] }),
    /`keeper` names the tool `find_custommer`/,
  ],
  [
    'unknown_workflow',
    'error',
    'steps[1].workflow.use',
    starts('Contract reviews'),
    /no workflow.*Did you mean `Contract review`/,
  ],
  ['unknown_workflow', 'error', 'steps[1].workflow.use', starts('wf_gone'), /no workflow/],
  ['unknown_workflow', 'error', 'steps[1].workflow.use', starts('A draft'), /never been published.*Publish “A draft”/],
  [
    'unknown_workflow',
    'error',
    'steps[1].map.do.workflow.use',
    draftStep({ prompt: undefined, map: { over: '{{ input.tags }}', do: { workflow: { use: 'Nobody' } } } }),
    /no workflow “Nobody”/,
  ],
  ['self_start', 'error', 'steps[1].workflow.use', starts('wf_onboarding'), /starts itself, “Customer onboarding”/],
  ['self_start', 'error', 'steps[1].workflow.use', starts('Customer onboarding'), /starts itself/],
  // Not made yet, or renamed in this very draft.
  ['self_start', 'error', 'steps[1].workflow.use', starts('Onboarding'), /starts itself, “Onboarding”/],
  ['self_start', 'error', 'steps[1].workflow.use', starts('Second'), /itself by way of “Second”/],
  ['self_start', 'error', 'steps[1].workflow.use', starts('First'), /by way of “First” and “Second”.*handoff/],
  [
    'unknown_skill',
    'error',
    'steps[1].skills[1]',
    draftStep({ skills: ['legal', 'house_styl'] }),
    /no skill `house_styl` in this team.*Did you mean `house_style`/,
  ],
  [
    'unknown_skill',
    'error',
    'steps[1].agent',
    draftStep({ prompt: undefined, agent: 'keeper', instructions: 'x', tools: ['send_email'] }),
    /`keeper` names the skill `old_tone`, which this team does not have/,
  ],
  [
    'unknown_tool',
    'error',
    'steps[1].tool',
    draftStep({ prompt: undefined, tool: 'send_mail' }),
    /no tool `send_mail`.*`send_email`/,
  ],
  [
    'templated_host',
    'error',
    'steps[1].http.url',
    call({ url: 'https://{{ input.company }}.example/x' }),
    /written out/,
  ],
  [
    'templated_host',
    'error',
    'steps[1].http.url',
    call({ url: 'https://api.crm.example{{ input.company }}' }),
    /followed by a `\/`/,
  ],
  [
    'host_not_allowed',
    'error',
    'callbacks.url',
    set('callbacks', { url: 'https://db.internal/', on: ['done'] }),
    /private name/,
  ],
  ['host_not_allowed', 'error', 'steps[1].http.url', call({ url: 'http://api.crm.example/x' }), /begin with https/],
  ['host_not_allowed', 'error', 'steps[1].http.url', call({ url: 'https://10.0.0.1/x' }), /a number, not a name/],
  [
    'bad_secret',
    'error',
    'steps[1].http.url',
    call({ url: 'https://api.crm.example/{{ secrets.crm }}' }),
    /cannot stand in `url`/,
  ],
  [
    'bad_secret',
    'error',
    'steps[1].http.headers',
    call({ headers: { a: '{{ secrets.crm | upcase }}' } }),
    /another way/,
  ],
  [
    'secret_missing',
    'error',
    'steps[1].http.headers',
    call({ headers: { a: '{{ secrets.crn }}' } }),
    /no secret `crn`.*`crm`/,
  ],
  [
    'secret_host',
    'error',
    'steps[1].http.body',
    call({ url: 'https://other.example/', body: { a: ['{{ secrets.crm }}'] } }),
    /not go to other.example/,
  ],
  [
    'bad_template',
    'error',
    'steps[1].http.url',
    call({ url: 'https://api.crm.example/{% if input %}x{% endif %}' }),
    /no tags/,
  ],
  [
    'unknown_variable',
    'error',
    'steps[1].http.url',
    call({ url: 'https://api.crm.example/{{ imput.company }}' }),
    /no variable/,
  ],
  ['unknown_variable', 'error', 'steps[1].prompt', draftStep({ prompt: '{{ secrets.crm }}' }), /no variable `secrets`/],
  [
    'unsafe_retry',
    'warning',
    'steps[1].retry',
    call({ body: { a: 1 } }, { retry: { attempts: 3 } }),
    /not be sent twice/,
  ],
  ['cache_of_write', 'error', 'steps[1].cache', call({ body: { a: 1 } }, { cache: '1d' }), /Leave `cache` out/],
  ['cache_of_write', 'error', 'steps[1].cache', call({ method: 'PUT', safe: true }, { cache: '1d' }), /that read/],
  ['bad_duration', 'error', 'steps[1].cache', draftStep({ cache: 'a day' }), /Write it like/],
  ['bad_duration', 'error', 'steps[1].cache', draftStep({ cache: '31d' }), /30 days at most/],
  [
    'unused_field',
    'warning',
    'steps[2].cache',
    draft => Object.assign(draft.steps[2]!, { cache: '1d' }),
    /`cache` means nothing/,
  ],
  [
    'model_takes_no_files',
    'warning',
    'steps[1].files',
    draftStep({ model: 'demo', files: ['{{ files }}'] }),
    /given the text in them/,
  ],
  ['unpriced_model', 'warning', 'steps[1].model', draftStep({ model: 'gpt-99' }), /no price here.*a cost limit counts/],
  ['unpriced_model', 'warning', 'steps[1].model', draftStep({ model: 'acme/unpriced' }), /on the page Prices/],
  ['unpriced_model', 'warning', 'steps[1].fallback[1]', draftStep({ fallback: ['gpt-5', 'gpt-6x'] }), /has no price/],
  [
    'unpriced_model',
    'warning',
    'defaults.model',
    set('defaults', { model: 'house-modle' }),
    /Did you mean `house-model`/,
  ],
  ['unpriced_model', 'warning', 'steps[1].model', draftStep({ model: 'acme/llama-4' }), /has no price/],
  ['unknown_provider', 'error', 'steps[1].model', draftStep({ model: 'acne/llama-3' }), /Did you mean `acme\/…`/],
  ['unknown_provider', 'error', 'steps[1].fallback[0]', draftStep({ fallback: ['globex/x'] }), /Settings, Models/],
  [
    'unknown_provider',
    'error',
    'defaults.model',
    set('defaults', { model: 'globex/x' }),
    /names the provider `globex`/,
  ],
  [
    'provider_not_bound',
    'error',
    'steps[1].model',
    draftStep({ model: '@cf/meta/llama-3.1-8b-instruct' }),
    /Take the comment off `\[ai\]` in wrangler.toml/,
  ],
  [
    'provider_not_bound',
    'error',
    'steps[1].model',
    draftStep({ model: 'workers-ai/@cf/meta/llama-3.1-8b-instruct' }),
    /Workers AI is not bound/,
  ],
  ['unknown_step', 'error', 'steps[2].human.edits', human({ edits: 'drft' }), /Did you mean `draft`/],
  ['unknown_step', 'error', 'steps[2].human.edits', human({ edits: 'approve' }), /their own step/],
  [
    'unknown_step',
    'error',
    'steps[1].prompt',
    draftStep({ prompt: '{{ steps.reserch.output }}' }),
    /Did you mean `research`/,
  ],
  [
    'unknown_step',
    'error',
    'steps[1].handoffs[0].if',
    draftStep({ handoffs: [{ if: 'steps.nope.output == 1', to: 'approve' }, { to: 'approve' }] }),
    /no step `nope`/,
  ],
  ['bad_duration', 'error', 'limits.duration', set('limits', { duration: '30 days' }), /`30 days`.*`3d`/],
  ['bad_duration', 'error', 'defaults.timeout', set('defaults', { timeout: '0s' }), /`0s`/],
  ['bad_duration', 'error', 'defaults.retry.delay', set('defaults', { retry: { delay: 'x' } }), /`x`/],
  ['bad_duration', 'error', 'steps[1].timeout', draftStep({ timeout: 'PT5M' }), /`PT5M`/],
  ['bad_duration', 'error', 'steps[1].retry.delay', draftStep({ retry: { delay: '2' } }), /`2`/],
  ['bad_duration', 'error', 'steps[2].human.due', human({ due: '2w' }), /`2w`/],
  ['bad_schema', 'error', 'input', set('input', { type: 'strin' }), /at `type`/],
  [
    'bad_schema',
    'error',
    'steps[1].output',
    draftStep({ output: { properties: { a: { pattern: '(?=x)' } } } }),
    /at `properties.a.pattern`/,
  ],
  [
    'unknown_target',
    'error',
    'steps[1].handoffs[0].to',
    draftStep({ handoffs: [{ to: 'aprove' }, { to: 'approve' }] }),
    /Did you mean `approve`/,
  ],
  [
    'unknown_target',
    'error',
    'steps[1].handoffs[0].to',
    draftStep({ handoffs: [{ to: 'ask' }, { to: 'approve' }] }),
    /no step `ask`/,
  ],
  ['unknown_target', 'error', 'limits.reached', set('limits', { reached: 'nowhere' }), /no step `nowhere`/],
  ['unknown_label', 'error', 'steps[2].human.approve', human({ approve: 'aproved' }), /Did you mean `approved`/],
  [
    'unknown_label',
    'error',
    'steps[2].human.overdue.handoff',
    human({ due: '1d', overdue: { handoff: 'escalated' } }),
    /has `approved` and `rejected`/,
  ],
  ['unknown_label', 'error', 'steps[2].human.reason[0]', human({ reason: ['nope'] }), /`nope`/],
  [
    'label_never_given',
    'warning',
    'steps[2].handoffs[0].when',
    approveHandoffs({ when: 'timeout', to: 'draft' }, { to: 'complete' }),
    /never comes out as `timeout`/,
  ],
  [
    'label_never_given',
    'warning',
    'steps[1].handoffs[0].when',
    draftStep({ handoffs: [{ when: 'ok', to: 'approve' }, { to: 'approve' }] }),
    /never comes out as `ok`/,
  ],
  [
    'label_never_given',
    'warning',
    'steps[1].handoffs[0].when',
    draftStep({ handoffs: [{ when: 'unsure', to: 'approve' }, { to: 'approve' }] }),
    /neither labels nor `confidence`/,
  ],
  [
    'condition_never_asked',
    'warning',
    'steps[1].handoffs[0].if',
    draftStep({ handoffs: [{ when: 'failed', if: 'task.visit > 1', to: 'approve' }, { to: 'approve' }] }),
    /only of a step that completed/,
  ],
  [
    'handoff_never_tried',
    'warning',
    'steps[1].handoffs[1]',
    draftStep({ handoffs: [{ to: 'approve' }, { if: 'task.visit > 1', to: 'complete' }] }),
    /earlier handoff/,
  ],
  [
    'handoff_never_tried',
    'warning',
    'steps[1].handoffs[1]',
    draftStep({ handoffs: [{ when: 'failed', to: 'approve' }, { when: 'failed', to: 'complete' }, { to: 'approve' }] }),
    /earlier handoff/,
  ],
  [
    'missing_fallback',
    'warning',
    'steps[1].handoffs',
    draftStep({ handoffs: [{ if: 'task.visit > 1', to: 'approve' }] }),
    /no handoff takes/,
  ],
  [
    'missing_fallback',
    'warning',
    'steps[1].handoffs',
    draftStep({
      handoffs: [
        { when: 'a', to: 'approve' },
        { when: 'b', if: 'task.visit > 1', to: 'approve' },
      ],
    }),
    /no handoff takes/,
  ],
  ['dead_end', 'warning', 'steps[1]', draftStep({ handoffs: undefined }), /stuck there/],
  ['dead_end', 'warning', 'steps[1]', draftStep({ handoffs: [{ when: 'failed', to: 'approve' }] }), /stuck there/],
  [
    'unreachable',
    'warning',
    'steps[3]',
    draft => {
      draft.steps.push({ key: 'lost', prompt: 'x', handoffs: [{ to: 'complete' }] })
    },
    /No handoff leads to `lost`/,
  ],
  [
    'loop_without_exit',
    'warning',
    'steps[1]',
    draft => {
      draftStep({ handoffs: [{ to: 'approve' }] })(draft)
      approveHandoffs({ to: 'draft' })(draft)
    },
    /never gets out of `draft` and `approve`/,
  ],
  [
    'overdue_approves',
    'error',
    'steps[2].human.overdue.handoff',
    human({ due: '1d', overdue: { handoff: 'approved' } }),
    /letting time pass/,
  ],
  [
    'overdue_approves',
    'error',
    'steps[2].human.overdue.handoff',
    draft => {
      human({ due: '1d', overdue: { handoff: 'yes' } })(draft)
      approveHandoffs({ when: 'yes', to: 'complete' }, { when: 'no', to: 'draft' })(draft)
    },
    /`yes` is the approving label/,
  ],
  [
    'overdue_without_due',
    'warning',
    'steps[2].human.overdue',
    human({ overdue: { assign: ['boss@acme.test'] } }),
    /Without `due`/,
  ],
  ['nobody_assigned', 'warning', 'steps[2].human', human({ assign: undefined }), /Nobody is assigned/],
  ['bad_assignee', 'error', 'steps[2].human.assign[0]', human({ assign: ['role:admn'] }), /Did you mean `admin`/],
  ['bad_assignee', 'error', 'steps[2].human.assign[0]', human({ assign: ['ana'] }), /neither an address nor a role/],
  [
    'outside_person',
    'warning',
    'steps[2].human.assign[0]',
    human({ assign: ['guest@other.test'] }),
    /by link, as a guest/,
  ],
  [
    'outside_person',
    'warning',
    'steps[2].human.overdue.assign[0]',
    human({ due: '1d', overdue: { assign: ['guest@other.test'] } }),
    /by link, as a guest/,
  ],
  ['outside_person', 'warning', 'owner', set('owner', 'guest@other.test'), /not in this team/],
  [
    'outside_person',
    'warning',
    'steps[2].human.assign[0]',
    human({ assign: ['Gone@acme.test'] }),
    /has left this team and counts as nobody.*guest:Gone@acme.test/,
  ],
  ['no_owner', 'warning', 'owner', unowned({ confidence: 0.8 }), /all owners of the team will be asked/],
  [
    'no_owner',
    'warning',
    'owner',
    unowned({
      handoffs: [
        { when: 'a', to: 'approve' },
        { when: 'b', to: 'approve' },
      ],
    }),
    /all owners of the team will be asked/,
  ],
  ['no_owner', 'warning', 'owner', set('owner', 'GONE@acme.test'), /has left the team/],
  ['bad_assignee', 'error', 'steps[2].human.assign[0]', human({ assign: ['guest:'] }), /neither an address nor a role/],
  [
    'too_few_people',
    'warning',
    'steps[2].human.needs',
    human({ assign: ['ana@acme.test', 'ANA@acme.test'], needs: 2 }),
    /2 people must approve/,
  ],
  ['never_sampled', 'error', 'steps[2].human.sample', human({ sample: 5, needs: 2 }), /Several people must approve/],
  ['never_sampled', 'error', 'steps[2].human.sample', sampled({ risk: 'high' }), /Its risk is high/],
  [
    'never_sampled',
    'error',
    'steps[2].human.sample',
    sampled({}, { key: 'act', http: { url: 'https://api.crm.example/x', method: 'POST' } }),
    /leads to “act”, which changes something outside/,
  ],
  [
    'never_sampled',
    'error',
    'steps[2].human.sample',
    sampled(
      {},
      { key: 'sum', prompt: 'Sum up.', handoffs: [{ to: 'act' }] },
      { key: 'act', workflow: { use: 'Legal' } },
    ),
    /leads to “act”/,
  ],
  [
    'never_sampled',
    'error',
    'steps[2].human.sample',
    sampled({}, { key: 'act', agent: 'keeper', instructions: 'Tell them.' }),
    /leads to “act”/,
  ],
  ['bad_value', 'error', 'steps[2].human.sample', human({ sample: 1, needs: 1 }), /2/],
  [
    'schema_keyword',
    'warning',
    'input',
    set('input', { propertys: { a: {} } }),
    /at `propertys`: `propertys` is no keyword/,
  ],
  [
    'schema_unchecked',
    'warning',
    'input',
    set('input', { $schema: 'http://json-schema.org/draft-07/schema#' }),
    /read as JSON Schema 2020-12/,
  ],
  ['bad_table', 'error', 'steps[1].rule.rows[0].size', rule({ size: '<= ten' }), /compares with a number/],
  ['bad_table', 'error', 'steps[1].rule.rows[0].size', rule({ size: '500..11' }), /ends before it begins/],
  ['bad_table', 'error', 'steps[1].rule.rows[0].size', rule({ size: '11..' }), /write both ends/],
  ['bad_table', 'error', 'steps[1].rule.rows[0].size', rule({ size: [] }), /an empty list/],
  ['bad_table', 'error', 'steps[1].rule.rows[0].town', rule({ town: 'Ulm' }), /not a column/],
  ['bad_table', 'error', 'steps[1].rule.rows[0].then', rule({ then: undefined }), /does not say what it comes to/],
  [
    'rule_gap',
    'warning',
    'steps[1].rule.rows[1].size',
    rule({ size: '<= 10' }, { size: '12..20' }),
    /between 10 and 12/,
  ],
  ['rule_gap', 'warning', 'steps[1].rule.rows[1].size', rule({ size: '<= 10' }, { size: '11..20' }), /above 20/],
  ['rule_overlap', 'warning', 'steps[1].rule.rows[1].size', rule({ size: '<= 11' }, { size: '>= 11' }), /both take 11/],
  ['rule_overlap', 'warning', 'steps[1].rule.rows[0]', rule({}, { size: 1 }, {}), /never reached/],
  [
    'bad_condition',
    'error',
    'steps[1].rule.columns.size',
    rule({}, { columns: { size: 'input.company +' } }),
    /The expression cannot be read/,
  ],
  [
    'unknown_field',
    'warning',
    'steps[1].rule.columns.size',
    rule({}, { columns: { size: 'input.sise' } }),
    /no `sise`/,
  ],
  ['bad_template', 'error', 'title', set('title', '{{ input.company'), /not closed/],
  ['bad_template', 'error', 'steps[1].prompt', draftStep({ prompt: '{% include "x" %}' }), /"include" not found/],
  [
    'bad_template',
    'error',
    'steps[2].human.instructions',
    human({ instructions: '{{ 1 | nope }}' }),
    /undefined filter/,
  ],
  [
    'bad_condition',
    'error',
    'steps[1].handoffs[0].if',
    draftStep({ handoffs: [{ if: 'task.visit >', to: 'approve' }, { to: 'approve' }] }),
    /cannot be read/,
  ],
  [
    'bad_condition',
    'error',
    'steps[1].handoffs[0].if',
    draftStep({ handoffs: [{ if: 'visit > 1', to: 'approve' }, { to: 'approve' }] }),
    /Unknown variable: visit/,
  ],
  [
    'bad_condition',
    'error',
    'steps[1].handoffs[0].if',
    draftStep({ handoffs: [{ if: '1 + 1', to: 'approve' }, { to: 'approve' }] }),
    /neither true nor false/,
  ],
  ['unknown_variable', 'error', 'title', set('title', '{{ imput.company }}'), /Did you mean `input`/],
  ['unknown_variable', 'error', 'result', set('result', '{{ imput.company }}'), /Did you mean `input`/],
  ['unknown_variable', 'error', 'steps[1].prompt', draftStep({ prompt: '{{ output.score }}' }), /no variable `output`/],
  ['unknown_variable', 'error', 'steps[1].prompt', draftStep({ prompt: '{{ item.x }}' }), /only in a map step/],
  ['unknown_field', 'warning', 'title', set('title', '{{ input.compny }}'), /Did you mean `company`/],
  ['unknown_field', 'warning', 'title', set('title', '{{ input.address.street | default: "" }}'), /no `street`/],
  [
    'unknown_field',
    'warning',
    'steps[1].prompt',
    draftStep({ prompt: '{{ steps.research.output.scor }}' }),
    /the output of `research` has no `scor`/,
  ],
  [
    'unknown_field',
    'warning',
    'steps[2].human.instructions',
    human({ instructions: '{{ steps.draft.output.subject }}' }),
    /the output of `draft` has no `subject`/,
  ],
  [
    'unknown_field',
    'warning',
    'steps[1].prompt',
    draftStep({ prompt: '{{ steps.research.result }}' }),
    /`output` and `decision`/,
  ],
  [
    'unknown_field',
    'warning',
    'steps[1].prompt',
    draftStep({ prompt: '{{ steps.approve.decision.comment }}' }),
    /`handoff`, `note` and `by`/,
  ],
  ['unknown_field', 'warning', 'steps[1].prompt', draftStep({ prompt: '{{ last.notes }}' }), /Did you mean `note`/],
  [
    'unknown_field',
    'warning',
    'steps[1].prompt',
    draftStep({ prompt: '{{ task.name }}' }),
    /`id`, `title` and `visit`/,
  ],
  [
    'unknown_field',
    'warning',
    'steps[1].handoffs[0].if',
    draftStep({ handoffs: [{ if: 'output.score > 1', to: 'approve' }, { to: 'approve' }] }),
    /has no `score`/,
  ],
]

describe('the lint finds', () => {
  test.each(cases)('%s (%s) at %s', (code, level, path, change, says) => {
    const found = lint(change).lint.filter(item => item.code === code)
    expect(found.map(item => item.level)).toContain(level)
    const item = found.find(one => expect.objectContaining({ path }).asymmetricMatch(one))
    expect(item, JSON.stringify(found)).toBeDefined()
    expect(`${item?.message} ${item?.fix}`).toMatch(says)
    expect(item?.fix).toMatch(/[.?]$/)
    expect(item?.message).toMatch(/[.]$/)
  })

  test.each([null, 'baton: 1', 3, [], undefined])('not_an_object (error) for %j', document => {
    expect(lintDefinition(document, known)).toMatchObject({
      definition: null,
      lint: [{ path: '', level: 'error', code: 'not_an_object' }],
    })
  })

  test('every kind that it has', () => {
    expect(LINT_CODES.filter(code => code !== 'not_an_object' && !cases.some(([name]) => name === code))).toEqual([])
  })
})

/** For each kind a definition that is close to one with that fault, and has none. */
const near: Record<LintCode, Change> = {
  not_an_object: () => undefined,
  // 32 deep with the definition itself; one more is too deep.
  too_deep: set('input', { default: nest(29) }),
  too_large: draft => {
    draft.steps = Array.from({ length: 6 }, (_, n) => ({
      key: `s${n}`,
      prompt: 'x'.repeat(43_000),
      handoffs: [{ to: n === 5 ? 'complete' : `s${n + 1}` }],
    }))
  },
  forbidden_key: draft => {
    draft.input = { properties: { company: {}, construct: {}, proto: {} } }
  },
  unknown_key: draftStep({ name: 'Hand-off', handoffs: [{ to: 'approve' }] }),
  form_without_fields: approveStep({ output: { type: 'object', properties: { amount: { type: 'number' } } } }),
  missing_field: set('title', undefined),
  wrong_type: human({ needs: 1 }),
  bad_key: draft => {
    draft.steps.push({ key: 'a'.repeat(40), prompt: 'x', handoffs: [{ to: 'complete' }] })
    draft.limits = { reached: 'a'.repeat(40) }
  },
  bad_value: draft => {
    draftStep({ confidence: 0 })(draft)
    draft.steps[2]!.human = { assign: ['role:member'], needs: 50 }
  },
  no_steps: draft => {
    draft.steps = [{ key: 'only', prompt: 'x', handoffs: [{ to: 'complete' }] }]
  },
  duplicate_key: draft => {
    draft.steps.push({ key: 'draft_2', name: 'draft', prompt: 'x', handoffs: [{ to: 'complete' }] })
    draft.limits = { reached: 'draft_2' }
  },
  reserved_key: draft => {
    draft.steps.push({ key: 'completed', prompt: 'x', handoffs: [{ to: 'complete' }] })
    draft.limits = { reached: 'completed' }
  },
  handler_count: draftStep({ prompt: undefined, agent: 'writer', instructions: 'x' }),
  unused_field: draft => {
    draft.steps[0]!.tools = ['search']
    draft.steps[0]!.model = 'gpt-5'
  },
  missing_instructions: draftStep({ prompt: undefined, agent: 'writer', instructions: 'Write.' }),
  unknown_agent: draftStep({ prompt: undefined, agent: 'researcher', instructions: 'x' }),
  unknown_skill: draftStep({ skills: ['house_style', 'legal'] }),
  tool_held_back: draftStep({ prompt: undefined, agent: 'clerk', instructions: 'x', tools: ['crm.note'] }),
  unknown_tool: draft => {
    draft.steps[0]!.tools = ['fetch', 'search']
  },
  // Others may go in a circle without this one.
  unknown_workflow: starts('Contract review'),
  self_start: starts('wf_legal'),
  templated_host: call({ url: 'https://api.crm.example/{{ input.company }}?a={{ input.company }}' }),
  host_not_allowed: call({ url: 'https://api.crm.example:443/x' }),
  bad_secret: call({ query: { key: '{{ secrets.crm }}' }, body: { text: 'my secrets' } }),
  secret_missing: call({ body: 'key={{- secrets.crm -}}' }),
  secret_host: call({ url: 'https://API.crm.example:443/', headers: { a: 'Bearer {{ secrets.crm }}' } }),
  cache_of_write: call({ method: 'HEAD' }, { cache: '30d' }),
  unsafe_retry: call({ body: { a: 1 }, key: 'Idempotency-Key' }, { retry: { attempts: 3 } }),
  not_a_list: each({ over: ' {{ input.company | split: "," }} ' }),
  unused_branch: draft => {
    branches(TWO, {}, { handoffs: [{ if: 'output.b == "x"', to: 'research' }, { to: 'after' }] })(draft)
    human({ instructions: 'Fine?' })(draft)
    draft.steps.push({ key: 'after', prompt: '{{ steps.draft.output.a }}', handoffs: [{ to: 'approve' }] })
  },
  model_takes_no_files: draftStep({ model: 'gpt-5-mini', files: ['{{ files }}'] }),
  unpriced_model: set('defaults', { model: 'house-model' }),
  unknown_provider: set('defaults', { model: 'acme/llama-3' }),
  provider_not_bound: set('defaults', { model: 'openai/gpt-5' }),
  unknown_step: draft => {
    human({ edits: 'research' })(draft)
    draftStep({ prompt: '{{ steps.research.output.score }}' })(draft)
  },
  bad_duration: human({ due: '14d' }),
  bad_time: waits({ until: '2028-02-29T23:59', timezone: 'Europe/Berlin' }),
  endless_wait: waits({ event: 'reply', for: '7d' }, [
    { when: 'reply', to: 'approve' },
    { when: 'timeout', to: 'complete' },
  ]),
  bad_schema: draftStep({ output: { properties: { a: { type: 'string', pattern: '^(x|y)$' } } } }),
  unknown_target: draftStep({ handoffs: [{ when: 'failed', to: 'complete' }, { to: 'approve' }] }),
  unknown_label: human({ approve: 'rejected', due: '1d', overdue: { handoff: 'approved' }, reason: ['rejected'] }),
  label_never_given: draftStep({
    handoffs: [{ when: 'timeout', to: 'approve' }, { when: 'failed', to: 'approve' }, { to: 'approve' }],
  }),
  condition_never_asked: draftStep({
    handoffs: [
      { when: 'good', if: 'task.visit > 1', to: 'complete' },
      { when: 'failed', to: 'approve' },
      { to: 'approve' },
    ],
  }),
  handoff_never_tried: draftStep({ handoffs: [{ if: 'task.visit > 1', to: 'complete' }, { to: 'approve' }] }),
  missing_fallback: draftStep({
    handoffs: [
      { when: 'a', to: 'approve' },
      { when: 'b', if: 'task.visit > 1', to: 'approve' },
      { when: 'b', to: 'complete' },
    ],
  }),
  dead_end: draftStep({ handoffs: [{ when: 'failed', to: 'approve' }, { to: 'complete' }] }),
  unreachable: draft => {
    draft.steps.push({ key: 'late', prompt: 'x', handoffs: [{ to: 'complete' }] })
    draftStep({ handoffs: [{ when: 'timeout', to: 'late' }, { to: 'approve' }] })(draft)
  },
  loop_without_exit: draft => {
    draftStep({ handoffs: [{ to: 'approve' }] })(draft)
    approveHandoffs({ when: 'approved', to: 'complete' }, { when: 'rejected', to: 'draft' })(draft)
  },
  overdue_approves: human({ due: '1d', overdue: { handoff: 'rejected' } }),
  overdue_without_due: human({ due: '1d', overdue: { assign: ['boss@acme.test'] } }),
  nobody_assigned: human({ assign: ['role:owner'] }),
  bad_assignee: human({ assign: ['role:admin', 'boss@acme.test'] }),
  outside_person: draft => {
    draft.owner = 'BOSS@acme.test'
    human({ assign: ['guest:gone@acme.test', 'guest:other@else.test'] })(draft)
  },
  // Its doubtful answers have a way of their own.
  no_owner: unowned({
    confidence: 0.8,
    handoffs: [{ when: 'unsure', to: 'approve' }, { to: 'approve' }],
  }),
  too_few_people: human({ assign: ['ana@acme.test', 'boss@acme.test'], needs: 2 }),
  never_sampled: sampled({}, { key: 'second', human: { assign: ['ana@acme.test'] } }),
  schema_keyword: draft => {
    Object.assign(draft.input as object, { 'x-note': 1, examples: [], $comment: 'x', readOnly: true })
  },
  schema_unchecked: draft => {
    Object.assign(draft.input as object, { $schema: 'https://json-schema.org/draft/2020-12/schema', nullable: true })
  },
  bad_table: rule({ size: ['<= 10', '-5..-2.5', 'x', true, null], then: null }, { size: ' 10 .. 10 ' }, { then: [] }),
  // Whole numbers: nothing lies between 10 and 11.
  rule_gap: rule({ size: '<= 10' }, { size: '11..20' }, { size: '> 20' }),
  rule_overlap: rule({ size: '< 10' }, { size: '>= 10' }, {}),
  bad_template: set('title', '{{ input.company | upcase }}{% if last.note %}!{% endif %}'),
  bad_condition: draftStep({ handoffs: [{ if: 'task.visit > 1 + 1', to: 'approve' }, { to: 'approve' }] }),
  unknown_variable: draft => {
    draftStep({ handoffs: [{ if: 'output == "x"', to: 'approve' }, { to: 'approve' }] })(draft)
    draft.title = '{% for item in input.company %}{{ item }}{% endfor %}'
  },
  unknown_field: draftStep({
    prompt: '{{ input.address.city }} {{ steps.research.output.items[0].n }} {{ last.note }} {{ task.id }}',
  }),
}

describe('close to each fault is a definition without it', () => {
  test.each(LINT_CODES.map(code => [code] as const))('%s', code => {
    const { definition, lint: found } = lint(near[code])
    expect(found).toEqual([])
    expect(definition).not.toBeNull()
  })
})

describe('the lint does not mind', () => {
  test('the tools of an agent that is not there, beyond saying so', () => {
    const found = lint(draftStep({ prompt: undefined, agent: 'writr', instructions: 'x', tools: ['a'] })).lint
    expect(found.map(item => item.code)).toEqual(['unknown_agent'])
  })

  const fine: [what: string, change: Change][] = [
    ['a dated model', draftStep({ model: 'gpt-4o-2024-08-06' })],
    ['the default model', draftStep({ model: 'default' })],
    [
      'a step that a limit leads to',
      draft => {
        draft.limits = { reached: 'rescue' }
        draft.steps.push({ key: 'rescue', prompt: 'x', handoffs: [{ to: 'complete' }] })
      },
    ],
    [
      'a person with one button',
      draft => {
        human({})(draft)
        approveHandoffs({ when: 'done', to: 'complete' })(draft)
      },
    ],
    [
      'a person without labels',
      draft => {
        human({ approve: 'done' })(draft)
        approveHandoffs({ to: 'complete' })(draft)
      },
    ],
    ['two people for two approvals', human({ assign: ['ana@acme.test', 'boss@acme.test'], needs: 2 })],
    ['a role for many approvals', human({ assign: ['role:member'], needs: 5 })],
    ['an address in capitals', human({ assign: ['Ana@Acme.test'] })],
    ['reading a field behind a default', set('title', '{{ input.company | default: "?" }}')],
    [
      'reading anything of an input without schema',
      draft => {
        draft.input = undefined
        draft.title = '{{ input.whatever.there.is }}'
      },
    ],
    ['reading parts of what a person edited', draftStep({ prompt: '{{ steps.approve.output.anything }}' })],
    [
      'a label for every choice instead of a fallback',
      draftStep({
        handoffs: [
          { when: 'a', to: 'approve' },
          { when: 'b', to: 'complete' },
        ],
      }),
    ],
    ['a loop that can be left', draftStep({ handoffs: [{ if: 'task.visit < 3', to: 'draft' }, { to: 'approve' }] })],
    [
      'unsure where labels are',
      draftStep({
        handoffs: [
          { when: 'a', to: 'approve' },
          { when: 'unsure', to: 'approve' },
        ],
      }),
    ],
    [
      'a handoff for failures behind the fallback',
      draftStep({ handoffs: [{ to: 'approve' }, { when: 'failed', to: 'approve' }] }),
    ],
    [
      'tags, a description and names',
      draft => {
        Object.assign(draft, { description: 'x', tags: ['a'] })
        draft.steps[1]!.name = 'Draft'
      },
    ],
    [
      'a field that an item has, an item whose fields nobody knows, and a rule for keys where there is one',
      draft => {
        each({ over: '{{ steps.research.output.items }}', do: { prompt: '{{ item.n }}, {{ item | json }}' } })(draft)
        Object.assign(draft, { key: '{{ input.company }}', duplicates: 'flag' })
      },
    ],
  ]
  test.each(fine)('%s', (_, change) => {
    expect(lint(change).lint).toEqual([])
  })
})

describe('the definition that comes with the findings', () => {
  test('is there beside errors of meaning', () => {
    expect(lint(draftStep({ handoffs: [{ to: 'nowhere' }] })).definition?.steps).toHaveLength(3)
  })
  test('is there without the keys that do not belong', () => {
    const { definition, lint: found } = lint(draftStep({ colour: 'red' }))
    expect(definition?.steps[1]).not.toHaveProperty('colour')
    expect(found.map(item => item.code)).toEqual(['unknown_key'])
  })
  test.each<[string, Change]>([
    ['a wrong type', set('steps', 3)],
    ['a missing name', set('name', undefined)],
    ['a forbidden key', set('input', { prototype: 1 })],
  ])('is null with %s', (_, change) => {
    expect(lint(change).definition).toBeNull()
  })
})

test('findings are sorted by place', () => {
  const { lint: found } = lint(draft => {
    draft.steps = Array.from({ length: 12 }, (_, n) => ({
      key: `s${n}`,
      prompt: '{{ nope }}',
      handoffs: [{ to: n === 11 ? 'complete' : `s${n + 1}` }],
    }))
  })
  expect(found.map(item => item.path)).toEqual(Array.from({ length: 12 }, (_, n) => `steps[${n}].prompt`))
})

test('a hundred steps are linted in no time', () => {
  const big = (draft: Draft) => {
    draft.steps = Array.from({ length: 100 }, (_, n) => ({
      key: `s${n}`,
      prompt: '{{ input.company }} '.repeat(60),
      handoffs: Array.from({ length: 20 }, (_, h) =>
        h === 19 ? { to: n === 99 ? 'complete' : `s${n + 1}` } : { if: `task.visit > ${h}`, to: `s${(n + h) % 100}` },
      ),
    }))
  }
  const { result, ms } = timed(() => lint(big))
  expect(result.lint).toEqual([])
  expect(ms).toBeLessThan(2000)
})
