/** `npm start` ended by whoever started it: the process that they know is npm's, and nothing below it may stay. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { freePort, startBaton } from '../support/baton.ts'
import { killAll, type Process, stillRunning, treeOf } from '../support/process-tree.ts'

let state: string
let port: number
const seen: Process[] = []
beforeAll(async () => {
  state = mkdtempSync(path.join(tmpdir(), 'baton-start-'))
  port = await freePort()
})
afterAll(() => {
  killAll(seen.length > 0 ? stillRunning(seen) : [])
  rmSync(state, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 })
})

// One after another on the same port: each start proves that the one before left it free.
test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)('%s to npm ends everything below it', async signal => {
  const baton = await startBaton({ npm: true, port, state })
  const tree = treeOf(baton.pid)
  seen.push(...tree)
  // npm, the start script, the server under Node 24, workerd.
  expect(tree.length).toBeGreaterThanOrEqual(4)
  await baton.kill(signal)
  await expect.poll(() => stillRunning(tree), { timeout: 30_000 }).toEqual([])
})
