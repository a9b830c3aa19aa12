/** `npm run bench`: Baton and the same job on Cloudflare Workflows, round by round; figures as JSON on stdout, progress on stderr. */
import { cpus, totalmem } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { backlog } from './backlog.mjs'
import { flood, median, percentile, round, until } from './client.mjs'
import { costs, prices } from './cost.mjs'
import { gate } from './gate.mjs'
import { storage, versions } from './host.mjs'
import { intakes } from './intakes.mjs'
import { map } from './map.mjs'
import { metrics } from './metrics.mjs'
import { pages } from './pages.mjs'
import { schedules } from './schedules.mjs'
import { search } from './search.mjs'
import { baton, workflows } from './subjects.mjs'
import { waiting } from './waiting.mjs'

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    tasks: { type: 'string' },
    rounds: { type: 'string' },
  },
})
const sizes = (given.tasks ?? (given.quick ? '200' : '200,2000,10000')).split(',').map(Number)
const subjects = [baton, workflows].filter(subject => !given.only || given.only === subject.name)
const parts = ['cost', 'schedules', 'intakes', 'pages', 'gate', 'map', 'waiting', 'search', 'metrics']
if (!subjects.length && !parts.includes(given.only)) {
  throw new Error(`--only takes baton, workflows, ${parts.join(', ')}`)
}

const CONCURRENCY = 32
/** More is not sent in while so many are under way: what is measured is work, not how long a queue can get. */
const UNDER_WAY = 500
const WARM_UP = 100
/** Long enough for the alarms that finished tasks leave behind. */
const SETTLE_MS = 12_000
const log = text => process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${text}\n`)
const began = Date.now()

/** As often as it takes to see the spread; the longest once. */
const roundsOf = size => Number(given.rounds ?? (given.quick || size <= 2000 ? 3 : 1))

/** Each subject in turn, so that whatever else the machine does meets both. One that fails is told as failed; the other goes on. */
async function alternate(rounds, title, measure) {
  const measured = Object.fromEntries(subjects.map(({ name }) => [name, []]))
  for (let at = 0; at < rounds; at++) {
    for (const subject of subjects) {
      const session = await subject.open()
      try {
        const found = await measure(session, at === rounds - 1)
        measured[subject.name].push(found)
        log(`${title}, ${subject.name}, round ${at + 1} of ${rounds}: ${brief(found)}`)
      } catch (error) {
        measured[subject.name].push({ failed: error.message })
        log(`${title}, ${subject.name}, round ${at + 1} of ${rounds} failed: ${error.message}`)
      } finally {
        await session.close()
      }
    }
  }
  return measured
}

async function warmUp(session, options) {
  const { answers } = await flood(WARM_UP, 8, index => session.start(index, options))
  await until(WARM_UP, () => session.done(options), performance.now())
  return answers
}

/** Tasks finished per second, from the first request to the last row in the index and the audit. */
async function throughput(session, size, settle) {
  await warmUp(session)
  const before = session.usage()
  const start = performance.now()
  let finished = WARM_UP
  let sent = WARM_UP
  let stalled = false
  const look = async () => {
    finished = await session.done()
    return finished
  }
  const send = async index => {
    while (!stalled && sent - finished >= UNDER_WAY) await sleep(5)
    sent++
    const asked = performance.now()
    const id = await session.start(index)
    return { id, accepted: performance.now() - asked }
  }
  const ended = until(WARM_UP + size, look, start).catch(error => {
    stalled = true
    throw error
  })
  const [{ answers }, seen] = await Promise.all([flood(size, CONCURRENCY, send), ended])
  const took = seen.at(-1).at
  const unfinished = await session.unfinished(answers.map(({ id }) => id))
  if (unfinished.length > 0) throw new Error(`${unfinished.length} tasks ended otherwise than done, ${unfinished[0]}`)
  if (settle) await sleep(SETTLE_MS)
  const after = session.usage()
  return {
    tasksPerSecond: round((size / took) * 1000),
    intakeP50: round(median(answers.map(({ accepted }) => accepted))),
    ...(size >= 2000 && pace(seen, size)),
    ...(settle && after.cpuMs !== null && { cpuMsPerTask: round((after.cpuMs - before.cpuMs) / size, 2) }),
    peakMiB: round(after.peakMiB),
  }
}

/** Whether it goes on as it began: the first thousand against the last. */
function pace(seen, size) {
  const reached = count => {
    const after = seen.findIndex(look => look.done >= WARM_UP + count)
    const [b, a] = [seen[after], seen[after - 1] ?? { at: 0, done: WARM_UP }]
    return a.at + ((b.at - a.at) * (WARM_UP + count - a.done)) / (b.done - a.done || 1)
  }
  const first = 1e6 / reached(1000)
  const last = 1e6 / (reached(size) - reached(size - 1000))
  return { firstThousandPerSecond: round(first), lastThousandPerSecond: round(last) }
}

/** One after the other: how long until it is accepted, and until it is done. */
async function oneAtATime(session, count) {
  await warmUp(session)
  const accepted = []
  const done = []
  for (let index = 0; index < count; index++) {
    const start = performance.now()
    const id = await session.start(index)
    accepted.push(performance.now() - start)
    await session.wait(id)
    done.push(performance.now() - start)
  }
  const eight = await flood(2 * count, 8, index => session.start(index))
  await until(WARM_UP + 3 * count, () => session.done(), performance.now())
  return {
    endToEndP50: round(median(done), 2),
    endToEndP95: round(percentile(done, 0.95), 2),
    intakeP50: round(median(accepted), 2),
    intakeP99: round(percentile(accepted, 0.99), 2),
    intakeOfEightP50: round(median(eight.times), 2),
    intakeOfEightP99: round(percentile(eight.times, 0.99), 2),
  }
}

/** Steps that take a second each, all tasks at once: whether one waits for another. */
async function slowSteps(session, count) {
  await warmUp(session)
  const options = { delay: 1000 }
  const before = await session.done(options)
  const start = performance.now()
  const [, seen] = await Promise.all([
    flood(count, CONCURRENCY, index => session.start(index, options)),
    until(before + count, () => session.done(options), start),
  ])
  return { seconds: round(seen.at(-1).at / 1000, 2) }
}

/** Medians over the rounds, and Baton's share of Workflows' where both ran. */
function compare(measured) {
  const medians = Object.fromEntries(
    Object.entries(measured).map(([name, rounds]) => {
      const keys = [...new Set(rounds.flatMap(Object.keys))].filter(key => key !== 'failed')
      return [name, Object.fromEntries(keys.map(key => [key, median(rounds.flatMap(each => each[key] ?? []))]))]
    }),
  )
  const { baton: ours, workflows: theirs } = medians
  if (!ours || !theirs) return { ...medians, rounds: measured }
  const shared = Object.keys(ours).filter(key => key in theirs)
  const ratio = Object.fromEntries(shared.map(key => [key, round(ours[key] / theirs[key], 2)]))
  return { ...medians, ratio, rounds: measured }
}

const brief = found =>
  Object.entries(found)
    .map(([key, value]) => `${key} ${value}`)
    .join(', ')

const figures = {
  machine: {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryGiB: round(totalmem() / 2 ** 30, 0),
    platform: process.platform,
  },
  versions,
  how: {
    storage: storage === 'memory' ? 'files in memory (/dev/shm), for both' : 'files on disk, for both',
    baton:
      'the minified bundle under Miniflare, no dev proxy, BATON_LOCAL=1 as npm start sets it; POST /in/:intake with a key; four prompts on the demo model; finished = in D1’s index with its whole audit',
    workflows:
      'a Worker whose route calls create(); step.do four times, each giving a small object; finished = run() returned, counted in memory, so its last write is not waited for; no index, no audit, no key',
    rounds:
      'a fresh workerd with empty storage for each, warmed by 100 tasks, the two by turns; 32 requests at once while fewer than 500 tasks are under way; medians, and ratios of medians (Baton / Workflows)',
  },
}

if (subjects.length > 0) {
  figures.throughput = {}
  for (const size of sizes) {
    const settleAt = size === 2000 || sizes.length === 1
    const measured = await alternate(roundsOf(size), `${size} tasks`, (session, last) =>
      throughput(session, size, last && settleAt),
    )
    figures.throughput[size] = compare(measured)
  }
  figures.oneAtATime = compare(
    await alternate(given.quick ? 1 : 3, 'one at a time', session => oneAtATime(session, given.quick ? 100 : 200)),
  )
  figures.slowSteps = compare(
    await alternate(given.quick ? 1 : 2, '200 tasks of 4 × 1 s', session => slowSteps(session, 200)),
  )
}

if (!given.only || given.only === 'cost') {
  const cpuMs =
    Object.values(figures.throughput ?? {})
      .map(each => each.baton?.cpuMsPerTask)
      .find(Boolean) ?? null
  const ways = [
    { name: 'instant model, 32 at once', tasks: 200, concurrency: CONCURRENCY, delay: 0 },
    { name: 'instant model, one at a time', tasks: 50, concurrency: 1, delay: 0, waits: true },
    { name: 'a model that takes 1 s, 32 at once', tasks: 200, concurrency: CONCURRENCY, delay: 1000 },
    { name: 'a model that takes 1 s, alone', tasks: 5, concurrency: 1, delay: 1000, waits: true },
  ]
  figures.cost = {
    prices,
    assumes:
      'list prices beyond the included amounts; all of workerd’s CPU billed; 50 ms of a 128 MB object for each of its requests',
    perTask: await costs({ ways: given.quick ? ways.slice(0, 3) : ways, cpuMs, log }),
  }
  figures.backlog = backlog()
}

if (!given.only || given.only === 'schedules') {
  figures.schedules = await schedules(Number(given.tasks ?? (given.quick ? 1000 : 10_000)), log)
}

if (!given.only || given.only === 'intakes') {
  const requests = Number(given.tasks ?? (given.quick ? 500 : 2000))
  figures.intakes = await intakes({ requests, rounds: Number(given.rounds ?? (given.quick ? 1 : 3)) }, log)
}

if (!given.only || given.only === 'pages') {
  const { BENCH_PAGES_TASKS = given.quick ? 200 : 2000, BENCH_PAGES_BROWSERS = given.quick ? 4 : 20 } = process.env
  figures.pages = await pages({ tasks: Number(BENCH_PAGES_TASKS), browsers: Number(BENCH_PAGES_BROWSERS) }, log)
}

if (!given.only || given.only === 'gate') {
  figures.gate = await gate({ seconds: given.quick ? 3 : 10 }, log)
}

if (!given.only || given.only === 'map') {
  figures.map = await map(Number(given.rounds ?? (given.quick ? 1 : 3)), log)
}

if (!given.only || given.only === 'waiting') {
  figures.waiting = await waiting(
    { size: Number(given.tasks ?? (given.quick ? 500 : 10_000)), seconds: given.quick ? 20 : 60 },
    log,
  )
}

if (!given.only || given.only === 'search') {
  figures.search = await search({ size: Number(given.tasks ?? (given.quick ? 5000 : 100_000)) }, log)
}

if (!given.only || given.only === 'metrics') {
  figures.metrics = await metrics({ rows: Number(given.tasks ?? (given.quick ? 20_000 : 1_000_000)) }, log)
}

figures.aims = aims()
figures.tookSeconds = round((Date.now() - began) / 1000, 0)
process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)

/** What to aim at, beside what came out. Nothing fails for it. */
function aims() {
  const perSize = Object.entries(figures.throughput ?? {})
  const most = figures.cost?.perTask ?? []
  const list = [
    ...perSize.map(([size, { ratio }]) => [
      `tasks/s of Workflows', ${size} tasks`,
      '≥ 2',
      ratio?.tasksPerSecond,
      x => x >= 2,
    ]),
    ['end-to-end p50 of Workflows’', '≤ 0.6', figures.oneAtATime?.ratio?.endToEndP50, x => x <= 0.6],
    ['intake p50 of Workflows’', '≤ 0.5', figures.oneAtATime?.ratio?.intakeP50, x => x <= 0.5],
    ['tasks/s of 10,000 against 2,000', '≥ 0.9', flatness(), x => x >= 0.9],
    ['rows written per task, at most', '≤ 28', Math.max(...most.map(way => way.rowsWritten)), x => x <= 28],
    ['USD per 1,000 tasks, at most', '≤ 0.04', Math.max(...most.map(way => way.usdPer1000Tasks)), x => x <= 0.04],
    ['ms until a Gate answers that is asked 200 times a second, p99', '≤ 50', figures.gate?.p99Ms, x => x <= 50],
    ['a map of 100 × 1 s, 20 at a time, of its ideal', '≤ 1.2', figures.map?.ofIdeal, x => x <= 1.2],
    ['alarms of tasks that wait', '0', figures.waiting?.whileTheyWait.alarms, x => x === 0],
    ['ms of a search in 100,000 tasks, p95', '≤ 100', figures.search?.p95Ms, x => x <= 100],
    ['ms to the first byte of metrics, 1,000,000 audit rows', '≤ 150', figures.metrics?.firstByteMs, x => x <= 150],
    ['messages a run in a backlog of ten minutes', '≤ 5', figures.backlog?.messagesPerRun, x => x <= 5],
  ]
  return list
    .filter(([, , value]) => Number.isFinite(value))
    .map(([what, aim, value, met]) => ({ what, aim, value, met: met(value) }))
}

function flatness() {
  const { 2000: some, 10000: many } = figures.throughput ?? {}
  return some?.baton && many?.baton ? round(many.baton.tasksPerSecond / some.baton.tasksPerSecond, 2) : undefined
}
