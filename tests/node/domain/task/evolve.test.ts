/** The fold: it copies facts, never evaluates, reads what was written as text, and knows what it cannot read. */
import { describe, expect, it } from 'vitest'
import type { LogRow } from '../../../../src/domain/task/events.ts'
import { evolve, isReadable, replay } from '../../../../src/domain/task/evolve.ts'
import { ANA, aTask, BEN, onboarding, oneHuman } from '../../../support/task-builders.ts'
import { situations } from '../../../support/task-situations.ts'

/** The same value, in which nothing can be changed unseen. */
function frozen<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) frozen(part)
  }
  return value
}

describe('the fold', () => {
  it.each(situations())('with %s gives, from the log as text, the state that decided it', (_name, { reach }) => {
    const task = reach()
    expect(task.reread()).toEqual(task.state)
  })

  it.each(situations())('with %s gives the same state in one go, row by row and event by event', (_name, { reach }) => {
    const { rows, state } = reach()
    let byRow = replay([])
    for (const row of rows) byRow = replay([row], byRow)
    expect(byRow).toEqual(state)
    let byEvent = replay([])
    for (const row of rows) for (const event of row.events) byEvent = evolve(byEvent, event, row)
    expect(byEvent).toEqual(state)
  })

  it.each(situations())('with %s numbers events without gaps', (_name, { reach }) => {
    const { rows, state } = reach()
    let next = 1
    for (const row of rows) {
      expect(row.seq).toBe(next)
      next += row.events.length
    }
    expect(state.seq).toBe(next - 1)
  })

  it.each(situations())('with %s changes neither the states nor the events it is given', (_name, { reach }) => {
    const rows = frozen(reach().rows)
    let state = replay([])
    for (const row of rows) for (const event of row.events) state = frozen(evolve(state, event, row))
    expect(state).toEqual(reach().state)
  })

  it('needs no definition, clock or chance: a log whose definition is gone still folds', () => {
    const { rows, state } = aTask(onboarding())
    const bare = JSON.parse(JSON.stringify(rows)) as LogRow[]
    for (const row of bare) for (const event of row.events) if (event.type === 'created') event.pinned = 'gone'
    expect(replay(bare)).toEqual({ ...state, pinned: 'gone' })
  })

  it('keeps who decided each visit', () => {
    const task = aTask(oneHuman({}, { handoffs: [{ when: 'approved', to: 'approve' }] }))
    task.decide('approved', ANA)
    task.now += 5
    task.decide('approved', BEN)
    expect(task.reread().decided).toEqual({
      1: { 1: { by: ANA, at: task.now - 5, handoff: 'approved' } },
      2: { 1: { by: BEN, at: task.now, handoff: 'approved' } },
    })
  })
})

describe('a row', () => {
  const [row] = aTask(onboarding()).rows

  it('of this version is readable', () => {
    expect(isReadable(row!)).toBe(true)
  })

  it('of a newer version, or with an event that this code does not know, is not', () => {
    expect(isReadable({ ...row!, v: row!.v + 1 })).toBe(false)
    for (const type of ['promoted', 'toString', '__proto__']) {
      expect(isReadable({ ...row!, events: [...row!.events, { type } as never] })).toBe(false)
    }
  })
})
