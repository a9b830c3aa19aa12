/** Where Baton's CPU goes: `node tests/bench/profile.mjs [tasks]` prints the functions that the Worker's isolate spends itself in. */

import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import net from 'node:net'
import { flood, until } from './client.mjs'
import { baton } from './subjects.mjs'

const count = Number(process.argv[2] ?? 1000)
const inspectorPort = await freePort()
const session = await baton.open({ minify: false, inspectorPort })
try {
  await flood(200, 8, index => session.start(index))
  await until(200, () => session.done(), performance.now())
  const inspector = await connect(inspectorPort)
  await inspector.send('Profiler.enable')
  await inspector.send('Profiler.setSamplingInterval', { interval: 200 })
  await inspector.send('Profiler.start')
  const before = session.usage().cpuMs
  await flood(count, 32, index => session.start(index))
  await until(200 + count, () => session.done(), performance.now())
  const cpuMs = session.usage().cpuMs - before
  const { profile } = await inspector.send('Profiler.stop')
  inspector.close()
  if (process.argv[3]) writeFileSync(process.argv[3], JSON.stringify(profile))
  print(profile, cpuMs)
} finally {
  await session.close()
}

async function connect(port) {
  const targets = await (await fetch(`http://127.0.0.1:${port}/json`)).json()
  const target = targets.find(each => /baton/.test(`${each.id} ${each.title}`))
  const socket = new WebSocket(target.webSocketDebuggerUrl)
  await once(socket, 'open')
  const waiting = new Map()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(data)
    waiting.get(id)?.(result)
  })
  return {
    close: () => socket.close(),
    send: (method, params = {}) =>
      new Promise(resolve => {
        waiting.set(++last, resolve)
        socket.send(JSON.stringify({ id: last, method, params }))
      }),
  }
}

/** Self time by function, and time by the nearest of our own functions on the stack. */
function print({ nodes, samples, timeDeltas }, cpuMs) {
  const byId = new Map(nodes.map(node => [node.id, node]))
  const parents = new Map(nodes.flatMap(node => (node.children ?? []).map(child => [child, node.id])))
  const self = new Map()
  const inclusive = new Map()
  const note = (map, name, us) => map.set(name, (map.get(name) ?? 0) + us)
  samples.forEach((id, at) => {
    const us = timeDeltas[at]
    note(self, nameOf(byId.get(id)), us)
    const seen = new Set()
    for (let each = id; each !== undefined; each = parents.get(each)) seen.add(nameOf(byId.get(each)))
    for (const name of seen) note(inclusive, name, us)
  })
  const perTask = us => `${(us / 1000 / count).toFixed(3)} ms`
  const top = (map, n) => [...map].sort((a, b) => b[1] - a[1]).slice(0, n)
  process.stdout.write(`CPU of workerd per task: ${(cpuMs / count).toFixed(2)} ms\n\nSelf time per task\n`)
  for (const [name, us] of top(self, 45)) process.stdout.write(`${perTask(us)}  ${name}\n`)
  process.stdout.write('\nWith what they call\n')
  for (const [name, us] of top(inclusive, 90)) process.stdout.write(`${perTask(us)}  ${name}\n`)
}

function nameOf({ callFrame: { functionName, url, lineNumber } }) {
  return `${functionName || '(anonymous)'}${lineNumber >= 0 ? ` ${url.split('/').at(-1)}:${lineNumber + 1}` : ''}`
}

async function freePort() {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}
