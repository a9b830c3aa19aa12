/** What is checked without running anything: format, lint, the house rules no linter knows, imports, what is unused, types. Each counts as one test. */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { root, run } from './toolchain.mjs'

/** Answers what a check said and whether it passed. One that looked at less than there is has not passed. */
export const checks = [
  { name: 'format and lint', run: lint },
  { name: 'house rules', run: async () => houseRules() },
  { name: 'generated files are current', run: () => tool('node', ['scripts/build-validators.mjs', '--check']) },
  { name: 'ARCHITECTURE.md is current', run: () => tool('node', ['scripts/build-architecture.mjs', '--check']) },
  { name: 'imports run one way, and never in a circle', run: imports },
  { name: 'nothing is unused', run: () => tool('knip', ['--no-progress', '--no-config-hints']) },
  { name: 'types', run: () => types('.', ['src', 'tests', 'scripts']) },
  { name: 'types of the domain, which has no platform', run: () => types('src/domain', ['src/domain']) },
]

async function tool(command, args) {
  const { code, output } = await run(command, args, { capture: true })
  return { passed: code === 0, output }
}

async function lint() {
  const args = ['ci', '--error-on-warnings', '--diagnostic-level=warn', '--colors=off', '.']
  const { passed, output } = await tool('biome', args)
  const looked = Number(/Checked (\d+) files/.exec(output)?.[1] ?? 0)
  const there = ['src', 'tests', 'scripts'].flatMap(folder => filesIn(folder, /(?<!\.gen)\.(tsx?|m[jt]s)$/)).length
  if (looked >= there) return { passed, output }
  return { passed: false, output: `${output}\nOnly ${looked} files were checked; there are ${there} of code alone.` }
}

async function imports() {
  const { passed, output } = await tool('depcruise', ['--config', '.dependency-cruiser.mjs', 'src'])
  const looked = Number(/\((\d+) modules/.exec(output)?.[1] ?? 0)
  const there = filesIn('src', /\.tsx?$/).length
  return { passed: passed && looked >= there, output: `${output}\n${looked} modules of ${there} were looked at.` }
}

/** Checks a project's types, and that each file of these folders belongs to it. */
async function types(project, folders) {
  const { passed, output } = await tool('tsc', ['-p', project, '--listFiles'])
  const lines = output.split('\n')
  const listed = new Set(lines.filter(line => path.isAbsolute(line)))
  const unseen = folders.flatMap(folder => filesIn(folder, /\.(tsx?|mts)$/)).filter(file => !listed.has(at(file)))
  const said = lines.filter(line => !path.isAbsolute(line))
  return {
    passed: passed && listed.size > 0 && unseen.length === 0,
    output: [...said, ...unseen.map(file => `${file}: no types of it were checked`)].join('\n'),
  }
}

function at(file) {
  return path.join(root, file)
}

/** The files of a folder, from the root on. */
function filesIn(folder, pattern) {
  return readdirSync(at(folder), { recursive: true })
    .filter(name => pattern.test(name))
    .map(name => path.join(folder, name))
}

const rules = [
  {
    folder: 'src/domain',
    pattern: /\bDate\.now\b|\bMath\.random\b|\bnew Date\(\s*\)|\bcrypto\.(randomUUID|getRandomValues)\b/,
    why: 'time and chance come in through ctx',
    breach: 'const now = Date.now()',
  },
  {
    folder: 'src',
    pattern: /(?<![.\w])raw\(|\bhx-on\b|\bdangerouslySetInnerHTML\b/,
    why: 'people’s text is escaped, and no page runs code from an attribute',
    breach: '<p>{raw(text)}</p>',
    // The one place that renders Markdown: without HTML, images or foreign schemes, held to that by tests of payloads.
    except: /^src\/http\/page\/markdown\.tsx$/,
  },
  {
    folder: 'src',
    pattern: /\bDB\.(prepare|exec)\(|\bdb\.(prepare|exec)\(/,
    why: 'SQL has a name in src/records',
    breach: 'env.DB.prepare("SELECT 1")',
    except: /^src\/records\//,
  },
  {
    folder: 'src',
    pattern: /(?<![.\w]|async )fetch\(|\bglobalThis\.fetch\b/,
    why: 'the outside is called in src/execution/egress alone, where every rule about it is',
    breach: 'await fetch(url)',
    // Models and the provider of signing in have addresses of the operator's own, and Turnstile one of ours.
    except:
      /^src\/(execution\/(egress\/(call-out|can-connect)|models\/.+)|intake\/form\/turnstile|team\/sign-in\/oidc\/outside)\.ts$/,
  },
  {
    folder: 'src',
    pattern: /\b(?:INSERT|UPDATE) OR (?:IGNORE|REPLACE)\b/i,
    why: 'it swallows every failed constraint: name the conflict, ON CONFLICT (…) DO NOTHING',
    breach: 'INSERT OR IGNORE INTO member',
  },
]

function houseRules() {
  const found = rules.flatMap(rule => [...blind(rule), ...breaches(rule)])
  return { passed: found.length === 0, output: found.join('\n') }
}

/** What would let a rule pass whatever the code says. */
function blind({ folder, pattern, breach, except }) {
  const files = filesIn(folder, /\.tsx?$/)
  return [
    ...(files.length === 0 ? [`${folder}: the rule on ${pattern} has no file to look at`] : []),
    ...(pattern.test(breach) ? [] : [`${pattern} does not find ${breach}`]),
    ...(except === undefined || files.some(file => except.test(file)) ? [] : [`${except} is an exception of no file`]),
  ]
}

function breaches({ folder, pattern, why, except }) {
  return filesIn(folder, /\.tsx?$/)
    .filter(file => !except?.test(file))
    .flatMap(file =>
      readFileSync(at(file), 'utf8')
        .split('\n')
        .flatMap((line, number) =>
          pattern.test(line) && !/^\s*(\/\/|\*|\/\*)/.test(line)
            ? [`${file}:${number + 1}: ${line.trim()} (${why})`]
            : [],
        ),
    )
}
