/**
 * Which way imports run (ARCHITECTURE.md, "Folders"): index → app → capabilities → http → records → domain, types
 * included. `npm run check` reads this; tests/node/house/imports.test.ts plants a violation of each rule and sees it fail.
 */

/**
 * The capabilities, lowest first, and which others each may import. None may name one that stands below it here, so no
 * two of them can need each other. What one must tell a higher one is passed in, as the Task DO is given `tell`.
 */
export const CAPABILITIES = {
  team: [],
  files: ['team'],
  task: ['team', 'files'],
  data: ['team', 'files', 'task'],
  gate: [],
  execution: ['team', 'files', 'task'],
  agent: ['team', 'files', 'execution'],
  approval: ['team', 'files', 'task', 'execution'],
  intake: ['team', 'files', 'task'],
  insight: ['team', 'execution', 'approval'],
  workflow: ['team', 'task', 'execution', 'agent', 'intake'],
  tool: ['team', 'execution', 'workflow'],
  board: ['team', 'files', 'task', 'intake', 'workflow'],
  seed: ['team', 'task', 'agent', 'intake', 'workflow'],
}

const names = Object.keys(CAPABILITIES)
for (const [at, [name, others]] of Object.entries(CAPABILITIES).entries()) {
  const wrong = others.find(other => !names.slice(0, at).includes(other))
  if (wrong !== undefined) throw new Error(`${name} may not import ${wrong}: it does not stand above it`)
}

/** What every room may import. The kit and the ground are further restricted by rules of their own. */
const COMMON = ['domain', 'records', 'http', 'env\\.ts', 'crash-points\\.ts']
/** Pure libraries: no clock, no network, nothing of the platform. */
const PURE = ['zod', '@marcbachmann/cel-js', 'liquidjs', '@cfworker/json-schema', 'croner', 're2js', 'yaml', 'entities']

const src = rooms => `^src/(${rooms.join('|')})(/|$)`
const packages = list => `(^|/)node_modules/(${list.join('|')})/`

/** Each capability reaches itself, what all may, and the capabilities listed with it. */
const capabilityRules = Object.entries(CAPABILITIES).map(([name, others]) => ({
  name: `${name}-imports-only-those-above-it`,
  severity: 'error',
  comment: 'An arrow between two capabilities is listed in CAPABILITIES; a new one is a decision.',
  from: { path: src([name]) },
  to: { path: '^src/', pathNot: src([name, ...others, ...COMMON]) },
}))

export default {
  forbidden: [
    {
      name: 'no-circle',
      severity: 'error',
      comment: 'Files that need each other, types included, can only be read together.',
      from: { path: '^src/' },
      to: { circular: true },
    },
    {
      name: 'domain-is-pure',
      severity: 'error',
      comment: 'The domain imports itself and a few pure libraries.',
      from: { path: '^src/domain/' },
      to: { pathNot: [`^src/domain/`, packages(PURE)] },
    },
    {
      name: 'records-know-the-domain',
      severity: 'error',
      comment: 'SQL knows the domain’s words and no page, route or object.',
      from: { path: '^src/records/' },
      to: { path: '^src/', pathNot: src(['records', 'domain']) },
    },
    {
      name: 'only-records-speak-to-d1-through-drizzle',
      severity: 'error',
      comment: 'A query has a name in src/records and takes the team.',
      from: { path: '^src/', pathNot: '^src/records/' },
      to: { path: ['^drizzle-orm', packages(['drizzle-orm'])] },
    },
    {
      name: 'http-is-the-kit',
      severity: 'error',
      comment: 'The kit knows no capability. Of records it knows how ids and cursors are written, no query.',
      from: { path: '^src/http/' },
      to: { path: '^src/', pathNot: [src(['http', 'domain', 'env\\.ts']), '^src/records/(ids|cursor)\\.ts$'] },
    },
    ...capabilityRules,
    {
      name: 'env-knows-verbs-only',
      severity: 'error',
      comment: 'Bindings are typed by what may be called on an object, never by its class.',
      from: { path: '^src/env\\.ts$' },
      to: { path: '^src/', pathNot: '^src/(task|board|gate)/rpc\\.ts$' },
    },
    {
      name: 'verbs-are-types',
      severity: 'error',
      comment:
        'A Durable Object is reached through its binding (taskStub, boardStub, gateStub): nobody imports more than its types.',
      from: { path: '^src/' },
      to: { path: '^src/(task|board|gate)/rpc\\.ts$', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'objects-are-wired-by-index',
      severity: 'error',
      comment: 'The classes of the Durable Objects are imported by the entry alone.',
      from: { path: '^src/', pathNot: '^src/index\\.ts$' },
      to: { path: '^src/(task/object/task-object|board/object/board-object|gate/object/gate-object)\\.ts$' },
    },
    {
      name: 'app-is-imported-by-index',
      severity: 'error',
      comment: 'The assembly knows everyone and nobody knows it.',
      from: { path: '^src/', pathNot: '^src/(index\\.ts$|app/)' },
      to: { path: '^src/(app/|index\\.ts$)' },
    },
    {
      name: 'crash-points-know-nothing',
      severity: 'error',
      comment: 'Any room may mark a place where tests make it die.',
      from: { path: '^src/crash-points\\.ts$' },
      to: { path: '^src/' },
    },
    {
      name: 'platform-behind-the-objects',
      severity: 'error',
      comment: 'Elsewhere bindings arrive as arguments, so that what uses them can be tested without the platform.',
      from: {
        path: '^src/',
        // Sockets are no binding: whether a host takes a connection is asked of the platform itself.
        pathNot:
          '^src/(index\\.ts$|task/object/task-object\\.ts$|board/object/board-object\\.ts$|gate/object/gate-object\\.ts$|execution/egress/can-connect\\.ts$)',
      },
      to: { path: '^cloudflare:' },
    },
    {
      name: 'views-take-view-models',
      severity: 'error',
      comment: 'A view draws what it is given; it looks nothing up.',
      from: { path: ['^src/.*/views/', '^src/.*-view\\.tsx$', '^src/http/components/'] },
      to: { path: '^src/env\\.ts$' },
    },
    {
      name: 'src-stands-alone',
      severity: 'error',
      comment: 'What is deployed imports neither tests nor scripts.',
      from: { path: '^src/' },
      to: { path: '^(tests|scripts|migrations)/|^\\.\\./(?!.*node_modules/)' },
    },
    {
      name: 'no-dev-packages-in-src',
      severity: 'error',
      comment: 'What is deployed imports only what package.json lists for it.',
      from: { path: '^src/' },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
    },
    {
      name: 'everything-resolves',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true, pathNot: '^cloudflare:' },
    },
  ],
  options: {
    // TypeScript 7 has no API that the default parser could use.
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'default'] },
  },
}
