/** `npm start`: installs what is missing, then serves Baton under Node 24 until it, or the npm that runs it, is ended; leaves no process behind. */
import { spawn } from 'node:child_process'
import { alive, end, onAbandoned } from './lib/processes.mjs'
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
function stop() {
  stopping = true
  server.kill('SIGTERM')
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop)
onAbandoned(stop)
server.on('exit', async (code, signal) => {
  // A server that was killed could not end its runtime, which would go on holding the port.
  if (alive(runtime)) await end(runtime, 0)
  if (signal && !stopping) process.stderr.write(`Baton's server was ended by ${signal}.\n`)
  process.exit(stopping ? 0 : (code ?? 1))
})
