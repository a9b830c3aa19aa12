/** What people fill in: it is checked, is part of what they approve, and becomes the step's output. */
import { describe, expect, it } from 'vitest'
import type { Human } from '../../../../src/domain/handler/parts/human-shape.ts'
import type { Json, JsonSchema } from '../../../../src/domain/json/json.ts'
import type { Step } from '../../../../src/domain/workflow/definition.ts'
import { ANA, approve, aTask, BEN, draft, type Journey, onboarding } from '../../../support/task-builders.ts'

const OFFER: JsonSchema = {
  type: 'object',
  required: ['amount', 'currency'],
  properties: {
    amount: { type: 'number', minimum: 1 },
    currency: { type: 'string', enum: ['EUR', 'USD'] },
    remark: { type: 'string' },
  },
}

/** A drafted offer whose approval asks for an amount; what follows reads it. */
function offered(human: Partial<Human> = {}, drafted: Json = 'Dear Acme', over: Partial<Step> = {}): Journey {
  const handoffs = [
    { when: 'approved', if: 'output.amount > 100', to: 'send' },
    { when: 'approved', to: 'complete' },
    { when: 'rejected', to: 'draft' },
  ]
  const send: Step = {
    key: 'send',
    prompt: 'Offer {{ steps.approve.output.amount }} {{ steps.approve.output.currency }}.',
    handoffs: [{ to: 'complete' }],
  }
  const schema = typeof drafted === 'string' ? undefined : { type: 'object' }
  const task = aTask(
    onboarding({ steps: [draft({ output: schema }), approve(human, { output: OFFER, handoffs, ...over }), send] }),
  )
  task.answer(drafted)
  return task
}

function askOf(task: Journey) {
  const { phase } = task.run
  if (phase.name !== 'asked') throw new Error(`nothing is asked, the run is ${phase.name}`)
  return phase
}

describe('a form', () => {
  it('becomes the output: conditions and later steps read it', () => {
    const task = offered()
    const fields = { amount: 250, currency: 'EUR' }
    expect(task.decide('approved', ANA, { fields })).toEqual(['filled', 'decided', 'routed', 'entered', 'due'])
    expect(task.state.steps.approve).toMatchObject({ output: fields, decision: { handoff: 'approved' } })
    expect(task.run.prompt).toBe('Offer 250 EUR.')
    expect(task.reread()).toEqual(task.state)
    const small = offered()
    small.decide('approved', ANA, { fields: { amount: 5, currency: 'USD' } })
    expect(small.state).toMatchObject({ status: 'done', result: { amount: 5, currency: 'USD' } })
  })

  it('is checked by its schema, and nothing is decided that does not fit', () => {
    const task = offered()
    const before = task.state
    const wrong: (Json | undefined)[] = [
      undefined,
      {},
      { amount: 0, currency: 'EUR' },
      { amount: 5, currency: 'GBP' },
      'five',
    ]
    for (const fields of wrong) {
      const refusal = task.try({ type: 'decide', handoff: 'approved', fields }, ANA)
      expect(refusal).toMatchObject({ kind: 'invalid_fields' })
    }
    expect(task.try({ type: 'decide', handoff: 'approved', fields: { amount: 0, currency: 'GBP' } }, ANA)).toEqual({
      kind: 'invalid_fields',
      problems: [
        { path: 'amount', message: expect.stringContaining('amount') },
        { path: 'currency', message: expect.stringContaining('currency') },
      ],
    })
    expect(task.state).toBe(before)
  })

  it('refuses more than an output may hold', () => {
    const fields = { amount: 5, currency: 'EUR', remark: 'x'.repeat(256 * 1024) }
    const refusal = offered().try({ type: 'decide', handoff: 'approved', fields }, ANA)
    expect(refusal).toMatchObject({
      kind: 'invalid_fields',
      problems: [{ message: expect.stringContaining('256 KiB') }],
    })
  })

  it('is asked for by the approving label alone, unless the step names others', () => {
    const task = offered()
    const fields = { amount: 250, currency: 'EUR' }
    expect(task.try({ type: 'decide', handoff: 'rejected', fields }, ANA)).toEqual({
      kind: 'fields_not_allowed',
      labels: ['approved'],
    })
    task.decide('rejected')
    expect(task.state.steps.approve).toMatchObject({ output: null, decision: { handoff: 'rejected' } })
    const both = offered({ form: ['approved', 'rejected'] })
    expect(both.try({ type: 'decide', handoff: 'rejected' }, ANA)).toMatchObject({ kind: 'invalid_fields' })
    both.decide('rejected', ANA, { fields })
    expect(both.state.steps.approve).toMatchObject({ output: fields })
  })

  it('takes no fields where there is none', () => {
    const task = offered({}, 'Dear Acme', { output: undefined })
    expect(task.try({ type: 'decide', handoff: 'approved', fields: {} }, ANA)).toEqual({
      kind: 'fields_not_allowed',
      labels: [],
    })
  })

  it('begins with what the fields of the same names hold, which may be approved as it stands', () => {
    const task = offered({}, { amount: 40, currency: 'EUR', text: 'Dear Acme' })
    expect(askOf(task).ask.form?.values).toEqual({ amount: 40, currency: 'EUR' })
    expect(task.decide('approved')).toEqual(['decided', 'routed', 'finished'])
    expect(task.state.result).toEqual({ amount: 40, currency: 'EUR' })
  })

  it('is part of what is approved: other values clear the approvals before, the same ones do not', () => {
    const task = offered({ needs: 2, edits: 'draft' }, { amount: 40, currency: 'EUR' })
    const { digest } = askOf(task).ask
    task.decide('approved', ANA)
    const fields = { currency: 'EUR', amount: 90 }
    expect(task.decide('approved', BEN, { fields, seen: digest })).toEqual(['filled', 'decided'])
    expect(askOf(task)).toMatchObject({ changed: { by: BEN, cleared: ['ana@acme.test'] } })
    expect(task.try({ type: 'decide', handoff: 'approved', seen: digest }, ANA)).toMatchObject({
      kind: 'content_changed',
    })
    // In another order they are the same.
    expect(task.decide('approved', ANA, { fields: { amount: 90, currency: 'EUR' } })).not.toContain('filled')
    expect(task.state).toMatchObject({ status: 'done', result: { amount: 90, currency: 'EUR' } })
  })

  it('stands through an edit of what is shown', () => {
    const task = offered({ needs: 2, edits: 'draft' }, { amount: 40, currency: 'EUR' })
    task.decide('approved', ANA, { edits: { text: 'Hello' }, fields: { amount: 7, currency: 'USD' } })
    expect(askOf(task).ask).toMatchObject({ form: { values: { amount: 7 } }, artefact: { output: { text: 'Hello' } } })
    task.decide('approved', BEN)
    expect(task.state.steps).toMatchObject({ draft: { output: { text: 'Hello' } }, approve: { output: { amount: 7 } } })
  })

  it('of a branch goes into its output beside the decision', () => {
    const branches = {
      boss: { human: { assign: ['ana@acme.test'], labels: ['approved', 'no'] }, output: OFFER },
      tone: { prompt: 'Check it.' },
    }
    const task = aTask(onboarding({ steps: [{ key: 'both', parallel: { branches }, handoffs: [{ to: 'complete' }] }] }))
    const fields = { amount: 3, currency: 'EUR' }
    task.decide('approved', ANA, { fields })
    expect(task.run.output).toEqual({ decision: 'approved', note: null, by: 'ana@acme.test', fields })
  })
})
