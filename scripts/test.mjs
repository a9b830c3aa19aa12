/** `npm test`: all set-up, then every check and every test in order; the last line says how many passed and failed. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ensureInstalled, root, run, underNode24 } from './lib/toolchain.mjs'

ensureInstalled()
await underNode24()

/** No one is there to notice a skip. */
const ci = /^(1|true)$/i.test(process.env.CI ?? '')
const reports = mkdtempSync(path.join(tmpdir(), 'baton-test-'))
const total = { passed: 0, failed: 0, skipped: 0 }
const failures = []

await attempt(checkAll)
await attempt(() => vitest('node', 'pure rules under Node'))
await attempt(() => vitest('workerd', 'the Worker with its bindings in workerd'))
await attempt(() => vitest('smoke', 'the bundle in the runtime it is deployed to'))
await attempt(browser)
await attempt(() => vitest('faults', 'faults, in short form', { BATON_FAULTS: 'short' }))
rmSync(reports, { recursive: true, force: true })

if (failures.length) process.stdout.write(`\nFailed:\n${failures.map(line => `  ${line}`).join('\n')}\n`)
const skipped = total.skipped ? `, ${total.skipped} skipped` : ''
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`)
process.exitCode = total.failed ? 1 : 0

/** What breaks outside a test is a failure too, and hides none of the others. */
async function attempt(phase) {
  try {
    await phase()
  } catch (error) {
    fail(`the tests themselves: ${error.message}`, error.stack)
  }
}

async function checkAll() {
  const { checks } = await import('./lib/checks.mjs')
  heading('Checks')
  for (const check of checks) {
    const { passed, output } = await check.run()
    process.stdout.write(`${passed ? '✓' : '✗'} ${check.name}\n`)
    if (passed) total.passed++
    else fail(check.name, output)
  }
}

/** Runs one project of vitest.config.ts, if it has tests, and counts by its JSON report. */
async function vitest(project, title, env = {}) {
  if (!hasTests(`tests/${project}`)) return
  heading(title)
  const file = path.join(reports, `${project}.json`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { code } = await run('vitest', args, { env })
  const report = readReport(file)
  const before = total.failed
  for (const { name, status, message, assertionResults: tests } of report?.testResults ?? []) {
    const file = `${project}: ${path.relative(root, name)}`
    // A file that cannot be set up reports its tests as skipped, or none at all.
    const broken = status === 'failed' && !tests.some(test => test.status === 'failed')
    if (broken) fail(`${file}: ${message.split('\n')[0]}`)
    for (const test of tests) if (!broken || test.status === 'passed') count(test.status, `${file}: ${test.fullName}`)
  }
  if (code !== 0 && total.failed === before) fail(`${project}: vitest ended with ${code}; its output is above`)
}

async function browser() {
  if (!hasTests('tests/e2e')) return
  heading('browser')
  const { findChromium } = await import('./lib/chromium.mjs')
  const chromium = await findChromium()
  if (!chromium) {
    const note = 'browser tests: no Chromium (set CHROME_PATH, or install one)'
    process.stdout.write(`${note}\n`)
    return count('skipped', note)
  }
  const file = path.join(reports, 'e2e.json')
  const config = ['tests/e2e/playwright.config.ts', 'playwright.config.ts'].find(name =>
    existsSync(path.join(root, name)),
  )
  const args = ['test', '--reporter=list,json', ...(config ? ['--config', config] : [])]
  const { code } = await run('playwright', args, { env: { CHROME_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: file } })
  const report = readReport(file)
  const before = total.failed
  for (const spec of (report?.suites ?? []).flatMap(specsOf)) {
    for (const test of spec.tests)
      count(spec.ok && test.status !== 'skipped' ? 'passed' : test.status, `e2e: ${spec.file}: ${spec.title}`)
  }
  for (const error of report?.errors ?? []) fail(`e2e: ${error.message?.split('\n')[0]}`)
  if (code !== 0 && total.failed === before) fail(`e2e: playwright ended with ${code}; its output is above`)
}

function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]
}

function count(status, name) {
  if (status === 'passed') total.passed++
  else if (status === 'pending') fail(`${name} (never ran)`)
  else if (!/^(skipped|todo|disabled)$/.test(status)) fail(name)
  else if (ci) fail(`${name} (skipped, which CI does not allow)`)
  else total.skipped++
}

function fail(name, output = '') {
  total.failed++
  failures.push(name)
  if (output) process.stdout.write(`${output.trimEnd()}\n`)
}

function heading(text) {
  process.stdout.write(`\n— ${text}\n`)
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

function hasTests(folder) {
  const full = path.join(root, folder)
  return (
    existsSync(full) && readdirSync(full, { recursive: true }).some(name => /\.(test|spec)\.(ts|tsx|mjs)$/.test(name))
  )
}
