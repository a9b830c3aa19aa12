/** Pinned versions in an isolate's memory: parsed once, and one text for all tasks that share it. */
import { expect, test } from 'vitest'
import { pinnedBy, sharedText } from '../../../src/task/object/pinned-cache.ts'

const textOf = (version: number) =>
  JSON.stringify({ workflow: 'wf_1', version, definition: { baton: 1, name: 'One', steps: [] }, agents: {} })

test('a version is read and parsed once, whoever asks', () => {
  let read = 0
  const text = () => {
    read++
    return textOf(1)
  }
  expect(pinnedBy('d1', text)).toBe(pinnedBy('d1', text))
  expect(pinnedBy('d1', text).version).toBe(1)
  expect(read).toBe(1)
})

test('what was pinned stays what it was: only the very same text is shared', () => {
  pinnedBy('d2', () => textOf(2))
  expect(sharedText('d2', textOf(2))).toBe(textOf(2))
  expect(sharedText('d2', 'another text')).toBe('another text')
  expect(sharedText('unknown', textOf(3))).toBe(textOf(3))
})
