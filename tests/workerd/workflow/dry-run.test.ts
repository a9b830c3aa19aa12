/** A draft run once for no task: it goes where a task would, and nothing of it reaches anybody. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { TEMPLATES } from '../../../src/workflow/templates/templates.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { aTeam, aWorkflow, env, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let ana: Browser
let heard: { url: string }[]

beforeAll(async () => {
  team = await aTeam()
  ana = new Browser()
  await ana.signIn(team.owner)
})

beforeEach(() => {
  heard = outsideAnswers(() => json({ trap: 'sprung' })).heard
})
afterAll(() => setNetwork(null))

/** What would be there had anything left the run. */
async function traces(): Promise<Record<string, number>> {
  const counted: Record<string, number> = {}
  for (const table of ['tasks', 'messages', 'callbacks', 'notices', 'recorded_answers', 'audit'])
    counted[table] = (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<{ n: number }>())!.n
  return counted
}

const run = (at: string, body: object) => team.call('POST', `${at}/dry-run`, body)
const keysOf = (steps: { key: string }[]) => steps.map(({ key }) => key)

describe.each(TEMPLATES.map(template => [template.slug, template] as const))('the template %s', (slug, template) => {
  it('runs to its end on its sample, with people approving, and leaves nothing behind', async () => {
    const at = (await ana.send(`/templates/${slug}`, {})).location!
    const before = await traces()
    const { status, body } = await run(at, { input: template.sample })
    expect(status).toBe(200)
    expect({ status: body.status, why: body.why, broken: body.broken }).toMatchObject({ status: 'done', broken: null })
    expect(body.steps.length).toBeGreaterThan(0)
    expect(await traces()).toEqual(before)
    expect(heard).toEqual([])
  })
})

const STEPS = [
  {
    key: 'order',
    http: { method: 'POST', url: 'https://shop.example.com/orders', body: { sku: '{{ input.sku }}' } },
    handoffs: [{ if: 'output.body.accepted == true', to: 'pause' }, { to: 'complete' }],
  },
  { key: 'pause', wait: { for: '30d' }, handoffs: [{ to: 'write' }] },
  { key: 'write', prompt: 'Write to {{ input.sku }}. {{ last.note }}', handoffs: [{ to: 'approve' }] },
  {
    key: 'approve',
    human: { assign: ['role:admin'], needs: 3, reason: ['rejected'], due: '2d' },
    handoffs: [
      { when: 'approved', to: 'word' },
      { when: 'rejected', to: 'write' },
    ],
  },
  { key: 'word', wait: { event: 'paid', for: '7d' }, handoffs: [{ when: 'paid', to: 'both' }, { to: 'complete' }] },
  {
    key: 'both',
    parallel: {
      branches: {
        tell: { http: { method: 'PUT', url: 'https://crm.example.com/{{ input.sku }}' } },
        sum: { prompt: 'Sum up.' },
      },
    },
    handoffs: [{ to: 'complete' }],
  },
]

const definition = (over: object = {}) => ({
  baton: 1,
  name: 'Orders',
  owner: team.owner,
  input: { type: 'object' },
  steps: STEPS,
  ...over,
})

describe('a draft with calls, waits and people', () => {
  it('goes the way that was said, over every wait, and tells what it would have done', async () => {
    const id = await aWorkflow(team, definition())
    const before = await traces()
    const { body } = await run(`/workflows/${id}`, {
      input: { sku: 'A-1' },
      answers: { order: { accepted: true }, word: { amount: 12 } },
      decisions: { approve: ['rejected', 'approved'] },
    })
    expect(body).toMatchObject({ status: 'done', broken: null })
    expect(keysOf(body.steps)).toEqual(['order', 'pause', 'write', 'approve', 'write', 'approve', 'word', 'both'])
    expect(body.steps[0].output).toMatchObject({ status: 200, body: { accepted: true } })
    const calls = body.effects.filter((effect: { tool: string | null }) => effect.tool !== null)
    expect(calls.map(({ step, tool, args }: never) => [step, tool, (args as { url: string }).url])).toEqual([
      ['order', 'http', 'https://shop.example.com/orders'],
      ['both', 'http', 'https://crm.example.com/A-1'],
    ])
    const asked = body.effects.filter((effect: { tool: string | null }) => effect.tool === null)
    expect(asked.map((effect: { chose: string }) => effect.chose)).toEqual([
      'rejected',
      'approved',
      'approved',
      'approved',
    ])
    expect(await traces()).toEqual(before)
    expect(heard).toEqual([])
  })

  it('stands where a task would, and says so', async () => {
    const steps = [{ key: 'choose', prompt: 'Choose.', handoffs: [{ if: 'output == "never"', to: 'complete' }] }]
    const id = await aWorkflow(team, definition({ steps }))
    const { body } = await run(`/workflows/${id}`, { input: {} })
    expect(body).toMatchObject({ status: 'stuck', broken: null })
    expect(body.why).toContain('choose')
  })

  it('is broken off where it runs in circles, or where nobody can answer as was said', async () => {
    const circle = [{ key: 'again', prompt: 'Go on.', handoffs: [{ to: 'again' }] }]
    const round = await aWorkflow(team, definition({ steps: circle, limits: { steps: 1000 } }))
    expect((await run(`/workflows/${round}`, { input: {} })).body.broken).toContain('circles')
    const id = await aWorkflow(team, definition())
    const body = { input: { sku: 'x' }, answers: { order: { accepted: true } }, decisions: { approve: 'perhaps' } }
    expect((await run(`/workflows/${id}`, body)).body.broken).toBe(
      'The question at “approve” does not take the answer “perhaps” (unknown_label). It has “approved”, “rejected”.',
    )
  })

  it('checks the input, runs the draft and not what is live, and needs the right to write', async () => {
    const input = { type: 'object', required: ['sku'], properties: { sku: { type: 'string' } } }
    const id = await aWorkflow(team, definition({ input }))
    const refused = await run(`/workflows/${id}`, { input: {} })
    expect(refused.status).toBe(422)
    expect(refused.body.error).toMatchObject({ code: 'invalid_input' })
    const steps = [{ key: 'fresh', prompt: 'Hello.', handoffs: [{ to: 'complete' }] }]
    await team.call('PUT', `/workflows/${id}?draft=1`, definition({ steps }))
    expect(keysOf((await run(`/workflows/${id}`, { input: { sku: 'x' } })).body.steps)).toEqual(['fresh'])
    await team.call('PUT', `/workflows/${id}?draft=1`, definition({ steps: [{ key: 'broken', handoffs: [] }] }))
    expect((await run(`/workflows/${id}`, { input: { sku: 'x' } })).status).toBe(422)
    const other = await aTeam()
    expect((await other.call('POST', `/workflows/${id}/dry-run`, { input: {} })).status).toBe(404)
  })
})

describe('the page', () => {
  it('offers an input that fits and each person’s choice, and shows what came of it', async () => {
    const id = await aWorkflow(team, definition())
    const page = `/workflows/${id}/dry-run`
    const { text } = await ana.open(page)
    expect(text).toContain('name="decide-approve"')
    const ran = await ana.send(page, { input: '{"sku":"<b>"}', 'decide-approve': '' })
    expect(ran.status).toBe(200)
    expect(ran.text).toContain('What it would have done')
    expect(ran.text).toContain('called http')
    expect(ran.text).not.toContain('<b>"')
    expect((await ana.send(page, { input: '{' })).status).toBe(422)
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await viewer.send(page, { input: '{}' })).status).toBe(403)
    expect(heard).toEqual([])
  })
})
