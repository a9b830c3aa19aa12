/** A map of 100 items that take a second each, 20 at a time: how long the whole takes beside the five seconds that it takes at best. */
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, median, round } from './client.mjs'
import { baton } from './subjects.mjs'

const ITEMS = 100
const AT_ONCE = 20
const ITEM_MS = 1000
const LOOK_MS = 25

const definition = {
  baton: 1,
  name: 'Bench, a map',
  defaults: { model: 'demo' },
  steps: [
    {
      key: 'each',
      map: {
        over: '{{ input.items }}',
        do: { prompt: `[demo: delay ${ITEM_MS}ms] Look at {{ item }}.` },
        concurrency: AT_ONCE,
      },
      handoffs: [{ to: 'complete' }],
    },
  ],
}

/** The task once it goes on no more; asked so rarely that the asking is no load. */
async function ended(url, headers) {
  for (;;) {
    const task = await call(url, { headers })
    if (task.status !== 'running') return task
    await sleep(LOOK_MS)
  }
}

/** One task after the other; the first only warms the isolate. */
export async function map(rounds, log) {
  const session = await baton.open()
  try {
    const headers = { authorization: `Bearer ${session.apiKey}` }
    const { id } = await call(`${session.url}/api/v1/workflows`, { method: 'POST', headers, body: definition })
    const run = async () => {
      const body = { input: { items: Array.from({ length: ITEMS }, (_, n) => `item ${n}`) } }
      const began = performance.now()
      const task = await call(`${session.url}/api/v1/workflows/${id}/tasks`, { method: 'POST', headers, body })
      const { status, outputs } = await ended(`${session.url}/api/v1/tasks/${task.id}`, headers)
      const ms = performance.now() - began
      if (status !== 'done' || outputs.each.length !== ITEMS) throw new Error(`the map came to ${status}`)
      return ms
    }
    await run()
    const ideal = (ITEMS / AT_ONCE) * ITEM_MS
    const took = []
    for (let at = 0; at < rounds; at++) {
      took.push(await run())
      log(`map, round ${at + 1} of ${rounds}: ${round(took.at(-1))} ms, ${round(took.at(-1) / ideal, 2)} × ideal`)
    }
    return {
      items: ITEMS,
      atOnce: AT_ONCE,
      itemMs: ITEM_MS,
      idealMs: ideal,
      ms: round(median(took)),
      ofIdeal: round(median(took) / ideal, 3),
    }
  } finally {
    await session.close()
  }
}
