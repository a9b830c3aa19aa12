/** Steps that call the outside: what is sent, what is kept of it, and that a call whose answer was lost is never made twice unseen. */
import { afterEach, expect, test, vi } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import type { CallNote } from '../../../src/domain/task/commands.ts'
import type { Definition, Step } from '../../../src/domain/workflow/definition.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { perform } from '../../../src/execution/orders/perform.ts'
import { sealedTo } from '../../../src/team/secrets/secrets.ts'
import { seal } from '../../../src/team/vault.ts'
import { aTask, atLater, env, modelsAnswer, promptOf, says, TEAM, until } from '../../support/engine.ts'
import { json, outsideAnswers } from '../../support/outside.ts'

afterEach(() => {
  scriptModels(null)
  setNetwork(null)
  vi.restoreAllMocks()
})

async function aSecret(name: string, value: string, hosts: string[]): Promise<void> {
  const sealed = await seal(env, sealedTo(TEAM, name), 1, value)
  await env.DB.prepare(
    `INSERT INTO secrets (team, name, sealed, version, hosts, created_at, updated_at, updated_by) VALUES (?1, ?2, ?3, 1, ?4, 0, 0, 'ana@acme.test')
     ON CONFLICT (team, name) DO UPDATE SET sealed = excluded.sealed, hosts = excluded.hosts`,
  )
    .bind(TEAM, name, JSON.stringify(sealed), JSON.stringify(hosts))
    .run()
}

function calling(http: Step['http'], over: Partial<Step> = {}): Definition {
  const step = { key: 'call', http, handoffs: [{ to: 'complete' }], ...over } as Step
  return { baton: 1, name: 'Calls', owner: 'ana@acme.test', steps: [step] }
}

test('a call is sent with the task’s values and the team’s secret, and its answer is the output', async () => {
  await aSecret('crm', 'canary-8f2c61', ['api.crm.example'])
  const { heard } = outsideAnswers(({ headers }) => json({ name: 'Nimbus', echo: headers.authorization }))
  const task = await aTask(
    calling({
      url: 'https://api.crm.example/companies/{{ input.company }}',
      query: { full: 'yes & no' },
      headers: { Authorization: 'Bearer {{ secrets.crm }}' },
      body: { email: '{{ input.email }}', score: '{{ input.score }}' },
      key: 'Idempotency-Key',
    }),
    { company: 'a/b ?#ü', email: 'kim@nimbus.test', score: 7 },
  )
  const { outputs } = await until(task, ({ status }) => status === 'done')
  expect(outputs.call).toMatchObject({ status: 200, body: { name: 'Nimbus', echo: 'Bearer [secret: crm]' } })
  expect(heard).toHaveLength(1)
  expect(heard[0]).toMatchObject({
    method: 'POST',
    url: 'https://api.crm.example/companies/a%2Fb%20%3F%23%C3%BC?full=yes+%26+no',
    headers: { authorization: 'Bearer canary-8f2c61', 'idempotency-key': `${task.id}.1.1` },
    body: JSON.stringify({ email: 'kim@nimbus.test', score: 7 }),
  })
  expect(JSON.stringify(await task.stub.events(0, 100))).not.toContain('canary-8f2c61')
})

test('what is not for models reaches the service, and the model gets its mark', async () => {
  const { heard } = outsideAnswers(() => json({}))
  const { requests } = modelsAnswer(() => says('written'))
  const { steps, ...definition } = calling({
    url: 'https://pay.example/',
    body: { iban: '{{ input.iban }}' },
    safe: true,
  })
  const prompt = { key: 'write', prompt: 'Thank them. {{ input }} {{ task.title }}', handoffs: [{ to: 'complete' }] }
  const call = { ...steps[0]!, handoffs: [{ to: 'write' }] }
  const hides = { ...definition, title: 'Pay {{ input.iban }}', redact: ['input.iban'], steps: [call, prompt] }
  const task = await aTask(hides, { iban: 'DE89370400440532013000', name: 'Kim' })
  await until(task, ({ status }) => status === 'done')
  expect(heard[0]!.body).toContain('DE89370400440532013000')
  expect(JSON.stringify(requests)).not.toContain('DE8937')
  expect(promptOf(requests[0]!)).toBe('Thank them. {"iban":"[redacted: iban]","name":"Kim"} Pay [redacted: iban]')
})

test('a value that came from outside can name no secret and leave no path', async () => {
  await aSecret('crm', 'canary-8f2c61', ['api.crm.example'])
  const { heard } = outsideAnswers(() => json({}))
  const task = await aTask(calling({ url: 'https://api.crm.example/x', body: { text: '{{ input.text }}' } }), {
    text: '{{ secrets.crm }} <<secret:0:crm>>',
  })
  await until(task, ({ status }) => status === 'done')
  expect(JSON.parse(heard[0]!.body)).toEqual({ text: '{{ secrets.crm }} <<secret:0:crm>>' })
  const climber = await aTask(calling({ url: 'https://api.crm.example/files/{{ input.name }}/content' }), {
    name: '..',
  })
  expect(await until(climber, ({ status }) => status === 'failed')).toMatchObject({ error: { code: 'template' } })
  expect(heard).toHaveLength(1)
})

test.each<[string, Step['http'], string]>([
  [
    'to a host that the secret may not go to',
    { url: 'https://other.example/', headers: { a: '{{ secrets.crm }}' } },
    'secret_host',
  ],
  [
    'with a secret that is not there',
    { url: 'https://api.crm.example/', headers: { a: '{{ secrets.none }}' } },
    'secret_missing',
  ],
  ['to a private name', { url: 'https://metadata.internal/' }, 'host_not_allowed'],
])('a call %s is refused, and nothing is sent', async (_name, http, code) => {
  await aSecret('crm', 'canary-8f2c61', ['api.crm.example'])
  const { heard } = outsideAnswers(() => json({}))
  const task = await aTask(calling(http))
  expect(await until(task, ({ status }) => status === 'failed')).toMatchObject({ error: { code } })
  expect(heard).toEqual([])
})

test('an unsafe call whose answer is lost asks a person: it happened, with what it answered', async () => {
  const { heard } = outsideAnswers(() => {
    throw new Error('connection reset')
  })
  const output = { type: 'object', required: ['id'] }
  const task = await aTask(calling({ url: 'https://pay.example/', body: { amount: 5 } }, { output }))
  expect(await until(task, ({ status }) => status === 'stuck')).toMatchObject({ stuck: { cause: 'unknown_outcome' } })
  expect(await task.stub.asks()).toMatchObject([
    { kind: 'outcome', call: { tool: 'http', args: { body: { amount: 5 } } } },
  ])
  const wrong = await task.command({ type: 'answer', happened: true, output: { no: 'id' } })
  expect(wrong).toMatchObject({ ok: false, refusal: { kind: 'invalid_edits' } })
  expect(await task.command({ type: 'answer', happened: true, output: { id: 'p1' } })).toMatchObject({ ok: true })
  const { outputs } = await until(task, ({ status }) => status === 'done')
  expect(outputs.call).toEqual({ status: 200, headers: {}, body: { id: 'p1' } })
  expect(heard).toHaveLength(1)
})

test('it did not happen: it is made again, with the same key', async () => {
  const { heard } = outsideAnswers((_call, nth) => {
    if (nth === 1) throw new Error('connection reset')
    return json({ id: 'p2' })
  })
  const task = await aTask(
    calling({ url: 'https://pay.example/', body: { amount: 5 }, key: 'Idempotency-Key', safe: false }),
  )
  await until(task, ({ status }) => status === 'stuck')
  expect(await task.command({ type: 'answer', happened: false })).toMatchObject({ ok: true })
  await until(task, ({ status }) => status === 'done')
  expect(heard.map(({ headers }) => headers['idempotency-key'])).toEqual([`${task.id}.1.1`, `${task.id}.1.1`])
})

test('a safe call is tried again after a 503, and a status that is no success fails with what was said', async () => {
  const { heard } = outsideAnswers((_call, nth) => (nth === 1 ? json({}, 503) : json({ why: 'no such company' }, 404)))
  const task = await aTask(calling({ url: 'https://api.crm.example/x' }, { retry: { attempts: 2, delay: '1s' } }))
  const { error } = await until(task, ({ status }) => status === 'failed')
  expect(error).toMatchObject({
    code: 'http_status',
    message: 'api.crm.example answered 404: {"why":"no such company"}',
  })
  expect(heard).toHaveLength(2)
})

test('a worker that dies after the receipt makes no second call', async () => {
  const { heard } = outsideAnswers(() => json({ id: 1 }))
  const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
  for (const lane of lanes) vi.spyOn(lane, 'send').mockResolvedValue(undefined as never)
  const task = await atLater(-80_000, () => aTask(calling({ url: 'https://pay.example/', body: {} })))
  const result: Json = { status: 201, headers: {}, body: { id: 1 } }
  await atLater(-80_000, async () => {
    const claimed = await task.stub.claim(1, 1, 1)
    if (!claimed.ok) throw new Error('not claimed')
    const ref = { visit: 1, run: 1, attempt: 1, lease: claimed.work.lease }
    await task.stub.note(ref, { called: { call: '1', tool: 'http', args: null, safe: false, key: 'k' } })
    await task.stub.note(ref, { answered: { call: '1', ok: true, status: 201, result, ms: 1 } })
  })
  vi.restoreAllMocks()
  await task.alarm()
  const { outputs } = await until(task, ({ status }) => status === 'done')
  expect(outputs.call).toEqual(result)
  expect(heard).toEqual([])
})

/** Storage that answers no statement of this kind, once. */
function storageFails(sql: string): () => number {
  const prepare = env.DB.prepare.bind(env.DB)
  let failed = 0
  vi.spyOn(env.DB, 'prepare').mockImplementation(text => {
    if (!text.startsWith(sql) || failed > 0) return prepare(text)
    failed++
    throw new Error('D1_ERROR: Network connection lost.')
  })
  return () => failed
}

test.each<[string, string, Partial<Step>]>([
  [
    'the secrets of an http step',
    'SELECT name, sealed',
    { http: { method: 'POST', url: 'https://api.crm.example/x', headers: { token: '{{ secrets.crm }}' } } },
  ],
  ['an address that is a secret', 'SELECT name, sealed', { tool: 'post_slack', with: { text: 'Hello' } }],
  [
    'who is in the team',
    'select "user"."email"',
    { tool: 'send_email', with: { to: 'ana@acme.test', subject: 'Hi', text: 'Hello' } },
  ],
])(
  'storage that does not tell %s holds an unsafe call: its intent is not noted, and it goes on by itself',
  async (_name, sql, own) => {
    await aSecret('crm', 'canary-8f2c61', ['api.crm.example'])
    await aSecret('slack_webhook', 'https://hooks.slack.example/T1', ['hooks.slack.example'])
    const { heard } = outsideAnswers(() => json({ ok: true }))
    const failed = storageFails(sql)
    const task = await aTask(calling(undefined, own))
    const { held } = await until(task, ({ status }) => status === 'held')
    expect(failed()).toBe(1)
    expect(held).toMatchObject({ reason: 'storage_unavailable' })
    expect((await task.stub.events(0, 100))!.map(({ type }) => type)).not.toContain('called')
    expect(await task.command({ type: 'retry' })).toMatchObject({ ok: true })
    await until(task, ({ status }) => status === 'done')
    expect(heard).toHaveLength(own.tool === 'send_email' ? 0 : 1)
  },
)

test('a header that cannot be sent is refused before the intent of the call, not lost after it', async () => {
  const { heard } = outsideAnswers(() => json({}))
  const task = await aTask(calling({ method: 'POST', url: 'https://pay.example/', headers: { 'x y': '1' } }))
  const { error } = await until(task, ({ status }) => status !== 'running')
  expect(error).toMatchObject({ code: 'bad_arguments', message: expect.stringContaining('`x y`') })
  expect(heard).toEqual([])
})

test.each<[string, Partial<Step>, () => Response]>([
  ['a 503 of a tool', { tool: 'fetch_page', with: { url: 'https://nimbus.example/' } }, () => json({}, 503)],
  [
    'a broken connection of a safe http step',
    { http: { url: 'https://api.crm.example/x' } },
    () => {
      throw new Error('connection reset')
    },
  ],
])('%s is tried again though its worker died before it reported', async (_name, own, first) => {
  const { heard } = outsideAnswers((_call, nth) => (nth === 1 ? first() : json({ id: 1 })))
  const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
  for (const lane of lanes) vi.spyOn(lane, 'send').mockResolvedValue(undefined as never)
  const retry = { attempts: 2, delay: '1s' }
  const task = await atLater(-80_000, () => aTask(calling(undefined, { ...own, retry })))
  await atLater(-80_000, async () => {
    const claimed = await task.stub.claim(1, 1, 1)
    if (!claimed.ok) throw new Error('not claimed')
    const ref = { visit: 1, run: 1, attempt: 1, lease: claimed.work.lease }
    const note = (told: CallNote) => task.stub.note(ref, told)
    expect(await perform(claimed.work, { team: TEAM, chain: false, note }, env)).toMatchObject({ kind: 'outcome' })
  })
  vi.restoreAllMocks()
  expect(heard).toHaveLength(1)
  await task.alarm()
  await until(task, ({ status }) => status === 'done')
  expect(heard).toHaveLength(2)
})

const CALLS = {
  kind: 'calls' as const,
  text: null,
  usage: { model: 'demo', inputTokens: 10, outputTokens: 5, calls: 1, durationMs: 1 },
}

async function anAgent(key: string, tools: string[]): Promise<void> {
  const agent = { key, name: key, description: 'Helps.', tools }
  await env.DB.prepare(
    `INSERT INTO agent_versions (team, key, version, agent, created_at, created_by) VALUES (?1, ?2, 0, ?3, 0, 'x')`,
  )
    .bind(TEAM, key, JSON.stringify(agent))
    .run()
}

test('an agent calls a tool, hears its result, and is told what it did wrong', async () => {
  await anAgent('helper_a', ['send_email'])
  const { requests } = modelsAnswer((_request, nth) => {
    if (nth === 1) return { ...CALLS, calls: [{ id: 'a', tool: 'sendmail', args: {} }] }
    if (nth === 2) return { ...CALLS, calls: [{ id: 'b', tool: 'send_email', args: { to: 'kim@nimbus.test' } }] }
    if (nth === 3) {
      const args = { to: 'kim@nimbus.test', subject: 'Hello', text: 'Welcome.' }
      return { ...CALLS, calls: [{ id: 'c', tool: 'send_email', args }] }
    }
    return says('sent')
  })
  const step = { key: 'work', agent: 'helper_a', instructions: 'Greet.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Agent', steps: [step] }, { email: 'kim@nimbus.test' })
  const { result, usage } = await until(task, ({ status }) => status === 'done')
  expect(result).toBe('sent')
  expect(usage.inputTokens).toBe(40)
  const told = requests[3]!.messages.filter(message => message.role === 'tool').map(message => message.result)
  expect(told).toMatchObject([{ error: 'tool_missing' }, { error: 'bad_arguments' }, { ok: true }])
  const mail = await env.DB.prepare(`SELECT count(*) AS n FROM outbox WHERE recipient = 'kim@nimbus.test'`).first<{
    n: number
  }>()
  expect(mail?.n).toBe(1)
})

test('a mail goes nowhere that the task and the team do not know', async () => {
  await anAgent('helper_b', ['send_email'])
  modelsAnswer((_request, nth) =>
    nth === 1
      ? { ...CALLS, calls: [{ id: 'a', tool: 'send_email', args: { to: 'eve@evil.test', subject: 'x', text: 'y' } }] }
      : says('done'),
  )
  const step = { key: 'work', agent: 'helper_b', instructions: 'Greet.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Agent', steps: [step] }, { email: 'kim@nimbus.test' })
  await until(task, ({ status }) => status === 'done')
  const mail = await env.DB.prepare(`SELECT count(*) AS n FROM outbox WHERE recipient = 'eve@evil.test'`).first<{
    n: number
  }>()
  expect(mail?.n).toBe(0)
})

test('an agent asks a person, waits, and goes on with the answer', async () => {
  await anAgent('helper_c', ['ask_person'])
  const { requests } = modelsAnswer((_request, nth) =>
    nth === 1
      ? {
          ...CALLS,
          calls: [{ id: 'a', tool: 'ask_person', args: { question: 'Red or blue?', options: ['Red', 'Blue'] } }],
        }
      : says('painted'),
  )
  const step = { key: 'work', agent: 'helper_c', instructions: 'Paint.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Agent', owner: 'ana@acme.test', steps: [step] })
  await until(task, ({ status }) => status === 'waiting')
  expect(await task.stub.asks()).toMatchObject([
    { kind: 'question', labels: ['Red', 'Blue'], instructions: 'Red or blue?' },
  ])
  expect(await task.command({ type: 'decide', handoff: 'Blue' })).toMatchObject({ ok: true })
  await until(task, ({ status }) => status === 'done')
  const told = requests[1]!.messages.at(-1)
  expect(told).toMatchObject({ role: 'tool', result: { answer: 'Blue', by: 'ana@acme.test' } })
})

test('an agent that goes round in circles is stopped', async () => {
  await anAgent('helper_d', ['find_tasks', 'send_email'])
  modelsAnswer(() => ({ ...CALLS, calls: [{ id: 'a', tool: 'nothing', args: { b: 1, a: 2 } }] }))
  const step = { key: 'work', agent: 'helper_d', instructions: 'Go.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Agent', steps: [step] })
  expect(await until(task, ({ status }) => status === 'failed')).toMatchObject({ error: { code: 'looping' } })
})

test('an agent that never comes to an answer is stopped after as many turns as its step allows', async () => {
  await anAgent('helper_e', ['find_tasks'])
  const { requests } = modelsAnswer((_request, nth) => ({
    ...CALLS,
    calls: [{ id: `c${nth}`, tool: 'find_tasks', args: { query: `look ${nth}` } }],
  }))
  const step = { key: 'work', agent: 'helper_e', turns: 3, instructions: 'Go.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Agent', steps: [step] })
  expect(await until(task, ({ status }) => status === 'failed')).toMatchObject({
    error: { code: 'turn_limit', message: 'The model took 3 turns without an answer.' },
  })
  expect(requests).toHaveLength(3)
})

const MIB = 1024 * 1024
/** What a service answers that is no text: a small PDF, or what is given. */
const pdf = (body: BodyInit = '%PDF-1.7 no more', headers: Record<string, string> = {}, status = 200) =>
  new Response(body, { status, headers: { 'content-type': 'application/pdf', ...headers } })
const named = { 'content-disposition': `attachment; filename="x"; filename*=UTF-8''..%2FRechnung%20%C3%BC.pdf` }
/** What lies in storage for the team, and which rows know of it. */
async function stored() {
  const { objects } = await env.FILES!.list({ prefix: `${TEAM}/` })
  const count = (table: string) =>
    env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE team = ?1`).bind(TEAM).first<number>('n')
  const contents = objects.filter(({ key }) => !key.endsWith('.text')).length
  return { contents, objects: await count('file_objects'), files: await count('files') }
}
const GET = { url: 'https://api.crm.example/invoices/17' }

test('an answer that is no text becomes a file of the task, which later steps read and models are given', async () => {
  const { requests } = modelsAnswer(() => says('read'))
  const csv = new Uint8Array([0xff, 0xfe, 0x61, 0, 0x2c, 0, 0x62, 0])
  outsideAnswers(() => new Response(csv, { headers: { 'content-type': 'text/csv; charset=utf-16', ...named } }))
  const { steps, ...definition } = calling(GET, {
    output: { type: 'object', required: ['file'] },
    handoffs: [{ to: 'read' }],
  })
  const read = { key: 'read', prompt: 'Read {{ steps.call.output.body.file.text }}.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ ...definition, steps: [...steps, read] })
  const view = await until(task, ({ status }) => status === 'done', 20_000)
  const [file] = view.files
  expect(view.files).toMatchObject([
    { name: 'Rechnung ü.pdf', from: 'call', bytes: 8, text: 'read', by: { kind: 'system' } },
  ])
  expect(view.outputs.call).toMatchObject({ status: 200, body: { file: file!.id, name: 'Rechnung ü.pdf', bytes: 8 } })
  expect(promptOf(requests[0]!)).toBe('Read a,b.')
  const row = await env.DB.prepare('SELECT until, source FROM files WHERE id = ?1').bind(file!.id).first()
  expect(row).toEqual({ until: null, source: 'call' })
})

test('the same answer again is the same file; another is another', async () => {
  const before = await stored()
  const { heard } = outsideAnswers((_call, nth) => pdf(nth < 3 ? '%PDF-1.7 same' : '%PDF-1.7 other'))
  const task = await aTask(calling(GET, { handoffs: [{ if: 'task.visit < 3', to: 'call' }, { to: 'complete' }] }))
  const view = await until(task, ({ status }) => status === 'done')
  expect(heard).toHaveLength(3)
  expect(view.files.map(({ name }) => name)).toEqual(['17', '17'])
  const after = await stored()
  expect(after).toEqual({ contents: before.contents + 2, objects: before.objects! + 2, files: before.files! + 2 })
})

test.each([
  ['before its receipt was noted', false],
  ['after it, before the report', true],
])('a worker that dies %s leaves one file, and the next takes it over', async (_when, isNoted) => {
  const before = await stored()
  const { heard } = outsideAnswers(() => pdf(`%PDF-1.7 once ${isNoted}`))
  const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
  for (const lane of lanes) vi.spyOn(lane, 'send').mockResolvedValue(undefined as never)
  const task = await atLater(-80_000, () => aTask(calling(GET)))
  await atLater(-80_000, async () => {
    const claimed = await task.stub.claim(1, 1, 1)
    if (!claimed.ok) throw new Error('not claimed')
    const ref = { visit: 1, run: 1, attempt: 1, lease: claimed.work.lease }
    const note = async (told: CallNote) => {
      if ('answered' in told && !isNoted) throw new Error('the worker is dead')
      return task.stub.note(ref, told)
    }
    await perform(claimed.work, { team: TEAM, chain: false, note }, env).catch(() => null)
  })
  expect((await task.view()).files).toHaveLength(isNoted ? 1 : 0)
  vi.restoreAllMocks()
  await task.alarm()
  // What was sent while nobody listened is sent again, later; not while it is worked on, whose time would jump.
  const isDone = ({ status }: { status: string }) => status === 'done'
  await until(task, isDone, 3000).catch(() => atLater(15_000, () => task.alarm()))
  const { files, outputs } = await until(task, isDone)
  expect(heard).toHaveLength(isNoted ? 1 : 2)
  expect(files).toHaveLength(1)
  expect(outputs.call).toMatchObject({ body: { file: files[0]!.id } })
  expect(await stored()).toEqual({
    contents: before.contents + 1,
    objects: before.objects! + 1,
    files: before.files! + 1,
  })
})

test.each<[string, () => Response, string]>([
  ['larger than a file may be', () => pdf(new Uint8Array(26 * MIB)), 'answer_too_large'],
  ['says so beforehand', () => pdf('x', { 'content-length': `${26 * MIB}` }), 'answer_too_large'],
  ['comes with an error', () => pdf('%PDF-1.7 sorry', {}, 404), 'http_status'],
])('an answer that is %s is no file, and nothing of it is left', async (_what, answer, code) => {
  const before = await stored()
  outsideAnswers(answer)
  const task = await aTask(calling(GET))
  const view = await until(task, ({ status }) => status === 'failed')
  expect([view.error?.code, view.files]).toEqual([code, []])
  expect(await stored()).toEqual(before)
})

test('where the task has ten files, or there is no storage, that is said, and nothing is left', async () => {
  outsideAnswers((_call, nth) => pdf(`%PDF-1.7 number ${nth}`))
  const ten = await aTask(calling(GET, { handoffs: [{ if: 'task.visit < 11', to: 'call' }, { to: 'complete' }] }))
  const full = await until(ten, ({ status }) => status === 'failed', 20_000)
  expect([full.error?.code, full.files.length]).toEqual(['file_not_kept', 10])
  expect(full.error?.message).toContain('10 files already')
  const before = await stored()
  const lanes = [env.STEPS_0, env.STEPS_1, env.STEPS_2, env.STEPS_3]
  for (const lane of lanes) vi.spyOn(lane, 'send').mockResolvedValue(undefined as never)
  const task = await aTask(calling(GET))
  const claimed = await task.stub.claim(1, 1, 1)
  if (!claimed.ok) throw new Error('not claimed')
  const note = (told: CallNote) => task.stub.note({ visit: 1, run: 1, attempt: 1, lease: claimed.work.lease }, told)
  const report = await perform(claimed.work, { team: TEAM, chain: false, note }, { ...env, FILES: undefined })
  expect(report).toMatchObject({
    outcome: { failure: { code: 'file_not_kept', message: expect.stringContaining('R2 bucket as FILES') } },
  })
  expect(await stored()).toEqual(before)
})
