/** A command that is ended takes with it what it runs: the nested Node, its tools, and itself when its npm is gone. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { killAll, type Process, stillRunning, treeOf } from '../../support/process-tree.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'baton-ending-'))
const toolchain = path.resolve(import.meta.dirname, '../../../scripts/lib/toolchain.mjs')
const command = path.join(folder, 'command.mjs')
writeFileSync(
  command,
  `import { run, underNode24 } from ${JSON.stringify(toolchain)}
await underNode24()
await run('sleep', ['600'])
`,
)
const seen: Process[] = []
afterAll(() => {
  killAll(seen.length > 0 ? stillRunning(seen) : [])
  rmSync(folder, { recursive: true, force: true })
})

/** Runs a line in a shell, as npm does, and answers its processes once there are so many. */
async function running(line: string, atLeast: number, byNpm: boolean) {
  const { BATON_NODE: _, npm_lifecycle_event: __, ...rest } = process.env
  const env = byNpm ? { ...rest, npm_lifecycle_event: 'bench' } : rest
  const child = spawn('sh', ['-c', line], { env, stdio: 'ignore' })
  await expect.poll(() => treeOf(child.pid!).length, { timeout: 8000 }).toBeGreaterThanOrEqual(atLeast)
  const tree = treeOf(child.pid!)
  seen.push(...tree)
  return { child, tree }
}

test.each(['SIGTERM', 'SIGINT', 'SIGHUP'] as const)(
  '%s to a command ends its nested Node and its tool',
  async signal => {
    const { child, tree } = await running(`exec node ${command}`, 3, false)
    const gone = once(child, 'exit')
    child.kill(signal)
    await gone
    await expect.poll(() => stillRunning(tree), { timeout: 8000 }).toEqual([])
  },
)

// `; true` keeps the shell from becoming the command.
test('a shell that npm ended alone takes the command with it', async () => {
  const { child, tree } = await running(`node ${command}; true`, 4, true)
  child.kill('SIGTERM')
  await expect.poll(() => stillRunning(tree), { timeout: 8000 }).toEqual([])
})

test('so does an npm that went without a word to its shell', async () => {
  const { child, tree } = await running(`sh -c 'node ${command}; true'; true`, 5, true)
  child.kill('SIGKILL')
  await expect.poll(() => stillRunning(tree), { timeout: 8000 }).toEqual([])
})

test('a command that no npm started outlives its starter', async () => {
  const { child, tree } = await running(`node ${command}; true`, 4, false)
  const gone = once(child, 'exit')
  child.kill('SIGTERM')
  await gone
  const left = tree.filter(each => each.pid !== child.pid)
  // Two looks' time of a command that watches.
  await new Promise(resolve => setTimeout(resolve, 1100))
  expect(stillRunning(left)).toEqual(left)
})
