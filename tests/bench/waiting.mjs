/** Many tasks that wait for days: what they write and how often they wake while they do, counted on the instrumented build. */
import { setTimeout as sleep } from 'node:timers/promises'
import { call, flood, round } from './client.mjs'
import { baton } from './subjects.mjs'

/** Long enough for what beginning them leaves behind: flushes, and alarms that look after them. */
const SETTLE_MS = 30_000

const definition = {
  baton: 1,
  name: 'Bench, waiting',
  key: '{{ input.n }}',
  steps: [
    {
      key: 'wait',
      wait: { event: 'reply', for: '14d' },
      handoffs: [
        { when: 'reply', to: 'complete' },
        { when: 'timeout', to: 'complete' },
      ],
    },
  ],
}

/** Begins `size` of them, lets `seconds` pass, and has the hourly pass and a minute's sweep look at them in between. */
export async function waiting({ size, seconds }, log) {
  const session = await baton.open({ entry: 'tests/bench/instrumented-entry.mjs', minify: false })
  try {
    const headers = { authorization: `Bearer ${session.apiKey}` }
    const post = (path, body) => call(`${session.url}/api/v1${path}`, { method: 'POST', headers, body })
    const { id } = await post('/workflows', definition)
    let begun = 0
    await flood(size, 32, async index => {
      await post(`/workflows/${id}/tasks`, { input: { n: `K-${index}` } })
      if (++begun % 1000 === 0) log(`waiting: ${begun} of ${size} have begun`)
    })
    await sleep(SETTLE_MS)
    const took = await counted(session)
    await sleep(seconds * 1000)
    const asleep = await counted(session)
    const worker = await session.mf.getWorker('baton')
    for (const cron of ['7 * * * *', '* * * * *']) await worker.scheduled({ cron })
    const looked = await counted(session)
    const { tasks } = await post('/events', { name: 'reply', key: 'K-1', data: null })
    await sleep(2000)
    const woken = await counted(session)
    return {
      tasks: size,
      rowsToBeginOne: round(sum(took, 'rows.') / size, 2),
      whileTheyWait: { seconds, ...wakes(asleep) },
      hourlyPassAndMinutesSweep: wakes(looked),
      anEventForOne: { tasks, ...wakes(woken) },
    }
  } finally {
    await session.close()
  }
}

/** What was counted since the last time. */
async function counted({ url }) {
  return call(`${url}/counts`, { method: 'DELETE' })
}

const sum = (counts, prefix) =>
  Object.entries(counts).reduce((all, [name, n]) => (name.startsWith(prefix) ? all + n : all), 0)

function wakes(counts) {
  return {
    alarms: sum(counts, 'objectRequests.TaskObject.alarm'),
    objectRequests: sum(counts, 'objectRequests.'),
    rowsWritten: sum(counts, 'rows.'),
    rowsRead: sum(counts, 'd1.rowsRead'),
    messages: sum(counts, 'queue.written'),
  }
}
