import { describe, expect, test } from 'vitest'
import { checkCondition, evaluateCondition } from '../../../src/domain/handoff/condition.ts'
import type { Json } from '../../../src/domain/json/json.ts'
import { aScope, RUNAWAY_MS, timed, withOutput } from './scope.ts'

const output: Json = {
  score: 73,
  n: 4,
  half: 0.5,
  text: 'hello world',
  items: [
    { n: 1, t: 'a' },
    { n: 2, t: 'b' },
  ],
  list: [10, 20],
  flag: true,
  none: null,
  s: '7',
}
const scope = withOutput(output)

describe('a condition holds or not', () => {
  const cases: [expression: string, verdict: boolean][] = [
    ['output.score < 20', false],
    ['output.score == 73', true],
    ['output.score != 73', false],
    ['output.score >= 73 && output.score <= 73.0', true],
    ['output.score in [73, 4]', true],
    ['output.score == "73"', false],
    ['string(output.score) == "73"', true],
    ['int(output.s) + 1 == 8', true],
    ['double(output.s) + output.n == 11.0', true],
    ['output.flag', true],
    ['!output.flag', false],
    ['output.flag ? false : true', false],
    ['output.none == null', true],
    ['last.note == null', true],
    ['last.note != null && last.note.contains("x")', false],
    ['has(output.zzz)', false],
    ['has(output.zzz) && output.zzz > 1', false],
    ['has(output.score)', true],
    ['output.text.contains("wor")', true],
    ['output.text.startsWith("hell") && output.text.endsWith("ld")', true],
    ['output.text.lowerAscii() == "hello world"', true],
    ['output.text.matches("^hel+o")', true],
    ['output.text.matches("\\\\d")', false],
    ['"x" + output.text == "xhello world"', true],
    ['output.items.exists(i, i.n > 1)', true],
    ['output.items.all(i, i.n > 1)', false],
    ['output.items.exists_one(i, i.t == "a")', true],
    ['output.items.filter(i, i.n > 1).map(i, i.t) == ["b"]', true],
    ['output.items.filter(i, i.n > 0).map(i, i.n).exists(n, n == 2)', true],
    ['output.items.all(a, output.items.exists(b, a.n == b.n))', true],
    ['output.items[0].n == 1', true],
    ['output["score"] == 73', true],
    ['output.list == [10, 20]', true],
    ['output.list + [30] == [10, 20, 30]', true],
    ['size(output.items) == 2 && output.text.size() > 3', true],
    ['input.company == "Acme"', true],
    ['steps.research.output.score > 70', true],
    ['steps["approve"].decision.handoff == "rejected"', true],
    ['task.visit > 1', true],
    ['output.score > 100 || output.n == 4', true],
    ['output.zzz == 1 || true', true],
    ['timestamp("2024-01-01T00:00:00Z") < timestamp("2025-01-01T00:00:00Z")', true],
  ]
  test.each(cases)('%s → %s', (expression, verdict) => {
    expect(evaluateCondition(expression, scope)).toMatchObject({ verdict, value: verdict })
  })
})

describe('arithmetic works between JSON numbers and whole literals', () => {
  const cases = [
    'output.score + 1 == 74',
    '1 + output.score == 74',
    'output.score - 3 == 70',
    '100 - output.score == 27',
    'output.score * 2 == 146',
    '2 * output.n == 8',
    'output.score / 2 == 36.5',
    '10 / output.n == 2.5',
    'output.n % 2 == 0',
    '9 % output.n == 1',
    'output.n % 2.5 == 1.5',
    'size(output.items) * 2 > 3',
    'size(output.items) + output.n == 6',
    'output.half + 1 > 1',
    '-output.n < 0',
    'output.n * output.n == 16',
    'output.n + output.n / output.n == 5',
    '7 / 2 == 3',
    '1 + 1 == 2',
    'output.items.map(i, i.n + 1) == [2, 3]',
  ]
  test.each(cases)('%s', expression => {
    expect(evaluateCondition(expression, scope)).toMatchObject({ verdict: true })
  })
})

describe('a condition is an error, in words, when', () => {
  const cases: [why: string, expression: string, error: RegExp][] = [
    ['a key is missing', 'output.zzz == 1', /`output\.zzz` is missing/],
    ['a step was not visited', 'steps.draft.output == 1', /draft/],
    ['it reads a field of null', 'last.output.score > 1', /score/],
    ['it comes to a number', 'output.score', /comes to 73, which is neither true nor false/],
    ['it comes to a text', 'output.text', /comes to the text "hello world"/],
    ['it comes to a list', 'output.list', /comes to a list/],
    ['it comes to null', 'output.none', /comes to null/],
    ['its type is known not to fit', '1 + 1', /type int, which is neither true nor false/],
    ['the variable is unknown', 'foo == 1', /Unknown variable: foo/],
    ['it cannot be parsed', 'output.score +', /Unexpected token/],
    ['an index is out of bounds', 'output.items[9].n == 1', /out of bounds/],
    ['it divides by zero', 'output.n % 0 == 1', /division by zero/],
    ['types do not fit', 'output.text + 1 == 2', /no such overload/],
    ['it binds names', 'cel.bind(x, 1, x == 1)', /`cel` cannot be used here/],
    ['loops are nested three deep', 'output.list.all(a, output.list.all(b, output.list.all(c, true)))', /over 2 deep/],
    ['a pattern looks around', 'output.text.matches("(?=x)")', /look-around/],
    ['a pattern that it reads looks around', 'output.text.matches(input.pattern)', /look-around/],
    ['a pattern is too long', 'output.text.matches(input.long)', /longer than 512/],
    ['it is too long', `true ${'|| true '.repeat(400)}`, /longer than 2000/],
    ['it is nested too deep', `${'('.repeat(500)}true${')'.repeat(500)}`, /maxDepth/],
    ['it reaches for a prototype', 'output.constructor == 1', /constructor/],
  ]
  test.each(cases)('%s', (_, expression, error) => {
    const evaluated = evaluateCondition(
      expression,
      withOutput(output, { input: { pattern: 'a(?=b)', long: 'a'.repeat(600) } }),
    )
    expect(evaluated).not.toHaveProperty('verdict')
    expect((evaluated as { error: string }).error).toMatch(error)
  })
})

describe('a condition tells what it looked at', () => {
  const reads = (expression: string) => evaluateCondition(expression, scope).reads

  test('each path once, with its value', () => {
    expect(reads('output.score > 1 && output.score < 99 && input.company == "x"')).toEqual({
      'output.score': 73,
      'input.company': 'Acme',
    })
  })
  test('places in lists, and names in brackets', () => {
    expect(reads('output.items[0].n == 1 && output["n"] == 4')).toEqual({ 'output.items.0.n': 1, 'output.n': 4 })
  })
  test('a computed index as far as it is fixed, and what it was computed from', () => {
    expect(reads('output.list[int(output.half)] == 10')).toEqual({ 'output.list': [10, 20], 'output.half': 0.5 })
  })
  test('no names bound by a loop, even one named like a root', () => {
    expect(reads('output.list.exists(input, input == 10)')).toEqual({ 'output.list': [10, 20] })
  })
  test('nothing for what is missing, also beside an error', () => {
    expect(evaluateCondition('output.zzz > output.n', scope)).toEqual({
      error: '`output.zzz` is missing',
      reads: { 'output.n': 4 },
    })
  })
  test('null where null was found', () => {
    expect(reads('last.note == null')).toEqual({ 'last.note': null })
  })
  test('long texts and long lists cut to 200 characters, never through a surrogate pair', () => {
    const long = withOutput({ text: '😀'.repeat(300), list: Array.from({ length: 300 }, () => 1) })
    const shown = evaluateCondition('output.text == "" || output.list == []', long).reads
    expect(Object.keys(shown).sort()).toEqual(['output.list', 'output.text'])
    for (const value of Object.values(shown)) {
      expect(value).toHaveLength(typeof value === 'string' && value.startsWith('😀') ? 199 : 200)
      expect(value).toMatch(/…$/)
      expect(encodeURIComponent(value as string)).toBeTruthy() // throws on half a pair
    }
  })
})

describe('a condition that asks for too much is stopped by counting', () => {
  const list = Array.from({ length: 50_000 }, (_, place) => place)
  const long = 'a'.repeat(200_000)
  const wide = Object.fromEntries(list.slice(0, 15_000).map(n => [`k${n}`, n]))
  const big = withOutput({
    wide,
    list,
    long,
    other: `${'a'.repeat(199_999)}b`,
    one: [list],
    two: [[...list]],
    items: list.map(n => ({ n })),
  })
  const cases: [name: string, expression: string][] = [
    ['loops in loops', 'output.list.all(a, output.list.all(b, true))'],
    ['membership in a loop', 'output.list.all(a, a in output.list)'],
    ['deep comparison in a loop', 'output.list.all(a, output.one == output.two)'],
    ['comparison of texts in a loop', 'output.list.all(a, output.long != output.other)'],
    ['lists put together', `size(${Array(100).fill('output.list').join(' + ')}) > 1`],
    [
      'texts put together in a loop',
      `output.list.exists(a, (${Array(60).fill('output.long').join(' + ')}).contains("zz"))`,
    ],
    ['a pattern of a thousand letters', 'output.long.matches("\\\\p{L}{1,1000}$")'],
    ['patterns that are made in a loop', 'output.list.all(a, !"b".matches("(a{1,30}){1,30}" + string(a)))'],
    [
      'classes that are made in a loop',
      `output.list.all(a, "b".matches("${'\\\\p{L}|'.repeat(60)}" + string(a)) || true)`,
    ],
    ['a hostile pattern in a loop', 'output.list.exists(a, output.long.matches("^(a+)+$b"))'],
    ['a long needle in a loop', `output.list.exists(a, output.long.contains("${'a'.repeat(300)}b${'a'.repeat(300)}"))`],
    ['counting keys in a loop', 'output.list.all(a, size(output.wide) > 1)'],
    ['a duration of digits', 'duration(output.long) == duration("1s")'],
    ['long texts joined', 'output.list.map(a, output.long).join(output.long) == ""'],
    ['splitting in a loop', 'output.list.all(a, size(output.long.split("")) > 1)'],
    ['an error that `||` would swallow', 'output.list.exists(a, output.list.exists(b, false)) || true'],
    ['dates in a loop', 'output.list.exists(a, timestamp("2024-01-01T00:00:00Z").getHours("Europe/Berlin") == 99)'],
  ]
  test.each(cases)('%s', (_, expression) => {
    const { result, ms } = timed(() => evaluateCondition(expression, big))
    expect((result as { error?: string }).error).toMatch(/looks at too much/)
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })

  test('a pattern that takes the native engine for ever runs in linear time', () => {
    const { result, ms } = timed(() =>
      evaluateCondition('output.text.matches("^(a+)+$")', withOutput({ text: `${'a'.repeat(5000)}!` })),
    )
    expect(result).toMatchObject({ verdict: false })
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })

  test('ten thousand items are no trouble', () => {
    const fair = withOutput({ items: list.slice(0, 10_000).map(n => ({ n })) })
    expect(evaluateCondition('output.items.filter(i, i.n > 9000).exists(i, i.n == 9999)', fair)).toMatchObject({
      verdict: true,
    })
  })
})

describe('checking a condition', () => {
  test('gives the paths it reads', () => {
    expect(
      checkCondition('output.a.b > 1 && steps.x.decision.note == last.note && output.l.exists(i, i.q == task.id)'),
    ).toEqual({
      ok: true,
      paths: [
        ['output', 'a', 'b'],
        ['steps', 'x', 'decision', 'note'],
        ['last', 'note'],
        ['output', 'l'],
        ['task', 'id'],
      ],
    })
  })
  test.each(['output.', '1 + 1', 'nope == 1', 'output.x.matches("(a")', 'cel.bind(a, 1, true)', 'google == 1'])(
    'refuses %j',
    expression => {
      expect(checkCondition(expression)).toMatchObject({ ok: false })
    },
  )
})

test('the scope is left as it was', () => {
  const given = withOutput({ list: [3, 1] }, aScope())
  const before = structuredClone(given)
  evaluateCondition('(output.list + [2]).map(x, x * 2).size() == 3', given)
  expect(given).toEqual(before)
})
