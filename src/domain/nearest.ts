/** The word someone probably meant. */

/** How many letters may differ, at most, as a share of the word's length. */
const TOLERANCE = 0.5

/** The candidate nearest to `word` by letters changed, added, dropped or swapped; null when none is near. */
export function nearest(word: string, candidates: readonly string[]): string | null {
  if (word.length > 80) return null
  let best: string | null = null
  let least = Math.max(1, Math.floor(word.length * TOLERANCE)) + 1
  for (const candidate of candidates) {
    const distance = distanceOf(word.toLowerCase(), candidate.toLowerCase())
    if (distance >= least) continue
    best = candidate
    least = distance
  }
  return best
}

/** Optimal string alignment distance. */
function distanceOf(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > a.length) return Number.POSITIVE_INFINITY
  let before: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, place) => place)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const changed = previous[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : changed
      row.push(Math.min(previous[j]! + 1, row[j - 1]! + 1, changed, swapped))
    }
    before = previous
    previous = row
  }
  return previous[b.length]!
}
