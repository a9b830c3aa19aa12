/** What an isolate keeps has a lid: by number, by the length of its keys, and by what its values weigh. */
import { expect, test } from 'vitest'
import { BoundedCache } from '../../../src/domain/bounded-cache.ts'

test('the oldest go first, until what is left is few and light enough', () => {
  const cache = new BoundedCache<number>(3, 20, value => value)
  const kept = () => ['a', 'b', 'c', 'd', 'e'].filter(key => cache.peek(key) !== undefined)
  for (const [key, weight] of [
    ['a', 1],
    ['b', 2],
    ['c', 3],
    ['d', 4],
  ] as const)
    cache.keep(key, weight)
  expect(kept()).toEqual(['b', 'c', 'd'])
  cache.keep('e', 14)
  expect(kept()).toEqual(['d', 'e'])
  // What is heavier than all that may be kept drives nothing out.
  expect(cache.get('c', () => 20)).toBe(20)
  expect(kept()).toEqual(['d', 'e'])
})

test('what is forgotten or replaced weighs no more', () => {
  const cache = new BoundedCache<string>(9, 10, value => value.length)
  cache.keep('a', '12345678')
  cache.keep('a', '1')
  cache.keep('b', '1234567')
  expect([cache.peek('a'), cache.peek('b')]).toEqual(['1', '1234567'])
  cache.forget('b')
  cache.keep('c', '1234567')
  expect([cache.peek('a'), cache.peek('c')]).toEqual(['1', '1234567'])
})
