/** Charts as drawings: what they say in words, how high their bars are, and where a line breaks off. */
import { expect, test } from 'vitest'
import { BarChart, niceTop, RateChart } from '../../../src/insight/metrics/chart.tsx'

const drawn = (node: unknown) => String(node)
const LABELS = ['2026-11-01', '2026-11-08', '2026-11-15']

test.each([
  [0, 1],
  [0.004, 0.005],
  [1, 1],
  [3, 5],
  [7, 10],
  [10, 10],
  [11, 20],
  [0.3, 0.5],
  [0.30000000000000004, 0.5],
  [998, 1000],
])('an axis over %s ends at %s', (most, top) => {
  expect(niceTop(most)).toBe(top)
})

test('bars stand on one another, and each says what it stands for', () => {
  const series = [
    { name: 'done', look: 'done' as const, values: [5, 0, 10] },
    { name: 'failed', look: 'failed' as const, values: [5, 0, 0] },
  ]
  const text = drawn(BarChart({ title: 'Tasks <b>', labels: LABELS, series, text: String }))
  expect(text).toContain('Tasks &lt;b&gt;')
  expect(text).toContain('2026-11-01: 5 done, 5 failed; 2026-11-08: nothing; 2026-11-15: 10 done.')
  expect(text.match(/<title>/g)).toHaveLength(3)
  const heights = [...text.matchAll(/class="chart-(?:done|failed)"[^>]*height="([\d.]+)"/g)].map(([, height]) => height)
  // Of the legend, then of the bars: half, half and whole.
  expect(heights).toEqual(['10', '10', '59', '59', '118'])
})

test('a line has no point, and breaks off, where nothing was to measure', () => {
  const text = drawn(
    RateChart({
      title: 'Rate',
      labels: [...LABELS, '2026-11-22'],
      values: [0.1, null, 0.2, 0.05],
      text: value => `${value * 100} %`,
    }),
  )
  expect(text.match(/<circle/g)).toHaveLength(3)
  expect(/ d="(M[^"]*)"/.exec(text)?.[1]?.replace(/[\d. ]+/g, '')).toBe('MML')
  expect(text).toContain('2026-11-01: 10 %; 2026-11-15: 20 %; 2026-11-22: 5 %.')
  const nothing = drawn(RateChart({ title: 'Rate', labels: LABELS, values: [null, null, null], text: String }))
  expect(nothing).toContain('Nothing to measure')
})
