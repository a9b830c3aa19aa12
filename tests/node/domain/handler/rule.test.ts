/** A step that a table decides: which row fits, what comes out, and what is said when none does. */
import { describe, expect, it, test } from 'vitest'
import { fits, type Row, readCell, type Table } from '../../../../src/domain/handler/parts/table.ts'
import { remarksOn } from '../../../../src/domain/handler/parts/table-lint.ts'
import type { Json } from '../../../../src/domain/json/json.ts'
import { storyOf } from '../../../../src/domain/task/told/story.ts'
import { renameStep } from '../../../../src/domain/workflow/rename.ts'
import { timelineOf } from '../../../../src/task/page/timeline.ts'
import { cellOf, cellText, thenOf, thenText } from '../../../../src/workflow/editor/handlers/rule-form.ts'
import { mulberry32 } from '../../../support/random.ts'
import { ANA, aTask, draft, onboarding } from '../../../support/task-builders.ts'

const SEGMENTS: Table = {
  columns: { size: 'input.employees', country: 'input.country' },
  rows: [
    { size: '<= 10', then: { segment: 'smb' } },
    { size: '11..500', country: ['DE', 'AT'], then: { segment: 'mid' } },
    { size: '> 500', then: { segment: 'large' } },
  ],
}

function segmenting(input: Json, table: Table = SEGMENTS, handoffs: object[] = [{ when: 'done', to: 'draft' }]) {
  const segment = { key: 'segment', name: 'Segment', rule: table, handoffs }
  const steps = [segment as never, draft({ prompt: 'Write.', handoffs: [{ to: 'complete' }] })]
  return aTask(onboarding({ input: undefined, title: undefined, steps }), { input })
}

it('decides at once, with no worker and no model, and says by which row', () => {
  const task = segmenting({ employees: 120, country: 'AT' })
  expect(task.types()).toEqual(['created', 'entered', 'reported', 'joined', 'routed', 'entered', 'due'])
  expect(task.state.steps.segment?.output).toEqual({ segment: 'mid' })
  expect(task.state).toMatchObject({ visit: { n: 2, step: 'draft' }, last: { step: 'segment', handoff: 'done' } })
  expect(task.state.usage.inputTokens).toBe(0)
  expect(task.reread()).toEqual(task.state)
  const { events } = storyOf(task.state, task.rows, task.definition, task.now, () => null)
  const told = JSON.stringify(timelineOf(events)[0])
  expect(told).toContain('Row 2 of 3: size is 120, country is')
})

it('fails when no row fits, with the values that it looked at; a handoff may take that', () => {
  const stuck = segmenting({ employees: 120, country: 'FR' })
  expect(stuck.state).toMatchObject({ status: 'failed', error: { code: 'no_row' } })
  expect(stuck.state.error?.message).toBe('No row fits: size is 120, country is "FR".')
  const caught = segmenting({ employees: 120 }, SEGMENTS, [{ when: 'failed', to: 'draft' }, { to: 'complete' }])
  expect(caught.state).toMatchObject({ visit: { step: 'draft' }, last: { handoff: 'failed' } })
  stuck.do({ type: 'retry' }, ANA)
  expect(stuck.state).toMatchObject({ status: 'failed', error: { code: 'no_row' } })
})

it('takes every row that fits, in order, where all count', () => {
  const rows: Row[] = [
    { size: '>= 5', then: 'a' },
    { size: 5, then: { b: 1 } },
    { then: null },
    { size: '< 5', then: 'no' },
  ]
  const task = segmenting({ employees: 5 }, { ...SEGMENTS, hit: 'all', rows })
  expect(task.state.steps.segment?.output).toEqual(['a', { b: 1 }, null])
})

it('a value that is missing fits only a cell that is absent', () => {
  const rows: Row[] = [
    { size: '<= 10', then: 1 },
    { size: null, then: 2 },
    { country: 'DE', then: 3 },
  ]
  expect(segmenting({ country: 'DE' }, { ...SEGMENTS, rows }).state.steps.segment?.output).toBe(3)
  expect(segmenting({ employees: null }, { ...SEGMENTS, rows }).state.steps.segment?.output).toBe(2)
})

it('a column is CEL: it counts, and a mistake in it fails the step in words', () => {
  const over = (size: string): Table => ({ columns: { size }, rows: [{ size: 3, then: 'three' }, { then: 'other' }] })
  const lines = { lines: [1, 2, 3], name: 'x' }
  expect(segmenting(lines, over('size(input.lines)')).state.steps.segment?.output).toBe('three')
  expect(segmenting(lines, over('input.lines[2]')).state.steps.segment?.output).toBe('three')
  const broken = segmenting(lines, over('input.name / 2'))
  expect(broken.state.error).toMatchObject({ code: 'bad_condition' })
  expect(broken.state.error?.message).toMatch(/^The column size cannot be worked out: /)
})

it('a loop of tables ends at the limit of visits', () => {
  const table = { columns: {}, rows: [{ then: 1 }] }
  const task = segmenting({}, table, [{ to: 'segment' }])
  expect(task.state).toMatchObject({ status: 'stuck', stuck: { cause: 'limit_steps' } })
})

it('a renamed step is followed into the columns', () => {
  const table = { columns: { score: 'steps.draft.output.score + 1' }, rows: [{ then: 1 }] }
  const { definition } = segmenting({}, table)
  const renamed = renameStep(definition, 'draft', 'write')
  expect(renamed.steps[0]?.rule?.columns).toEqual({ score: 'steps.write.output.score + 1' })
})

describe('cells', () => {
  test.each<[Json, Json, boolean]>([
    ['<= 10', 10, true],
    ['<=10', 10.5, false],
    ['< 10', 10, false],
    [' > -1.5 ', -1, true],
    ['>= 10', '11', false],
    ['11..500', 11, true],
    ['11..500', 500, true],
    ['11..500', 500.01, false],
    ['-5..-2', -3, true],
    ['0.5 .. 1', 0.5, true],
    ['DE', 'DE', true],
    ['DE', 'de', false],
    ['a..b', 'a..b', true],
    [5, 5, true],
    [5, '5', false],
    [true, true, true],
    [true, 'true', false],
    [null, null, true],
    [['DE', '<= 3', '7..8'], 8, true],
    [['DE', '<= 3', '7..8'], 'AT', false],
    ['DE', ['DE'], false],
  ])('%j takes %j: %s', (written, value, taken) => {
    const cell = readCell(written)
    expect('problem' in cell ? cell.problem : fits(cell, value)).toBe(taken)
    expect('problem' in cell || fits(cell, undefined)).toBe(false)
  })

  test.each<[Json]>([['<= ten'], ['< '], ['5..'], ['..5'], ['1...5'], ['9..1'], [[]], [[[1]]], [{ a: 1 }]])(
    '%j is none, in words',
    written => {
      expect(readCell(written)).toMatchObject({ problem: expect.stringMatching(/\w{3}/) })
    },
  )
})

/** What the remarks claim, found by trying numbers: those that no row takes, those that several take. */
test('gaps and overlaps are just those that trying every number finds', () => {
  const random = mulberry32(7)
  const pick = <T>(list: T[]) => list[Math.floor(random() * list.length)]!
  const number = () => Math.floor(random() * 12)
  let gaps = 0
  let overlaps = 0
  for (let round = 0; round < 2000; round++) {
    const whole = random() < 0.5
    const rows = Array.from({ length: 1 + Math.floor(random() * 4) }, () => {
      const [a, b] = [number(), number()].toSorted((x, y) => x - y)
      return { n: pick<Json>([`${a}..${b}`, `<= ${a}`, `< ${a}`, `> ${a}`, `>= ${a}`, a as Json]), then: 1 }
    })
    const table = { columns: { n: 'input.n' }, rows }
    const codes = new Set(remarksOn(table, () => whole).map(({ code }) => code))
    const numbers = Array.from({ length: 61 }, (_, index) => (index - 10) / 4).filter(
      n => !whole || Number.isInteger(n),
    )
    const taken = numbers.map(n => rows.filter(row => fits(readCell(row.n) as never, n)).length)
    expect(codes.has('rule_gap'), JSON.stringify([whole, rows])).toBe(taken.includes(0))
    expect(codes.has('rule_overlap'), JSON.stringify([whole, rows])).toBe(taken.some(count => count > 1))
    gaps += Number(codes.has('rule_gap'))
    overlaps += Number(codes.has('rule_overlap'))
  }
  expect(Math.min(gaps, overlaps)).toBeGreaterThan(100)
})

test('rows are compared only where their other cells are alike; a row for the rest closes every gap', () => {
  const table = (rows: Table['rows']) => ({ ...SEGMENTS, rows })
  const codes = (rows: Table['rows']) => remarksOn(table(rows), () => true).map(({ code }) => code)
  expect(
    codes([{ size: '<= 10', country: 'DE', then: 1 }, { size: '<= 20', country: 'AT', then: 2 }, { then: 3 }]),
  ).toEqual([])
  expect(codes([{ size: '<= 10', then: 1 }, { then: 2 }])).toEqual([])
  expect(
    codes([
      { size: '<= 10', country: 'DE', then: 1 },
      { country: 'AT', then: 2 },
    ]),
  ).toEqual(['rule_gap'])
  expect(
    codes([
      { size: 'big', then: 1 },
      { size: '> 3', then: 2 },
    ]),
  ).toEqual(['rule_gap'])
})

test('what is typed into a cell is read back as it was, whatever it holds', () => {
  const cells: Json[] = [
    'DE',
    'a, b',
    '12',
    12,
    -0.5,
    true,
    'true',
    null,
    'null',
    '<= 10',
    ['DE', 3, '5'],
    ['a, b'],
    ['x'],
    '"q"',
    '[1]',
    '[',
    '1e3',
    '007',
  ]
  for (const cell of cells) expect(cellOf(cellText(cell)), cellText(cell)).toEqual(cell)
  const thens: Json[] = [
    { segment: 'smb' },
    { a: 1, b: [2] },
    { n: '5' },
    { n: 5 },
    'Note: x',
    'x: y',
    'x:y',
    12,
    '12',
    null,
    [1],
    [],
    {},
    '{',
    { 'a b': 1 },
  ]
  for (const then of thens) expect(thenOf(thenText(then)), thenText(then)).toEqual({ value: then })
})
