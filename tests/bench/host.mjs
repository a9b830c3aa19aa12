/** Serves a Worker under Miniflare in a workerd of its own, without wrangler's dev proxy, and reads what that process used. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { root, toolEnv } from '../../scripts/lib/toolchain.mjs'

export { root }

process.env.WRANGLER_LOG ??= 'warn'
const require = createRequire(import.meta.url)
export const wrangler = require('wrangler')
const wranglerRequire = createRequire(require.resolve('wrangler'))
const { Miniflare, Log, LogLevel, Response, convertV4MiniflareOptions } = wranglerRequire('miniflare')

export const versions = {
  wrangler: require('wrangler/package.json').version,
  workerd: createRequire(wranglerRequire.resolve('miniflare'))('workerd').version,
  node: process.version,
}

const memory = '/dev/shm'

/** Where the storage of both lies: in memory where that can be had, so that the disk's syncs do not drown everything else. */
export const storage = process.env.BENCH_STORAGE === 'disk' || !existsSync(memory) ? 'disk' : 'memory'
const folder = mkdtempSync(path.join(storage === 'memory' ? memory : tmpdir(), 'baton-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

/** Bundles an entry as `wrangler deploy` would upload it. */
export function bundle(entry, { minify = true } = {}) {
  const outdir = path.join(folder, `bundle-${path.basename(entry).replace(/\W/g, '-')}-${minify}`)
  const wranglerBin = path.join(root, 'node_modules/.bin/wrangler')
  const args = ['deploy', entry, '--dry-run', '--outdir', outdir, ...(minify ? ['--minify'] : [])]
  execFileSync(wranglerBin, args, { cwd: root, stdio: ['ignore', 'ignore', 2], env: { ...toolEnv, CI: '1' } })
  const types = {
    '.js': 'ESModule',
    '.wasm': 'CompiledWasm',
    '.txt': 'Text',
    '.html': 'Text',
    '.sql': 'Text',
    '.bin': 'Data',
  }
  const name = `${path.basename(entry).replace(/\.\w+$/, '')}.js`
  return readdirSync(outdir)
    .filter(file => types[path.extname(file)])
    .sort((a, b) => Number(b === name) - Number(a === name))
    .map(file => {
      const type = types[path.extname(file)]
      const contents = readFileSync(path.join(outdir, file))
      return { type, path: file, contents: /Text|ESModule/.test(type) ? contents.toString() : contents }
    })
}

let served = 0
const told = new Set()

/** Serves the workers in a fresh workerd with empty storage. */
export async function serve(workers, { inspectorPort } = {}) {
  const state = path.join(folder, `state-${served++}`)
  mkdirSync(state)
  const before = new Set(workerds())
  const mf = new Miniflare(
    convertV4MiniflareOptions({
      host: '127.0.0.1',
      port: 0,
      cf: false,
      log: new Log(LogLevel.WARN),
      telemetry: { enabled: false },
      resourcePersistencePath: state,
      inspectorPort,
      // Standard output is for the figures. A simulator that fails says the same thing a thousand times.
      handleStructuredLogs: ({ message }) => {
        if (!told.has(message.slice(0, 80))) process.stderr.write(`${message.slice(0, 400)}\n`)
        told.add(message.slice(0, 80))
      },
      workers: workers.map(worker => ({
        outboundService: () => new Response('no way out', { status: 599 }),
        ...worker,
      })),
    }),
  )
  const url = (await mf.ready).origin
  const [pid] = workerds().filter(each => !before.has(each))
  return {
    mf,
    url,
    pid,
    usage: () => usageOf(pid),
    async close() {
      await mf.dispose()
      rmSync(state, { recursive: true, force: true })
    },
  }
}

/** The workerd processes that this process has started. */
function workerds() {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,comm='], { encoding: 'utf8' }).trim().split('\n')
  return listed
    .map(line => line.trim().split(/\s+/))
    .filter(([, parent, command]) => Number(parent) === process.pid && /workerd/.test(command))
    .map(([pid]) => Number(pid))
}

/** CPU so far and peak memory of a process; null where the system does not tell. */
function usageOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ')
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
    // 11 and 12 of what follows the name: user and system time, in hundredths of a second.
    return { cpuMs: (Number(stat[11]) + Number(stat[12])) * 10, peakMiB: Number(peak) / 1024 }
  } catch {
    return { cpuMs: null, peakMiB: null }
  }
}
