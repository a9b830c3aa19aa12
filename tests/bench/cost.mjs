/** What a task costs at list prices: counted on an instrumented build, priced by Cloudflare's published list. */
import { setTimeout as sleep } from 'node:timers/promises'
import { call, flood, round, until } from './client.mjs'
import { baton } from './subjects.mjs'

/** USD (the Paid plan's included amounts are left out). */
export const prices = {
  workerRequest: 0.3e-6,
  cpuMs: 0.02e-6,
  objectRequest: 0.15e-6,
  gigabyteSecond: 12.5e-6,
  rowWritten: 1e-6,
  rowRead: 0.001e-6,
  queueOperation: 0.4e-6,
}
/** How long an object is taken to be at work for one request, and what it is billed as. */
const OBJECT_MS = 50
const OBJECT_GB = 0.125
/** The alarm that a task leaves behind fires ten seconds after its last message was sent; then it is quiet. */
const SETTLE_MS = 16_000

/** Counts each way of running tasks, one after the other. */
export async function costs({ ways, cpuMs, log }) {
  const session = await baton.open({ entry: 'tests/bench/instrumented-entry.mjs', minify: false })
  try {
    const measured = []
    for (const way of ways) {
      await session.done({ delay: way.delay })
      // What came before leaves alarms behind, too.
      await sleep(SETTLE_MS)
      await call(`${session.url}/counts`, { method: 'DELETE' })
      const before = await session.done({ delay: way.delay })
      const job = way.waits
        ? async index => session.wait(await session.start(index, { delay: way.delay }))
        : index => session.start(index, { delay: way.delay })
      await flood(way.tasks, way.concurrency, job)
      await until(before + way.tasks, () => session.done({ delay: way.delay }), performance.now())
      await sleep(SETTLE_MS)
      const counts = await call(`${session.url}/counts`)
      measured.push({ way: way.name, tasks: way.tasks, ...bill(counts, way, cpuMs) })
      log(`cost, ${way.name}: ${measured.at(-1).rowsWritten} rows, $${measured.at(-1).usdPer1000Tasks} per 1,000 tasks`)
    }
    return measured
  } finally {
    await session.close()
  }
}

function bill(counts, way, cpuMs) {
  const perTask = Object.fromEntries(
    Object.entries(counts)
      .map(([name, count]) => [name, round(count / way.tasks, 2)])
      .sort(([a], [b]) => a.localeCompare(b)),
  )
  const sum = prefix =>
    Object.entries(counts).reduce((all, [name, n]) => (name.startsWith(prefix) ? all + n : all), 0) / way.tasks
  // Waiting for a task by asking its object is the bench's doing.
  const objectRequests = sum('objectRequests.') - sum('objectRequests.TaskObject.view')
  const queueOperations = sum('queue.written') + sum('queue.read') + sum('queue.deleted')
  const amounts = {
    workerRequest: sum('worker.'),
    cpuMs: cpuMs ?? 0,
    objectRequest: objectRequests,
    gigabyteSecond: (objectRequests * OBJECT_MS * OBJECT_GB) / 1000,
    rowWritten: sum('rows.'),
    rowRead: sum('d1.rowsRead'),
    queueOperation: queueOperations,
  }
  const usd = Object.fromEntries(Object.entries(amounts).map(([name, n]) => [name, round(n * prices[name] * 1000, 5)]))
  return {
    rowsWritten: round(amounts.rowWritten, 2),
    rowsOfObjects: round(sum('rows.object.'), 2),
    rowsOfD1: round(sum('rows.d1.'), 2),
    objectRequests: round(objectRequests, 2),
    queueOperations: round(queueOperations, 2),
    messagesSent: round(sum('queue.written'), 2),
    usdPer1000Tasks: round(
      Object.values(usd).reduce((all, each) => all + each, 0),
      4,
    ),
    usdPer1000TasksBy: usd,
    countedPerTask: perTask,
  }
}
