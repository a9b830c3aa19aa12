/** When a flush tells by what words its task is found: once it stands or goes on for longer, and at its end. */
import { expect, test } from 'vitest'
import { searchedRow } from '../../../src/task/object/projection.ts'
import { aTask, type Journey, onboarding } from '../../support/task-builders.ts'

const told = (journey: Journey, { told = false, first = false } = {}) =>
  searchedRow(journey.state, journey.definition, told, first)?.over ?? null

test('a task at its first step is told of with its first flush, and then no more until its end', () => {
  const journey = aTask(onboarding())
  expect(told(journey, { first: true })).toBe(0)
  expect(told(journey, { told: true })).toBeNull()
})

test('one that got on to its next step before its first flush is told of with the next one, if it is not over by then', () => {
  const journey = aTask(onboarding())
  journey.answer('A text.')
  expect(journey.state).toMatchObject({ status: 'running', visit: { n: 2 } })
  expect(told(journey, { first: true })).toBeNull()
  expect(told(journey)).toBe(0)
})

test('one that waits for a person is told of with whatever flush finds it so', () => {
  const journey = aTask(onboarding())
  journey.answer('A text.')
  journey.answer('A draft.')
  expect(journey.state.status).toBe('waiting')
  expect(told(journey, { first: true })).toBe(0)
})

test('at its end all is told, whatever was told before', () => {
  const journey = aTask(onboarding())
  journey.do({ type: 'cancel', visit: journey.state.visit.n }, { kind: 'person', id: 'boss@acme.test' })
  for (const told of [true, false])
    for (const first of [true, false])
      expect(searchedRow(journey.state, journey.definition, told, first)).toMatchObject({ over: 1 })
})
