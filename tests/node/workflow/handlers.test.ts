/** Every kind of handler on the pages: chosen, filled in, read back, listed, taught and documented, with nothing left out. */
import { jsx } from 'hono/jsx'
import { describe, expect, test } from 'vitest'
import { boardView } from '../../../src/board/board-view.ts'
import { lessonOf } from '../../../src/domain/handler/of-step.ts'
import { humanSchema } from '../../../src/domain/handler/parts/human-shape.ts'
import { HANDLERS, type HandlerKind, handlerFor, handlerOf, KINDS } from '../../../src/domain/handler/registry.ts'
import { askRule } from '../../../src/domain/tools/tool.ts'
import { type Definition, type Step, stepSchema } from '../../../src/domain/workflow/definition.ts'
import { isDeadEnd } from '../../../src/domain/workflow/lint/handoffs.ts'
import { lintDefinition } from '../../../src/domain/workflow/lint.ts'
import { HandlerBadge } from '../../../src/http/components/badge.tsx'
import { lineFor, pagesFor } from '../../../src/workflow/editor/handlers/registry.ts'
import { AddStep } from '../../../src/workflow/editor/steps/add-step.tsx'
import { StepEditor } from '../../../src/workflow/editor/steps/step-view.tsx'
import { StepsEditor } from '../../../src/workflow/editor/steps/steps-view.tsx'
import { EACH, workAt } from '../../../src/workflow/editor/try/tried-work.ts'
import { previewOf } from '../../../src/workflow/editor/try/try.ts'
import { newStep } from '../../../src/workflow/forms/new-step.ts'
import { readStep, stepValues } from '../../../src/workflow/forms/step-form.ts'
import { Docs } from '../../../src/workflow/shelf/docs-view.tsx'

const MODEL = {
  model: 'demo',
  files: ['{{ files }}', '{{ input.cv }}'],
  skills: ['house_style', 'legal'],
  fallback: ['gpt-5-mini', 'house-model'],
  params: { temperature: 0.2, topP: 0.9, maxOutputTokens: 800, reasoningEffort: 'low' as const, seed: 7 },
  timeout: '90s',
  cache: '1d',
  retry: { attempts: 2, delay: '5s', factor: 1.5 },
  confidence: 0.8,
  output: { type: 'object', required: ['score'], properties: { score: { type: 'number' } } },
}

/** For each kind a step that says everything that it can say. A kind without one does not compile. */
const FULL: Record<HandlerKind, Step> = {
  prompt: { key: 'it', name: 'Judge', prompt: 'Judge this.\n\n{{ input }}', ...MODEL, handoffs: [{ to: 'after' }] },
  agent: {
    ...{
      key: 'it',
      name: 'Judge',
      agent: 'writer',
      instructions: 'Judge this.\n{{ input }}',
      tools: ['search', 'mail'],
      turns: 12,
    },
    ...MODEL,
    handoffs: [{ when: 'good', to: 'after' }, { to: 'complete' }],
  },
  human: {
    key: 'it',
    name: 'Judge',
    human: {
      assign: ['kim@acme.test', 'role:admin'],
      instructions: 'Is it\nfine?',
      approve: 'good',
      needs: 2,
      stages: [
        { name: 'Legal', assign: ['kim@acme.test', 'role:admin'], needs: 2 },
        { assign: ['guest:mo@else.test'] },
      ],
      edits: 'after',
      due: '2 working days',
      remind: { before: ['1d', '2h'], every: '1d' },
      overdue: { assign: ['mo@acme.test'], handoff: 'bad' },
      reason: ['bad'],
      form: ['good', 'bad'],
      undo: '60s',
      risk: 'high',
      requester: false,
      sample: 5,
    },
    output: { type: 'object', required: ['score'], properties: { score: { type: 'number' } } },
    handoffs: [
      { when: 'good', to: 'after' },
      { when: 'bad', to: 'complete' },
    ],
  },
  http: {
    key: 'it',
    name: 'Look it up',
    http: {
      method: 'PATCH',
      url: 'https://api.crm.example/companies/{{ input.domain }}',
      query: { full: 'true' },
      headers: { authorization: 'Bearer {{ secrets.crm }}' },
      body: { email: '{{ input.email }}', tags: ['new'] },
      ok: [200, 404],
      key: 'Idempotency-Key',
      safe: true,
    },
    timeout: '10s',
    retry: { attempts: 2, delay: '5s', factor: 1.5 },
    cache: '1d',
    output: { type: 'object' },
    handoffs: [{ when: 'failed', to: 'after' }, { to: 'complete' }],
  },
  tool: {
    key: 'it',
    name: 'Tell them',
    tool: 'send_email',
    with: { to: '{{ input.email }}', subject: 'Hello', text: 'Hello.\nIt is done.' },
    timeout: '10s',
    retry: { attempts: 2, delay: '5s', factor: 1.5 },
    output: { type: 'object' },
    handoffs: [{ when: 'failed', to: 'after' }, { to: 'complete' }],
  },
  parallel: {
    key: 'it',
    name: 'Review',
    parallel: {
      branches: {
        legal: {
          prompt: 'Check the terms: {{ input }}',
          model: 'demo',
          fallback: ['house-model'],
          params: { temperature: 0 },
          timeout: '90s',
          retry: { attempts: 2 },
          output: { type: 'object' },
        },
        tone: { agent: 'writer', instructions: 'Check the tone.' },
        boss: {
          human: { assign: ['kim@acme.test'], instructions: 'Fine?', labels: ['yes', 'no'], approve: 'yes', due: '2d' },
        },
        known: { http: { url: 'https://api.crm.example/companies/{{ input.domain }}' }, timeout: '10s' },
        told: { tool: 'send_email', with: { to: '{{ input.email }}', text: 'It began.' } },
        more: { workflow: { use: 'Contract review' } },
      },
      join: 2,
    },
    model: 'demo',
    fallback: ['gpt-5-mini'],
    params: { seed: 7 },
    timeout: '10s',
    retry: { attempts: 2, delay: '5s', factor: 1.5 },
    output: { type: 'object' },
    handoffs: [{ when: 'failed', to: 'after' }, { to: 'complete' }],
  },
  map: {
    key: 'it',
    name: 'Classify each',
    map: {
      over: '{{ input.lines }}',
      as: 'line',
      do: { prompt: 'Classify {{ line }}, number {{ index }}.', model: 'demo' },
      concurrency: 7,
      onError: 'keep',
      join: 3,
    },
    model: 'demo',
    fallback: ['gpt-5-mini'],
    params: { seed: 7 },
    timeout: '10s',
    retry: { attempts: 2, delay: '5s', factor: 1.5 },
    output: { type: 'array' },
    handoffs: [{ when: 'failed', to: 'after' }, { to: 'complete' }],
  },
  workflow: {
    key: 'it',
    name: 'Contract',
    workflow: { use: 'Contract review', input: { text: '{{ input.email }}', pages: 3 }, wait: false },
    timeout: '10d',
    retry: { attempts: 2, delay: '5s', factor: 1.5 },
    output: { type: 'object' },
    handoffs: [{ when: 'failed', to: 'after' }, { to: 'complete' }],
  },
  wait: { key: 'it', name: 'Cool off', wait: { for: '3d' }, handoffs: [{ when: 'done', to: 'after' }] },
  rule: {
    key: 'it',
    name: 'Segment',
    rule: {
      columns: { size: 'input.employees', country: 'input.country' },
      hit: 'all',
      rows: [
        { size: '<= 10', then: { segment: 'smb' } },
        { size: '11..500', country: ['DE', 'AT'], then: { segment: 'mid', note: 'a, "b"' } },
        { country: true, then: 'x: y' },
        { then: ['1', 2, null] },
      ],
    },
    handoffs: [{ when: 'failed', to: 'after' }, { to: 'complete' }],
  },
}

const AFTER: Step = { key: 'after', prompt: 'Go on.', handoffs: [{ to: 'complete' }] }

function definitionWith(step: Step): Definition {
  return { baton: 1, name: 'All kinds', owner: 'kim@acme.test', steps: [step, AFTER] }
}

/** The same, for tasks that bring what its texts read. */
function sampled(step: Step): Definition {
  const properties = { domain: { const: 'a/b' }, email: { const: 'kim@x.test' }, lines: { const: ['one', 'two'] } }
  const required = ['domain', 'email', 'lines']
  return { ...definitionWith(step), input: { type: 'object', required, properties } }
}

function viewOf(step: Step) {
  const view = { workflow: 'wf_1', revision: '1', definition: definitionWith(step), lint: [], agents: ['writer'] }
  const form = { values: stepValues(step), mistake: null, sent: null, rewrites: false, tasks: [] }
  const calls = { secrets: [], newSecrets: [], admin: true, curl: { line: '', problem: null }, call: null }
  return { ...view, step, ...form, preview: null, trial: null, ...calls }
}

/** A component as the page would have it. */
function rendered<P extends object>(component: (props: P) => unknown, props: P): string {
  return String(jsx(component as never, props as never))
}

/** The names of the fields that stand in this HTML. */
function fieldsIn(html: string): string[] {
  return [...html.matchAll(/<(?:input|textarea|select)[^>]* name="([^"]+)"/g)].map(match => match[1]!)
}

function ownFields(kind: HandlerKind): string[] {
  const view = viewOf(FULL[kind])
  return fieldsIn(rendered(pagesFor(kind).Fields as never, { view, error: () => undefined }))
}

test('the full steps of these tests leave nothing out and are sound', () => {
  for (const kind of KINDS) {
    const step = FULL[kind]
    const keys = [...Object.keys(HANDLERS[kind].shape), ...HANDLERS[kind].settings]
    expect(Object.keys(step), kind).toEqual(expect.arrayContaining(keys))
    expect(stepSchema.safeParse(step).error, kind).toBe(undefined)
  }
  // A step's labels are those of its handoffs; a branch has its own.
  const ofBranches = FULL.parallel.parallel!.branches.boss!.human!
  expect(Object.keys({ ...FULL.human.human!, labels: ofBranches.labels }).toSorted()).toEqual(
    Object.keys(humanSchema.shape).toSorted(),
  )
})

test.each<NonNullable<Step['wait']>>([
  { for: '3d' },
  { until: '{{ input.date }}' },
  { until: '2027-01-31T09:00', timezone: 'Europe/Berlin' },
  { timezone: '{{ input.zone }}', until: '{{ input.date }}' },
  { event: 'reply' },
  { event: ['reply'], for: '7d' },
  { if: 'event.data.from == input.email', event: ['reply', 'unsubscribe'], for: '7d' },
])('a step that waits so reads its form back to the letter: %j', wait => {
  const step: Step = { ...FULL.wait, wait }
  expect(JSON.stringify(readStep(stepValues(step), step))).toBe(JSON.stringify({ ok: true, step }))
  // Whatever it waited for before.
  for (const other of [
    { for: '1d' },
    { until: '2030-01-01', timezone: 'UTC' },
    { event: ['x', 'y'], if: 'true', for: '2d' },
  ]) {
    const read = readStep(stepValues(step), { ...step, wait: other })
    expect(read.ok && { ...read.step.wait, event: [read.step.wait?.event].flat() }).toEqual({
      ...wait,
      event: [wait.event].flat(),
    })
  }
})

test.each([
  ['wait_for', { wait_what: 'for', wait_for: 'soon' }],
  ['wait_for', { wait_what: 'for' }],
  ['wait_until', { wait_what: 'until' }],
  ['wait_timezone', { wait_what: 'until', wait_until: '2030-01-01', wait_timezone: 'Berlin' }],
  ['wait_event', { wait_what: 'event', wait_event: ' , ' }],
  ['wait_most', { wait_what: 'event', wait_event: 'reply', wait_most: '0d' }],
])('a wait that is not said right is a mistake at %s: %j', (field, values) => {
  const read = readStep({ ...stepValues(FULL.wait), wait_for: '', ...values }, FULL.wait)
  expect(read).toMatchObject({ ok: false, field })
})

describe.each(KINDS)('the kind %s', kind => {
  const step = FULL[kind]
  const pages = pagesFor(kind)

  test('reads its form back to the letter, keys in their order', () => {
    expect(JSON.stringify(readStep(stepValues(step), step))).toBe(JSON.stringify({ ok: true, step }))
  })

  test('is read whole when another kind stood there, of which nothing stays', () => {
    for (const other of KINDS) {
      const { handoffs } = step
      expect(readStep(stepValues(step), { ...FULL[other], handoffs }), `before: ${other}`).toEqual({ ok: true, step })
    }
  })

  test('keeps what its form does not show', () => {
    const strange = { ...step, note_to_self: 'x' }
    expect(readStep(stepValues(strange), strange)).toEqual({ ok: true, step: strange })
  })

  test('has a field for each of its values, shared with no other kind', () => {
    const fields = ownFields(kind)
    const values = Object.keys(pages.values(handlerFor(kind).read(step) as never))
    expect(fields.toSorted()).toEqual(values.toSorted())
    const others = KINDS.filter(other => other !== kind).flatMap(ownFields)
    expect(fields.filter(field => others.includes(field))).toEqual([])
    expect(pages.marks.filter(field => !fields.includes(field))).toEqual([])
  })

  test('says what is wrong with a field beside it', () => {
    for (const mark of pages.marks) {
      const mistake = { form: 'step' as const, field: mark, message: 'Not so.' }
      const html = rendered(StepEditor, { view: { ...viewOf(step), mistake } })
      expect(html, mark).toContain(`id="field-${mark}-error"`)
      expect(html.match(/Not so\./g), mark).toHaveLength(1)
    }
  })

  test('makes steps that run as they stand, by offers that only it takes', () => {
    const offers = pages.offers({ agents: ['writer'], from: 'before' })
    expect(offers.length).toBeGreaterThan(0)
    const form = rendered(AddStep, {
      view: { workflow: 'wf_1', revision: '1', definition: definitionWith(step), agents: ['writer'] },
      from: 'it',
    })
    for (const { value, label } of offers) {
      expect(form).toContain(`<option value="${value}">${label}</option>`)
      const made = newStep({ key: 'new', name: 'New', kind: value, from: 'it' }, 'kim@acme.test')
      expect(handlerOf(made), value).toBe(kind)
      // What leads nowhere yet is ended, as a button of the editor does.
      const ended = isDeadEnd(made) ? { ...made, handoffs: [...(made.handoffs ?? []), { to: 'complete' }] } : made
      const steps = [{ key: 'it', prompt: 'x', handoffs: [{ to: 'new' }] }, ended]
      const known = { agents: ['writer'], members: ['kim@acme.test'], models: [] }
      const { lint } = lintDefinition({ baton: 1, name: 'X', owner: 'kim@acme.test', steps }, known)
      expect(lint, value).toEqual([])
      const takers = KINDS.filter(one => pagesFor(one).begin(value, { name: 'New', from: 'it', owner: 'k@x' }) !== null)
      expect(takers, value).toEqual([kind])
    }
  })

  test('takes its own settings from the form and minds no other’s', () => {
    const { settings } = HANDLERS[kind]
    const all = readStep({ ...stepValues({ ...step, ...MODEL }), kind }, { ...step, ...MODEL })
    expect(all).toEqual({ ok: true, step: { ...step, ...Object.fromEntries(settings.map(one => [one, MODEL[one]])) } })
    const wrong = { ...stepValues(step), confidence: 'very', timeout: 'soon', output_as: 'json', output_json: '{' }
    expect(readStep(wrong, step).ok).toBe(settings.length === 0)
  })

  test('has a page that shows it, chosen and open', () => {
    const html = rendered(StepEditor, { view: viewOf(step) })
    expect(html).toContain(`<option value="${kind}" selected="">${pages.name}: ${pages.about}</option>`)
    expect(html).toMatch(new RegExp(`<details class="edit-section" open="" data-kind-section="${kind}">`))
    // Each of its values stands in a field, so that sending the page as it is changes nothing.
    const names = new Set(fieldsIn(html))
    expect(Object.keys(stepValues(step)).filter(name => !names.has(name))).toEqual([])
  })

  test('has a preview of its text or of what it sends, if it has one', () => {
    const preview = previewOf(stepValues(step), step, { definition: sampled(step), tools: [] }, null, 'token')
    const whose = pages.template?.whose ?? pages.sends?.whose
    expect(preview === null).toBe(whose === undefined)
    expect(rendered(StepEditor, { view: viewOf(step) }).includes('id="preview"')).toBe(preview !== null)
    if (pages.template !== undefined) expect(ownFields(kind)).toContain(pages.template.field)
    if (preview !== null) expect(preview).toMatchObject({ whose, rendered: { ok: true } })
  })

  test('says in words what it does: in the list, on the board, in the docs, as a badge', () => {
    const definition = definitionWith(step)
    const view = { workflow: 'wf_1', revision: '1', definition, lint: [], agents: [], problem: null, moved: null }
    expect(lineFor(step)).toMatch(/\S/)
    expect(rendered(StepsEditor, { view })).toContain(`<p class="edit-summary" hx-ignore="true">${lineFor(step)}</p>`)
    expect(lessonOf(step)).toMatch(/^[A-Z].*\.$/)
    const workflow = {
      id: 'wf_1',
      name: 'X',
      description: null,
      status: 'active',
      version: 1,
      hasDraft: false,
    } as const
    const board = boardView(
      workflow,
      definition,
      { cards: [], counts: [], recent: [] },
      { filter: {} as never, held: 0 },
    )
    expect(board.columns[0]?.teaches).toBe(`New tasks start here. ${lessonOf(step)}`)
    const { who, work, rule, late, calls } = handlerFor(kind).words
    const job = handlerFor(kind).read(step)
    const words = [who, work, ...(rule ? [rule(job)] : []), ...(late ? [late(job)] : [])]
    for (const word of words) expect(word).toMatch(/\S/)
    const docs = rendered(Docs, {
      view: {
        workflow: 'wf_1',
        definition,
        agents: new Map(),
        skills: new Map(),
        tools: new Map(),
        checks: [],
        budget: 2,
        mayChange: true,
      },
    })
    for (const text of [rule?.(job), late?.(job), calls?.(job)]) if (text) expect(docs).toContain(text)
    expect(rendered(HandlerBadge, { handler: kind })).toContain(`/icons.svg#${kind}`)
  })
})

test('a preview of a call shows what is sent on the task, secrets by their names alone', () => {
  const { http } = FULL
  const shown = (step: Step, values = stepValues(step)) => {
    const made = previewOf(values, step, { definition: sampled(step), tools: [] }, null, 'token')?.rendered
    return made === undefined || made.ok ? (made?.text ?? '') : made.message
  }
  const sent = shown(http)
  expect(sent.split('\n').slice(0, 5)).toEqual([
    'PATCH https://api.crm.example/companies/a%2Fb',
    'Query:',
    '  full = true',
    'authorization: Bearer {{ secrets.crm }}',
    'Idempotency-Key: (the key of the run)',
  ])
  expect(JSON.parse(sent.slice(sent.indexOf('\n\n')))).toEqual({ email: 'kim@x.test', tags: ['new'] })
  expect(shown(FULL.tool)).toMatch(/^send_email\n\n\{[\s\S]*"subject": "Hello"/)
  // A tool of the team's own is a call: what goes over the line is shown, not its arguments alone.
  const own = {
    key: 'crm',
    description: 'x',
    parameters: { type: 'object' },
    http: {
      url: 'https://api.crm.example/{{ args.id }}',
      headers: { 'x-api-key': '{{ secrets.crm }}' },
      body: { a: '{{ args.a }}' },
    },
  }
  const named: Step = { ...FULL.tool, tool: 'crm', with: { id: 'x/1' } }
  const seen = previewOf(
    stepValues(named),
    named,
    { definition: sampled(named), tools: [own] },
    null,
    'token',
  )?.rendered
  expect(seen).toEqual({
    ok: true,
    text: 'crm\n\n{\n  "id": "x/1"\n}\n\nIt sends:\n\nPOST https://api.crm.example/x%2F1\nx-api-key: {{ secrets.crm }}\n\n{}',
  })
  // What cannot be rendered or read says why, as the task would.
  const missing = { ...http, http: { ...http.http!, url: 'https://api.crm.example/{{ input.domain.name }}' } }
  expect(shown(missing)).toContain('`url`')
  expect(shown(http, { ...stepValues(http), http_url: '' })).toBe('Give the address that is called.')
})

test('the docs say of a tool whether a person must allow its calls', () => {
  const tools = new Map([
    ['send_email', askRule({ ask: true })],
    ['refund', askRule({ undoCost: 250 })],
    ['find_tasks', askRule({})],
    ['pay', askRule({ ask: 'args.amount > 100.0' })],
  ])
  const view = {
    workflow: 'wf_1',
    definition: definitionWith(FULL.tool),
    agents: new Map(),
    skills: new Map([['tone', 'How we write']]),
    checks: [],
    budget: 2,
    mayChange: true,
  }
  const docs = rendered(Docs, { view: { ...view, tools } })
  expect(docs).toContain('Calls the tool send_email. A person must allow each call.')
  expect(docs).toContain('A task may take at most $2.00 (the team’s budget of a task).')
  expect(docs).toContain('<a href="/skills/tone">tone</a>: How we write')
  expect(docs).toContain('as undoing one costs about $250')
  expect(docs).toContain('a person must allow a call where args.amount &gt; 100.0')
  expect(docs).toContain('<strong>find_tasks</strong>: nobody is asked before a call')
  expect(rendered(Docs, { view: { ...view, tools: new Map([['send_email', null]]) } })).toContain(
    'Calls the tool send_email. Nobody is asked before.',
  )
})

test('a kind that only a newer release knows has a badge with its name alone', () => {
  expect(rendered(HandlerBadge, { handler: 'oracle' })).toBe('<span class="badge">oracle</span>')
})

test('an offer that nobody made is a step as it is unless said', () => {
  expect(handlerOf(newStep({ key: 'n', name: 'N', kind: '', from: undefined }, 'kim@acme.test'))).toBe(handlerOf({}))
})

test('a call for each file is tried on the first of them, however long its text', () => {
  const text = 'x'.repeat(600_000)
  const files = [{ id: 'fil_1', name: 'a.pdf', sha256: 'a', text }]
  const last = { step: null, output: null, handoff: null, note: null, by: null }
  const scope = { input: {}, files, steps: {}, last, task: { id: 'tsk_1', title: '', visit: 1 } }
  const http = { url: 'https://api.example.com/', body: '{{ item.text }}' }
  const step = { key: 'send', map: { over: '{{ files }}', do: { http } }, handoffs: [] }
  expect(workAt(step, EACH, scope)).toMatchObject({ ok: true, scope: { item: files[0], index: 0 } })
})
