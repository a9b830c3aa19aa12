/** The tools that every team has: what they answer, what they refuse, and what a repeated call does not do twice. */
import { afterEach, expect, test, vi } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import type { Step } from '../../../src/domain/workflow/definition.ts'
import { setNetwork } from '../../../src/execution/egress/call-out.ts'
import { scriptModels } from '../../../src/execution/orders/model.ts'
import { BUILT_IN } from '../../../src/execution/tools/built-in/index.ts'
import { toolNamed } from '../../../src/execution/tools/known.ts'
import type { Result, Tool, Use } from '../../../src/execution/tools/tool.ts'
import { putSecret } from '../../../src/records/people/secrets.ts'
import { sealedTo } from '../../../src/team/secrets/secrets.ts'
import { seal } from '../../../src/team/vault.ts'
import { aTask, env, modelsAnswer, says, TEAM, until } from '../../support/engine.ts'
import { json, outsideAnswers } from '../../support/outside.ts'
import { aTask as aTaskOf, aTeam, aWorkflow, eventually, type Team } from '../api/client.ts'

afterEach(() => {
  scriptModels(null)
  setNetwork(null)
  vi.restoreAllMocks()
})

async function called(tool: string, args: { [name: string]: Json }, input?: Json) {
  const step: Step = { key: 'call', tool, with: args, handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Tools', owner: 'ana@acme.test', steps: [step] }, input)
  const { status, outputs, error } = await until(task, view => ['done', 'failed'].includes(view.status))
  return { task, status, output: outputs.call, error }
}

function useOf(over: Partial<Use> = {}): Use {
  const facts = { input: {}, task: { id: 'tsk_x', title: 'X', visit: 1 }, depth: 0, people: [] }
  return { env, team: TEAM, facts, agent: null, key: 'tsk_x.1.1.1', written: '', timeoutMs: 1000, ...over }
}

async function callNow(tool: Tool, args: Json, use: Use): Promise<Result> {
  const ready = await tool.ready(args, use)
  return typeof ready === 'function' ? ready() : ready
}

const page = (body: string, type = 'text/html; charset=utf-8') =>
  new Response(body, { headers: { 'content-type': type } })

test('every tool that the lint knows is there to be called, but for a search without its key', async () => {
  const there = await Promise.all(BUILT_IN.map(tool => toolNamed(env, TEAM, tool.spec.name, 0)))
  expect(there.filter(tool => tool === null)).toHaveLength(1)
  expect(await toolNamed(env, TEAM, 'search_web', 0)).toBeNull()
  expect((await toolNamed({ ...env, BATON_SEARCH_KEY: 'k' }, TEAM, 'search_web', 0))?.spec.name).toBe('search_web')
})

test('a page is read as a person reads it: its title and its text, scripts and markup left out', async () => {
  const { heard } = outsideAnswers(() =>
    page(
      '<html><head><title>Nimbus &amp; Co</title><style>p{}</style></head><body><h1>Shifts</h1><script>steal()</script><p>We plan <b>shifts</b>.</p></body></html>',
    ),
  )
  const { output } = await called(
    'fetch_page',
    { url: '{{ input.url }}' },
    { url: 'https://nimbus.example/about#team' },
  )
  expect(output).toEqual({
    url: 'https://nimbus.example/about',
    title: 'Nimbus & Co',
    text: 'Shifts\n\nWe plan shifts.',
  })
  expect(heard).toMatchObject([{ method: 'GET', url: 'https://nimbus.example/about' }])
})

test('of a long page the beginning is told, though its markup is larger than other answers may be', async () => {
  outsideAnswers(() => page(`<title>Long</title>${'<p class="x">Zwölf Boxkämpfer jagen Viktor.</p>'.repeat(12_000)}`))
  const { output } = await called('fetch_page', { url: 'https://nimbus.example/' })
  const { text } = output as { text: string }
  expect(text.startsWith('Zwölf Boxkämpfer')).toBe(true)
  expect(new TextEncoder().encode(JSON.stringify(output)).length).toBeLessThanOrEqual(64 * 1024)
})

test.each([
  ['a private address', 'https://169.254.169.254/latest/meta-data', 'host_not_allowed'],
  ['no address at all', 'the page', 'bad_arguments'],
  ['another scheme', 'ftp://nimbus.example/', 'host_not_allowed'],
])('%s is not read', async (_name, url, code) => {
  const { heard } = outsideAnswers(() => page('secret'))
  const { status, error } = await called('fetch_page', { url: '{{ input.url }}' }, { url })
  expect({ status, code: error?.code }).toEqual({ status: 'failed', code })
  expect(heard).toEqual([])
})

test('what is no page is said to be none, and a page that is not there fails with its status', async () => {
  outsideAnswers(({ url }) => (url.endsWith('.pdf') ? page('%PDF-1.7', 'application/pdf') : page('<p>Gone</p>')))
  expect((await called('fetch_page', { url: 'https://nimbus.example/a.pdf' })).error?.code).toBe('unreadable_body')
  outsideAnswers(() => json({ why: 'gone' }, 404))
  expect((await called('fetch_page', { url: 'https://nimbus.example/a' })).error?.code).toBe('http_status')
})

test('the web is searched with the key, which no answer and no error gives away', async () => {
  const key = 'canary-brave-51c2'
  const { heard } = outsideAnswers((_call, nth) =>
    nth === 1
      ? json({
          web: {
            results: [
              { title: '<strong>Nimbus</strong>', url: 'https://nimbus.example', description: `Clouds ${key}` },
              { title: 'No address' },
            ],
          },
        })
      : json({ error: `bad token ${key}` }, 422),
  )
  const search = (await toolNamed({ ...env, BATON_SEARCH_KEY: key }, TEAM, 'search_web', 0))!
  const use = useOf({ env: { ...env, BATON_SEARCH_KEY: key } })
  const found = await callNow(search, { query: 'nimbus & co' }, use)
  expect(found).toMatchObject({
    kind: 'done',
    result: [{ title: 'Nimbus', url: 'https://nimbus.example', description: 'Clouds [secret: BATON_SEARCH_KEY]' }],
  })
  expect(heard[0]).toMatchObject({
    url: 'https://api.search.brave.com/res/v1/web/search?q=nimbus+%26+co&count=10',
    headers: { 'x-subscription-token': key },
  })
  const refused = await callNow(search, { query: 'x' }, use)
  expect(refused).toMatchObject({ kind: 'failed', failure: { code: 'http_status' } })
  expect(JSON.stringify([found, refused])).not.toContain(key)
})

const CONTEXT = [
  { name: 'Prices', text: 'A seat costs 4 EUR a month.\n\nFrom 500 seats on there is a discount of ten percent.' },
  { name: 'Tone', text: `Write plainly. ${'Nothing to see here. '.repeat(100)}\n\nNever use exclamation marks.` },
]

test('an agent that reads its context has its names before it, and gets a file by name or the passages that fit', async () => {
  const agent = { key: 'reader', name: 'Reader', description: 'Reads.', tools: ['read_context'], context: CONTEXT }
  await env.DB.prepare(
    `INSERT INTO agent_versions (team, key, version, agent, created_at, created_by) VALUES (?1, 'reader', 0, ?2, 0, 'x')`,
  )
    .bind(TEAM, JSON.stringify(agent))
    .run()
  const asks: Json[] = [{ name: 'prices' }, { query: 'which exclamation?' }, { name: 'None' }, {}]
  const { requests } = modelsAnswer((_request, nth) =>
    nth === 1
      ? {
          kind: 'calls',
          text: null,
          calls: asks.map((args, at) => ({ id: `c${at}`, tool: 'read_context', args })),
          usage: { model: 'demo', inputTokens: 1, outputTokens: 1, calls: 1, durationMs: 1 },
        }
      : says('read'),
  )
  const step = { key: 'work', agent: 'reader', instructions: 'Read.', handoffs: [{ to: 'complete' }] }
  const task = await aTask({ baton: 1, name: 'Reads', steps: [step] })
  await until(task, ({ status }) => status === 'done')
  expect(requests[0]!.system).toBe('Reads.\n\nContext files, for read_context:\n- Prices\n- Tone')
  const told = requests[1]!.messages.flatMap(message => (message.role === 'tool' ? [message.result] : []))
  expect(told).toEqual([
    CONTEXT[0],
    [{ name: 'Tone', text: expect.stringMatching(/^Nothing [^!]+Never use exclamation marks\.$/) }],
    { error: 'tool_failed', message: 'There is no context file “None”. There are: Prices, Tone.' },
    { error: 'bad_arguments', message: 'Give a `query`, or the `name` of a file: Prices, Tone.' },
  ])
  // Each call stands in the log once, also one that the tool itself refused.
  const types = await task.types()
  expect(types.filter(type => type === 'called')).toHaveLength(asks.length)
  expect(types.filter(type => type === 'answered')).toHaveLength(asks.length)
})

/** A team with a workflow that takes a company, and one whose tasks start a task of it. */
async function starting(over: { workflow?: string; input?: Json } = {}): Promise<{ team: Team; starter: string }> {
  const team = await aTeam()
  await aWorkflow(team)
  const step = {
    key: 'start',
    tool: 'start_task',
    with: { workflow: over.workflow ?? 'Reviews', input: over.input ?? { company: '{{ input.company }}' } },
    handoffs: [{ to: 'complete' }],
  }
  return { team, starter: await aWorkflow(team, { name: 'Starter', steps: [step] }) }
}

const settled = (team: Team, id: string) =>
  eventually(async () => {
    const { body } = await team.call('GET', `/tasks/${id}`)
    expect(body.status).not.toBe('running')
    return body
  })

test('a task starts another one of its team, which says where it came from, and is found by its title', async () => {
  const { team, starter } = await starting()
  const { outputs } = await settled(team, await aTaskOf(team, starter, 'Umbrella'))
  const { id, url } = outputs.start
  expect(url).toBe(`https://baton.test/tasks/${id}`)
  const started = (await team.call('GET', `/tasks/${id}`)).body
  expect(started).toMatchObject({ title: 'Umbrella', status: 'waiting', input: { company: 'Umbrella' } })
  const { data } = (await team.call('GET', `/tasks/${id}/events`)).body.items[0]
  expect(data.source).toMatchObject({ kind: 'task', depth: 1 })
  const find = BUILT_IN.find(tool => tool.spec.name === 'find_tasks')!
  const found = await eventually(async () => {
    const result = await callNow(find, { query: 'UMBRELLA' }, useOf({ team: team.id }))
    const { result: tasks } = result as unknown as { result: { workflow: string }[] }
    expect(tasks.map(({ workflow }) => workflow).toSorted()).toEqual(['Reviews', 'Starter'])
    return tasks.toSorted((a, b) => a.workflow.localeCompare(b.workflow))
  })
  expect(found[0]).toEqual({
    ...{ id, title: 'Umbrella', key: null, workflow: 'Reviews', status: 'waiting', step: 'review', url },
    createdAt: started.createdAt,
  })
  const others = await callNow(find, { query: 'umbrella' }, useOf({ team: (await aTeam()).id }))
  expect(others).toMatchObject({ kind: 'done', result: [] })
})

test('earlier tasks are found by what their input says, in any case and script, but not by what no model is told', async () => {
  const team = await aTeam()
  const workflow = await aWorkflow(team, {
    title: 'A claim',
    redact: ['input.iban'],
    input: { type: 'object', properties: { iban: {} } },
  })
  const input = {
    company: 'Œuvre GmbH',
    invoice: 'RE-2026-0815',
    lines: [{ sum: 4711.5 }],
    iban: 'DE89370400440532013000',
  }
  expect((await team.call('POST', `/workflows/${workflow}/tasks`, { input })).status).toBe(201)
  await aTaskOf(team, workflow, 'Another')
  const find = BUILT_IN.find(tool => tool.spec.name === 'find_tasks')!
  const found = async (query: string) => {
    const { result } = (await callNow(find, { query }, useOf({ team: team.id }))) as { result: Json[] }
    return result.length
  }
  await eventually(async () => expect(await found('claim')).toBe(2))
  const queries = ['re-2026-0815', 'œuvre', '4711.5', 'claim GMBH', 'DE89370400440532013000', 're-2026-0816']
  expect(await Promise.all(queries.map(found))).toEqual([1, 1, 1, 1, 0, 0])
})

test('the same call starts one task, however often it is made', async () => {
  const { team } = await starting()
  const start = BUILT_IN.find(tool => tool.spec.name === 'start_task')!
  const call = () => callNow(start, { workflow: 'Reviews', input: { company: 'Twice' } }, useOf({ team: team.id }))
  const [first, again] = [await call(), await call()]
  expect(first.kind).toBe('done')
  expect(again).toEqual(first)
  const { items } = (await team.call('GET', '/tasks')).body
  expect(items.length).toBeLessThanOrEqual(1)
})

test('a key that a task of the other workflow has is told the model, where that refuses duplicates', async () => {
  const { team } = await starting()
  await aWorkflow(team, { name: 'Strict', key: '{{ input.company }}', duplicates: 'refuse' })
  const start = BUILT_IN.find(tool => tool.spec.name === 'start_task')!
  const call = (key: string) =>
    callNow(start, { workflow: 'Strict', input: { company: 'Twice' } }, { ...useOf({ team: team.id }), key })
  expect((await call('one')).kind).toBe('done')
  expect(await call('two')).toMatchObject({
    kind: 'failed',
    failure: { code: 'tool_failed', message: expect.stringMatching(/key "Twice" already. It is tsk_/) },
  })
})

test.each<[string, Parameters<typeof starting>[0], RegExp]>([
  ['a workflow that is not there', { workflow: 'Nothing' }, /There is no workflow “Nothing”/],
  ['an input that does not fit', { input: { company: 5 } }, /company/],
])('%s is told in words, and starts nothing', async (_name, over, message) => {
  const { team, starter } = await starting(over)
  const { status, error } = await settled(team, await aTaskOf(team, starter))
  expect({ status, code: error.code }).toEqual({ status: 'failed', code: 'tool_failed' })
  expect(error.message).toMatch(message)
})

test('tasks that start one another without end come to one', async () => {
  const team = await aTeam()
  const step = {
    key: 'start',
    tool: 'start_task',
    with: { workflow: 'Endless', input: { company: '{{ input.company }}' } },
    handoffs: [{ to: 'complete' }],
  }
  const endless = await aWorkflow(team, { name: 'Endless', steps: [step] })
  await aTaskOf(team, endless)
  await eventually(async () => {
    const { items } = (await team.call('GET', `/tasks?workflow=${endless}`)).body
    expect(items.map((item: { status: string }) => item.status).toSorted()).toEqual([
      ...Array(5).fill('done'),
      'failed',
    ])
  })
  // The first, and five that were started.
  expect((await team.call('GET', `/tasks?workflow=${endless}&status=failed`)).body.items).toHaveLength(1)
})

test('post_slack sends what it is given: what looks like the mark of its own secret stays a text', async () => {
  const webhook = 'https://hooks.slack.example/services/CANARY-of-slack'
  const sealed = await seal(env, sealedTo(TEAM, 'slack_webhook'), 1, webhook)
  const row = { team: TEAM, name: 'slack_webhook', sealed: JSON.stringify(sealed), version: 1, note: null }
  const by = { kind: 'system' } as const
  await putSecret(env.DB, { ...row, hosts: ['hooks.slack.example'], updatedBy: 'test' }, 100, by, Date.now())
  const { heard } = outsideAnswers(() => page('ok', 'text/plain'))
  const text = '<<secret::slack_webhook>> <<secret:null:slack_webhook>> {{ secrets.slack_webhook }}'
  expect(await called('post_slack', { text: '{{ input.text }}' }, { text })).toMatchObject({
    status: 'done',
    output: { ok: true },
  })
  expect(heard).toMatchObject([{ method: 'POST', url: webhook, body: JSON.stringify({ text }) }])
})
