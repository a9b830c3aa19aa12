/** Runs Baton for a test as a newcomer would, through `npm start`'s script, on a port and a state of its own. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import net from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '../..')

export interface Baton {
  url: string
  team: string
  apiKey: string
  intake: string
  signIn: string
  /** The start script's, the process a person would kill. */
  pid: number
  /** Where its state is; pass it to another `startBaton` to serve the same tasks again. */
  state: string
  /** What it has printed so far. */
  output(): string
  /** Sends the start script a signal and answers when it is gone. */
  kill(signal?: NodeJS.Signals): Promise<void>
  /** Ends it, and removes its state unless the caller brought it. */
  stop(): Promise<void>
}

export interface BatonOptions {
  port?: number
  state?: string
  env?: Record<string, string>
  /** By `npm start` itself, which is then the process of `pid` and `kill`. */
  npm?: boolean
}

export async function startBaton({ port, state, env = {}, npm = false }: BatonOptions = {}): Promise<Baton> {
  const folder = state ?? mkdtempSync(path.join(tmpdir(), 'baton-state-'))
  const devJson = path.join(folder, 'dev.json')
  rmSync(devJson, { force: true })
  const onPort = port ?? (await freePort())
  const [command, args] = npm ? ['npm', ['start']] : [process.execPath, [path.join(root, 'scripts/start.mjs')]]
  const child = spawn(command, args, {
    cwd: root,
    env: { ...withoutSettings(), ...env, PORT: String(onPort), BATON_STATE: folder, BATON_DEV_JSON: devJson },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', chunk => {
      output += chunk
    })
  }

  async function kill(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (isOver(child)) return
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
  }
  async function stop(): Promise<void> {
    await kill()
    if (!state) rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
  }

  try {
    await ready(child, () => output)
  } catch (error) {
    await stop()
    throw error
  }
  const told = JSON.parse(readFileSync(devJson, 'utf8'))
  return { ...told, pid: child.pid, state: folder, output: () => output, kill, stop }
}

/** Seconds on a machine of its own; a laden one takes its time. */
const START_MS = 180_000

/** The start script says so once the server really answers. */
async function ready(child: ChildProcess, output: () => string): Promise<void> {
  const deadline = Date.now() + START_MS
  while (!output().includes('Baton is up at')) {
    if (isOver(child)) throw new Error(`Baton did not start:\n${output()}`)
    if (Date.now() > deadline) throw new Error(`Baton was not up after ${START_MS / 1000} s:\n${output()}`)
    await new Promise(resolve => setTimeout(resolve, 25))
  }
}

const isOver = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null

/** What a Baton of a test signs with, unless it is told otherwise. */
export const SECRET = 'started-by-a-test-0123456789abcdef-0123456789abcdef-0123456789ab'

/** A test must not depend on the settings of whoever runs it, nor on their .dev.vars, which an empty value overrides. */
function withoutSettings(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !/^(BATON_|OPENAI_|VITEST)/.test(name))
  const emptied = readFileSync(path.join(root, '.dev.vars.example'), 'utf8').matchAll(/^#? ?([A-Z_]+)=/gm)
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries([...emptied].map(([, name]) => [name, ''])),
    BATON_SECRET: SECRET,
  }
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}
