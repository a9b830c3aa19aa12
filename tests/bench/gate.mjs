/** A team's Gate that is asked 200 times a second, each time told of the end, too, while many wait in another line. */
import { call, percentile, round } from './client.mjs'
import { baton, source } from './subjects.mjs'

const WAITING = 300
const PER_SECOND = 200

const probe = {
  name: 'gate-probe',
  compatibilityDate: '2026-08-20',
  modules: source('gate-probe.mjs'),
  durableObjects: { GATES: { className: 'GateObject', scriptName: 'baton', useSQLite: true } },
  routes: ['*/bench-gate/*'],
}

/** How long an answer takes at 200 a second, and how many a second there are when nothing waits between them. */
export async function gate({ seconds }, log) {
  const session = await baton.open({ beside: [probe] })
  try {
    const { url, apiKey, team } = session
    const limits = {
      budget: { day: 1000, month: null },
      providers: { bench: { parallel: 1000 }, full: { parallel: 1 } },
      waiting: null,
    }
    const headers = { authorization: `Bearer ${apiKey}` }
    await call(`${url}/api/v1/limits`, { method: 'PUT', headers, body: limits })
    const before = session.usage()
    const body = { team, waiting: WAITING, perSecond: PER_SECOND, seconds, atOnce: 32 }
    const { asked, flatOut } = await call(`${url}/bench-gate/`, { method: 'POST', body })
    const after = session.usage()
    const figures = {
      waiting: WAITING,
      asksPerSecond: PER_SECOND,
      asked: asked.length,
      p50Ms: round(percentile(asked, 0.5), 2),
      p99Ms: round(percentile(asked, 0.99), 2),
      flatOutPerSecond: round(flatOut, 0),
      ...(after.cpuMs !== null && { cpuSeconds: round((after.cpuMs - before.cpuMs) / 1000) }),
      how: 'each asks for leave and tells of its end; a budget and two providers are limited; flat out: 32 at once',
    }
    log(`gate: ${JSON.stringify(figures)}`)
    return figures
  } finally {
    await session.close()
  }
}
