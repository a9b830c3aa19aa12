/** The smaller commands, by name: check, test:fast, bench, deploy, owner. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
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
  owner: makeOwner,
}

const [name, ...args] = process.argv.slice(2)
if (!jobs[name]) {
  process.stderr.write(`Unknown job ${name}; there are: ${Object.keys(jobs).join(', ')}\n`)
  process.exit(1)
}
process.exit(await jobs[name](args))

/** Makes a person the owner of a team that may be new, and prints a link that signs them in. `--local`: in this machine's state. */
async function makeOwner(rest) {
  const { LINK_MINUTES, ownerSql } = await import('./lib/owner.mjs')
  const local = rest.includes('--local')
  const [email, team] = rest.filter(arg => !arg.startsWith('--'))
  let made
  try {
    made = ownerSql({ email, team })
  } catch (error) {
    process.stderr.write(`${error.message}\nSay: npm run owner -- ana@example.com "Acme" [--local]\n`)
    return 1
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'baton-owner-'))
  try {
    const file = path.join(folder, 'owner.sql')
    writeFileSync(file, made.sql, { mode: 0o600 })
    const where = local ? ['--local', '--persist-to', process.env.BATON_STATE || '.wrangler/state'] : ['--remote']
    const failed = await tool('wrangler', ['d1', 'execute', 'DB', ...where, '--yes', '--file', file])
    if (failed) return failed
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const origin = process.env.BATON_URL || (local ? 'http://localhost:8787' : 'https://YOUR-BATON')
  process.stdout.write(
    `\n${email} owns the team “${team}”. This link signs them in, once, within ${LINK_MINUTES} minutes:\n\n  ${origin}/sign-in/link?token=${made.token}\n`,
  )
  return 0
}

async function tool(command, rest) {
  const { code } = await run(command, rest, { stdin: 'inherit' })
  return code
}
