/** The smaller commands, by name: check, test:fast, bench, deploy. */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { ensureInstalled, root, run, underNode24 } from './lib/toolchain.mjs'

ensureInstalled()
await underNode24()

const jobs = {
  async check() {
    const { checks } = await import('./lib/checks.mjs')
    let failed = 0
    for (const check of checks) {
      const { passed, output } = await check.run()
      process.stdout.write(`${passed ? '✓' : '✗'} ${check.name}\n`)
      if (!passed) process.stdout.write(`${output.trimEnd()}\n`)
      failed += passed ? 0 : 1
    }
    return failed ? 1 : 0
  },
  'test:fast': args => tool('vitest', ['run', '--project', 'node', '--project', 'workerd', ...args]),
  bench: args => tool('node', ['tests/bench/run.mjs', ...args]),
  async deploy() {
    if (/database_id = "0{8}-/.test(readFileSync(path.join(root, 'wrangler.toml'), 'utf8'))) {
      process.stderr.write('wrangler.toml still has no database_id. README.md, "Deploy", says what to create first.\n')
      return 1
    }
    const migrated = await tool('wrangler', ['d1', 'migrations', 'apply', 'DB', '--remote'])
    return migrated || tool('wrangler', ['deploy'])
  },
}

const [name, ...args] = process.argv.slice(2)
if (!jobs[name]) {
  process.stderr.write(`Unknown job ${name}; there are: ${Object.keys(jobs).join(', ')}\n`)
  process.exit(1)
}
process.exit(await jobs[name](args))

async function tool(command, rest) {
  const { code } = await run(command, rest, { stdin: 'inherit' })
  return code
}
