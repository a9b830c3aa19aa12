/** The local server, run by start.mjs under Node 24: settings, state, the Worker, its schedules, and .dev.json. */
import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import net from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseEnv } from 'node:util'
import { Cron } from 'croner'
import { alive, end, identify, orphaned } from './lib/processes.mjs'
import { root } from './lib/toolchain.mjs'
import { bundle, crons, openWorker, workerd } from './lib/worker.mjs'

const seedOnly = process.argv.includes('--seed')
const settings = readSettings()
const port = Number(settings.PORT || 8787)
const state = path.resolve(root, settings.BATON_STATE || '.wrangler/state')
const url = `http://localhost:${port}`
const publicUrl = (settings.BATON_URL || url).replace(/\/$/, '')
const devJson = path.resolve(root, process.env.BATON_DEV_JSON || '.dev.json')
const runFile = path.join(state, 'baton-run.json')
const seedFile = path.join(state, 'baton-seed.json')
const pidFile = path.join(state, 'baton-workerd.pid')

let mf = null
let jobs = []
let stopping = null

// Before anything is started: every way out goes through `stop`.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => stop(0))
process.on('disconnect', () => stop(1))
let work = main().catch(fail)
process.on('SIGUSR2', () => {
  work = work.then(reseed).catch(fail)
})

function fail(error) {
  process.stderr.write(`\n${error.expected ? error.message : error.stack}\n`)
  return stop(1)
}

async function main() {
  if (!(port > 0 && port < 65_536)) throw expected(`PORT=${settings.PORT} is not a port.`)
  mkdirSync(state, { recursive: true })
  const earlier = readJson(runFile)
  if (alive(earlier?.server) && seedOnly) return reseedRunning(earlier.server)
  await endEarlier(earlier)
  if (seedOnly) clearState()
  else await refuseTakenPort()
  writeJson(runFile, { server: identify(process.pid), starter: identify(process.ppid), port })
  // True for the state already, so nobody who waits for the port reads what another start left.
  if (!seedOnly) forgetOrRestoreDevJson()

  const seeded = await open()
  if (seedOnly) {
    process.stdout.write(`Seeded ${shown(state)} from nothing.\n`)
    return stop(0)
  }
  greet(seeded)
}

/** Serves the state, seeds it when it is empty, and makes .dev.json say so. */
async function open() {
  const token = randomBytes(24).toString('base64url')
  process.env.MINIFLARE_WORKERD_PATH = process.platform === 'win32' ? workerd : path.join(root, 'scripts/workerd.sh')
  process.env.BATON_WORKERD = workerd
  process.env.BATON_WORKERD_PID = pidFile
  const { modules } = await bundle()
  if (stopping) return
  const worker = await openWorker({
    modules,
    state,
    port: seedOnly ? 0 : port,
    bindings: { ...bindings(), BATON_LOCAL_TOKEN: token },
    onRestart: recordRuntime,
  })
  mf = worker.mf
  recordRuntime()
  const seeded = await seed(worker.url, token)
  writeJson(seedFile, seeded)
  if (!seedOnly) {
    writeDevJson(seeded)
    startSchedules()
  }
  return seeded
}

async function close() {
  for (const job of jobs) job.stop()
  jobs = []
  await mf?.dispose()
  mf = null
}

function stop(code) {
  stopping ??= (async () => {
    // A runtime that is just starting is not ours to dispose of yet; the recorded id is.
    const runtime = recordedRuntime()
    await Promise.race([close().catch(() => {}), sleep(3000)])
    if (alive(runtime)) await end(runtime, 0)
    process.exit(code)
  })()
  return stopping
}

/** The Worker seeds itself when its tables are empty, and answers the same every time for the same state. */
async function seed(origin, token) {
  const deadline = Date.now() + 60_000
  for (;;) {
    const response = await fetch(`${origin}/__local/seed`, { method: 'POST', headers: { 'x-baton-local': token } })
    const text = await response.text()
    if (response.ok) {
      const { team, apiKey, intake, signIn } = JSON.parse(text)
      return { team, apiKey, intake: withoutOrigin(intake), signIn: withoutOrigin(signIn) }
    }
    if (response.status < 500 || Date.now() > deadline) {
      throw expected(`Seeding failed: ${response.status} ${text.slice(0, 500)}`)
    }
    await sleep(500)
  }
}

/** `npm run seed` while this state is served: the server closes it, clears it and opens it again. */
async function reseed() {
  await close()
  clearState()
  greet(await open())
}

async function reseedRunning(server) {
  rmSync(seedFile, { force: true })
  process.kill(server.pid, 'SIGUSR2')
  while (!existsSync(seedFile)) {
    if (!alive(server)) throw expected('The running server ended while it seeded; its own output says why.')
    await sleep(100)
  }
  process.stdout.write('Seeded the state of the running server from nothing.\n')
  return stop(0)
}

/** Only what a start puts there: BATON_STATE may name a folder that holds more. */
function clearState() {
  for (const name of ['v3', 'baton-seed.json']) rmSync(path.join(state, name), { recursive: true, force: true })
}

/** A start may have been killed: whatever it left that still serves this state ends here. One that someone still runs elsewhere is refused. */
async function endEarlier(earlier) {
  if (!earlier) return
  const { server, starter } = earlier
  if (alive(server) && alive(starter) && !orphaned(starter) && earlier.port !== port) {
    throw expected(
      `This state (${state}) is being served on http://localhost:${earlier.port} by process ${starter.pid}. Stop that, or set BATON_STATE to another folder.`,
    )
  }
  if (alive(server))
    process.stderr.write(`Replacing the server that an earlier start left running (process ${server.pid}).\n`)
  // The starter waits for its server and goes with it.
  if (server) await end(server)
  if (earlier.runtime) await end(earlier.runtime, 0)
}

async function refuseTakenPort() {
  const taken = await new Promise(resolve => {
    const probe = net.createServer()
    probe.once('error', error => resolve(error.code))
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(null)))
  })
  if (taken) throw expected(`Port ${port} cannot be used (${taken}). Set PORT to another one: PORT=8788 npm start`)
}

/** The id that workerd.sh left, with its start time, so that a later start can be sure of it. */
function recordedRuntime() {
  const pid = Number(existsSync(pidFile) && readFileSync(pidFile, 'utf8'))
  const runtime = pid ? identify(pid) : null
  return runtime?.parent === process.pid ? runtime : null
}

function recordRuntime() {
  const runtime = recordedRuntime()
  writeJson(runFile, { ...readJson(runFile), runtime })
  process.send?.({ runtime })
}

/** Cron Triggers never fire by themselves on this machine. */
function startSchedules() {
  jobs = crons.map(
    cron =>
      new Cron(
        cron,
        { timezone: 'UTC', catch: error => process.stderr.write(`Schedule ${cron}: ${error}\n`) },
        async () => {
          const query = new URLSearchParams({ cron, time: String(Math.floor(Date.now() / 60_000) * 60_000) })
          const response = await fetch(`http://127.0.0.1:${port}/cdn-cgi/handler/scheduled?${query}`)
          if (!response.ok) process.stderr.write(`Schedule ${cron}: ${response.status} ${await response.text()}\n`)
        },
      ),
  )
}

/** The environment over .dev.vars. */
function readSettings() {
  const file = path.join(root, '.dev.vars')
  const saved = existsSync(file) ? parseEnv(readFileSync(file, 'utf8')) : {}
  const known = /^(PORT|BATON_\w+|OPENAI_\w+)$/
  const given = Object.entries(process.env).filter(([name]) => known.test(name))
  const all = { ...saved, ...Object.fromEntries(given) }
  if (all.BATON_SECRET) return all
  const line = `BATON_SECRET=${randomBytes(32).toString('base64url')}\n`
  const rest = existsSync(file)
    ? readFileSync(file, 'utf8')
        .replace(/^\s*BATON_SECRET\s*=.*\n?/gm, '')
        .trimEnd()
    : ''
  writeFileSync(file, rest ? `${rest}\n${line}` : line, { mode: 0o600 })
  return { ...all, ...parseEnv(line) }
}

function bindings() {
  const { PORT, BATON_STATE, BATON_DEV_JSON, ...rest } = settings
  const given = Object.entries(rest).filter(([, value]) => value !== '')
  return { ...Object.fromEntries(given), BATON_URL: publicUrl, BATON_LOCAL: '1' }
}

function writeDevJson({ team, apiKey, intake, signIn }) {
  writeJson(devJson, { url, team, apiKey, intake: `${publicUrl}${intake}`, signIn: `${publicUrl}${signIn}` })
}

/** The state outlives the port it is served on. */
function withoutOrigin(link) {
  const { pathname, search } = new URL(link, publicUrl)
  return pathname + search
}

function forgetOrRestoreDevJson() {
  const seeded = readJson(seedFile)
  if (seeded) writeDevJson(seeded)
  else rmSync(devJson, { force: true })
}

function greet(seeded) {
  if (!seeded) return
  const { apiKey, intake, signIn } = readJson(devJson)
  process.stdout.write(`
Baton is up at ${url}

Sign in as the demo owner:
  ${signIn}

Send a task in:
  curl -X POST '${intake}' -H 'authorization: Bearer ${apiKey}' -H 'content-type: application/json' -d '{"company":"Globex","email":"hank@globex.test"}'

State is kept in ${shown(state)}; addresses and the key are in ${shown(devJson)}. Ctrl-C stops.
`)
}

/** As one would type it from here. */
function shown(file) {
  const relative = path.relative(root, file)
  return relative && !relative.startsWith('..') ? relative : file
}

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return null
  }
}

/** Whole or not at all: others read these files while we write. */
function writeJson(file, value) {
  const draft = `${file}.${process.pid}.tmp`
  writeFileSync(draft, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 })
  renameSync(draft, file)
}

function expected(message) {
  return Object.assign(new Error(message), { expected: true })
}
