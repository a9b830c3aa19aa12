/** What changed between two contents, word by word. Pure. */
import { diffLines, diffWordsWithSpace } from 'diff'
import type { Json } from '../../domain/json/json.ts'

export interface Change {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** How many words, then lines, may differ before the two are simply put side by side: comparing takes their square. */
const MAX_WORDS = 2500
const MAX_LINES = 1500

/** The way from one text to the other; null: they are the same. */
export function differences(before: string, after: string): Change[] | null {
  if (before === after) return null
  const changes =
    diffWordsWithSpace(before, after, { maxEditLength: MAX_WORDS }) ??
    diffLines(before, after, { maxEditLength: MAX_LINES })
  if (changes === undefined) return replaced(before, after)
  return changes.map(({ added, removed, value }) => ({
    kind: added ? 'added' : removed ? 'removed' : 'same',
    text: value,
  }))
}

function replaced(before: string, after: string): Change[] {
  return [
    { kind: 'removed', text: before },
    { kind: 'added', text: after },
  ]
}

/** A value as the text that is compared and edited: text as it is, anything else as JSON. */
export function textOf(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}
