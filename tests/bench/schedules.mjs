/** A sweep of many schedules that are due in the same minute: how long until each slot has its task, and whether each has one. */
import { performance } from 'node:perf_hooks'
import { call, round } from './client.mjs'
import { baton } from './subjects.mjs'

const MINUTE = 60_000
/** No more than this many ticks: a sweep that never ends is told as unfinished. */
const MOST_TICKS = 20

/** Its tasks wait for nobody, so that what is measured is the sweep and not the work. */
const definition = {
  baton: 1,
  name: 'Bench, scheduled',
  steps: [{ key: 'wait', human: { instructions: 'Look.' }, handoffs: [{ to: 'complete' }] }],
}

/** Sweeps `size` schedules of one workflow, every tick twice, until none is due. */
export async function schedules(size, log) {
  const session = await baton.open()
  try {
    const db = await session.mf.getD1Database('DB', 'baton')
    const slot = Math.floor(Date.now() / MINUTE) * MINUTE
    await prepare(session, db, size, slot)
    const worker = await session.mf.getWorker('baton')
    const tick = () => worker.scheduled({ cron: '* * * * *', scheduledTime: new Date(slot) })
    const before = session.usage()
    const began = performance.now()
    let ticks = 0
    while ((await count(db, 'schedules WHERE due_at <= ?1', slot)) > 0 && ticks < MOST_TICKS) {
      ticks++
      // A tick that comes twice is what is promised to do no harm.
      await Promise.all(ticks === 1 ? [tick(), tick()] : [tick()])
      log(`schedules: tick ${ticks}, ${round((performance.now() - began) / 1000)} s`)
    }
    const seconds = (performance.now() - began) / 1000
    const started = await count(db, "schedule_slots WHERE slot <= ?1 AND verdict = 'started'", slot)
    const { n } = await db.prepare('SELECT count(DISTINCT task) AS n FROM schedule_slots').first()
    const after = session.usage()
    return {
      schedules: size,
      seconds: round(seconds, 2),
      perSecond: round(size / seconds),
      ticks,
      started,
      tasks: n,
      lost: size - started,
      doubled: started - n,
      ...(after.cpuMs !== null && { cpuMsPerSchedule: round((after.cpuMs - before.cpuMs) / size, 2) }),
      how: 'the first tick comes twice at once; the workflow has one step that waits',
    }
  } finally {
    await session.close()
  }
}

async function prepare({ url, team, apiKey }, db, size, slot) {
  const headers = { authorization: `Bearer ${apiKey}` }
  const { id } = await call(`${url}/api/v1/workflows`, { method: 'POST', headers, body: definition })
  // That minute and no later one: a long sweep shall not find more to do.
  const at = new Date(slot)
  const cron = `${at.getUTCMinutes()} ${at.getUTCHours()} * * *`
  const config = { cron, timezone: 'UTC', overlap: 'allow', catchUp: 'last', paused: false }
  const ids = Array.from({ length: size }, (_, n) => `int_bench${String(n).padStart(15, '0')}`)
  for (let at = 0; at < size; at += 1000) {
    const some = JSON.stringify(ids.slice(at, at + 1000))
    await db.batch([
      db
        .prepare(
          `INSERT INTO intakes (id, team, workflow, kind, name, config, created_at, updated_at)
           SELECT value, ?2, ?3, 'schedule', 'Bench', ?4, 0, 0 FROM json_each(?1)`,
        )
        .bind(some, team, id, JSON.stringify(config)),
      db
        .prepare(
          'INSERT INTO schedules (id, team, workflow, due_at, last_slot) SELECT value, ?2, ?3, ?4, ?5 FROM json_each(?1)',
        )
        .bind(some, team, id, slot, slot - MINUTE),
    ])
  }
}

async function count(db, where, slot) {
  return (await db.prepare(`SELECT count(*) AS n FROM ${where}`).bind(slot).first()).n
}
