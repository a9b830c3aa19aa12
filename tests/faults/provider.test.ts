/** Models by environment alone: a real HTTP server that speaks OpenAI's protocol, and each way in which it can fail. */
import { rmSync } from 'node:fs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, apiOf, type EventData, type Task, type TaskEvent } from '../support/api-client.ts'
import { type Baton, startBaton } from '../support/baton.ts'
import { type Behaviour, type OpenaiServer, type SeenRequest, startOpenaiServer } from '../support/openai-server.ts'
import { type Process, stillRunning, treeOf } from '../support/process-tree.ts'

const KEY = 'sk-fault-test-0123456789'
const OUTPUT = {
  type: 'object',
  required: ['category', 'score'],
  properties: {
    category: { type: 'string', enum: ['billing', 'technical'] },
    score: { type: 'number', minimum: 0, maximum: 10 },
  },
  additionalProperties: false,
}
// As it is by default, but quicker: three attempts, a pause between.
const RETRY = { attempts: 3, delay: '0.2s', factor: 1 }

/** Sorts a request by a model, with an output schema and labels to choose from, then answers it with a second call. */
const triage = (model: string, timeout: string) => ({
  baton: 1,
  name: `Triage on ${model} in ${timeout}`,
  owner: 'ana@acme.test',
  title: '{{ input.case }}',
  defaults: { model, timeout, retry: RETRY },
  steps: [
    {
      key: 'sort',
      prompt: 'Case <{{ input.case }}>. Sort this request: My card was charged twice.',
      output: OUTPUT,
      handoffs: [
        { when: 'refund', to: 'answer' },
        { when: 'other', to: 'person' },
      ],
    },
    {
      key: 'answer',
      prompt: 'Answer it. It is about {{ steps.sort.output.category }}.',
      handoffs: [{ to: 'complete' }],
    },
    { key: 'person', human: { assign: ['ana@acme.test'] }, handoffs: [{ when: 'answered', to: 'complete' }] },
  ],
})

const GOOD = {
  reasoning: 'A double charge.',
  output: { category: 'billing', score: 7 },
  handoff: 'refund',
  confidence: 0.9,
}
const good: Behaviour = { kind: 'json', value: GOOD }
const badSchema: Behaviour = { kind: 'json', value: { ...GOOD, output: { category: 'weather', score: 70 } } }
const noSchemas: Behaviour = {
  kind: 'error',
  status: 400,
  code: 'invalid_json_schema',
  message: "Invalid schema for response_format 'answer': this model takes none.",
}

const tooMany: Behaviour = { kind: 'error', status: 429, headers: { 'retry-after': '1' } }

/** What an attempt came to, as the log tells it. */
interface Told {
  outcome: 'completed' | string
  calls: number
}

interface Case {
  name: string
  /** What the calls of the first step meet, in order; the last goes on for ever. */
  script: Behaviour[]
  attempts: Told[]
  /** Why it was held, each time. */
  held?: string[]
  /** The task's error; absent: it is done. */
  error?: { code: string; words: RegExp }
  timeout?: '1s'
}

const done = (calls = 1): Told => ({ outcome: 'completed', calls })
const failed = (code: string, calls = 1): Told => ({ outcome: code, calls })

const CASES: Case[] = [
  { name: 'a good answer', script: [good], attempts: [done()] },
  {
    name: '429 with Retry-After',
    script: [{ kind: 'error', status: 429, headers: { 'retry-after': '3' }, message: 'Slow down' }, good],
    held: ['provider_limit'],
    attempts: [done()],
  },
  {
    name: '429 more often than there are attempts',
    script: [tooMany, tooMany, tooMany, tooMany, good],
    held: ['provider_limit', 'provider_limit', 'provider_limit', 'provider_limit'],
    attempts: [done()],
  },
  {
    name: 'a quota that is used up',
    script: [{ kind: 'error', status: 429, code: 'insufficient_quota', headers: { 'retry-after': '2' } }, good],
    held: ['provider_limit'],
    attempts: [done()],
  },
  {
    name: 'nothing left to pay with, and no word of how long',
    script: [{ kind: 'error', status: 402, message: 'Insufficient Balance' }, good],
    held: ['provider_limit'],
    attempts: [done()],
  },
  {
    name: 'an overloaded provider',
    script: [{ kind: 'error', status: 503, headers: { 'retry-after': '2' } }, good],
    held: ['provider_offline'],
    attempts: [done()],
  },
  { name: '500 once', script: [{ kind: 'error', status: 500 }, good], attempts: [failed('provider_error'), done()] },
  {
    name: '500 for ever',
    script: [{ kind: 'error', status: 500, message: 'The server had an error' }],
    attempts: [failed('provider_error'), failed('provider_error'), failed('provider_error')],
    error: { code: 'provider_error', words: /\(500\): The server had an error/ },
  },
  { name: 'a dropped connection', script: [{ kind: 'reset' }, good], attempts: [failed('unreachable'), done()] },
  {
    name: 'a hang past the timeout, once',
    script: [{ kind: 'hang' }, good],
    attempts: [failed('timeout'), done()],
    timeout: '1s',
  },
  {
    name: 'a hang past the timeout, for ever',
    script: [{ kind: 'hang' }],
    attempts: [failed('timeout'), failed('timeout'), failed('timeout')],
    error: { code: 'timeout', words: /did not answer within 1 s/ },
    timeout: '1s',
  },
  {
    name: 'malformed JSON instead of an answer',
    script: [{ kind: 'raw', body: '{"id": "half an ans' }, good],
    attempts: [failed('malformed_answer'), done()],
  },
  {
    name: 'an answer that is no JSON',
    script: [{ kind: 'text', text: 'I think it is about billing.' }, good],
    attempts: [done(2)],
  },
  { name: 'an answer that breaks the schema', script: [badSchema, good], attempts: [done(2)] },
  {
    name: 'an answer that breaks the schema for ever',
    script: [badSchema],
    attempts: [failed('invalid_output', 2), failed('invalid_output', 2), failed('invalid_output', 2)],
    error: { code: 'invalid_output', words: /also after one repair.*output\/(category|score)/ },
  },
  {
    name: 'a schema that the provider takes only when it is not strict',
    script: [noSchemas, good],
    attempts: [done(2)],
  },
  {
    name: 'a schema that the provider refuses',
    script: [noSchemas],
    attempts: [failed('schema_refused', 2)],
    error: { code: 'schema_refused', words: /refused the step's output schema: .*takes none/ },
  },
  {
    name: 'a model that refuses to answer',
    script: [{ kind: 'refusal', text: 'I cannot help with that.' }],
    attempts: [failed('refused')],
    error: { code: 'refused', words: /I cannot help with that/ },
  },
  {
    name: 'a key that is not right',
    script: [{ kind: 'error', status: 401, code: 'invalid_api_key', message: `Incorrect API key: ${KEY}` }],
    attempts: [failed('provider_auth')],
    error: { code: 'provider_auth', words: /Check OPENAI_API_KEY/ },
  },
]
/** How a model is named → how it is asked for then. */
const MODELS = { default: 'chat', 'gpt-5-mini': 'chat', 'responses:gpt-5-mini': 'responses' } as const
type Model = keyof typeof MODELS
// `default` differs in its name alone.
const RUNS = (Object.keys(MODELS) as Model[]).flatMap(model =>
  CASES.slice(0, model === 'default' ? 1 : undefined).map(each => ({ ...each, model })),
)

const idOf = (run: { name: string; model: Model }) => `${run.model}: ${run.name}`
/** The task that a request is made for. */
const caseOf = (request: SeenRequest) => /Case <(.+?)>/.exec(JSON.stringify(request.body))?.[1]

let server: OpenaiServer
let baton: Baton
let api: Api
let held: { task: string; when: Task; demo: Task }
const processes: Process[] = []
const tasks = new Map<string, string>()
const requests = new Map<string, { request: SeenRequest; at: number }[]>()

/** Answers by the case that a request belongs to, so that all of them can run side by side. */
function answer(request: SeenRequest): Behaviour {
  const id = caseOf(request)
  const run = RUNS.find(each => idOf(each) === id)
  if (id === undefined) return { kind: 'text', text: 'You get your money back.' }
  if (run === undefined) return good
  const earlier = requests.get(id) ?? []
  requests.set(id, [...earlier, { request, at: Date.now() }])
  return run.script[Math.min(earlier.length, run.script.length - 1)]!
}

beforeAll(async () => {
  baton = await startBaton()
  api = apiOf(baton)
  // Without a provider: a task that needs one is held, one that names no model runs on the demo.
  const named = await api.publish({ ...triage('gpt-5-mini', '20s'), name: 'Needs a provider' })
  const unnamed = await api.publish({ ...triage('default', '20s'), name: 'Needs none' })
  const task = await api.start(named, { case: 'held' })
  const demo = await api.start(unnamed, { case: 'demo' })
  held = {
    task,
    when: await api.until(task, ({ status }) => status === 'held'),
    demo: await api.until(demo, ({ status }) => status !== 'running'),
  }
  processes.push(...treeOf(baton.pid))
  await baton.kill()

  server = await startOpenaiServer({ apiKey: KEY })
  server.script(answer)
  baton = await startBaton({ state: baton.state, env: { OPENAI_BASE_URL: server.url, OPENAI_API_KEY: KEY } })
  api = apiOf(baton)
  const workflows = new Map<string, string>()
  for (const run of RUNS) {
    const definition = triage(run.model, run.timeout ?? '20s')
    if (!workflows.has(definition.name)) workflows.set(definition.name, await api.publish(definition))
    tasks.set(idOf(run), await api.start(workflows.get(definition.name)!, { case: idOf(run) }))
  }
})

afterAll(async () => {
  if (baton) processes.push(...treeOf(baton.pid))
  await baton?.stop()
  // Brought by an earlier start, so `stop` left it.
  if (baton) rmSync(baton.state, { recursive: true, force: true })
  await server?.close()
})

const ended = (task: Task) => ['done', 'failed', 'stuck', 'waiting'].includes(task.status)
/** Why the provider turned it away, each time; that it waited its turn for what the others met there is not its own. */
const turnedAway = (events: TaskEvent[]) =>
  events
    .filter(({ type, data }) => type === 'held' && !JSON.stringify(data).includes('Waits for its turn'))
    .map(({ data }) => data.reason)
const reportsOf = (events: TaskEvent[], step: string) =>
  events.filter(event => event.type === 'reported' && event.step === step).map(event => event.data)
const outcomeOf = (data: EventData) => data.outcome as { kind: string; failure?: { code: string; message: string } }
const told = (data: EventData): Told => ({
  outcome: outcomeOf(data).failure?.code ?? outcomeOf(data).kind,
  calls: data.usage?.calls ?? 0,
})

test.each(RUNS)('$model: $name ends as documented', async run => {
  const id = tasks.get(idOf(run))!
  const task = await api.until(id, ended, 120_000)
  const events = await api.events(id)
  expect(turnedAway(events)).toEqual(run.held ?? [])
  const reports = reportsOf(events, 'sort')
  expect(reports.map(told)).toEqual(run.attempts)
  expect(events.map(event => event.seq)).toEqual(events.map((_, i) => i + 1))
  const again = events.filter(event => event.type === 'due' && (event.data.attempt ?? 1) > 1)
  expect(again).toHaveLength(run.attempts.length - 1)
  for (const { data } of again) {
    expect(data.why).toBe(run.attempts[data.attempt! - 2]!.outcome)
  }
  if (run.error) {
    expect(task).toMatchObject({ status: 'failed', step: 'sort', error: { code: run.error.code, step: 'sort' } })
    expect(task.error!.message).toMatch(run.error.words)
    expect(task.why).toContain(task.error!.message.slice(0, 40))
    expect(outcomeOf(reports.at(-1)!).failure!.message).toBe(task.error!.message)
  } else {
    expect(task, task.why).toMatchObject({ status: 'done', error: null, outputs: { sort: GOOD.output } })
    expect(task.result).toBe('You get your money back.')
    expect(task.usage.inputTokens).toBeGreaterThan(0)
    expect(task.usage.cost).toBeGreaterThan(0)
  }
  const sent = requests.get(idOf(run))!
  const held = run.held?.length ?? 0
  expect(sent).toHaveLength(run.attempts.reduce((sum, { calls }) => sum + calls, held))
  for (const { request } of sent) {
    expect(request.protocol).toBe(MODELS[run.model])
    expect(request.headers.authorization).toBe(`Bearer ${KEY}`)
    expect(request.body.model).toBe('gpt-5-mini')
  }
  expect(JSON.stringify([task, events])).not.toContain(KEY)
})

test.each(['gpt-5-mini', 'responses:gpt-5-mini'])('%s: no call comes before Retry-After has passed', model => {
  const [first, second] = requests.get(`${model}: 429 with Retry-After`)!
  expect(second!.at - first!.at).toBeGreaterThanOrEqual(3000)
})

test.each(['gpt-5-mini', 'responses:gpt-5-mini'])('%s: a repair shows the model what was wrong', model => {
  const [first, second] = requests.get(`${model}: an answer that breaks the schema`)!
  expect(JSON.stringify(second!.request.body)).toMatch(/cannot be used: .*output\/(category|score)/)
  expect(JSON.stringify(first!.request.body)).not.toContain('cannot be used')
})

test('without a key and a base URL a step that names a model is held and says so; one that names none runs', () => {
  expect(held.when).toMatchObject({ status: 'held', step: 'sort', held: { reason: 'provider_not_configured' } })
  expect(held.when.held!.message).toContain('gpt-5-mini')
  expect(held.when.why).toContain('OPENAI_API_KEY or OPENAI_BASE_URL')
  expect(held.when.error).toBeNull()
  expect(['done', 'waiting']).toContain(held.demo.status)
})

test('after a start with a base URL the held task goes on by itself', async () => {
  const task = await api.until(held.task, ended, 80_000)
  expect(task, task.why).toMatchObject({ status: 'done', held: null })
  const events = await api.events(held.task)
  expect(events.filter(event => event.type === 'released')).toHaveLength(1)
  expect(reportsOf(events, 'sort').map(told)).toEqual([done()])
})

test('a provider that is not there holds the task, which goes on by itself when it is back', async () => {
  const { port } = server
  await server.close()
  const workflow = await api.publish({ ...triage('gpt-5-mini', '20s'), name: 'Asks who is not there' })
  const id = await api.start(workflow, { case: 'down' })
  const down = await api.until(id, ({ status }) => status === 'held', 30_000)
  expect(down).toMatchObject({ step: 'sort', error: null, held: { reason: 'provider_offline' } })
  expect(down.why).toContain(`127.0.0.1:${port} cannot be reached`)
  server = await startOpenaiServer({ apiKey: KEY, port })
  server.script(answer)
  const task = await api.until(id, ended, 120_000)
  expect(task, task.why).toMatchObject({ status: 'done', held: null })
  expect(reportsOf(await api.events(id), 'sort').map(told)).toEqual([done()])
})

test('no process lingers', async () => {
  processes.push(...treeOf(baton.pid))
  await baton.stop()
  expect(processes.length).toBeGreaterThanOrEqual(6)
  expect(stillRunning(processes)).toEqual([])
})
