/** CEL where cel-js falls short: empty lists, global `matches`, times; and mistakes that are told with what was meant. */
import { describe, expect, test } from 'vitest'
import { checkCondition, evaluateCondition, evaluateFilter } from '../../../src/domain/handoff/condition.ts'
import { RUNAWAY_MS, timed, withOutput } from './scope.ts'

const scope = withOutput({
  empty: [],
  none: {},
  list: [1, 2],
  text: 'hello',
  in: 1,
  package: 2,
  'x-y': 3,
  a: 5,
  b: 2,
  at: '2024-03-09T05:06:07Z',
  never: '2024-02-31T00:00:00Z',
})

function verdict(expression: string): unknown {
  const evaluated = evaluateCondition(expression, scope)
  return 'error' in evaluated ? evaluated.error : evaluated.verdict
}

describe('loops over nothing', () => {
  const loops: [loop: string, verdict: boolean][] = [
    ['L.all(x, x > 1)', true],
    ['L.exists(x, x > 1)', false],
    ['L.exists_one(x, x > 1)', false],
    ['L.map(x, x * 2) == []', true],
    ['L.map(x, x > 1, x + 1) == []', true],
    ['L.filter(x, x > 1) == []', true],
    ['L.filter(x, x > 1).map(x, x % 2).all(x, x != 0)', true],
    ['L.all(x, L.exists(y, x < y))', true],
    ['size(L.map(x, -x)) == 0', true],
    ['L.exists(x, x.name.startsWith("a"))', false],
  ]
  const lists = [
    '[]',
    'output.empty',
    '([] + [])',
    '(true ? [] : [1])',
    'output.list.filter(z, z > 9)',
    '{}',
    'output.none',
  ]
  const cases = lists.flatMap(list => loops.map(([loop, result]) => [loop.replaceAll('L', list), result] as const))
  test.each(cases)('%s is %s', (expression, result) => {
    expect(verdict(expression)).toBe(result)
  })

  test.each(['[] == output.empty', '[] + [1] == [1]', '!(1 in [])', 'size([]) == 0', '[[]].all(x, size(x) == 0)'])(
    '%s holds',
    expression => {
      expect(verdict(expression)).toBe(true)
    },
  )
})

describe('parse_json()', () => {
  const delivery = {
    body: { Message: '{"type": "paid", "lines": [{"n": 12345678901234567890}]}', plain: 'hello', object: { a: 1 } },
    headers: {},
    query: {},
  } as unknown as Parameters<typeof evaluateFilter>[1]

  test.each([
    ['parse_json(body.Message).type == "paid"', true],
    ['parse_json(body.Message).lines.exists(x, x.n == "12345678901234567890")', true],
    ['"gone" in parse_json(body.Message)', false],
    ['parse_json(body.object).a == 1', true],
    ['parse_json("[1, 2]") == [1, 2]', true],
    ['parse_json("true")', true],
  ])('%s is %s', (filter, verdict) => {
    expect(evaluateFilter(filter, delivery)).toMatchObject({ verdict })
    expect(checkCondition(filter, 'delivery')).toMatchObject({ ok: true })
  })

  test('what is no JSON, or too deep, is an error in words', () => {
    expect(evaluateFilter('parse_json(body.plain) == 1', delivery)).toMatchObject({
      error: expect.stringContaining('parse_json() cannot read this text'),
    })
    const deep = { ...delivery, body: `${'['.repeat(40)}${']'.repeat(40)}` }
    expect(evaluateFilter('parse_json(body) == 1', deep)).toMatchObject({
      error: expect.stringContaining('parse_json()'),
    })
  })

  test('tells what was read of the delivery', () => {
    expect(evaluateFilter('parse_json(body.Message).type == "paid"', delivery)).toMatchObject({
      reads: { 'body.Message': expect.stringContaining('paid') },
    })
  })
})

describe('matches() as a function', () => {
  test.each([
    ['matches(output.text, "^hel+o$")', true],
    ['matches("hello", "z")', false],
    ['!matches(output.text, "\\\\d") && output.text.matches("l")', true],
    ['output.list.all(x, matches(string(x), "^[0-9]+$"))', true],
    ['matches(output.text, output.text)', true],
  ])('%s is %s', (expression, result) => {
    expect(verdict(expression)).toBe(result)
  })

  test('is held to patterns that run in linear time, as the method is', () => {
    expect(checkCondition('matches(output.text, "(?=x)")')).toMatchObject({ ok: false })
    const long = withOutput({ text: `${'a'.repeat(5000)}!` })
    const { result, ms } = timed(() => evaluateCondition('matches(output.text, "^(a+)+$")', long))
    expect(result).toMatchObject({ verdict: false })
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })

  test('is charged for the patterns that it is given', () => {
    const list = Array.from({ length: 50_000 }, (_, place) => place)
    const expression = 'output.list.all(a, !matches("b", "(a{1,30}){1,30}" + string(a)))'
    expect(evaluateCondition(expression, withOutput({ list }))).toMatchObject({
      error: expect.stringMatching(/looks at too much/),
    })
  })
})

describe('a time that there is not is an error, and never the next one', () => {
  test.each([
    '2024-02-31T00:00:00Z',
    '2024-02-30T23:59:59Z',
    '2023-02-29T00:00:00Z',
    '2024-04-31T12:00:00+02:00',
    '2024-13-01T00:00:00Z',
    '2024-00-10T00:00:00Z',
    '2024-01-00T00:00:00Z',
    '2024-01-01T24:00:00Z',
    '2024-01-01T25:00:00Z',
    '2024-01-01T23:60:00Z',
    '2024-01-01T23:59:60Z',
    '2024-01-01T00:00:00+25:00',
    '2024-01-01 00:00:00Z      ',
    'Mon, 01 Jan 2024 00:00 GMT',
    '2024-01-01T00:00:00',
    '2024-01-01',
    '0000-01-01T00:00:00Z',
    '',
  ])('%j', text => {
    expect(verdict(`timestamp("${text}") > timestamp("1990-01-01T00:00:00Z")`)).toMatch(
      /timestamp\(\)|there is no time/,
    )
  })

  test('nor where it is read, or reckoned', () => {
    expect(verdict('timestamp(output.never) > timestamp(output.at)')).toBe('there is no time 2024-02-31T00:00:00Z')
    expect(verdict('timestamp("9999-12-31T23:59:59Z") + duration("2s") > timestamp(output.at)')).toMatch(/after 9999/)
    expect(verdict('timestamp("0001-01-01T00:00:00Z") - duration("2s") < timestamp(output.at)')).toMatch(/year 1/)
  })

  test.each(['2024-02-29T00:00:00Z', '2000-02-29T23:59:59.999+14:00', '2024-12-31t23:59:59z', '0001-01-01T00:00:00Z'])(
    '%s is one',
    text => {
      expect(verdict(`timestamp("${text}") < timestamp("9999-12-31T23:59:59Z")`)).toBe(true)
    },
  )
})

describe('times as numbers and texts', () => {
  test.each([
    'int(timestamp("2024-03-09T05:06:07Z")) == 1709960767',
    'int(timestamp(output.at)) == 1709960767',
    'int(timestamp("2024-03-09T05:06:07.9Z")) == 1709960767',
    'int(timestamp("1969-12-31T23:59:59.5Z")) == -1',
    'timestamp(int(timestamp(output.at))) == timestamp(output.at)',
    'string(timestamp("2024-03-09T06:06:07+01:00")) == "2024-03-09T05:06:07Z"',
    'string(timestamp("2024-03-09T05:06:07.120Z")) == "2024-03-09T05:06:07.12Z"',
    'string(timestamp("2024-03-09T05:06:10Z")) == "2024-03-09T05:06:10Z"',
    'string(timestamp("2024-03-10T00:00:00.000Z")) == "2024-03-10T00:00:00Z"',
    'timestamp(string(timestamp(output.at))) == timestamp(output.at)',
    'timestamp(timestamp(output.at)) == timestamp(output.at)',
    'duration(duration("90m")) == duration("5400s")',
    'int(duration("90m")) == 5400',
    'int(duration("-1.9s")) == -1',
    'string(duration("90m")) == "5400s"',
    'string(duration("1500ms")) == "1.5s"',
    'string(duration("-1.5s")) == "-1.5s"',
    'string(duration("1us")) == "0.000001s"',
    'string(duration("0s")) == "0s"',
    'string(timestamp(output.at) - timestamp("2024-03-09T05:06:00Z")) == "7s"',
    'string(timestamp("2024-03-09T05:06:00Z") - timestamp(output.at)) == "-7s"',
    'duration(string(duration("1h2m3.004s"))) == duration("1h2m3.004s")',
  ])('%s', expression => {
    expect(verdict(expression)).toBe(true)
  })
})

describe('a subtraction that was meant as a name is told', () => {
  test.each([
    ['headers.x-github-event == "push"', 'headers["x-github-event"]'],
    ['headers.content-type == "a"', 'headers["content-type"]'],
    ['headers.x-1 == "a"', 'headers["x-1"]'],
    ['headers["a"] == "b" || headers.x-hook-secret.size() > 1', 'headers["x-hook-secret"]'],
    ['body.user-id == 1', 'body["user-id"]'],
    ['body.user.first-name == "a"', 'body.user["first-name"]'],
    ['body.list[0].sub-key.x == 1', 'body.list[0]["sub-key"]'],
    ['body.last-query == 1', 'body["last-query"]'],
    ['body.list.exists(i, i.line-total > 1)', 'i["line-total"]'],
    ['has(headers.x-hub-signature)', '"x-hub-signature" in headers'],
    ['!has(body.order.line-items)', '"line-items" in body.order'],
  ])('%s', (expression, meant) => {
    const written = meant.replace(/^"(.*)" in (.*)$/, '$2["$1"]').replace(/\["([^"]+)"\]$/, '.$1')
    const message = `\`${written}\` is a subtraction: write \`${meant}\``
    expect(checkCondition(expression, 'delivery')).toEqual({ ok: false, message })
  })

  test.each([
    'body.a-body.b == 0',
    'body.a - body.b == 0',
    'body.n-1 > 0',
    'body.list.all(i, body.n-i > 0)',
    'body.list.all(i, body.n-i.x > 0)',
    '"headers.x-github-event" == body.text',
    'headers["x-github-event"] == "push" && "x-a" in headers',
  ])('%s is none', expression => {
    expect(checkCondition(expression, 'delivery')).toMatchObject({ ok: true })
  })

  test('what is written instead works', () => {
    const delivery = { body: {}, headers: { 'x-github-event': 'push' }, query: {} }
    expect(evaluateFilter('headers["x-github-event"] == "push"', delivery)).toMatchObject({ verdict: true })
    expect(evaluateFilter('"x-github-event" in headers && !("x-other" in headers)', delivery)).toMatchObject({
      verdict: true,
    })
  })

  test('has() with brackets, too', () => {
    expect(checkCondition('has(headers["x-a"])', 'delivery')).toEqual({
      ok: false,
      message: '`has()` takes `a.b`, not brackets: write `"x-a" in headers`',
    })
  })
})

describe('words of CEL as names of fields', () => {
  test.each([
    ['output.in == 1', 'in', 'output["in"]'],
    ['1 == output.a.b[0].true', 'true', 'output.a.b[0]["true"]'],
    ['output["x.in"].y == 1 && output.null == 1', 'null', 'output["null"]'],
    ['has(output.in)', 'in', '"in" in output'],
    ['"output.false" == output.false', 'false', 'output["false"]'],
  ])('%s', (expression, word, meant) => {
    expect(verdict(expression)).toBe(`\`${word}\` is a word of CEL and cannot stand behind a dot: write \`${meant}\``)
  })

  test('all others may stand behind a dot', () => {
    const words = 'as break const continue else for function if import let loop package namespace return var void while'
    for (const word of [...words.split(' '), 'type', 'size', 'int', 'matches', 'inner', 'nullable']) {
      expect(evaluateCondition(`output.${word} == 1 && has(output.${word})`, withOutput({ [word]: 1 }))).toMatchObject({
        verdict: true,
      })
    }
    expect(verdict('output["in"] == 1 && "in" in output')).toBe(true)
  })

  test('another fault stays what it is', () => {
    expect(verdict('output.text == "a.in" +')).toMatch(/Unexpected token/)
  })
})
