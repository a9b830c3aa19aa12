/**
 * A process killed at each named point of a call: four tasks are led to the point and held there (an http step whose call may be
 * repeated, one whose call may not, a tool step, an agent's call), then workerd is killed and started on the same state.
 * `BATON_FAULTS=long` tries every point.
 */
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bundle, openWorker } from '../../scripts/lib/worker.mjs'
import { type Api, apiOf, pause, type Task } from '../support/api-client.ts'
import { type OpenaiServer, startOpenaiServer } from '../support/openai-server.ts'
import { killAll, treeOf } from '../support/process-tree.ts'

const KINDS = ['safe', 'unsafe', 'tool', 'agent'] as const
type Kind = (typeof KINDS)[number]

/** Where a call is, how often it was made by then, and whether its intent is noted without a receipt. */
const POINTS = [
  { point: 'C6', what: 'after the claim', made: 0, noted: false },
  { point: 'C9', what: 'after the intent, before it is made', made: 0, noted: true },
  { point: 'call', what: 'while the service is at work', made: 1, noted: true },
  { point: 'C23', what: 'after the answer, before the receipt', made: 1, noted: true },
  { point: 'C8', what: 'after the receipt, before the report', made: 1, noted: false },
  { point: 'C10', what: 'before the report is recorded', made: 1, noted: false },
  { point: 'C11', what: 'after the report', made: 1, noted: false },
]

const token = 'points-token'
const state = mkdtempSync(path.join(tmpdir(), 'baton-points-'))
/** The calls that reached the service: by kind and number, with their keys. */
const heard: { path: string; key: string | undefined }[] = []
/** The point at which everything is held; null: nothing is. */
let holdAt: string | null = null
let held: http.ServerResponse[] = []
let control: http.Server
let openai: OpenaiServer
let modules: unknown
let mf: { dispose(): Promise<void> }
let api: Api
const workflows = {} as Record<Kind, string>

/** Holds the answer where everything is to be held; else gives it. */
function answer(response: http.ServerResponse, point: string, body = '{}'): void {
  if (point === holdAt) held.push(response)
  else response.writeHead(200, { 'content-type': 'application/json' }).end(body)
}

beforeAll(async () => {
  control = http.createServer((request, response) => {
    const [, where = '', kind, n] = request.url!.split('/')
    if (where !== 'service') return answer(response, where)
    heard.push({ path: `${kind}/${n}`, key: request.headers['idempotency-key'] as string | undefined })
    return answer(response, 'call')
  })
  control.listen(0, '127.0.0.1')
  await once(control, 'listening')
  openai = await startOpenaiServer()
  openai.script(({ body }) => {
    const said = (body.messages ?? body.input ?? []) as { role?: string; type?: string }[]
    const isTold = said.some(({ role, type }) => role === 'tool' || type === 'function_call_output')
    const n = Number(/number (\d+)/.exec(JSON.stringify(said))?.[1])
    return isTold ? { kind: 'auto' } : { kind: 'calls', calls: [{ name: 'book', args: { n, kind: 'agent' } }] }
  })
  modules = (await bundle({ entry: 'tests/support/dying-worker.ts' })).modules
  await open()
  const service = `http://localhost:${(control.address() as AddressInfo).port}/service`
  await api.post('/tools', {
    key: 'book',
    description: 'Books it.',
    effect: 'write',
    parameters: { type: 'object', properties: { n: { type: 'integer' }, kind: { type: 'string' } } },
    http: { method: 'POST', url: `${service}/{{ args.kind }}/{{ args.n }}`, body: {} },
  })
  await api.post('/agents', { key: 'booker', name: 'Booker', description: 'You book.', tools: ['book'] })
  const steps: Record<Kind, object> = {
    safe: { http: { method: 'POST', url: `${service}/safe/{{ input.n }}`, body: {}, key: 'Idempotency-Key' } },
    unsafe: { http: { method: 'POST', url: `${service}/unsafe/{{ input.n }}`, body: {} } },
    tool: { tool: 'book', with: { n: '{{ input.n }}', kind: 'tool' } },
    agent: { agent: 'booker', instructions: 'Book number {{ input.n }}.', tools: ['book'] },
  }
  for (const kind of KINDS) {
    const step = { key: 'call', ...steps[kind], handoffs: [{ to: 'complete' }] }
    workflows[kind] = await api.publish({
      ...{ baton: 1, name: kind, owner: 'ana@acme.test', defaults: { timeout: '1s' } },
      steps: [step],
    })
  }
}, 180_000)

afterAll(async () => {
  for (const response of held) response.end()
  await mf?.dispose()
  await openai?.close()
  control?.closeAllConnections()
  control?.close()
  rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})

async function open(): Promise<void> {
  const origin = `http://localhost:${(control.address() as AddressInfo).port}`
  const worker = await openWorker({
    ...{ modules, state },
    bindings: {
      BATON_SECRET: 'points-secret-0123456789abcdef-0123456789abcdef-0123456789abcdef',
      BATON_URL: 'http://localhost:8787',
      BATON_LOCAL: '1',
      BATON_LOCAL_TOKEN: token,
      CRASH_CONTROL: origin,
      OPENAI_BASE_URL: openai.url,
      OPENAI_API_KEY: 'sk-test',
    },
  })
  mf = worker.mf
  const seeded = await fetch(`${worker.url}/__local/seed`, { method: 'POST', headers: { 'x-baton-local': token } })
  expect(seeded.status).toBe(200)
  const { apiKey } = (await seeded.json()) as { apiKey: string }
  api = apiOf({ url: worker.url, apiKey })
}

/** SIGKILL to the runtime and all that it began; then a new one serves the same state. */
async function killAndOpen(): Promise<void> {
  killAll(treeOf(process.pid).filter(({ pid }) => pid !== process.pid))
  holdAt = null
  held = []
  await mf.dispose().catch(() => {})
  await open()
}

const made = (kind: Kind, n: number) => heard.filter(call => call.path === `${kind}/${n}`)

/** In short form those between which a call's fate is decided; a kill costs the time of a lease. */
const SHORT = ['C9', 'call', 'C23', 'C8']
const tried = POINTS.filter(({ point }) => process.env.BATON_FAULTS === 'long' || SHORT.includes(point))

describe.each(tried)('killed $what', ({ point, made: before, noted }) => {
  const n = POINTS.findIndex(each => each.point === point) + 1
  const ended = {} as Record<Kind, Task & { types: string[] }>

  beforeAll(async () => {
    holdAt = point
    const ids = await Promise.all(KINDS.map(kind => api.start(workflows[kind], { n })))
    for (const until = Date.now() + 30_000; held.length < KINDS.length && Date.now() < until; ) await pause(5)
    expect(held).toHaveLength(KINDS.length)
    for (const kind of KINDS) expect(made(kind, n), kind).toHaveLength(before)
    await killAndOpen()
    for (const [at, kind] of KINDS.entries()) {
      const id = ids[at]!
      const task = await api.until(id, ({ status }) => !['running', 'held'].includes(status), 90_000)
      ended[kind] = { ...task, types: (await api.events(id)).map(({ type }) => type) }
    }
  }, 180_000)

  test('a call that may be repeated is made, with one key however often, and the task goes on to its end', () => {
    expect([ended.safe.status, ended.safe.types.filter(type => type === 'reported')]).toEqual(['done', ['reported']])
    const calls = made('safe', n)
    expect(calls).toHaveLength(noted && before === 1 ? 2 : 1)
    expect(new Set(calls.map(({ key }) => key))).toEqual(new Set([`${ended.safe.id}.1.1`]))
  })

  test.each(['unsafe', 'tool', 'agent'] as const)(
    'one that may not is never made twice: of %s a person is asked exactly where nobody knows',
    async kind => {
      const { id, status, stuck } = ended[kind]
      expect(made(kind, n)).toHaveLength(noted ? before : 1)
      expect([status, stuck?.cause]).toEqual(noted ? ['stuck', 'unknown_outcome'] : ['done', undefined])
      if (!noted) return
      await api.post(`/tasks/${id}/answer`, { happened: before === 1, ...(before === 1 && { output: { ok: true } }) })
      expect((await api.until(id, task => task.status !== 'running', 60_000)).status).toBe('done')
      expect(made(kind, n)).toHaveLength(1)
    },
  )
})
