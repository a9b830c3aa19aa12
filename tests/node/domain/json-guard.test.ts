import { describe, expect, test } from 'vitest'
import { guardJson, guardValue } from '../../../src/domain/json/json-guard.ts'
import { timed } from './scope.ts'

const nested = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`
const list = (length: number) => JSON.stringify(Array.from({ length }, () => 0))

describe('JSON passes as JSON.parse reads it', () => {
  const texts = [
    'null',
    'true',
    '0',
    '-1.5e3',
    '""',
    '"a"',
    '[]',
    '{}',
    ' { "a" : [ 1 , { "b" : null } ] } ',
    '"\\u00e9\\n\\"\\\\"',
    '"😀"',
    '"\\ud83d\\ude00"',
    '"a\\\\u0000"',
    '{"a":{"a":1},"b":{"a":2}}',
    '[{"a":1},{"a":1}]',
    '{"":1}',
    '{"a":"__proto__"}',
    '["constructor","prototype"]',
    '{"a":"}{][,:\\""}',
    '1.7976931348623157e308',
    '{"proto":1,"__proto":2,"_constructor":3}',
    '{"key with \\" quote":1}',
  ]
  test.each(texts)('%s', text => {
    expect(guardJson(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })
})

describe('JSON is refused, with a code, for', () => {
  const cases: [why: string, text: string, code: string][] = [
    ['emptiness', '', 'malformed_json'],
    ['blanks only', '  \n', 'malformed_json'],
    ['truncation', '{"a":[1,2', 'malformed_json'],
    ['a truncated text', '{"a":"b', 'malformed_json'],
    ['a truncated escape', '"\\u12', 'malformed_json'],
    ['a byte order mark', '\ufeff{}', 'malformed_json'],
    ['single quotes', "{'a':1}", 'malformed_json'],
    ['NaN', '{"a":NaN}', 'malformed_json'],
    ['Infinity by name', '[-Infinity]', 'malformed_json'],
    ['a trailing comma', '[1,]', 'malformed_json'],
    ['two documents', '{}{}', 'malformed_json'],
    ['a comment', '{} // no', 'malformed_json'],
    ['a raw line break in a text', '"a\nb"', 'malformed_json'],
    ['a leading zero', '01', 'malformed_json'],
    ['brackets that do not pair', '[}', 'malformed_json'],
    ['closing brackets only', ']]]]', 'malformed_json'],
    ['depth', nested(33), 'json_too_deep'],
    ['depth in objects', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`, 'json_too_deep'],
    ['depth without an end', '['.repeat(100_000), 'json_too_deep'],
    ['many values', list(20_000), 'json_too_many_values'],
    [
      'many fields',
      JSON.stringify(Object.fromEntries(Array.from({ length: 20_000 }, (_, place) => [`k${place}`, 0]))),
      'json_too_many_values',
    ],
    ['a key given twice', '{"a":1,"b":2,"a":3}', 'json_duplicate_key'],
    ['a key given twice, once escaped', '{"a":1,"\\u0061":2}', 'json_duplicate_key'],
    ['a key given twice further down', '[{"x":{"a":1,"a":1}}]', 'json_duplicate_key'],
    ['__proto__', '{"a":{"__proto__":{"admin":true}}}', 'json_forbidden_key'],
    ['__proto__, escaped', '{"\\u005f_proto__":1}', 'json_forbidden_key'],
    ['constructor', '[[{"constructor":1}]]', 'json_forbidden_key'],
    ['prototype', '{"prototype":1}', 'json_forbidden_key'],
    ['NUL in a text', '"a\\u0000b"', 'json_nul'],
    ['NUL in a key', '{"a\\u0000":1}', 'json_nul'],
    ['a raw NUL', '{"a":\u0000}', 'json_nul'],
    ['a raw NUL in a text', '"\u0000"', 'json_nul'],
    ['a high surrogate alone', '"\ud83d"', 'json_lone_surrogate'],
    ['a low surrogate alone', '"a\ude00"', 'json_lone_surrogate'],
    ['an escaped high surrogate alone', '"\\ud83d!"', 'json_lone_surrogate'],
    ['an escaped low surrogate alone', '"\\uDE00"', 'json_lone_surrogate'],
    ['a half in a key', '{"\\ud83d":1}', 'json_lone_surrogate'],
    ['halves the wrong way round', '"\\ude00\\ud83d"', 'json_lone_surrogate'],
    ['a number that becomes Infinity', '[1e999]', 'json_number_too_large'],
    ['a number that becomes -Infinity', '{"a":-1e309}', 'json_number_too_large'],
    ['a number that would become 0', '[1e-400]', 'json_number_inexact'],
    ['a number that would become another', '{"a":9007199254740993}', 'json_number_inexact'],
    ['a number of 400 digits', '9'.repeat(400), 'json_number_too_large'],
  ]
  test.each(cases)('%s', (_, text, code) => {
    const refused = guardJson(text)
    expect(refused).toMatchObject({ ok: false, code })
    expect((refused as { message: string }).message).toMatch(/^[A-Z].*/)
  })
})

test('the limits are met exactly', () => {
  expect(guardJson(nested(32)).ok).toBe(true)
  expect(guardJson(list(19_999)).ok).toBe(true)
  expect(guardJson('[1,2]', { maxDepth: 1, maxNodes: 3 }).ok).toBe(true)
  expect(guardJson('[1,[]]', { maxDepth: 1, maxNodes: 3 })).toMatchObject({ code: 'json_too_deep' })
  expect(guardJson('[1,2,3]', { maxDepth: 1, maxNodes: 3 })).toMatchObject({ code: 'json_too_many_values' })
})

test('whatever is cut out of or put into good JSON, the guard agrees with JSON.parse on what is JSON', () => {
  const good = '{"a":[1,-2.5e1,"x\\n\\u00e9",{"b":null,"c":true}],"d":"y","e":{}}'
  for (let place = 0; place <= good.length; place++) {
    for (const put of ['', ...'{}[]",:\\0a ']) {
      for (const cut of [0, 1]) {
        const text = good.slice(0, place) + put + good.slice(place + cut)
        const guarded = guardJson(text)
        const parses = canParse(text)
        if (guarded.ok) expect(guarded.value, text).toEqual(JSON.parse(text))
        else if (parses) expect(guarded.code, text).toBe('json_duplicate_key')
      }
    }
  }
})

function canParse(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('256 KiB take a few milliseconds', () => {
  const text = JSON.stringify(
    Array.from({ length: 3000 }, (_, place) => ({ id: place, name: 'x'.repeat(60), ok: true })),
  )
  expect(text.length).toBeGreaterThan(256 * 1024)
  guardJson(text)
  expect(timed(() => guardJson(text)).ms).toBeLessThan(100)
})

describe('a value that is already parsed', () => {
  const limits = { maxDepth: 3, maxNodes: 10 }
  const cases: [value: unknown, refusal: object | null][] = [
    [{ a: [1, { b: 2 }] }, null],
    [{ a: [[[]]] }, { code: 'json_too_deep', path: 'a[0][0]' }],
    [Array.from({ length: 10 }, () => 1), { code: 'json_too_many_values' }],
    [{ steps: [{ constructor: 1 }] }, { code: 'json_forbidden_key', path: 'steps[0].constructor' }],
    [JSON.parse('{"__proto__":1}'), { code: 'json_forbidden_key', path: '__proto__' }],
  ]
  test.each(cases)('%j', (value, refusal) => {
    if (refusal === null) expect(guardValue(value, limits)).toBeNull()
    else expect(guardValue(value, limits)).toMatchObject(refusal)
  })
})
