/** Regular expressions that people write, run in linear time: V8's own engine takes exponential time on hostile ones. */
import { RE2JS } from 're2js'
import { BoundedCache } from './bounded-cache.ts'

/** Longest pattern, in UTF-16 units (blueprint, reliability.md, "ReDoS"). */
const MAX_PATTERN = 512
/** Instructions of a compiled pattern: nested counts such as `(a{1,30}){1,30}` multiply. */
const MAX_PROGRAM = 5_000

/** A pattern that can be searched for, anywhere in the text unless it is anchored. */
export interface Pattern {
  test(text: string): boolean
}

const compiled = new BoundedCache<Pattern | Error>(200, 50_000)

/** Compiles a pattern in JavaScript's syntax; an Error when it is too long or cannot be run in linear time. Kept per isolate. */
export function compilePattern(pattern: string): Pattern | Error {
  if (pattern.length > MAX_PATTERN) return new Error(`the pattern is longer than ${MAX_PATTERN} characters`)
  return compiled.get(pattern, () => compileNew(pattern))
}

function compileNew(pattern: string): Pattern | Error {
  try {
    const regex = RE2JS.compile(RE2JS.translateRegExp(pattern))
    if (regex.programSize() > MAX_PROGRAM) return new Error('the pattern repeats too much')
    return { test: text => regex.test(text) }
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '')
    return new Error(
      `the pattern is not one that can be checked safely (${reason}); look-around and back-references cannot be used`,
    )
  }
}
