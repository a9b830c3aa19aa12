/** The rules of .dependency-cruiser.mjs bite: each planted violation is found by its rule, and nothing else is. */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { cruise, type ICruiseOptions, type ICruiseResult, type IFlattenedRuleSet } from 'dependency-cruiser'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')
const { default: rules } = (await import(path.join(root, '.dependency-cruiser.mjs'))) as {
  default: { forbidden: NonNullable<IFlattenedRuleSet['forbidden']>; options: ICruiseOptions }
}

const value = (to: string) => `import { it } from '${to}'\nexport const found = it\n`
const type = (to: string) => `import type { it } from '${to}'\nexport type Found = typeof it\n`
const it = 'export const it = 1\n'

/** What stands in the planted house, lawful or not. */
const FILES: Record<string, string> = {
  'src/domain/rule.ts': it,
  'src/domain/json.ts': value('zod'),
  'src/records/rows.ts': value('drizzle-orm'),
  'src/records/ids.ts': it,
  'src/http/kit.ts': value('../records/ids.ts'),
  'src/env.ts': type('./task/rpc.ts'),
  'src/task/rpc.ts': it,
  'src/task/object/task-object.ts': value('cloudflare:workers'),
  'src/board/rpc.ts': it,
  'src/board/object/board-object.ts': it,
  'src/team/keys.ts': value('../http/kit.ts'),
  'src/task/pages.ts': value('../team/keys.ts'),
  'src/approval/tell.ts': type('../task/rpc.ts'),
  'src/app/app.ts': value('../task/pages.ts'),
  'src/index.ts': `${value('./app/app.ts')}export { it } from './task/object/task-object.ts'\n`,
  'src/execution/call.ts': it,
  'src/agent/saved.ts': it,
  'src/intake/came.ts': it,
  'src/insight/health.ts': it,
  'src/workflow/made.ts': it,
  'src/tool/kept.ts': it,
  'src/seed/seed.ts': it,
  'tests/support/world.ts': it,
  'package.json': '{"dependencies": {"zod": "*", "drizzle-orm": "*", "hono": "*"}, "devDependencies": {"ajv": "*"}}',
}

/** A file that breaks a rule, and the rule that says so. */
const PLANTS: [rule: string, file: string, text: string][] = [
  ['domain-is-pure', 'src/domain/hono.ts', value('hono')],
  ['domain-is-pure', 'src/domain/upwards.ts', type('../records/rows.ts')],
  ['records-know-the-domain', 'src/records/upwards.ts', type('../env.ts')],
  ['only-records-speak-to-d1-through-drizzle', 'src/task/query.ts', value('drizzle-orm')],
  ['http-is-the-kit', 'src/http/session.ts', type('../team/keys.ts')],
  ['http-is-the-kit', 'src/http/query.ts', value('../records/rows.ts')],
  ['team-imports-only-those-above-it', 'src/team/upwards.ts', value('../task/pages.ts')],
  ['files-imports-only-those-above-it', 'src/files/upwards.ts', value('../task/pages.ts')],
  ['task-imports-only-those-above-it', 'src/task/upwards.ts', type('../approval/tell.ts')],
  ['data-imports-only-those-above-it', 'src/data/upwards.ts', value('../execution/call.ts')],
  ['gate-imports-only-those-above-it', 'src/gate/upwards.ts', value('../execution/call.ts')],
  ['execution-imports-only-those-above-it', 'src/execution/upwards.ts', value('../agent/saved.ts')],
  ['agent-imports-only-those-above-it', 'src/agent/upwards.ts', value('../workflow/made.ts')],
  ['approval-imports-only-those-above-it', 'src/approval/upwards.ts', value('../intake/came.ts')],
  ['intake-imports-only-those-above-it', 'src/intake/upwards.ts', value('../workflow/made.ts')],
  ['insight-imports-only-those-above-it', 'src/insight/upwards.ts', value('../seed/seed.ts')],
  ['workflow-imports-only-those-above-it', 'src/workflow/upwards.ts', value('../seed/seed.ts')],
  ['tool-imports-only-those-above-it', 'src/tool/upwards.ts', value('../agent/saved.ts')],
  ['board-imports-only-those-above-it', 'src/board/upwards.ts', value('../approval/tell.ts')],
  ['seed-imports-only-those-above-it', 'src/seed/upwards.ts', value('../insight/health.ts')],
  ['env-knows-verbs-only', 'src/env.ts', `${type('./task/rpc.ts')}export type { it } from './team/keys.ts'\n`],
  ['crash-points-know-nothing', 'src/crash-points.ts', value('./domain/rule.ts')],
  ['verbs-are-types', 'src/workflow/verb.ts', value('../task/rpc.ts')],
  ['objects-are-wired-by-index', 'src/board/reach.ts', type('../task/object/task-object.ts')],
  ['platform-behind-the-objects', 'src/intake/platform.ts', value('cloudflare:workers')],
  ['views-take-view-models', 'src/task/views/head-view.tsx', type('../../env.ts')],
  ['views-take-view-models', 'src/http/components/badge.tsx', type('../../env.ts')],
  ['src-stands-alone', 'src/app/tested.ts', value('../../tests/support/world.ts')],
  ['no-dev-packages-in-src', 'src/execution/dev.ts', value('ajv')],
  ['everything-resolves', 'src/insight/nowhere.ts', value('./gone.ts')],
  ['app-is-imported-by-index', 'src/stray.ts', value('./app/app.ts')],
]

/** Two files that need each other, in each of the ways in which one can need the other. */
const CIRCLES: Record<string, [string, string]> = {
  values: [value('./values-b.ts'), value('./values-a.ts')],
  types: [type('./types-b.ts'), type('./types-a.ts')],
  inline: [`import { type it } from './inline-b.ts'\nexport type A = typeof it\n`, type('./inline-a.ts')],
  handed: [`export * from './handed-b.ts'\n`, type('./handed-a.ts')],
  later: [`export const a = () => import('./later-b.ts')\n`, value('./later-a.ts')],
}

const house = mkdtempSync(path.join(tmpdir(), 'baton-house-'))

function build(): void {
  symlinkSync(path.join(root, 'node_modules'), path.join(house, 'node_modules'))
  const circles = Object.entries(CIRCLES).flatMap(([name, [a, b]]) => [
    [`src/insight/${name}-a.ts`, a] as const,
    [`src/insight/${name}-b.ts`, b] as const,
  ])
  const files = [...Object.entries(FILES), ...PLANTS.map(([, file, text]) => [file, text] as const), ...circles]
  for (const [file, text] of files) {
    mkdirSync(path.join(house, path.dirname(file)), { recursive: true })
    writeFileSync(path.join(house, file), text)
  }
}

let found: { rule: string; file: string }[] = []

beforeAll(async () => {
  build()
  const { options, ...ruleSet } = rules
  const { output } = await cruise(['src'], { ...options, baseDir: house, validate: true, ruleSet })
  found = (output as ICruiseResult).summary.violations.map(({ rule, from }) => ({ rule: rule.name, file: from }))
})

afterAll(() => rmSync(house, { recursive: true }))

test.each(PLANTS)('%s is broken by %s', (rule, file) => {
  expect(found).toContainEqual({ rule, file })
})

test.each(Object.keys(CIRCLES))('a circle of %s is found', name => {
  expect(found).toContainEqual({ rule: 'no-circle', file: `src/insight/${name}-a.ts` })
})

test('what is lawful is not complained of', () => {
  const planted = new Set(PLANTS.map(([, file]) => file))
  expect(found.filter(({ rule, file }) => !planted.has(file) && rule !== 'no-circle')).toEqual([])
})

test('each rule is shown to bite', () => {
  const shown = new Set([...PLANTS.map(([rule]) => rule), 'no-circle'])
  expect(rules.forbidden.map(({ name }) => String(name)).filter(name => !shown.has(name))).toEqual([])
})
