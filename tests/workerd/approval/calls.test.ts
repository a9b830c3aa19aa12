/** What people are asked about calls: may it be made, what is the answer, did it happen; by link, inbox, page, mail and API alike. */
import { afterEach, expect, test, vi } from 'vitest'
import { signLink } from '../../../src/approval/links.ts'
import type { Json } from '../../../src/domain/json/json.ts'
import type { OpenAsk } from '../../../src/domain/task/told/views.ts'
import { taskStub } from '../../../src/env.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { modelsAnswer, type Scripted, says } from '../../support/engine.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { aTeam, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'
import { ANA, choose, hiddenFields, send } from './world.ts'

afterEach(() => {
  scriptModels(null)
  setNetwork(null)
  vi.restoreAllMocks()
})

const REFUND = {
  key: 'refund',
  description: 'Pays money back.',
  parameters: {
    type: 'object',
    required: ['order', 'amount'],
    properties: {
      order: { type: 'string' },
      amount: { type: 'number', maximum: 100 },
      note: { type: 'string' },
      lines: { type: 'array', items: { type: 'string' } },
    },
    additionalProperties: false,
  },
  http: { url: 'https://pay.example/refunds', body: { order: '{{ args.order }}', amount: '{{ args.amount }}' } },
  ask: true,
}

interface Asked {
  team: Team
  task: string
  workflow: string
  stub: ReturnType<typeof taskStub>
  asks(): Promise<OpenAsk[]>
  link(recipient?: string): Promise<string>
  until(status: string): Promise<void>
}

/** A task of one step that asks Ana about a call. */
async function asking(step: Record<string, unknown>, { owner = ANA, input = {} as Json } = {}): Promise<Asked> {
  const team = await aTeam()
  expect((await team.call('POST', '/tools', REFUND)).status).toBe(201)
  const agent = { key: 'clerk', name: 'Clerk', description: 'Pays back.', tools: ['refund', 'ask_person'] }
  const made = await team.call('POST', '/agents', agent)
  expect(made.status).toBe(201)
  const steps = [{ key: 'pay', name: 'Pay it back', handoffs: [{ to: 'complete' }], ...step }]
  const { body, status, text } = await team.call('POST', '/workflows', { baton: 1, name: 'Refunds', owner, steps })
  if (status !== 201) throw new Error(text)
  const started = await team.call('POST', `/workflows/${body.id}/tasks`, { input, title: `Order 7 of ${team.id}` })
  const task = started.body.id as string
  const stub = taskStub(env, team.id, task)
  const until = (wanted: string) => eventually(async () => expect((await stub.view())!.status).toBe(wanted))
  const asks = async () => (await stub.asks())!
  const link = async (recipient = ANA) => {
    const [ask] = await asks()
    const { visit, run, digest } = ask!
    return `/a/${await signLink(env, { team: team.id, task, visit, run, digest, recipient }, Date.now())}`
  }
  return { team, task, workflow: body.id, stub, asks, link, until }
}

const TOOL_STEP = { tool: 'refund', with: { order: 'A-7', amount: 40 } }

const calls = (tool: string, args: Json): Awaited<ReturnType<Scripted>> => ({
  kind: 'calls',
  text: 'I look into it.',
  calls: [{ id: 'a', tool, args }],
  usage: { model: 'demo', inputTokens: 10, outputTokens: 5, calls: 1, durationMs: 1 },
})

test('a call is allowed from the link with what was changed there, and is made with exactly that', async () => {
  const { heard } = outsideAnswers(() => json({ id: 'r1' }))
  const world = await asking(TOOL_STEP)
  await world.until('waiting')
  const link = await world.link()
  const page = await fetchApi(link)
  expect(page.status).toBe(200)
  for (const said of ['May refund be called?', 'A-7', '40', 'It is set to ask before each call.', 'Allow', 'Deny']) {
    expect(page.text).toContain(said)
  }
  for (const name of ['order', 'amount', 'edits.note', 'lines']) expect(page.text).toContain(`name="${name}"`)
  expect(page.text).toContain('→ refund is called with exactly this')
  expect(heard).toEqual([])
  // What the schema refuses is told, and nothing is decided.
  const wrong = await choose(link, 'allow', { order: 'A-7', amount: '4000' })
  expect([wrong.status, wrong.text.includes('amount')]).toEqual([422, true])
  expect((await choose(link, 'allow', { amount: 'much' })).status).toBe(422)
  expect((await world.stub.view())!.status).toBe('waiting')
  expect((await choose(link, 'allow', { order: 'A-7', amount: '25.5', 'edits.note': '' })).status).toBe(303)
  await world.until('done')
  expect(heard.map(({ body }) => JSON.parse(body))).toEqual([{ order: 'A-7', amount: 25.5 }])
  expect((await fetchApi(link)).text).toMatch(/chose <strong>“Allow”/)
})

test('a denied call is not made, its step fails with the note, and what was typed besides counts for nothing', async () => {
  const { heard } = outsideAnswers(() => json({}))
  const world = await asking(TOOL_STEP)
  await world.until('waiting')
  expect((await choose(await world.link(), 'deny', { note: 'Not this one', amount: 'x' })).status).toBe(303)
  await world.until('failed')
  expect((await world.stub.view())!.error).toMatchObject({
    code: 'denied',
    message: expect.stringContaining('Not this one'),
  })
  expect(heard).toEqual([])
})

test('a form that was made for one call allows no other, though its arguments are the same', async () => {
  const { heard } = outsideAnswers(() => json({ ok: true }))
  modelsAnswer((_request, nth) => (nth < 3 ? calls('refund', { order: 'A-7', amount: 40 }) : says('Both are done.')))
  const world = await asking({ agent: 'clerk', instructions: 'Pay back.' })
  await world.until('waiting')
  const link = await world.link()
  const first = hiddenFields((await fetchApi(link)).text)
  expect((await send(link, { ...first, handoff: 'allow' })).status).toBe(303)
  await eventually(async () => expect((await world.asks())[0]?.call?.id).toBe('2.1'))
  // The same click once more: the second call is another question.
  const again = await send(link, { ...first, handoff: 'allow' })
  expect(again.status).toBe(409)
  expect(heard).toHaveLength(1)
  expect((await choose(link, 'deny', { note: 'Once is enough' })).status).toBe(303)
  await world.until('done')
  expect(heard).toHaveLength(1)
  // The task's page tells the whole of it.
  const owner = new Browser()
  await owner.signIn(world.team.owner)
  const { text } = await owner.open(`/tasks/${world.task}`)
  const told = ['Turn 1', 'Turn 2', 'I look into it.', 'It asked for refund.', '10 tokens in, 5 out', 'It asks first:']
  for (const said of told) expect(text).toContain(said)
  expect(text).toMatch(/Allowed by <strong>ana@guests\.test \(by link\)<\/strong>/)
  expect(text).toMatch(/\(by link\)<\/strong> denied it[\s\S]{0,400}<q>Once is enough<\/q>/)
  expect(text).toContain(`>${world.task}.1.1.1.1</code>`)
})

test('the API lists what is asked of calls, and decides them with the whole arguments', async () => {
  const { heard } = outsideAnswers(() => json({ id: 'r1' }))
  const world = await asking(TOOL_STEP)
  await world.until('waiting')
  const item = await eventually(async () => {
    const { body } = await world.team.call('GET', '/approvals')
    expect(body.items).toHaveLength(1)
    return body.items[0]
  })
  expect(item).toMatchObject({ kind: 'call', labels: ['allow', 'deny'], why: 'It is set to ask before each call.' })
  expect(item.call).toEqual({ tool: 'refund', args: { order: 'A-7', amount: 40 }, at: null })
  expect(Object.keys(item.links)).toEqual([ANA])
  const path = `/tasks/${world.task}/decide`
  const missing = await world.team.call('POST', path, { handoff: 'allow', edits: { amount: 3 } })
  expect([missing.status, missing.body.error.code]).toEqual([422, 'invalid_edits'])
  const done = await world.team.call('POST', path, {
    handoff: 'allow',
    edits: { order: 'B-1', amount: 3 },
    seen: item.digest,
  })
  expect(done.status).toBe(200)
  await world.until('done')
  expect(heard.map(({ body }) => JSON.parse(body))).toEqual([{ order: 'B-1', amount: 3 }])
})

test('a question without options is answered in the note, by a guest without an account; one with options by a button', async () => {
  modelsAnswer((_request, nth) => {
    if (nth === 1) return calls('ask_person', { question: 'Which IBAN?' })
    if (nth === 2) return calls('ask_person', { question: 'Red or blue?', options: ['Red', 'Blue'] })
    return says('paid')
  })
  const world = await asking({ agent: 'clerk', instructions: 'Pay back.' })
  await world.until('waiting')
  const page = await fetchApi(await world.link())
  for (const said of ['A question from Pay it back', 'Which IBAN?', 'Your answer']) expect(page.text).toContain(said)
  const item = await eventually(async () => (await world.team.call('GET', '/approvals')).body.items[0])
  expect(item).toMatchObject({ kind: 'question', question: 'Which IBAN?', labels: ['answer'] })
  expect(item.options).toBeUndefined()
  const empty = await choose(await world.link(), 'answer')
  expect([empty.status, empty.text.includes('Write your answer first.')]).toEqual([422, true])
  expect((await choose(await world.link(), 'answer', { note: 'DE12 3456' })).status).toBe(303)
  await eventually(async () => expect((await world.asks())[0]?.labels).toEqual(['Red', 'Blue']))
  const two = await fetchApi(await world.link())
  for (const label of ['Red', 'Blue']) expect(two.text).toContain(`value="${label}"`)
  // What led to it is there: the agent's turns, and what was answered before.
  expect(two.text).toContain('I look into it.')
  expect(two.text).toContain('DE12 3456')
  expect((await choose(await world.link(), 'Blue')).status).toBe(303)
  await world.until('done')
  const answers = (await world.stub.events(0, 200))!.filter(event => event.type === 'answered')
  expect(answers.map(({ data }) => data.result)).toMatchObject([{ answer: 'DE12 3456', by: ANA }, { answer: 'Blue' }])
})

const LOST_STEP = {
  http: {
    url: 'https://pay.example/refunds',
    headers: { authorization: 'Bearer plain-text-key' },
    body: { order: 'A-7' },
  },
  output: { type: 'object', required: ['id'], properties: { id: { type: 'string' } } },
}

async function lost(step: Record<string, unknown> = LOST_STEP) {
  const { heard } = outsideAnswers((_call, nth) => {
    if (nth === 1) throw new Error('connection reset')
    return json({ id: 'r2' })
  })
  const world = await asking(step)
  await world.until('stuck')
  return { ...world, heard }
}

test('“Did it happen?” says what was called, with what and when, and takes an answer that fits, by link', async () => {
  const world = await lost()
  const link = await world.link()
  const { text } = await fetchApi(link)
  for (const said of [
    'Did it happen?',
    'POST https://pay.example/refunds',
    'A-7',
    'It happened',
    'It did not',
    'Stop here',
  ])
    expect(text).toContain(said)
  expect(text).toContain('→ the call is made again')
  expect(text).toContain('It should hold id.')
  expect(text).not.toContain('plain-text-key')
  const wrong = await choose(link, 'happened', { output: '{"no": 1}' })
  expect([wrong.status, wrong.text.includes('{&quot;no&quot;: 1}')]).toEqual([422, true])
  expect((await choose(link, 'happened', { output: '{"id": ' })).status).toBe(422)
  expect((await choose(link, 'happened', { output: '{"id": "r9"}' })).status).toBe(303)
  await world.until('done')
  expect((await world.stub.view())!.outputs.pay).toEqual({ status: 200, headers: {}, body: { id: 'r9' } })
  expect(world.heard).toHaveLength(1)
  expect((await fetchApi(link)).text).toMatch(/chose <strong>“It happened”/)
})

test('one mail tells of a lost answer, not a second of the trouble', async () => {
  const world = await lost()
  const mails = async () => {
    const found = env.DB.prepare('SELECT subject, text FROM outbox WHERE recipient = ?1 AND instr(subject, ?2) > 0')
    return (await found.bind(ANA, world.team.id).all<{ subject: string; text: string }>()).results
  }
  await eventually(async () => expect(await mails()).toHaveLength(1))
  const [mail] = await mails()
  expect(mail!.subject).toMatch(/^Did it happen\?: Pay it back/)
  expect(mail!.text).toContain('A call of the service began, and its answer was lost.')
})

test('in the inbox, on the task and on the card it is answered by whoever is asked; nobody else sees buttons for it', async () => {
  const world = await lost()
  const owner = new Browser()
  await owner.signIn(world.team.owner)
  const path = `/tasks/${world.task}`
  expect((await owner.open(path)).text).not.toContain('value="not_happened"')
  const refused = await owner.send(`${path}/answer`, { visit: '1', run: '1', handoff: 'not_happened' })
  expect([refused.status, refused.text.includes('Only its assignees may decide this.')]).toEqual([409, true])
  await world.team.call('POST', `${path}/assign`, { to: [world.team.owner] })
  await eventually(async () => {
    const inbox = (await owner.open('/approvals')).text
    expect(inbox).toContain('did the call of the service happen?')
    expect(inbox).toContain('It happened or It did not or Stop here')
  })
  const board = (await owner.open(`/workflows/${world.workflow}`)).text
  expect(board).toContain('Did it happen?')
  const page = (await owner.open(path)).text
  for (const label of ['happened', 'not_happened', 'stop']) expect(page).toContain(`name="handoff" value="${label}"`)
  const bad = await owner.send(`${path}/answer`, { visit: '1', run: '1', handoff: 'happened', output: '{"no": 1}' })
  expect([bad.status, bad.text.includes('{&quot;no&quot;: 1}')]).toEqual([422, true])
  expect((await owner.send(`${path}/answer`, { visit: '1', run: '1', handoff: 'not_happened' })).status).toBe(303)
  await world.until('done')
  expect(world.heard).toHaveLength(2)
  expect((await owner.send(`${path}/answer`, { visit: '1', run: '1', handoff: 'happened' })).status).toBe(409)
})

test('“Stop here” cancels the task', async () => {
  const world = await lost()
  expect((await choose(await world.link(), 'stop')).status).toBe(303)
  await world.until('cancelled')
  expect(world.heard).toHaveLength(1)
})
