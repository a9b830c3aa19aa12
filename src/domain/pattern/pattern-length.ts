/** How long a regular expression is with its counts written out: `(ab){30}` is 60. Known before anything is compiled. */

/**
 * The characters, classes and signs of a pattern, each as often as the counts around it say: about the instructions of its
 * compiled program, or fewer. A pattern that is none gives some number, as the engine will refuse it.
 */
export function repeatedLength(pattern: string): number {
  const outer: number[] = []
  let length = 0
  let last = 0
  for (let at = 0; at < pattern.length; ) {
    const rest = pattern.slice(at, at + 40)
    const group = GROUP.exec(rest)
    const count = COUNT.exec(rest)
    if (group) {
      outer.push(length)
      length = last = 0
      at += group[0].length
    } else if (rest.startsWith(')')) {
      last = length
      length += outer.pop() ?? 0
      at += 1
    } else if (count) {
      const times = Number(count[2] || count[1])
      length += last * (Math.max(times, 1) - 1)
      last *= Math.max(times, 1)
      at += count[0].length
    } else {
      last = 1
      length += 1
      at = endOfAtom(pattern, at)
    }
  }
  return outer.reduce((sum, part) => sum + part, length)
}

const GROUP = /^\((\?(:|[a-zA-Z-]+:|P?<[^=!][^>]*>|<?[=!]))?/
const COUNT = /^\{(\d+)(?:,(\d*))?\}/

/** Behind the character, escape or class that begins here. */
function endOfAtom(pattern: string, at: number): number {
  if (pattern[at] === '\\') {
    const close = /^\\[pPx]\{/.test(pattern.slice(at, at + 3)) ? pattern.indexOf('}', at) : -1
    return close < 0 ? at + 2 : close + 1
  }
  if (pattern[at] !== '[') return at + 1
  for (let end = at + 1; end < pattern.length; end++) {
    if (pattern[end] === '\\') end += 1
    else if (pattern[end] === ']' && end > at + 1) return end + 1
  }
  return pattern.length
}
