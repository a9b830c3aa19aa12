/** `npm start`: installs what is missing, then serves Baton under Node 24 until interrupted, leaving no process behind. */
import { spawn } from 'node:child_process'
import { alive, end } from './lib/processes.mjs'
import { ensureInstalled, node, root, toolEnv } from './lib/toolchain.mjs'

ensureInstalled()

// The channel tells the server when this process is gone, however it went.
const server = spawn(node, ['scripts/serve.mjs', ...process.argv.slice(2)], {
  cwd: root,
  env: toolEnv,
  stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
})
let runtime = null
server.on('message', message => {
  runtime = message.runtime
})

let stopping = false
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    stopping = true
    server.kill('SIGTERM')
  })
}
server.on('exit', async (code, signal) => {
  // A server that was killed could not end its runtime, which would go on holding the port.
  if (alive(runtime)) await end(runtime, 0)
  if (signal && !stopping) process.stderr.write(`Baton's server was ended by ${signal}.\n`)
  process.exit(stopping ? 0 : (code ?? 1))
})
