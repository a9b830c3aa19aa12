/** Model calls that hang for a minute, from a provider started by hand beside `npm start`, and the tasks of everyone else meanwhile. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Api, apiOf, pause, type Task } from '../support/api-client.ts'
import { type Baton, startBaton } from '../support/baton.ts'
import { type Process, stillRunning, treeOf } from '../support/process-tree.ts'

const HANG_MS = 60_000
/** Two for each lane, more or less: no lane is left whose tasks had it easy. */
const HANGING = 8
const OTHERS = 20

const inARow = (name: string, model: string, steps: number) => ({
  baton: 1,
  name,
  defaults: { model, timeout: '90s' },
  steps: Array.from({ length: steps }, (_, i) => ({
    key: `s${i + 1}`,
    prompt: `Step ${i + 1} for {{ input.company }}`,
    handoffs: [{ to: i + 1 < steps ? `s${i + 2}` : 'complete' }],
  })),
})

let provider: ChildProcess
let baseUrl: string
let baton: Baton
let api: Api
let processes: Process[]

beforeAll(async () => {
  const file = path.join(import.meta.dirname, '../support/openai-server.ts')
  provider = spawn(process.execPath, [file, '--delay', String(HANG_MS)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(provider.stdout!, 'data')
  baseUrl = String(line).trim().replace('OPENAI_BASE_URL=', '')
  baton = await startBaton({ env: { OPENAI_BASE_URL: baseUrl } })
  api = apiOf(baton)
  processes = [...treeOf(baton.pid), ...treeOf(provider.pid!)]
})

afterAll(async () => {
  await baton?.stop()
  provider?.kill('SIGKILL')
})

/** How many calls hang at the provider. */
async function hanging(): Promise<number> {
  const response = await fetch(new URL('/control/requests', baseUrl))
  return ((await response.json()) as unknown[]).length
}

test('model calls that hang for a minute delay no other task', async () => {
  const slow = await api.publish(inARow('Slow', 'default', 1))
  const quick = await api.publish(inARow('Quick', 'demo', 3))
  const slowTasks = await Promise.all(Array.from({ length: HANGING }, () => api.start(slow, { company: 'Slowly' })))
  for (const until = Date.now() + 30_000; (await hanging()) < HANGING && Date.now() < until; ) await pause(50)
  const hungAt = Date.now()
  expect(await hanging()).toBe(HANGING)

  const ids = await Promise.all(Array.from({ length: OTHERS }, (_, i) => api.start(quick, { company: `No ${i}` })))
  const others = await Promise.all(ids.map(id => api.until(id, ({ status }) => status === 'done', HANG_MS)))
  const still = await Promise.all(slowTasks.map(api.task))
  process.stdout.write(`\n${OTHERS} tasks of 3 steps beside ${HANGING} calls that hang: ${took(others)}.\n`)
  expect(others).toHaveLength(OTHERS)
  for (const task of still) expect(task).toMatchObject({ status: 'running', step: 's1' })
  expect(Date.now() - hungAt).toBeLessThan(HANG_MS)
  expect(await hanging()).toBe(HANGING)
}, 120_000)

test('a stop in the middle of hanging calls leaves no process behind', async () => {
  await baton.stop()
  provider.kill('SIGTERM')
  await once(provider, 'exit')
  expect(stillRunning(processes)).toEqual([])
})

function took(tasks: Task[]): string {
  const ms = tasks.map(task => Date.parse(task.finishedAt!) - Date.parse(task.createdAt)).sort((a, b) => a - b)
  return `p50 ${ms[Math.floor(ms.length / 2)]} ms, slowest ${ms.at(-1)} ms`
}
