/** Writes the generated parts of ARCHITECTURE.md from the code; `--check` only says whether they are current. Node 24 reads the types away. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { CAPABILITIES } from '../.dependency-cruiser.mjs'
import { HANDLERS } from '../src/domain/handler/registry.ts'
import { BY_HAND, MACHINE } from '../src/domain/task/machine.ts'
import { STATUSES } from '../src/domain/task/state.ts'

const file = path.join(import.meta.dirname, '../ARCHITECTURE.md')

const table = (head, rows) => [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
const listed = names => names.map(name => `\`${name}\``).join(', ')

const parts = {
  arrows: table(
    ['Capability', 'May import'],
    Object.entries(CAPABILITIES).map(([name, others]) => [`\`${name}\``, listed(others) || '–']),
  ),
  machine: table(
    ['Command', ...STATUSES],
    BY_HAND.map(command => [`\`${command}\``, ...STATUSES.map(status => (MACHINE[command][status] ? '✓' : ''))]),
  ),
  kinds: table(
    ['Kind', 'Who does the work', 'Who chooses the label'],
    Object.entries(HANDLERS).map(([kind, { words, chooses }]) => [`\`${kind}\``, words.who, chooses ?? 'nobody']),
  ),
}

const before = readFileSync(file, 'utf8')
let after = before
for (const [name, text] of Object.entries(parts)) {
  const marked = new RegExp(`(<!-- generated: ${name} -->\n)[^]*?(<!-- end -->)`)
  if (!marked.test(after)) throw new Error(`ARCHITECTURE.md has no place for ${name}`)
  after = after.replace(marked, (_, start, end) => `${start}${text}\n${end}`)
}

if (!process.argv.includes('--check')) writeFileSync(file, after)
else if (after !== before) {
  process.stderr.write('ARCHITECTURE.md is not current: run node scripts/build-architecture.mjs\n')
  process.exit(1)
}
