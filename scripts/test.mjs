/** `npm test`: all set-up, then every check and every test in order; the last line says how many passed and failed. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Tally } from './lib/tally.mjs'
import { ensureInstalled, root, run, underNode24 } from './lib/toolchain.mjs'

ensureInstalled()
await underNode24()

const reports = mkdtempSync(path.join(tmpdir(), 'baton-test-'))
const tally = new Tally(text => process.stdout.write(text), /^(1|true)$/i.test(process.env.CI ?? ''))

await tally.phase('checks', checkAll)
await tally.phase('pure rules under Node', () => vitest('node'))
await tally.phase('the Worker with its bindings in workerd', () => vitest('workerd'))
await tally.phase('the bundle in the runtime it is deployed to', () => vitest('smoke'))
await tally.phase('browser', browser)
await tally.phase('faults, in short form', () => vitest('faults', { BATON_FAULTS: 'short' }))
tally.missing(testFiles())
rmSync(reports, { recursive: true, force: true })

const { failures } = tally
if (failures.length) process.stdout.write(`\nFailed:\n${failures.map(line => `  ${line}`).join('\n')}\n`)
process.stdout.write(`\n${tally.line}\n`)
process.exitCode = tally.failed ? 1 : 0

async function checkAll() {
  const { checks } = await import('./lib/checks.mjs')
  for (const check of checks) {
    const { passed, output } = await check.run()
    process.stdout.write(`${passed ? '✓' : '✗'} ${check.name}\n`)
    if (!passed) process.stdout.write(`${output.trimEnd()}\n`)
    tally.count(passed ? 'passed' : 'failed', check.name, 'scripts/lib/checks.mjs')
  }
}

/** Runs one project of vitest.config.ts and counts by its JSON report. */
async function vitest(project, env = {}) {
  const file = path.join(reports, `${project}.json`)
  const args = ['run', '--project', project, '--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
  const { code } = await run('vitest', args, { env })
  const before = tally.failed
  for (const { name, status, message, assertionResults: tests } of readReport(file)?.testResults ?? []) {
    const file = path.relative(root, name)
    // A file that cannot be set up reports its tests as skipped, or none at all.
    const broken = status === 'failed' && !tests.some(test => test.status === 'failed')
    if (broken) tally.fail(`${file}: ${message.split('\n')[0]}`)
    for (const test of tests) {
      if (!broken || test.status === 'passed') tally.count(test.status, `${file}: ${test.fullName}`, file)
    }
  }
  if (code !== 0 && tally.failed === before) tally.fail(`${project}: vitest ended with ${code}; its output is above`)
}

async function browser() {
  const { findChromium } = await import('./lib/chromium.mjs')
  const chromium = await findChromium()
  if (!chromium) throw new Error('there is no Chromium (set CHROME_PATH, or install one)')
  const file = path.join(reports, 'e2e.json')
  const args = ['test', '--config', 'tests/e2e/playwright.config.ts', '--reporter=list,json']
  const { code } = await run('playwright', args, { env: { CHROME_PATH: chromium, PLAYWRIGHT_JSON_OUTPUT_FILE: file } })
  const report = readReport(file)
  const before = tally.failed
  for (const spec of (report?.suites ?? []).flatMap(specsOf)) {
    const file = path.join('tests/e2e', spec.file)
    for (const test of spec.tests) {
      tally.count(spec.ok && test.status !== 'skipped' ? 'passed' : test.status, `${file}: ${spec.title}`, file)
    }
  }
  for (const error of report?.errors ?? []) tally.fail(`browser: ${error.message?.split('\n')[0]}`)
  if (code !== 0 && tally.failed === before) tally.fail(`browser: playwright ended with ${code}; its output is above`)
}

function specsOf(suite) {
  return [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)]
}

function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : null
}

/** Every file that its name says holds tests, whatever runs them. */
function testFiles() {
  return readdirSync(path.join(root, 'tests'), { recursive: true })
    .filter(name => /\.(test|spec|e2e)\.\w+$/.test(name))
    .map(name => path.join('tests', name))
}
