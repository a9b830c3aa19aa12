/** `kill -9` under intake load, then `npm start` on the same state. `BATON_FAULTS=long` kills oftener. */
import { readFileSync, rmSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Api, apiOf, eachOf, pause } from '../support/api-client.ts'
import { type Baton, freePort, startBaton } from '../support/baton.ts'
import { type Intake, startLoad } from '../support/intake-load.ts'
import { killAll, type Process, stillRunning, treeOf } from '../support/process-tree.ts'
import { mulberry32 } from '../support/random.ts'
import {
  acceptedTasks,
  type Course,
  cutBy,
  diedThrice,
  type Found,
  type Hit,
  hitOf,
  type Kill,
  percentile,
  type Sent,
  wrongAnswers,
  wrongList,
  wrongTask,
} from '../support/wholeness.ts'

const long = process.env.BATON_FAULTS === 'long'
const KILLS = long ? 20 : 4
const ACCEPTED = long ? 200 : 60
/** A call of the seeded workflow may take a minute, and its lease outlives that by 15 s: so long may a task rest. */
const PATIENCE_MS = 120_000

/** Prompts in a row that take their time, so that kills land in the middle of calls. */
const ROW = {
  baton: 1,
  name: 'Four in a row',
  title: '{{ input.company }}',
  defaults: { model: 'demo', timeout: '2s' },
  steps: [1, 2, 3, 4].map(n => ({
    key: `s${n}`,
    prompt: `[demo: delay 300ms] Step ${n} for {{ input.company }}`,
    handoffs: [{ to: n < 4 ? `s${n + 1}` : 'complete' }],
  })),
}
const COURSES: Record<string, Course> = {
  onboarding: { status: 'waiting', steps: ['research', 'draft', 'approve'], last: 'asked' },
  row: { status: 'done', steps: ['s1', 's2', 's3', 's4'], last: 'finished' },
}

const told: { before: Record<string, unknown>; after: Record<string, unknown> }[] = []
const processes: Process[] = []
const kills: Kill[] = []
const workflows: Record<string, string> = {}
const found: Record<string, Found[]> = {}
let baton: Baton
let api: Api
let history: Map<string, Sent[]>
let atRestAfter = 0
/** Tasks that three kills in a row met in the same call. */
let givenUp = 0

beforeAll(async () => {
  const port = await freePort()
  baton = await startBaton({ port })
  api = apiOf(baton)
  workflows.onboarding = await api.workflowNamed('Customer onboarding')
  workflows.row = await api.publish(ROW)
  const row = await api.post<{ url: string }>(`/workflows/${workflows.row}/intakes`, { kind: 'webhook', name: 'Row' })
  const body = (company: string) => ({ company, email: 'load@globex.test' })
  const intakes: Intake[] = [
    { name: 'onboarding', url: baton.intake, body },
    { name: 'row', url: row.url, body },
  ]
  const random = mulberry32(20261107)
  const load = startLoad(intakes, { apiKey: baton.apiKey, random, clients: 6, pauseMs: 150 })

  for (let n = 1; n <= KILLS; n++) {
    const enough = (ACCEPTED * n) / KILLS
    for (const least = Date.now() + 1500 + 1000 * random(); load.accepted() < enough || Date.now() < least; )
      await pause(5)
    const at = await kill(() => load.nextRequest())
    const before = detailsOf(baton)
    baton = await startBaton({ port, state: baton.state })
    told.push({ before, after: detailsOf(baton) })
    while (load.answeredSince(at) === null) await pause(5)
    kills.push({ at, served: load.answeredSince(at)! })
  }
  await load.stop()
  history = load.history
  // The last kill hits with nobody there to come again: what goes on then goes on by itself alone.
  const at = await kill(() => pause(300))
  baton = await startBaton({ port, state: baton.state })
  kills.push({ at, served: Date.now() })
  await allAtRest()
  atRestAfter = Date.now() - kills.at(-1)!.served
  await retryTheGivenUp()
  for (const name of Object.keys(COURSES)) found[name] = await tellAll(name)
}, 1_500_000)

afterAll(async () => {
  if (baton) processes.push(...treeOf(baton.pid))
  await baton?.stop()
  // Brought by an earlier start, so `stop` left it.
  if (baton) rmSync(baton.state, { recursive: true, force: true })
})

/** `kill -9` of everything that the start script began, at the moment that is waited for; answers when that was. */
async function kill(moment: () => Promise<void>): Promise<number> {
  const tree = treeOf(baton.pid)
  await moment()
  killAll(tree)
  const at = Date.now()
  processes.push(...tree)
  await baton.kill('SIGKILL')
  return at
}

const detailsOf = ({ url, team, apiKey, intake, signIn }: Baton) => ({ url, team, apiKey, intake, signIn })

/** Watches the lists alone, so that nothing wakes a task but itself. */
async function allAtRest(): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS
  for (;;) {
    const listed = (await Promise.all(Object.values(workflows).map(id => api.tasks(id)))).flat()
    const moving = listed.filter(item => item.status === 'running' || item.status === 'held')
    const unlisted = [...history.values()].flatMap(sent => [...acceptedTasks(sent).keys()]).length
    if (moving.length === 0 && listed.length >= unlisted) return
    if (Date.now() > deadline) return
    await pause(500)
  }
}

/** A call that dies three times while its host lives is put to a person; after kills of the host there must be none. */
async function retryTheGivenUp(): Promise<void> {
  const listed = (await Promise.all(Object.values(workflows).map(id => api.tasks(id)))).flat()
  for (const { id } of listed.filter(item => item.status === 'stuck')) {
    if (!diedThrice(await api.events(id))) continue
    givenUp++
    await api.post(`/tasks/${id}/retry`, {})
    await api.until(id, ({ status }) => status === 'done' || status === 'waiting')
  }
}

async function tellAll(name: string): Promise<Found[]> {
  return eachOf([...acceptedTasks(history.get(name)!).values()], async id => ({
    task: await api.task(id),
    events: await api.events(id),
    audit: await api.audit(id),
  }))
}

describe.each(Object.keys(COURSES))('%s', name => {
  test('every request was answered 202 in the end, and no key made two tasks', () => {
    expect(wrongAnswers(history.get(name)!)).toEqual([])
  })

  test('the list holds every task that was accepted, and no other', async () => {
    const listed = (await api.tasks(workflows[name]!)).filter(item => item.title.startsWith(`${name} `))
    expect(wrongList(history.get(name)!, listed)).toEqual([])
  })

  test('every task that was answered 202 came to its end by itself, each step once, its log and audit whole', () => {
    expect(found[name]!.length).toBeGreaterThan(0)
    expect(found[name]!.flatMap(each => wrongTask(each, COURSES[name]!))).toEqual([])
  })
})

test('the kills met work under way, calls in their middle and requests without an answer', () => {
  const logs = Object.values(found).flatMap(each => each.map(({ events }) => events))
  const hits = kills.map((kill, i) => hitOf(logs, kill, kills[i + 1]))
  const all = [...history.values()].flat()
  const accepted = new Set(all.filter(each => each.status === 202).map(each => each.key)).size
  report(hits, all, accepted)
  expect(accepted).toBeGreaterThanOrEqual(ACCEPTED)
  expect(all.filter(each => each.duplicate).length).toBeGreaterThan(accepted / 5)
  // What the host did is no fault of the task: none is given up.
  expect(givenUp).toBe(0)
  expect(hits.filter(hit => hit.underWay > 0).length).toBe(kills.length)
  expect(hits.filter(hit => hit.midCall > 0).length).toBeGreaterThanOrEqual(kills.length / 2)
  expect(kills.filter(kill => cutBy(kill, all) > 0).length).toBeGreaterThan(0)
})

test('.dev.json is true after each kill: the same address, team, key, intake and sign-in, and they work', async () => {
  expect(told).toHaveLength(KILLS)
  for (const { before, after } of told) expect(after).toEqual(before)
  const file = JSON.parse(readFileSync(path.join(baton.state, 'dev.json'), 'utf8'))
  const sent = await fetch(file.intake, {
    method: 'POST',
    headers: { authorization: `Bearer ${file.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ company: 'After the kills', email: 'hank@globex.test' }),
  })
  expect(sent.status).toBe(202)
  const { task } = (await sent.json()) as { task: { id: string } }
  expect(await apiOf(file).until(task.id, ({ status }) => status === 'waiting')).toMatchObject({ step: 'approve' })
  const signIn = await fetch(file.signIn, { redirect: 'manual' })
  expect(signIn.status).toBe(303)
  expect(signIn.headers.get('set-cookie')).toBeTruthy()
})

test('no killed process lingers', () => {
  expect(processes.length).toBeGreaterThanOrEqual(3 * (KILLS + 1))
  expect(stillRunning(processes)).toEqual([])
})

function report(hits: Hit[], all: Sent[], accepted: number): void {
  const sum = (of: (hit: Hit) => number) => hits.reduce((total, hit) => total + of(hit), 0)
  const duplicates = all.filter(each => each.duplicate).length
  const unanswered = all.filter(each => each.status === null).length
  const starts = kills.map(kill => kill.served - kill.at)
  process.stdout.write(`
${kills.length} kills; ${accepted} tasks accepted; ${all.length} requests: ${duplicates} duplicates, ${unanswered} unanswered.
Met by the kills: ${sum(hit => hit.underWay)} tasks under way, ${sum(hit => hit.midCall)} of them in a call; ${kills.reduce((total, kill) => total + cutBy(kill, all), 0)} requests.
Baton served again after the kill: ${spread(starts)}. Tasks went on after that: ${spread(hits.flatMap(hit => hit.recovery))};
after that and their lease's end: ${spread(hits.flatMap(hit => hit.late))}. All at rest ${(atRestAfter / 1000).toFixed(1)} s after the last start.
Given up by the engine, as three kills in a row met them in the same call: ${givenUp}.
`)
}

function spread(values: number[]): string {
  const [p50, p99] = [percentile(values, 50), percentile(values, 99)].map(ms => (ms / 1000).toFixed(1))
  return `p50 ${p50} s, p99 ${p99} s`
}
