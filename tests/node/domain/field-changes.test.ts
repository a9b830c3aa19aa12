/** Which fields two values differ in, and the part of two texts in which they do. */
import { describe, expect, it } from 'vitest'
import { fieldChanges } from '../../../src/domain/json/field-changes.ts'
import type { Json } from '../../../src/domain/json/json.ts'
import { changedPart } from '../../../src/domain/text/changed-part.ts'

describe('fields that differ', () => {
  it.each<[string, Json, Json, [string, unknown, unknown][]]>([
    ['nothing', { a: 1, b: [1] }, { b: [1], a: 1 }, []],
    ['a whole text', 'Hi', 'Hello', [['', 'Hi', 'Hello']]],
    ['a field', { a: 1, b: 2 }, { a: 1, b: 3 }, [['b', 2, 3]]],
    ['a field of an item', { l: [{ x: 1 }, { x: 2 }] }, { l: [{ x: 1 }, { x: 3 }] }, [['l[1].x', 2, 3]]],
    ['a list that grew: as a whole', { l: [1] }, { l: [1, 2] }, [['l', [1], [1, 2]]]],
    ['a field that is new', { a: 1 }, { a: 1, b: null }, [['b', undefined, null]]],
    ['a field that is gone', { a: 1, b: 2 }, { a: 1 }, [['b', 2, undefined]]],
    ['a field of another kind', { a: [1] }, { a: { b: 1 } }, [['a', [1], { b: 1 }]]],
    ['a name that objects have', { a: 1 }, { a: 1, constructor: 2 }, [['constructor', undefined, 2]]],
    ['null and nothing', null, 'x', [['', null, 'x']]],
  ])('%s', (_, before, after, changes) => {
    expect(fieldChanges(before, after)).toEqual(
      changes.map(([field, was, now]) => ({ field, before: was, after: now })),
    )
  })

  it('ends at fifty, and how deep things lie costs nothing', () => {
    const many = (value: number) => Array.from({ length: 200 }, () => value)
    expect(fieldChanges(many(1), many(2))).toHaveLength(50)
    const deep = (inner: Json) => {
      let value = inner
      for (let i = 0; i < 2000; i++) value = { v: value }
      return value
    }
    expect(fieldChanges(deep(1), deep(1))).toEqual([])
    expect(fieldChanges(deep(1), deep(2))).toHaveLength(1)
  })
})

it('of long texts the part is told that differs, with a little around it', () => {
  expect(changedPart('Hi', 'Hello')).toEqual(['Hi', 'Hello'])
  const long = 'a'.repeat(5000)
  const [before, after] = changedPart(`${long}one${long}`, `${long}two${long}`)
  expect(before).toMatch(/^…a{24}onea+…$/)
  expect(after).toMatch(/^…a{24}twoa+…$/)
  expect(before.length).toBeLessThan(210)
})
