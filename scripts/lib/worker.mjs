/** The Worker as it will be deployed, in real workerd on this machine: the bundle, its bindings, its migrations. Needs Node 24. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root, run } from './toolchain.mjs'

process.env.WRANGLER_LOG ??= 'warn'
const require = createRequire(import.meta.url)
const wrangler = require('wrangler')
// wrangler's own Miniflare: the one whose options it makes, with the newer of the two workerds in the tree.
const wranglerRequire = createRequire(require.resolve('wrangler'))
const { Miniflare, Log, LogLevel, Response, convertV4MiniflareOptions } = wranglerRequire('miniflare')
export const workerd = createRequire(wranglerRequire.resolve('miniflare'))('workerd').default
const configPath = path.join(root, 'wrangler.toml')

const config = wrangler.unstable_readConfig({ config: configPath })
export const crons = config.triggers.crons ?? []

const moduleTypes = {
  '.js': 'ESModule',
  '.wasm': 'CompiledWasm',
  '.txt': 'Text',
  '.html': 'Text',
  '.sql': 'Text',
  '.bin': 'Data',
}

/**
 * Builds what `wrangler deploy` would upload and answers its modules, the entry first, with the size wrangler reports.
 * `entry`: another one than the product's, for tests.
 */
export async function bundle({ minify = false, entry } = {}) {
  const main = `${path.basename(entry ?? 'index.ts', '.ts')}.js`
  const outdir = mkdtempSync(path.join(tmpdir(), 'baton-bundle-'))
  try {
    const { code, output } = await run(
      'wrangler',
      ['deploy', ...(entry ? [entry] : []), '--dry-run', '--outdir', outdir, ...(minify ? ['--minify'] : [])],
      { capture: true, env: { CI: '1', WRANGLER_LOG: 'log' } },
    )
    if (code !== 0) throw new Error(`The bundle does not build:\n${output}`)
    const modules = readdirSync(outdir)
      .filter(name => moduleTypes[path.extname(name)])
      .sort((a, b) => Number(b === main) - Number(a === main))
      .map(name => {
        const type = moduleTypes[path.extname(name)]
        const contents = readFileSync(path.join(outdir, name))
        return { type, path: name, contents: type === 'ESModule' || type === 'Text' ? contents.toString() : contents }
      })
    return { modules, size: /Total Upload: (.+)/.exec(output)?.[1] ?? 'unknown' }
  } finally {
    rmSync(outdir, { recursive: true, force: true })
  }
}

/** Serves a bundle on loopback, its D1 migrated before the first request. `state` is wrangler's layout, so its own commands read it. */
export async function openWorker({ modules, bindings, state, port = 0, offline = false, onRestart }) {
  const { workerOptions } = wrangler.unstable_getMiniflareWorkerOptions(configPath)
  const options = Object.fromEntries(Object.entries(workerOptions).filter(([, value]) => value !== undefined))
  const shared = {
    host: '127.0.0.1',
    cf: false,
    log: new Log(LogLevel.WARN),
    telemetry: { enabled: false },
    ...(state ? { resourcePersistencePath: path.join(state, 'v3') } : {}),
  }
  const app = {
    ...options,
    name: 'baton',
    rootPath: root,
    modules,
    // Not `options.bindings`: wrangler has put whatever .dev.vars holds in there.
    bindings: { ...config.vars, ...bindings },
    // Local only: a batch ends when its handler returns while its calls go on (the consumer does so when BATON_LOCAL=1).
    // The local queue hands out one batch at a time, so one slow model call would otherwise freeze every other task.
    compatibilityFlags: [...(options.compatibilityFlags ?? []), 'queue_consumer_no_wait_for_wait_until'],
    ...(offline ? { outboundService: request => new Response(`blocked: ${request.url}`, { status: 599 }) } : {}),
  }
  if (state) await migrate(options, shared)
  let mf
  // `/cdn-cgi/handler/*` is the documented name of what this Miniflare calls `/cdn-cgi/local/*`; wrangler dev's proxy translates it likewise.
  const handlers = {
    name: 'handlers',
    compatibilityDate: options.compatibilityDate,
    modules: [{ type: 'ESModule', path: 'handlers.js', contents: handlersWorker }],
    routes: ['*/cdn-cgi/handler/*'],
    serviceBindings: { ENTRY: request => mf.dispatchFetch(request) },
  }
  mf = new Miniflare(
    convertV4MiniflareOptions({
      ...shared,
      port,
      unsafeTriggerHandlers: true,
      unsafeHandleRuntimeRestart: onRestart,
      workers: [app, handlers],
    }),
  )
  const url = (await mf.ready).origin
  if (!state) await applyMigrations(await mf.getD1Database('DB', 'baton'))
  return { mf, url }
}

const handlersWorker = `export default {
  fetch(request, env) {
    const url = new URL(request.url)
    url.pathname = url.pathname.replace('/cdn-cgi/handler', '/cdn-cgi/local')
    return env.ENTRY.fetch(new Request(url, request))
  },
}`

/** In a runtime of its own, before the Worker's: no alarm that wakes on start may meet the old tables. */
async function migrate(options, shared) {
  const mf = new Miniflare(
    convertV4MiniflareOptions({
      ...shared,
      workers: [
        {
          name: 'migrate',
          compatibilityDate: options.compatibilityDate,
          modules: [{ type: 'ESModule', path: 'migrate.js', contents: 'export default {}' }],
          d1Databases: options.d1Databases,
        },
      ],
    }),
  )
  try {
    await applyMigrations(await mf.getD1Database('DB'))
  } finally {
    await mf.dispose()
  }
}

/** Keeps wrangler's own record, table for table, so that `wrangler d1 migrations` agrees with it. Each migration is one transaction. */
async function applyMigrations(db) {
  await db.exec(
    'CREATE TABLE IF NOT EXISTS d1_migrations (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT UNIQUE, applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL)',
  )
  const { results } = await db.prepare('SELECT name FROM d1_migrations').all()
  const applied = new Set(results.map(row => row.name))
  const folder = path.join(root, 'migrations')
  const pending = readdirSync(folder).filter(name => name.endsWith('.sql') && !applied.has(name))
  for (const name of pending.sort()) {
    const statements = wrangler.unstable_splitSqlQuery(readFileSync(path.join(folder, name), 'utf8'))
    const record = db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name)
    await db.batch([...statements.map(sql => db.prepare(sql)), record])
  }
}
