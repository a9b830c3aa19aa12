/** Numbers that a double cannot keep: told from those that it can, and never silently another number. */
import { describe, expect, test } from 'vitest'
import { keepsDigits, parseExact } from '../../../src/domain/json/exact-number.ts'
import { BODY_LIMITS, guardJson } from '../../../src/domain/json/json-guard.ts'
import { pathAt } from '../../../src/domain/json/json-path.ts'
import { coerceScalars } from '../../../src/domain/schema/coerce.ts'
import { findJson } from '../../../src/execution/models/answer/find-json.ts'
import { jsonOf, pairsOf } from '../../../src/workflow/forms/pairs.ts'

describe('what a double keeps', () => {
  test.each([
    ...['0', '-0', '0e5', '7', '0.1', '1.10', '4.35', '1e23', '1.0E+2', '999999999999999', '9007199254740994'],
    ...['100000000000000000000', '1000000000000000000000000', '0.000000000000000000001', '0.30000000000000004'],
    ...['0.10000000000000001', '1.50000000000000000000'],
  ])('%s', text => {
    expect(keepsDigits(text)).toBe(true)
  })

  test.each([
    ...['8202522731445525542', '9007199254740993', '-9007199254740993', '123456789012345678901234567890'],
    // Exactly a double, but written again with other digits.
    '36028797018963968',
    ...['3.14159265358979323846', '19.990000000000000000001', '12345678901234567.5', '1e400', '1e-400'],
  ])('not %s', text => {
    expect(keepsDigits(text)).toBe(false)
  })

  test('a double with all its 17 digits, as C and older Pythons print it, is that double', () => {
    for (const number of [0.1 + 0.2, 52.5200066, -13.4049541, 1 / 3, 2 / 3e5, 1e-7 / 3])
      expect(keepsDigits(number.toPrecision(17)), number.toPrecision(17)).toBe(true)
  })

  test('every whole number beside 2^53 is kept or told, as writing it again shows', () => {
    for (let offset = -50n; offset <= 50n; offset++) {
      const text = (2n ** 53n + offset).toString()
      expect(keepsDigits(text), text).toBe(String(Number(text)) === text)
    }
  })
})

describe('JSON with such a number', () => {
  const TEXT = '{"order":{"lines":[{"n":1},{"n":8202522731445525542}],"a,b":"{[:"},"x":1}'

  test('is refused with the path to it', () => {
    const refusal = { ok: false, code: 'json_number_inexact', path: 'order.lines[1].n' }
    expect(guardJson(TEXT)).toMatchObject(refusal)
  })

  test('or keeps its digits as text, and all else as it is', () => {
    const read = guardJson(
      '{"a":[1,8202522731445525542,-1.5],"b":3.14159265358979323846,"c":"1","d":2}',
      BODY_LIMITS,
      'text',
    )
    const value = { a: [1, '8202522731445525542', -1.5], b: '3.14159265358979323846', c: '1', d: 2 }
    expect(read).toEqual({ ok: true, value })
    expect(guardJson('8202522731445525542', BODY_LIMITS, 'text')).toEqual({ ok: true, value: '8202522731445525542' })
  })

  test('what is no number stays no JSON', () => {
    for (const text of ['[08202522731445525542]', '[8202522731445525542.]', '[--8202522731445525542]'])
      expect(guardJson(text, BODY_LIMITS, 'text')).toMatchObject({ ok: false, code: 'malformed_json' })
  })

  test('a number beyond all is refused at both doors, with its path', () => {
    const refusal = { ok: false, code: 'json_number_too_large', path: 'a[1]' }
    expect(guardJson('{"a":[1,1e999]}', BODY_LIMITS, 'text')).toMatchObject(refusal)
    expect(guardJson('{"a":[1,1e999]}')).toMatchObject(refusal)
  })

  test('a path is told through strings that look like structure', () => {
    const text = '{"a":"}],{","b":[{"c\\"d":[0,{"e":5}]}]}'
    expect(pathAt(text, text.indexOf('5'))).toBe('b[0].c"d[1].e')
    expect(pathAt('5', 0)).toBe('')
  })
})

describe('text where the schema asks for a number', () => {
  const fitted = (type: string, text: string) => coerceScalars({ type }, text)

  test('becomes the number only if that keeps its digits', () => {
    expect(fitted('number', '19.99')).toBe(19.99)
    expect(fitted('number', '12345678901234567890')).toBe('12345678901234567890')
    expect(fitted('number', '3.14159265358979323846')).toBe('3.14159265358979323846')
    expect(fitted('integer', '8202522731445525542')).toBe('8202522731445525542')
    expect(fitted('integer', '9007199254740991')).toBe(9007199254740991)
  })
})

describe('a model’s answer', () => {
  test('keeps the digits of a number that a double would change, as text', () => {
    const said =
      'Here: {"id": 8202522731445525542, "sum": 3.14159265358979323846, "n": [1, -1.5, 1e3], "t": "9007199254740993"}'
    const value = {
      id: '8202522731445525542',
      sum: '3.14159265358979323846',
      n: [1, -1.5, 1000],
      t: '9007199254740993',
    }
    expect(findJson(said)).toEqual([value])
    expect(findJson('{"id": 8202522731445525542,}')).toEqual([{ id: '8202522731445525542' }])
  })

  test('is read as JSON.parse reads it otherwise', () => {
    for (const text of ['{"a":1}', '[0.1234567890123456]', '{"__proto__":1234567890123456}', '1e5', 'null', '[[],{}]'])
      expect(JSON.stringify(parseExact(text))).toBe(JSON.stringify(JSON.parse(text)))
    expect(() => parseExact('{"a":8202522731445525542')).toThrow()
  })
})

describe('JSON that somebody types into a step’s form', () => {
  test('is refused with the field, where a number would become another', () => {
    const problem =
      'a[0].id: The number 8202522731445525542 has more digits than can be kept. Write it in quotation marks.'
    expect(jsonOf('{"a":[{"id":8202522731445525542}]}')).toEqual({ problem })
    expect(pairsOf('{"a":[{"id":8202522731445525542}]}')).toBe(problem)
    expect(pairsOf('id: 8202522731445525542')).toEqual({ id: '8202522731445525542' })
    expect(pairsOf('{"a":')).toMatch(/^This is not JSON: /)
    expect(jsonOf('[1,"8202522731445525542"]')).toEqual({ value: [1, '8202522731445525542'] })
  })
})
