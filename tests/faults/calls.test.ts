/**
 * Calls to the outside whose server is killed: before their intent, while they are made, after their answer. A safe one is made
 * again with the same key, an unsafe one is never made twice unseen. An answer that unpacks to 200 MB over a real socket. And
 * the five patterns as templates on a model that speaks OpenAI's protocol, whose agents call tools, to their end; and an MCP
 * server from the registry, which nobody here wrote.
 * `BATON_FAULTS=long` kills oftener.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import http from 'node:http'
import { createRequire } from 'node:module'
import net, { type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parse } from 'yaml'
import { TEMPLATES } from '../../src/workflow/templates/templates.ts'
import { type Api, apiOf, pause, type Task, type TaskEvent } from '../support/api-client.ts'
import { type Baton, freePort, startBaton } from '../support/baton.ts'
import { type OpenaiServer, type SeenRequest, startOpenaiServer } from '../support/openai-server.ts'
import { killAll, type Process, stillRunning, treeOf } from '../support/process-tree.ts'

const KILLS = process.env.BATON_FAULTS === 'long' ? 6 : 1
const TASKS = 24
/** How long the service takes to answer, by the number of the task: so that a kill meets calls at every point of theirs. */
const DELAYS_MS = [0, 200, 1200, 60_000]

/** Bytes of zeros that are behind a few thousand bytes of gzip. */
const BOMB = gzipSync(Buffer.alloc(200 * 1024 * 1024))

const PATTERNS = [
  'lead-nurturing',
  'invoice-processing',
  'content-production',
  'customer-support-escalation',
  'hiring-pipeline',
]

interface Request {
  path: string
  key: string | undefined
}

const requests: Request[] = []
const processes: Process[] = []
let isSlow = false
let service: http.Server
let openai: OpenaiServer
let baton: Baton
let api: Api
let port: number
const workflows: Record<string, string> = {}

const posted: string[] = []

/** Whether a tool has answered. */
function hasResult({ body }: SeenRequest): boolean {
  const said = (body.messages ?? body.input ?? []) as { role?: string; type?: string }[]
  return said.some(({ role, type }) => role === 'tool' || type === 'function_call_output')
}

function nameOf(tool: Record<string, unknown>): string {
  return String(tool.name ?? (tool.function as { name?: string } | undefined)?.name)
}

beforeAll(async () => {
  service = http.createServer((request, response) => {
    const path = request.url ?? ''
    requests.push({ path, key: request.headers['idempotency-key'] as string | undefined })
    if (path === '/bomb') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' }).end(BOMB)
      return
    }
    if (path === '/slack') {
      request.setEncoding('utf8').on('data', chunk => posted.push(chunk))
      response.end('ok')
      return
    }
    const n = Number(path.split('/').at(-1))
    const answer = () =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ nth: requests.length }))
    setTimeout(answer, isSlow ? DELAYS_MS[n % DELAYS_MS.length] : 0).unref()
  })
  await new Promise<void>(resolve => service.listen(0, '127.0.0.1', resolve))
  const at = `http://localhost:${(service.address() as AddressInfo).port}`
  port = await freePort()
  openai = await startOpenaiServer()
  openai.script(seen => {
    const tools = (seen.body.tools ?? []).map(nameOf)
    const isAsked = tools.includes('find_tasks') && !hasResult(seen)
    return isAsked ? { kind: 'calls', calls: [{ name: 'find_tasks', args: { query: 'earlier' } }] } : { kind: 'auto' }
  })
  baton = await startBaton({ port, env: environment() })
  api = apiOf(baton)
  const calling = (name: string, url: string, over: object) => ({
    baton: 1,
    name,
    owner: 'ana@acme.test',
    defaults: { timeout: '3s' },
    steps: [{ key: 'call', http: { url, ...over }, handoffs: [{ to: 'complete' }] }],
  })
  workflows.safe = await api.publish(
    calling('Safe', `${at}/safe/{{ input.n }}`, { method: 'POST', body: {}, key: 'Idempotency-Key' }),
  )
  workflows.unsafe = await api.publish(calling('Unsafe', `${at}/unsafe/{{ input.n }}`, { method: 'POST', body: {} }))
  const slack = await fetch(`${baton.url}/api/v1/secrets/slack_webhook`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${baton.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ value: `${at}/slack`, hosts: ['localhost'] }),
  })
  expect(slack.status).toBe(200)
  workflows.bomb = await api.publish(calling('Bomb', `${at}/bomb`, {}))
})

afterAll(async () => {
  if (baton) processes.push(...treeOf(baton.pid))
  await baton?.stop()
  service?.closeAllConnections()
  service?.close()
  await openai?.close()
})

const environment = () => ({ OPENAI_BASE_URL: openai.url, OPENAI_API_KEY: 'sk-test' })
const made = (path: string) => requests.filter(request => request.path === path)

/** `kill -9` of everything that the start script began, then a start on the same state. */
async function killAndStart(): Promise<void> {
  const tree = treeOf(baton.pid)
  killAll(tree)
  processes.push(...tree)
  await baton.kill('SIGKILL')
  isSlow = false
  baton = await startBaton({ port, state: baton.state, env: environment() })
}

interface Ended {
  kind: string
  n: number
  task: Task
  events: TaskEvent[]
}

test('whatever point of its call a kill meets, a safe one is made again with its key and an unsafe one never unseen', async () => {
  const all: Ended[] = []
  for (let kill = 0; kill < KILLS; kill++) {
    isSlow = true
    const began: { kind: string; n: number; id: string }[] = []
    const start = async (n: number) => {
      const kind = n % 2 === 0 ? 'safe' : 'unsafe'
      // Of each kind all delays.
      const number = kill * 1000 + Math.floor(n / 2)
      began.push({ kind, n: number, id: await api.start(workflows[kind]!, { n: number }) })
    }
    await Promise.all(Array.from({ length: TASKS }, (_, n) => start(n)))
    const held = () => requests.filter(({ path }) => Number(path.split('/').at(-1)) >= kill * 1000).length
    for (const until = Date.now() + 20_000; held() < TASKS / 2 && Date.now() < until; ) await pause(5)
    await killAndStart()
    const ended = await Promise.all(
      began.map(async ({ kind, n, id }) => {
        const task = await api.until(id, ({ status }) => ['done', 'stuck', 'failed'].includes(status), 120_000)
        return { kind, n, task, events: await api.events(id) }
      }),
    )
    all.push(...ended)
  }

  for (const { kind, n, task, events } of all) {
    const types = events.map(({ type }) => type)
    const calls = made(`/${kind}/${n}`)
    const what = `${kind}/${n}: ${task.status} ${types.join(' ')}`
    // Whatever reached the service had its intent noted before; and after a receipt there was no other call.
    expect(calls.length, what).toBeLessThanOrEqual(types.filter(type => type === 'called').length)
    // One that failed and is safe may be tried again.
    const taken = events.findIndex(({ type, data }) => type === 'answered' && (data as { ok?: boolean }).ok)
    if (taken >= 0) expect(types.lastIndexOf('called'), what).toBeLessThan(taken)
    if (kind === 'safe') {
      expect(task.status, what).toBe('done')
      expect(new Set(calls.map(({ key }) => key)), what).toEqual(new Set([`${task.id}.1.1`]))
    } else {
      expect(calls.length, what).toBeLessThanOrEqual(1)
      expect(task.status === 'done' || task.stuck?.cause === 'unknown_outcome', what).toBe(true)
      if (task.status === 'done') expect(calls.length, what).toBe(1)
    }
  }
  // The kills met calls in the middle, or nothing was proven.
  const parked = all.filter(({ kind, task }) => kind === 'unsafe' && task.status === 'stuck')
  const again = all.filter(({ kind, n }) => kind === 'safe' && made(`/safe/${n}`).length > 1)
  expect(parked.length).toBeGreaterThan(0)
  expect(again.length).toBeGreaterThan(0)

  // A person says of one that it happened, of another that it did not.
  const [yes, no = yes] = parked
  await api.post(`/tasks/${yes!.task.id}/answer`, { happened: true, output: { id: 'p1' } })
  expect((await api.until(yes!.task.id, ({ status }) => status === 'done')).outputs.call).toMatchObject({
    status: 200,
    body: { id: 'p1' },
  })
  expect(made(`/unsafe/${yes!.n}`).length).toBeLessThanOrEqual(1)
  if (no === yes) return
  const before = made(`/unsafe/${no!.n}`).length
  await api.post(`/tasks/${no!.task.id}/answer`, { happened: false })
  await api.until(no!.task.id, ({ status }) => status === 'done')
  expect(made(`/unsafe/${no!.n}`)).toHaveLength(before + 1)
})

test('an answer of 200 MB in a few bytes of gzip is cut, and the server goes on', async () => {
  const bomb = await api.start(workflows.bomb!, {})
  const { error } = await api.until(bomb, ({ status }) => status === 'failed', 60_000)
  expect(error).toMatchObject({ code: 'answer_too_large' })
  expect(made('/bomb')).toHaveLength(1)
  const next = await api.start(workflows.safe!, { n: 900_000 })
  expect((await api.until(next, ({ status }) => status === 'done')).outputs.call).toMatchObject({ status: 200 })
})

interface Item {
  task: { id: string }
  visit: number
  run: number
  labels: string[]
}

/** Decides by the first label, which sends the task on, until the task is over. */
async function toItsEnd(id: string) {
  for (let decided = 0; decided < 12; decided++) {
    const task = await api.until(id, ({ status }) => !['running', 'held'].includes(status), 60_000)
    if (task.status !== 'waiting') return task
    const { items } = await api.get<{ items: Item[] }>('/approvals')
    const item = items.find(one => one.task.id === id)
    if (item === undefined) continue
    const { visit, run, labels } = item
    await api.post(`/tasks/${id}/decide`, { handoff: labels[0], note: 'Fine.', visit, run })
  }
  throw new Error(`no end of ${id}`)
}

test.each(PATTERNS)(
  'the template %s runs to its end on a model by protocol, and sends once what it sends',
  async slug => {
    const { text, agents, sample } = TEMPLATES.find(template => template.slug === slug)!
    for (const agent of agents) await api.post('/agents', { ...agent, model: 'default' })
    const definition = parse(text.replaceAll(/model: demo\b/g, 'model: default'))
    const workflow = await api.publish({ ...definition, owner: 'ana@acme.test' })
    const before = posted.length
    const id = await api.start(workflow, sample)
    const { status, error, stuck } = await toItsEnd(id)
    expect({ status, error, stuck }).toEqual({ status: 'done', error: null, stuck: null })

    const events = await api.events(id)
    const called = events.filter(({ type }) => type === 'called').map(({ data }) => (data as { tool?: string }).tool)
    const answered = events.filter(({ type }) => type === 'answered')
    expect(answered).toHaveLength(called.length)
    // Its agents looked before they wrote, where they have the tool for it.
    const looks = agents.some(({ tools = [] }) => tools.includes('find_tasks'))
    expect(called.filter(tool => tool === 'find_tasks').length).toBe(looks ? 1 : 0)
    const sends = events.flatMap(({ type, step, data }) => {
      const { tool = '' } = data as { tool?: string }
      return type === 'called' && ['send_email', 'post_slack'].includes(tool) ? [`${step} ${tool}`] : []
    })
    expect(sends).not.toEqual([])
    expect(new Set(sends).size).toBe(sends.length)
    expect(posted.length - before).toBe(called.filter(tool => tool === 'post_slack').length)
  },
)

test('a call that may not be made twice and that never left is a plain failure, tried again; one that broke off is asked about', async () => {
  const later = await freePort()
  const closed = `http://localhost:${later}/book`
  const steps = (http: object) => [
    {
      key: 'call',
      http: { method: 'POST', body: {}, ...http },
      retry: { attempts: 8, delay: '1s', factor: 1 },
      handoffs: [{ to: 'complete' }],
    },
  ]
  const owner = 'ana@acme.test'
  const refused = await api.publish({ baton: 1, name: 'Refused', owner, steps: steps({ url: closed }) })
  const nowhere = await api.publish({
    baton: 1,
    name: 'Nowhere',
    owner,
    steps: steps({ url: 'http://no-such-host.baton-test.example/' }),
  })
  let heard = 0
  const breaking = net.createServer(socket =>
    socket.on('data', () => {
      heard++
      socket.resetAndDestroy()
    }),
  )
  breaking.listen(0, '127.0.0.1')
  await once(breaking, 'listening')
  const broken = `http://localhost:${(breaking.address() as AddressInfo).port}/book`
  const breaks = await api.publish({ baton: 1, name: 'Breaks', owner, steps: steps({ url: broken }) })
  const [waits, gone, lost] = await Promise.all([refused, nowhere, breaks].map(id => api.start(id, {})))

  const failures = async (id: string) =>
    (await api.events(id)).filter(({ type }) => type === 'answered').map(({ data }) => JSON.stringify(data))
  await expect.poll(async () => (await failures(waits!)).length, { timeout: 20_000 }).toBeGreaterThan(0)
  const [first] = await failures(waits!)
  expect(first).toContain('could not be reached. Nothing was sent.')
  const booked: string[] = []
  const opened = http.createServer((request, response) => {
    booked.push(`${request.method} ${request.url}`)
    response.end('booked')
  })
  await new Promise<void>(resolve => opened.listen(later, '127.0.0.1', resolve))
  expect((await api.until(waits!, ({ status }) => status === 'done', 30_000)).status).toBe('done')
  expect(booked).toEqual(['POST /book'])

  await api.until(lost!, ({ status }) => status === 'stuck', 30_000)
  expect(heard).toBe(1)
  expect((await api.events(lost!)).find(({ type }) => type === 'stuck')?.data).toMatchObject({
    cause: 'unknown_outcome',
  })
  expect((await api.until(gone!, ({ status }) => status === 'failed', 30_000)).status).toBe('failed')
  expect((await failures(gone!))[0]).toContain('no-such-host.baton-test.example could not be reached')
  opened.close()
  breaking.close()
}, 90_000)

/** A server binds to loopback here, whatever it asks for. */
const LOOPBACK = `data:text/javascript,${encodeURIComponent(
  "import net from 'node:net'; const { listen } = net.Server.prototype; net.Server.prototype.listen = function (port, ...rest) { return listen.call(this, port, '127.0.0.1', ...rest) }",
)}`

test('an MCP server from the registry is read, called by a step, and used by an agent', async () => {
  const { PATH = '' } = process.env
  const port = await freePort()
  const main = createRequire(import.meta.url).resolve('@modelcontextprotocol/server-everything/dist/index.js')
  const server = spawn(process.execPath, ['--import', LOOPBACK, main, 'streamableHttp'], {
    env: { PATH, PORT: String(port) },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    for await (const line of server.stderr) if (String(line).includes('listening')) break
    const wanted = ['echo', 'get-structured-content', 'get-sum']
    const url = `http://localhost:${port}/mcp`
    await api.post('/mcp-servers', { key: 'everything', url, tools: wanted })
    const { tools } = await api.get<{ tools: { name: string; chosen: boolean }[] }>('/mcp-servers/everything')
    expect(tools.filter(({ chosen }) => chosen).map(({ name }) => name)).toEqual(wanted)
    expect(tools.length).toBeGreaterThan(8)

    openai.script(seen =>
      hasResult(seen)
        ? { kind: 'auto' }
        : { kind: 'calls', calls: [{ name: nameOf(seen.body.tools![0]!), args: { a: 20, b: 22 } }] },
    )
    await api.post('/agents', { key: 'adder', name: 'Adder', description: 'You add.', tools: ['everything.get-sum'] })
    const to = (step: string) => [{ to: step }]
    const weather = { location: 'New York' }
    const workflow = await api.publish({
      ...{ baton: 1, name: 'Everything', owner: 'ana@acme.test' },
      steps: [
        { key: 'say', tool: 'everything.echo', with: { message: '{{ input.words }}' }, handoffs: to('look') },
        { key: 'look', tool: 'everything.get-structured-content', with: weather, handoffs: to('add') },
        { key: 'add', agent: 'adder', instructions: 'Add 20 and 22.', handoffs: to('complete') },
      ],
    })
    const id = await api.start(workflow, { words: 'Grüße, “Kim” <b>' })
    const { status, outputs, error } = await api.until(id, task => task.status !== 'running', 60_000)
    expect([status, error]).toEqual(['done', null])
    expect(outputs.say).toBe('Echo: Grüße, “Kim” <b>')
    expect(outputs.look).toMatchObject({ temperature: expect.any(Number), conditions: expect.any(String) })
    const answers = (await api.events(id)).filter(({ type }) => type === 'answered').map(({ data }) => data)
    expect(JSON.stringify(answers.at(-1))).toContain('42')
  } finally {
    server.kill()
  }
}, 90_000)

test('kills leave no process behind', () => {
  expect(stillRunning(processes)).toEqual([])
})
