/** The part in which two texts differ, with a little of what is around it, so that a list can show a change in a line. */
import { cut } from './cut.ts'

/** What is shown of either side at most, and how much of what is the same around it. */
const MOST = 200
const AROUND = 24

/** Both texts as short as can be without losing what differs first; `…` stands for what was left out. */
export function changedPart(before: string, after: string): [before: string, after: string] {
  if (before.length <= MOST && after.length <= MOST) return [before, after]
  const least = Math.min(before.length, after.length)
  let same = 0
  while (same < least && before[same] === after[same]) same++
  const from = Math.max(0, same - AROUND)
  const part = (text: string) => {
    const shown = cut(text.slice(from), MOST)
    return `${from > 0 ? '…' : ''}${shown}${from + shown.length < text.length ? '…' : ''}`
  }
  return [part(before), part(after)]
}
