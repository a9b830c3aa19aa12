/** What the browser loads: committed copies equal their packages, the styles stay small, and nothing refers to what is not there. */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { notEmpty } from '../../support/not-empty.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const at = (...parts: string[]) => path.join(root, ...parts)

test.each(['vendor', 'build-icons'])('%s: what is committed is what the script makes', script => {
  const { status, stderr } = spawnSync(process.execPath, [at('scripts', `${script}.mjs`), '--check'], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
})

test('the styles of every page take at most 12 kB on the wire, those of one area 2 kB more', () => {
  const sizeOf = (name: string) => gzipSync(readFileSync(at('public/css', name)), { level: 9 }).length
  const layout = readFileSync(at('src/http/page/layout.tsx'), 'utf8')
  const common = [...(/const STYLES = \[([^\]]+)\]/.exec(layout)?.[1] ?? '').matchAll(/'(\w+)'/g)].map(
    ([, name]) => `${name}.css`,
  )
  expect(common.length).toBeGreaterThan(4)
  expect(common.reduce((sum, name) => sum + sizeOf(name), 0)).toBeLessThanOrEqual(12_000)
  const others = readdirSync(at('public/css')).filter(name => !common.includes(name))
  for (const name of notEmpty(others)) expect(sizeOf(name), name).toBeLessThanOrEqual(2000)
})

test('every style, script and icon that the layout names is there', () => {
  const layout = readFileSync(at('src/http/page/layout.tsx'), 'utf8')
  const list = (name: string) =>
    [...(new RegExp(`const ${name} = \\[([^\\]]+)\\]`).exec(layout)?.[1] ?? '').matchAll(/'([\w-]+)'/g)].map(
      ([, one]) => one,
    )
  const files = [
    ...list('STYLES').map(name => `css/${name}.css`),
    ...list('MODULES').map(name => `js/${name}.js`),
    'js/theme.js',
    'vendor/htmx.js',
    'icons.svg',
    'favicon.svg',
  ]
  expect(files.length).toBeGreaterThan(12)
  for (const file of files) expect(existsSync(at('public', file)), file).toBe(true)
})

test('the styles use no token that is not defined', () => {
  const styles = readdirSync(at('public/css'))
    .map(name => readFileSync(at('public/css', name), 'utf8'))
    .join('\n')
  const defined = new Set([...styles.matchAll(/(--[\w-]+):/g)].map(([, name]) => name))
  const used = [...styles.matchAll(/var\((--[\w-]+)\)/g)].map(([, name]) => name)
  expect([...new Set(used)].filter(name => !defined.has(name))).toEqual([])
})

test('every class that the styles know is said by a page or a script', () => {
  const texts = ['src', 'public/js']
    .flatMap(folder => readdirSync(at(folder), { recursive: true, encoding: 'utf8' }).map(name => at(folder, name)))
    .filter(name => /\.(?:tsx?|js)$/.test(name))
    .map(name => readFileSync(name, 'utf8'))
  const said = new Set(texts.flatMap(text => text.match(/[\w-]+/g) ?? []))
  const classes = readdirSync(at('public/css')).flatMap(name =>
    [
      ...readFileSync(at('public/css', name), 'utf8')
        .replaceAll(/\/\*.*?\*\//gs, '')
        .matchAll(/\.(-?[a-z][\w-]*)/gi),
    ].map(([, one]) => one!),
  )
  // Looks, sizes and states are put together: `button--${look}`, `is-${kind}`; htmx says its own.
  const isSaid = (name: string) =>
    said.has(name) || said.has(name.replace(/(?<=--|^is-).+$/, '')) || name.startsWith('htmx-')
  expect([...new Set(notEmpty(classes))].filter(name => !isSaid(name))).toEqual([])
})
