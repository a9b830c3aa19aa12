/** The word someone probably meant. */

/** How many letters may differ, at most, as a share of the word's length. */
const TOLERANCE = 0.5

/** The candidate nearest to `word` by letters changed, added, dropped or swapped; null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (word.length > 80) return null
  let best: string | null = null
  let least = Math.max(1, Math.floor(word.length * TOLERANCE)) + 1
  const lower = word.toLowerCase()
  for (const candidate of candidates) {
    const distance = distanceOf(lower, candidate.toLowerCase(), least)
    if (distance >= least) continue
    best = candidate
    least = distance
  }
  return best
}

/** Optimal string alignment distance, as far as it stays below `most`: beyond, how far it goes is nobody's business. */
function distanceOf(a: string, b: string, most: number): number {
  if (Math.abs(a.length - b.length) >= most) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, place) => place)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : changed
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, changed, swapped))
    }
    // A swap reaches back two rows: only where both are beyond does nothing lead back.
    if (Math.min(...row) >= most && Math.min(...previous) >= most) return Number.POSITIVE_INFINITY
    before = previous
    previous = row
  }
  return previous[b.length]!
}
