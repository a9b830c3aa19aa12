/** The counts above a board's columns: exact whatever order words about a task come in. */
import { expect, test } from 'vitest'
import { Tally } from '../../../src/board/object/tally.ts'

const task = (id: string, seq: number, step: string | null, status = 'running') => ({ id, seq, step, status })

test('each open task counts once, where it stands by the latest word about it', () => {
  const tally = new Tally([task('a', 3, 'draft'), task('b', 5, 'draft'), task('c', 1, null)], [task('b', 7, 'approve')])
  expect(tally.counts()).toEqual({ draft: { running: 1 }, approve: { running: 1 }, '': { running: 1 } })
  tally.apply(task('a', 9, 'approve', 'waiting'))
  expect(tally.counts()).toEqual({ approve: { running: 1, waiting: 1 }, '': { running: 1 } })
})

test('an older word, or the same once more, changes nothing', () => {
  const tally = new Tally([task('a', 7, 'approve', 'waiting')], [task('a', 5, 'draft'), task('a', 7, 'draft')])
  tally.apply(task('a', 6, 'research'))
  expect(tally.counts()).toEqual({ approve: { waiting: 1 } })
})

test('what is over counts no more, and leaves no empty step behind', () => {
  const tally = new Tally([task('a', 3, 'draft'), task('b', 3, 'draft')], [])
  tally.apply(task('a', 8, null, 'done'))
  expect(tally.counts()).toEqual({ draft: { running: 1 } })
  tally.apply(task('b', 8, 'draft', 'cancelled'))
  expect(tally.counts()).toEqual({})
})

test('an older word about a task that is over does not bring it back', () => {
  const tally = new Tally([task('a', 3, 'draft')], [])
  tally.apply(task('a', 8, null, 'done'))
  tally.apply(task('a', 6, 'approve', 'waiting'))
  tally.apply(task('b', 9, null, 'cancelled'))
  tally.apply(task('b', 2, 'draft'))
  expect(tally.counts()).toEqual({})
  expect(new Tally([task('c', 3, 'draft')], [task('c', 9, null, 'done'), task('c', 5, 'approve')]).counts()).toEqual({})
})
