/** What is checked without running anything: format, lint, the house rules no linter knows, imports, what is unused, types. Each counts as one test. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, run } from './toolchain.mjs'

/** Answers what a check said and whether it passed. */
export const checks = [
  {
    name: 'format and lint',
    run: () => tool('biome', ['ci', '--error-on-warnings', '--diagnostic-level=warn', '--colors=off', '.']),
  },
  { name: 'house rules', run: async () => houseRules() },
  { name: 'generated files are current', run: () => tool('node', ['scripts/build-validators.mjs', '--check']) },
  {
    name: 'imports run one way, and never in a circle',
    run: () => tool('depcruise', ['--config', '.dependency-cruiser.mjs', 'src']),
  },
  { name: 'nothing is unused', run: () => tool('knip', ['--no-progress', '--no-config-hints']) },
  { name: 'types', run: () => tool('tsc', ['-p', '.']) },
  { name: 'types of the domain, which has no platform', run: () => tool('tsc', ['-p', 'src/domain']) },
]

async function tool(command, args) {
  const { code, output } = await run(command, args, { capture: true })
  return { passed: code === 0, output }
}

const rules = [
  {
    folder: 'src/domain',
    pattern: /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\s*\)|\bcrypto\.(randomUUID|getRandomValues)\b/,
    why: 'time and chance come in through ctx',
  },
  {
    folder: 'src',
    pattern: /(?<![.\w])raw\(|\bhx-on\b|\bdangerouslySetInnerHTML\b/,
    why: 'people’s text is escaped, and no page runs code from an attribute',
    // The one place that renders Markdown: without HTML, images or foreign schemes, held to that by tests of payloads.
    except: /^http\/markdown\.tsx$/,
  },
  {
    folder: 'src',
    pattern: /\bDB\.(prepare|exec)\(|\bdb\.(prepare|exec)\(/,
    why: 'SQL has a name in src/records',
    except: /^records\//,
  },
]

function houseRules() {
  const found = rules.flatMap(({ folder, pattern, why, except }) =>
    readdirSync(path.join(root, folder), { recursive: true })
      .filter(name => /\.tsx?$/.test(name) && !except?.test(name))
      .flatMap(name =>
        readFileSync(path.join(root, folder, name), 'utf8')
          .split('\n')
          .flatMap((line, at) =>
            pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)
              ? [`${folder}/${name}:${at + 1}: ${line.trim()} (${why})`]
              : [],
          ),
      ),
  )
  return { passed: found.length === 0, output: found.join('\n') }
}
