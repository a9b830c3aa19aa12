/** What a task may still come to: forward alone, and what every way leads through. */
import { expect, test } from 'vitest'
import type { Definition } from '../../../../src/domain/workflow/definition.ts'
import { stepsToCome } from '../../../../src/domain/workflow/to-come.ts'

const flow = (ways: Record<string, string[]>): Definition => ({
  baton: 1,
  name: 'x',
  steps: Object.entries(ways).map(([key, to]) => ({
    key,
    name: key.toUpperCase(),
    prompt: 'x',
    handoffs: to.map(to => ({ to })),
  })),
})
const told = (definition: Definition, at: string) =>
  stepsToCome(definition, at).map(({ name, sure }) => `${name}${sure ? '' : '?'}`)

test('in a row all of it is sure', () => {
  const row = flow({ a: ['b'], b: ['c'], c: ['complete'] })
  expect(told(row, 'a')).toEqual(['B', 'C'])
  expect(told(row, 'c')).toEqual([])
})

test('of two ways neither is sure, but where they meet again is; ways back are none', () => {
  const diamond = flow({ a: ['b', 'c'], b: ['d'], c: ['d', 'a'], d: ['complete', 'a'] })
  expect(told(diamond, 'a')).toEqual(['B?', 'C?', 'D'])
  expect(told(diamond, 'c')).toEqual(['D'])
})

test('a way that may end early makes what comes after it perhaps', () => {
  const early = flow({ a: ['b', 'complete'], b: ['c'], c: ['complete'] })
  expect(told(early, 'a')).toEqual(['B?', 'C?'])
})

test('a step that is there no more, and one that leads nowhere, have nothing to come', () => {
  expect(told(flow({ a: ['b'], b: ['complete'] }), 'gone')).toEqual([])
  expect(told(flow({ a: [] }), 'a')).toEqual([])
})

test('where no way leads to the end, nothing is said to be perhaps', () => {
  expect(told(flow({ a: ['b'], b: [] }), 'a')).toEqual(['B'])
})
