/** The set-up every command shares: installed packages, the Node that wrangler needs, and quiet tools that end with it. No dependencies. */
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { onAbandoned } from './processes.mjs'

export const root = path.resolve(import.meta.dirname, '../..')
const bin = path.join(root, 'node_modules/.bin')

/** Node 24 from the dev dependency: the machine's own may be older than wrangler allows. */
export const node = path.join(bin, 'node')

/** The environment for our tools: that Node first on the path, and nothing that phones home or asks. */
export const toolEnv = {
  ...process.env,
  PATH: `${bin}${path.delimiter}${process.env.PATH ?? ''}`,
  WRANGLER_SEND_METRICS: 'false',
  WRANGLER_SEND_ERROR_REPORTS: 'false',
  WRANGLER_HIDE_BANNER: 'true',
  WRANGLER_LOG_PATH: path.join(root, '.wrangler/logs'),
  NO_UPDATE_NOTIFIER: '1',
}

/** Installs when node_modules is missing or is not what the lockfile says. Speaks on stderr only: stdout belongs to the command. */
export function ensureInstalled() {
  if (installed()) return
  process.stderr.write('Installing packages (npm ci)…\n')
  const npm = process.env.npm_execpath
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error']
  const options = { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, NO_UPDATE_NOTIFIER: '1' } }
  const done = npm ? spawnSync(process.execPath, [npm, ...args], options) : spawnSync('npm', args, options)
  if (done.status !== 0) throw new Error('npm ci failed; its output is above')
  if (!installed()) throw new Error('npm ci ran, but node_modules still differs from package-lock.json')
}

/** npm leaves what it installed in a lockfile of its own, written last; an interrupted install has none. */
function installed() {
  const hidden = path.join(root, 'node_modules/.package-lock.json')
  if (!existsSync(hidden) || !existsSync(node)) return false
  const wanted = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')).packages
  const present = JSON.parse(readFileSync(hidden, 'utf8')).packages
  return Object.entries(wanted).every(
    ([name, { version, optional }]) =>
      name === '' || present[name]?.version === version || (optional && !present[name]),
  )
}

/** Starts the calling script again under Node 24, which then goes on past this call; the first one waits and exits as it does. */
export async function underNode24() {
  if (process.env.BATON_NODE) return endWithTools()
  const child = spawn(node, process.argv.slice(1), { stdio: 'inherit', env: { ...toolEnv, BATON_NODE: '1' } })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  onAbandoned(() => child.kill('SIGTERM'))
  const code = await new Promise(resolve => child.on('close', resolve))
  process.exit(code ?? 1)
}

const running = new Set()

/** What ends this process ends the tools that it runs first, each told once: a terminal tells them by itself. */
function endWithTools() {
  let ending = false
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      if (ending) return
      ending = true
      for (const tool of running) tool.kill('SIGTERM')
      Promise.all([...running].map(tool => new Promise(resolve => tool.on('close', resolve)))).then(() =>
        process.exit(1),
      )
    })
  }
}

/** Runs a tool under Node 24 to its end; answers its exit code (and what it said, when captured). */
export function run(command, args, { capture = false, env = {}, stdin = 'ignore' } = {}) {
  return new Promise((resolve, reject) => {
    const out = capture ? 'pipe' : 'inherit'
    const child = spawn(command, args, { cwd: root, env: { ...toolEnv, ...env }, stdio: [stdin, out, out] })
    running.add(child)
    child.on('exit', () => running.delete(child))
    let output = ''
    child.stdout?.on('data', chunk => {
      output += chunk
    })
    child.stderr?.on('data', chunk => {
      output += chunk
    })
    child.on('error', reject)
    child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, output }))
  })
}
