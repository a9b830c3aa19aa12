/** A sweep of many schedules that are due in the same minute: how long until each slot has its task, and whether each has one. */
import { readdirSync, readFileSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { call, round } from './client.mjs'
import { baton, source } from './subjects.mjs'

const MINUTE = 60_000
/** The simulator keeps three files open for each object, for some 20 s after its last use, and their alarms open them once more. */
const FILES_HIGH = 0.4
const FILES_LOW = 0.2

/** Its tasks wait for nobody, so that what is measured is the sweep and not the work. */
const definition = {
  baton: 1,
  name: 'Bench, scheduled',
  steps: [{ key: 'wait', human: { instructions: 'Look.' }, handoffs: [{ to: 'complete' }] }],
}

const probe = {
  name: 'sweep-probe',
  compatibilityDate: '2026-08-20',
  modules: source('sweep-probe.mjs'),
  serviceBindings: { PAGE: { name: 'baton', entrypoint: 'SchedulePage' } },
  routes: ['*/bench-sweep/*'],
}

/** Sweeps `size` schedules of one workflow, page by page as the Worker does, each page twice at once. */
export async function schedules(size, log) {
  const session = await baton.open({ beside: [probe] })
  try {
    const db = await session.mf.getD1Database('DB', 'baton')
    const slot = Math.floor(Date.now() / MINUTE) * MINUTE
    const workflow = await prepare(session, db, size, slot)
    const sweep = from => call(`${session.url}/bench-sweep/`, { method: 'POST', body: { now: slot, from } })
    const before = session.usage()
    const pages = []
    let paused = 0
    for (let from = { dueAt: 0, id: '' }; from !== null; ) {
      paused += await roomFor(session.pid, log)
      const began = performance.now()
      // A tick that comes twice is what is promised to do no harm.
      const [first, second] = await Promise.all([sweep(from), sweep(from)])
      const done = await count(db, 'schedules WHERE due_at > ?1', slot)
      pages.push({ ms: performance.now() - began, done })
      log(`schedules: ${done} of ${size}, page ${pages.length} in ${round(pages.at(-1).ms / 1000, 2)} s`)
      from = first.next ?? second.next
    }
    const seconds = pages.reduce((sum, { ms }) => sum + ms, 0) / 1000
    const started = await count(db, "schedule_slots WHERE slot <= ?1 AND verdict = 'started'", slot)
    const { made, named } = await settled(db, workflow, size)
    const after = session.usage()
    const rate = (from, to) => {
      const ms = pages.slice(from, to).reduce((sum, page) => sum + page.ms, 0)
      return round(((pages[to - 1].done - (pages[from - 1]?.done ?? 0)) / ms) * 1000)
    }
    return {
      schedules: size,
      seconds: round(seconds, 2),
      perSecond: round(size / seconds),
      ...(pages.length >= 8 && {
        firstPagesPerSecond: rate(0, 4),
        lastPagesPerSecond: rate(pages.length - 5, pages.length - 1),
      }),
      invocations: pages.length,
      started,
      tasks: made,
      lost: size - named,
      doubled: made - named,
      pausedSeconds: round(paused / 1000),
      ...(after.cpuMs !== null && { cpuMsPerSchedule: round((after.cpuMs - before.cpuMs) / size, 2) }),
      how: 'each page’s sweep is called twice at once; the workflow has one step that waits; pauses in which the simulator lets go of its files are not counted',
    }
  } finally {
    await session.close()
  }
}

/** How many tasks the workflow has in the index once each slot's is there, and how many of them a slot names. */
async function settled(db, workflow, size) {
  const look = () =>
    db
      .prepare(
        'SELECT count(*) AS made, count(DISTINCT s.task) AS named FROM tasks t LEFT JOIN schedule_slots s ON s.task = t.id WHERE t.workflow = ?1',
      )
      .bind(workflow)
      .first()
  for (let tries = 0; ; tries++) {
    const found = await look()
    if (found.named >= size || tries >= 120) return found
    await sleep(500)
  }
}

/** Waits until the simulator can open the files of another page; answers for how long, in ms. */
async function roomFor(pid, log) {
  const began = performance.now()
  const most = limitOf(pid)
  if (openFiles(pid) < most * FILES_HIGH) return 0
  log('schedules: the simulator has too many files open; waiting until it lets go of some')
  while (openFiles(pid) > most * FILES_LOW) await sleep(500)
  return performance.now() - began
}

function openFiles(pid) {
  try {
    return readdirSync(`/proc/${pid}/fd`).length
  } catch {
    return 0
  }
}

function limitOf(pid) {
  try {
    return Number(/Max open files\s+(\d+)/.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'))?.[1] ?? Infinity)
  } catch {
    return Infinity
  }
}

/** Puts the schedules where they are due; answers their workflow's id. */
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
  return id
}

async function count(db, where, slot) {
  return (await db.prepare(`SELECT count(*) AS n FROM ${where}`).bind(slot).first()).n
}
