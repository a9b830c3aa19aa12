/** An agent on the real protocols: two tools over two turns, and a worker that dies between any two of its notes. */
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { validate } from '../../../../src/domain/schema/validate.ts'
import type { CallNote } from '../../../../src/domain/task/commands.ts'
import { workOf } from '../../../../src/domain/task/run/attempts.ts'
import type { TeamTool } from '../../../../src/domain/tools/tool.ts'
import type { Definition } from '../../../../src/domain/workflow/definition.ts'
import type { Env } from '../../../../src/env.ts'
import { setNetwork } from '../../../../src/execution/egress/call-out.ts'
import { modelsFor } from '../../../../src/execution/models/registry.ts'
import { scriptModels } from '../../../../src/execution/orders/model.ts'
import { perform } from '../../../../src/execution/orders/perform.ts'
import {
  type OpenaiServer,
  type Protocol,
  type SeenRequest,
  startOpenaiServer,
} from '../../../support/openai-server.ts'
import { aTask, type Journey } from '../../../support/task-builders.ts'

const PARAMETERS = { type: 'object', required: ['ref'], properties: { ref: { type: 'string' } } }
const TOOLS: TeamTool[] = [
  {
    key: 'look',
    description: 'Looks.',
    parameters: PARAMETERS,
    http: { url: 'https://look.example/', query: { ref: '{{ args.ref }}' } },
  },
  {
    key: 'charge',
    description: 'Charges.',
    parameters: PARAMETERS,
    http: { method: 'POST', url: 'https://pay.example/', body: { ref: '{{ args.ref }}' }, key: 'Idempotency-Key' },
  },
]
const AGENT = { key: 'researcher', name: 'R', description: 'Works.', tools: ['look', 'charge'], version: 7 }
const DB = {
  batch: async () => [],
  prepare: (sql: string) => ({
    bind: (...values: unknown[]) => ({
      first: async () => ({ tool: JSON.stringify(TOOLS.find(tool => tool.key === values[1])) }),
      raw: async () =>
        sql.includes('agent_versions') ? [['acme', AGENT.key, 7, JSON.stringify(AGENT), 0, 'ana']] : [],
    }),
  }),
}
const ENV = { DB } as unknown as Env

function working(protocol: Protocol): Definition {
  const step = { key: 'work', agent: 'researcher', model: `${protocol}:gpt-5-mini`, instructions: 'Work.' }
  return { baton: 1, name: 'Works', owner: 'ana@acme.test', steps: [{ ...step, handoffs: [{ to: 'complete' }] }] }
}

let server: OpenaiServer
/** What reached the outside: the host, and the key where one was sent. */
let heard: { host: string; key: string | null }[] = []

beforeAll(async () => {
  server = await startOpenaiServer({ apiKey: 'sk-test' })
})
afterAll(() => server.close())
beforeEach(() => {
  server.reset()
  heard = []
  scriptModels(modelsFor({ OPENAI_API_KEY: 'sk-test', OPENAI_BASE_URL: server.url }, { validate }))
  setNetwork((async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input as string, init)
    const { host } = new URL(request.url)
    heard.push({ host, key: request.headers.get('idempotency-key') })
    return Response.json({ from: host })
  }) as typeof fetch)
  // As a model does it: by what it was told, not by how often it was asked.
  server.script(request => {
    const results = resultsIn(request).length
    if (results === 0)
      return { kind: 'calls', calls: [{ id: 'call_l', name: 'look', args: { ref: 'l1' } }], text: 'First I look.' }
    if (results === 1) return { kind: 'calls', calls: [{ id: 'call_c', name: 'charge', args: { ref: 'c1' } }] }
    return { kind: 'text', text: 'Charged.' }
  })
})
afterEach(() => {
  scriptModels(null)
  setNetwork(null)
})

/** The results of calls in a request: the id that each is for, and what it says. */
function resultsIn({ protocol, body }: SeenRequest): { id: string; result: string }[] {
  const items = ((protocol === 'chat' ? body.messages : body.input) ?? []) as unknown as Record<string, string>[]
  return protocol === 'chat'
    ? items.filter(item => item.role === 'tool').map(item => ({ id: item.tool_call_id!, result: item.content! }))
    : items
        .filter(item => item.type === 'function_call_output')
        .map(item => ({ id: item.call_id!, result: item.output! }))
}

/** One worker, which dies at its `dieAt`-th note, before that is kept or after; answers what it noted. */
async function work(task: Journey, dieAt = Number.POSITIVE_INFINITY, isKept = false): Promise<string[]> {
  const { visit } = task.state
  const lease = task.claim()
  const work = workOf(task.state, task.context(), lease)!
  const refs = { visit: visit.n, run: work.run, attempt: work.attempt, lease }
  const noted: string[] = []
  let die = () => {}
  const died = new Promise<'died'>(resolve => {
    die = () => resolve('died')
  })
  const note = async (told: CallNote): Promise<boolean> => {
    const isLast = noted.length + 1 === dieAt
    if (!isLast || isKept) {
      noted.push(Object.keys(told)[0]!)
      expect(task.try({ type: 'note', ...refs, note: told })).toBeNull()
    }
    if (!isLast) return true
    die()
    return new Promise(() => {})
  }
  const report = await Promise.race([perform(work, { team: 'acme', chain: false, note }, ENV), died])
  if (report === 'died' || report === null) return noted
  if (report.kind === 'hold') throw new Error(JSON.stringify(report))
  task.do({ type: 'report', ...refs, outcome: report.outcome, usage: report.usage, chain: false })
  return noted
}

const NOTES = ['turned', 'called', 'answered', 'turned', 'called', 'answered']
const PROTOCOLS: Protocol[] = ['chat', 'responses']

test.each(PROTOCOLS)('by %s an agent calls two tools over two turns, hears both, and answers', async protocol => {
  const task = aTask(working(protocol))
  expect(await work(task)).toEqual(NOTES)
  expect(task.state.status).toBe('done')
  expect(task.state.result).toBe('Charged.')
  expect(heard).toEqual([
    { host: 'look.example', key: null },
    { host: 'pay.example', key: expect.stringMatching(/\.2\.1$/) },
  ])
  expect(server.requests.map(request => request.protocol)).toEqual([protocol, protocol, protocol])
  expect(resultsIn(server.requests[2]!)).toEqual([
    { id: 'call_l', result: expect.stringContaining('look.example') },
    { id: 'call_c', result: expect.stringContaining('pay.example') },
  ])
})

const DEATHS = PROTOCOLS.flatMap(protocol =>
  NOTES.flatMap((name, at) => [false, true].map(isKept => ({ protocol, at: at + 1, name, isKept }))),
)

test.each(DEATHS)(
  'by $protocol a worker that dies at note $at ($name, kept: $isKept) repeats nothing that was recorded',
  async ({ protocol, at, name, isKept }) => {
    const task = aTask(working(protocol))
    await work(task, at, isKept)
    for (let turn = 0; turn < 5 && task.state.status === 'running'; turn++) {
      const { phase } = task.state.visit.runs[0]!
      task.now = (phase.name === 'claimed' ? phase.until : task.now) + 60_000
      if (phase.name === 'claimed') task.wake()
      else await work(task)
    }
    expect(task.state.status).toBe('done')
    expect(task.state.result).toBe('Charged.')
    // A turn that nobody recorded is asked for again; one that was recorded never is.
    expect(server.requests).toHaveLength(name === 'turned' && !isKept ? 4 : 3)
    // A call without a receipt may have been made: it is made again, by the same key. One with a receipt is not.
    const isRepeated = name === 'answered' && !isKept
    expect(heard).toHaveLength(isRepeated ? 3 : 2)
    expect(new Set(heard.map(({ host, key }) => `${host} ${key}`)).size).toBe(2)
    expect(resultsIn(server.requests.at(-1)!).map(({ id }) => id)).toEqual(['call_l', 'call_c'])
  },
)
