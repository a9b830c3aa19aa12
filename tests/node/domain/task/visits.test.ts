/** The way through the steps: entering, routing, moving, migrating, retrying by hand, ending. */
import { describe, expect, it } from 'vitest'
import type { Command } from '../../../../src/domain/task/commands.ts'
import {
  ACME,
  ANA,
  aCall,
  approve,
  aTask,
  BEN,
  DAY,
  draft,
  HOUR,
  onboarding,
  oneHuman,
  onePrompt,
  publish,
  research,
} from '../../../support/task-builders.ts'
import { SITUATIONS } from '../../../support/task-situations.ts'

describe('a task on its way', () => {
  it('comes to what its definition names, with its type, else to its latest output', () => {
    const draft = { key: 'draft', prompt: 'Write.', handoffs: [{ to: 'send' }] }
    const send = { key: 'send', tool: 'send_email', with: {}, handoffs: [{ to: 'complete' }] }
    const ending = (result: string | undefined) => {
      const task = aTask({ baton: 1, name: 'Mails', result, steps: [draft, send] })
      task.answer({ text: 'Dear Acme …' })
      task.answer({ ok: true })
      return task.state.result
    }
    expect(ending(undefined)).toEqual({ ok: true })
    expect(ending('{{ steps.draft.output }}')).toEqual({ text: 'Dear Acme …' })
    expect(ending('{{ steps.draft.output.text }} ({{ task.title }})')).toBe('Dear Acme … (Acme)')
    // What was never reached cannot be told.
    expect(ending('{{ steps.draft.output.none }}')).toEqual({ ok: true })
  })

  it('goes from research to draft to approval to done, every transition recorded once', () => {
    const task = aTask(onboarding())
    task.answer('Acme makes anvils.')
    task.answer('Dear Acme …')
    task.decide('approved')
    expect(task.types()).toEqual([
      ...['created', 'entered', 'due', 'claimed', 'reported', 'joined', 'routed'],
      ...['entered', 'due', 'claimed', 'reported', 'joined', 'routed'],
      ...['entered', 'asked', 'decided', 'routed', 'finished'],
    ])
    expect(task.state).toMatchObject({
      status: 'done',
      result: 'Dear Acme …',
      finishedAt: task.now,
      seq: task.events.length,
      title: 'Acme',
      steps: { research: { visit: 1, output: 'Acme makes anvils.' }, approve: { decision: { handoff: 'approved' } } },
    })
  })

  it('renders a prompt from the input, earlier outputs and the note of whoever sent it back', () => {
    const task = aTask(onboarding())
    expect(task.run.prompt).toBe('Research Acme.')
    task.answer('Acme makes anvils.')
    task.answer('Dear Acme …')
    task.decide('rejected', ANA, { note: 'Warmer, please.' })
    expect(task.run.prompt).toBe('Write to Acme. Background: Acme makes anvils. The reviewer said: Warmer, please.')
    expect(task.state.last).toMatchObject({ step: 'approve', handoff: 'rejected', by: 'ana@acme.test' })
  })

  it('takes its title from the command, the template, or the first short text of the input', () => {
    expect(aTask(onboarding(), { title: '  Acme,\n again ' }).state.title).toBe('Acme, again')
    expect(aTask(onboarding({ title: '{{ input.nobody }}' })).state.title).toBe('Acme')
    expect(aTask(onboarding({ title: undefined }), { input: { n: 1 } }).state.title).toBe('Customer onboarding')
  })

  it('gives each handoff as it was tried, with what it read', () => {
    const handoffs = [
      { if: 'output.score < 20', to: 'complete' },
      { if: 'output.nothing > 1', to: 'complete' },
      { to: 'draft' },
    ]
    const task = aTask(onboarding({ steps: [research({ handoffs }), draft(), approve()] }))
    task.answer({ score: 50 })
    const routed = task.events.find(event => event.type === 'routed')
    expect(routed).toMatchObject({ outcome: 'done', to: 'draft', by: 'handoff' })
    expect(routed?.type === 'routed' && routed.trace.map(tried => tried.verdict)).toEqual([
      'no_match',
      'error',
      'matched',
    ])
  })

  it('sticks where no handoff matches, says which condition was broken, and goes on when routed by hand', () => {
    const task = aTask(onePrompt({ handoffs: [{ if: 'output.nothing > 1', to: 'complete' }] }))
    task.answer('text')
    expect(task.state.stuck?.cause).toBe('no_handoff_matched')
    expect(task.state.stuck?.message).toContain('could not be evaluated')
    task.do({ type: 'route', handoff: 'complete' }, ANA)
    expect(task.state).toMatchObject({ status: 'done', stuck: null, result: 'text' })
  })

  it('routes by label, by default, by step and to complete, and names the choices otherwise', () => {
    const reach = SITUATIONS['no handoff that matches']!.reach
    const steps = ['good', 'draft', 'complete'].map(handoff => {
      const task = reach()
      task.do({ type: 'route', handoff }, ANA)
      return [task.state.status, task.state.visit.n]
    })
    expect(steps).toEqual([
      ['done', 1],
      ['running', 2],
      ['done', 1],
    ])
    expect(reach().try({ type: 'route', handoff: 'nowhere' })).toEqual({
      kind: 'unknown_label',
      label: 'nowhere',
      labels: ['good', 'poor', 'complete', 'draft'],
    })
    const fallback = aTask(onePrompt({ retry: { attempts: 1 } }))
    fallback.fail()
    fallback.do({ type: 'route', handoff: 'default' }, ANA)
    expect(fallback.state.status).toBe('done')
  })

  it('fails, without an attempt, when a template names what is missing, and begins again on retry', () => {
    const task = aTask(onePrompt({ prompt: '{{ input.email }}' }), { input: ACME })
    expect(task.state).toMatchObject({ status: 'failed', error: { code: 'template', step: 'draft' } })
    expect(task.state.error?.message).toContain('input.email')
    task.do({ type: 'move', step: 'draft', input: { company: 'Acme', email: 'a@acme.test' } }, ANA)
    expect(task.run.prompt).toBe('a@acme.test')
  })

  it('lets a `failed` handoff take a failed template', () => {
    const task = aTask(
      onboarding({
        steps: [
          draft({ prompt: '{{ input.email }}', handoffs: [{ when: 'failed', to: 'approve' }, { to: 'complete' }] }),
          approve(),
        ],
      }),
    )
    expect(task.state).toMatchObject({ status: 'waiting', visit: { n: 2, step: 'approve' } })
  })

  it('moves to a step with an edited input, and voids what was under way', () => {
    const task = aTask(onboarding())
    task.claim()
    const old = task.ref()
    task.do({ type: 'move', step: 'approve', input: { company: 'Globex' }, visit: 1 }, ANA)
    expect(task.state).toMatchObject({ input: { company: 'Globex' }, visit: { n: 2, step: 'approve', by: 'move' } })
    expect(task.try({ type: 'note', ...old, note: { called: aCall() } })).toEqual({ kind: 'stale_attempt' })
    const outcome = { kind: 'completed' as const, output: 'late' }
    expect(task.try({ type: 'report', ...old, outcome, usage: null, chain: true })).toEqual({ kind: 'stale_attempt' })
    expect(task.state.steps).toEqual({})
  })

  it('refuses to move with an input that the workflow does not take, or to a step it lacks', () => {
    const task = aTask(onboarding())
    expect(task.try({ type: 'move', step: 'draft', input: { company: 5 } })).toMatchObject({ kind: 'invalid_input' })
    expect(task.try({ type: 'move', step: 'nowhere' })).toEqual({
      kind: 'unknown_step',
      step: 'nowhere',
      steps: ['research', 'draft', 'approve'],
    })
  })

  it('migrates to another version, keeps outputs, and voids the open visit', () => {
    const task = aTask(onboarding())
    task.answer('Acme makes anvils.')
    task.claim()
    const old = task.ref()
    const next = publish(onboarding({ limits: { duration: '7d' }, name: 'Onboarding' }), 4)
    task.now += HOUR
    task.do({ type: 'migrate', ...next, step: 'draft' }, ANA)
    expect(task.state).toMatchObject({
      version: 4,
      digest: next.digest,
      until: task.state.createdAt + 7 * DAY,
      visit: { n: 3, step: 'draft', by: 'migrate' },
      steps: { research: { output: 'Acme makes anvils.' } },
    })
    expect(task.types().filter(type => type === 'left')).toHaveLength(1)
    expect(task.try({ type: 'note', ...old, note: { called: aCall() } })).toEqual({ kind: 'stale_attempt' })
  })

  it('cancels with a note, voids the open question, and stays over', () => {
    const task = aTask(oneHuman())
    task.do({ type: 'cancel', note: '  enough ' }, ANA)
    expect(task.events.at(-1)).toEqual({ type: 'cancelled', note: 'enough' })
    expect(task.state).toMatchObject({ status: 'cancelled', finishedAt: task.now, visit: { open: false } })
    expect(task.try({ type: 'decide', handoff: 'approved', visit: 1, run: 1 }, BEN)).toMatchObject({
      kind: 'moved_on',
    })
  })

  it('notices an event from outside without moving', () => {
    const task = aTask(oneHuman())
    expect(task.do({ type: 'event', name: 'paid', data: { amount: 5 } })).toEqual(['noticed'])
    expect(task.state.status).toBe('waiting')
  })
})

describe('a retry by hand', () => {
  it('gives the same visit all its attempts again, with the same prompt', () => {
    const task = aTask(onePrompt({ retry: { attempts: 2, delay: '1s' } }))
    task.fail()
    task.now = task.run.dueAt
    task.fail()
    expect(task.state.status).toBe('failed')
    task.do({ type: 'retry', visit: 1 }, ANA)
    expect(task.state).toMatchObject({ status: 'running', error: null, visit: { n: 1 } })
    expect(task.run).toMatchObject({ attempt: 3, firstAttempt: 3, lapses: 0, dueAt: task.now })
    expect(task.fail()).toContain('due')
    task.now = task.run.dueAt
    expect(task.fail()).toContain('failed')
  })

  it('puts a question again whose decision no handoff took', () => {
    const task = SITUATIONS['a decision that no handoff takes']!.reach()
    task.do({ type: 'retry' }, ANA)
    expect(task.state).toMatchObject({ status: 'waiting', stuck: null })
    expect(task.run.phase).toMatchObject({ name: 'asked', votes: [] })
  })

  it('looks up the people behind roles again, at once', () => {
    const human = { assign: ['role:admin'], instructions: 'Check.' }
    const task = aTask(oneHuman(human, { handoffs: [{ when: 'approved', if: 'false', to: 'complete' }] }))
    task.do({ type: 'resolve', visit: 1, run: 1, people: { admin: ['ana@acme.test'] } })
    task.decide('approved')
    task.now += HOUR
    task.do({ type: 'retry' }, ANA)
    expect(task.state).toMatchObject({ status: 'running', stuck: null })
    expect(task.run).toMatchObject({ dueAt: task.now, phase: { name: 'asking', roles: ['admin'] } })
  })

  it('puts a question again that a limit failed, and none that is open', () => {
    const failed = SITUATIONS['a limit that fails it while people are asked']!.reach()
    failed.now += DAY
    expect(failed.do({ type: 'wake' })).toEqual([])
    expect(failed.try({ type: 'decide', handoff: 'approved' }, ANA)).toMatchObject({ kind: 'wrong_status' })
    failed.do({ type: 'raise', limits: { duration: '30d' } }, ANA)
    failed.do({ type: 'retry' }, ANA)
    expect(failed.state).toMatchObject({ status: 'waiting', error: null })
    const open = SITUATIONS['nobody assigned']!.reach()
    expect(open.try({ type: 'retry' })).toMatchObject({ kind: 'wrong_status', status: 'stuck' })
  })

  it('is no way out of a visit that was left', () => {
    const task = SITUATIONS['the limit of steps']!.reach()
    const refusal = task.try({ type: 'retry' })
    expect(refusal).toMatchObject({ kind: 'wrong_status' })
    expect(refusal?.kind === 'wrong_status' && refusal.allowed).not.toContain('retry')
  })
})

describe('what was meant for an earlier visit', () => {
  it('is refused as already decided, with who and when, or as moved on', () => {
    const task = aTask(onboarding())
    task.answer('research')
    task.answer('draft')
    task.decide('rejected', BEN, { visit: 3, run: 1 })
    const at = task.now
    task.now += HOUR
    expect(task.try({ type: 'decide', handoff: 'approved', visit: 3, run: 1 }, ANA)).toEqual({
      kind: 'already_decided',
      visit: 3,
      by: BEN,
      at,
      handoff: 'rejected',
    })
    expect(task.try({ type: 'decide', handoff: 'approved', visit: 2 }, ANA)).toEqual({
      kind: 'moved_on',
      visit: 4,
      step: 'draft',
    })
    for (const command of [
      { type: 'retry' },
      { type: 'cancel' },
      { type: 'move', step: 'draft' },
      { type: 'route', handoff: 'complete' },
      { type: 'assign', to: [] },
      { type: 'raise', limits: { steps: 5 } },
    ] satisfies Command[]) {
      expect(task.try({ ...command, visit: 2 }, ANA)).toMatchObject({ kind: 'moved_on', visit: 4 })
    }
  })

  it('never decides the next gate, however often it is repeated', () => {
    const gate = (key: string, to: string) => approve({}, { key, handoffs: [{ when: 'approved', to }] })
    const task = aTask(onboarding({ steps: [gate('legal', 'finance'), gate('finance', 'complete')] }))
    const click = { type: 'decide' as const, handoff: 'approved', visit: 1, run: 1 }
    task.do(click, ANA)
    for (let i = 0; i < 5; i++) expect(task.try(click, ANA)).toMatchObject({ kind: 'already_decided', visit: 1 })
    expect(task.state.visit).toMatchObject({ n: 2, step: 'finance' })
  })

  it('says who decided, also where the decision left the task stuck', () => {
    const task = SITUATIONS['a decision that no handoff takes']!.reach()
    for (const over of [{}, { visit: 1 }, { visit: 1, run: 1 }]) {
      expect(task.try({ type: 'decide', handoff: 'approved', ...over }, BEN)).toMatchObject({
        kind: 'already_decided',
        by: ANA,
      })
    }
  })

  it('does not bar what is meant for the visit that a limit stopped after its decision', () => {
    const reach = () => {
      const steps = [approve({}, { handoffs: [{ when: 'approved', to: 'approve' }] })]
      const task = aTask(onboarding({ limits: { steps: 1 }, steps }))
      task.decide('approved', ANA)
      return task
    }
    expect(reach().state.stuck?.cause).toBe('limit_steps')
    for (const command of [
      { type: 'raise', limits: { steps: 5 } },
      { type: 'move', step: 'approve' },
      { type: 'cancel' },
      { type: 'route', handoff: 'complete' },
    ] as const) {
      expect(reach().try({ ...command, visit: 1 }, ANA)).toBeNull()
    }
    expect(reach().try({ type: 'decide', handoff: 'approved', visit: 1 }, ANA)).toMatchObject({
      kind: 'already_decided',
    })
  })
})
