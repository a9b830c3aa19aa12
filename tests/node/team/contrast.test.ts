/** The tokens' contrast, computed from the stylesheet itself: what must be read can be read, in both themes (WCAG 2.2). */
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'

const css = readFileSync(path.resolve(import.meta.dirname, '../../../public/css/tokens.css'), 'utf8')
const THEMES = ['light', 'dark'] as const
const STATES = ['running', 'waiting', 'failed', 'stuck', 'done'] as const
const PAPER = ['canvas', 'well', 'card', 'tint']

type Rgb = [number, number, number]

/** `--name: light-dark(oklch(L% C H), oklch(L% C H));` → the linear sRGB of each theme. */
const tokens = new Map(
  [...css.matchAll(/--([\w-]+): light-dark\(oklch\(([^)]+)\), oklch\(([^)]+)\)\)/g)].map(([, name, light, dark]) => [
    name!,
    { light: toRgb(light!), dark: toRgb(dark!) },
  ]),
)

describe.each(THEMES)('in the %s theme', theme => {
  const ratio = (front: string, back: string) => contrast(tokens.get(front)![theme], tokens.get(back)![theme])

  test.each(['ink', 'secondary', ...STATES])('%s reads on every paper', text => {
    for (const back of PAPER) expect(ratio(text, back), `${text} on ${back}`).toBeGreaterThanOrEqual(5.2)
  })

  test.each(STATES)('%s and the ink read on its own tint', state => {
    for (const text of [state, 'ink', 'secondary']) {
      expect(ratio(text, `${state}-tint`), `${text} on ${state}-tint`).toBeGreaterThanOrEqual(5.2)
    }
  })

  test('controls can be seen, on paper and on the columns', () => {
    for (const back of ['canvas', 'well', 'card']) expect(ratio('control', back), back).toBeGreaterThanOrEqual(3.2)
  })

  test('primary buttons and toasts read', () => {
    expect(ratio('on-ink', 'ink')).toBeGreaterThanOrEqual(7)
  })

  test('every colour is one that a screen can show', () => {
    for (const [name, colours] of tokens) for (const part of colours[theme]) expect(part, name).toBeGreaterThan(-0.06)
  })
})

test('every token of the theme was read', () => {
  for (const name of [
    ...PAPER,
    'ink',
    'secondary',
    'control',
    'on-ink',
    ...STATES,
    ...STATES.map(one => `${one}-tint`),
  ]) {
    expect(tokens.has(name), name).toBe(true)
  }
})

/** OKLCH to linear sRGB (Björn Ottosson's matrices). */
function toRgb(text: string): Rgb {
  const [lightness = '', chroma = '', hue = ''] = text.trim().split(/\s+/)
  const l = Number.parseFloat(lightness) / 100
  const angle = (Number(hue) * Math.PI) / 180
  const a = Number(chroma) * Math.cos(angle)
  const b = Number(chroma) * Math.sin(angle)
  const [x, y, z] = [
    l + 0.3963377774 * a + 0.2158037573 * b,
    l - 0.1055613458 * a - 0.0638541728 * b,
    l - 0.0894841775 * a - 1.291485548 * b,
  ].map(root => root ** 3) as Rgb
  return [
    4.0767416621 * x - 3.3077115913 * y + 0.2309699292 * z,
    -1.2684380046 * x + 2.6097574011 * y - 0.3413193965 * z,
    -0.0041960863 * x - 0.7034186147 * y + 1.707614701 * z,
  ]
}

function contrast(front: Rgb, back: Rgb): number {
  const [high, low] = [luminance(front), luminance(back)].sort((a, b) => b - a) as [number, number]
  return (high + 0.05) / (low + 0.05)
}

/** Colours a little outside of sRGB are shown clipped. */
function luminance(rgb: Rgb): number {
  const [r, g, b] = rgb.map(part => Math.min(1, Math.max(0, part))) as Rgb
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}
