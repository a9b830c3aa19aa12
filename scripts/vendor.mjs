/** Copies the browser libraries from node_modules to public/vendor, where the strict CSP lets pages load them; `--check` compares instead. */
import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const root = path.resolve(import.meta.dirname, '..')
const check = process.argv.includes('--check')

const FILES = {
  // One file: htmx looks at the page in the very next task, and an extension that comes in a file of its own may be too
  // late to see it. The live line was then not opened, in one load of six.
  'htmx.js': { from: 'htmx.org', files: ['dist/htmx.min.js', 'dist/ext/hx-ws.min.js'] },
  'sortable.js': { from: 'sortablejs', files: ['Sortable.min.js'] },
}

let stale = 0
for (const [name, { from, files }] of Object.entries(FILES)) {
  const folder = path.join(root, 'node_modules', from)
  const { version, license } = JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'))
  const sources = files.map(file => {
    const source = readFileSync(path.join(folder, file), 'utf8').replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n')
    return `/*! ${from} ${version} (${license}), ${file}: copied by scripts/vendor.mjs */\n${source.trimEnd()}\n`
  })
  const text = sources.join(';\n')
  const target = path.join(root, 'public/vendor', name)
  if (!check) {
    writeFileSync(target, text)
  } else if (readFileSync(target, 'utf8') !== text) {
    process.stderr.write(`public/vendor/${name} differs from ${from} ${version}: run node scripts/vendor.mjs\n`)
    stale++
  }
}
process.exit(stale > 0 ? 1 : 0)
