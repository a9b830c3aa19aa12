/** Regular expressions that people write, run in linear time: V8's own engine takes exponential time on hostile ones. */
import { RE2JS } from 're2js'
import { BoundedCache } from '../bounded-cache.ts'
import { repeatedLength } from './pattern-length.ts'

/** Longest pattern, in UTF-16 units. */
const MAX_PATTERN = 512
/** Instructions of a compiled pattern: nested counts such as `(a{1,30}){1,30}` multiply. */
const MAX_PROGRAM = 5_000
/** Compiling an instruction takes as long as running it this often. */
const COMPILE_STEPS = 100
/** A class such as `\p{L}` is a list of some hundred ranges, put together anew each time that it is named. */
const CLASS_STEPS = 20_000

/** A pattern that can be searched for, anywhere in the text unless it is anchored. */
export interface Pattern {
  test(text: string): boolean
  /** The most instructions that `test` may run: linear in the text, times the size of what the pattern was compiled to. */
  steps(text: string): number
}

/** Instructions of all patterns that are kept, with their texts: an instruction takes up to 200 bytes. */
const KEPT_SIZE = 100_000
const compiled = new BoundedCache<Pattern | Error>(100, KEPT_SIZE, made => (made instanceof Error ? 0 : made.steps('')))

/** What the engine may keep, between two texts, of what it has learnt of a pattern; it would keep 8 MiB of each. */
const KEPT_LEARNT = 128 * 1024

/** Compiles a pattern in JavaScript's syntax; an Error when it is too long or cannot be run in linear time. Kept per isolate. */
export function compilePattern(pattern: string): Pattern | Error {
  if (pattern.length > MAX_PATTERN) return new Error(`the pattern is longer than ${MAX_PATTERN} characters`)
  return compiled.get(pattern, () => compileNew(pattern))
}

/** What compiling a pattern costs when it is not kept, counted in the instructions that a match runs. */
export function compileSteps(pattern: string): number {
  const classes = pattern.match(/\\p/gi)?.length ?? 0
  return Math.min(repeatedLength(pattern), MAX_PROGRAM) * COMPILE_STEPS + classes * CLASS_STEPS
}

function compileNew(pattern: string): Pattern | Error {
  // The engine counts only what it has compiled, and 512 characters can make it compile a million instructions.
  if (repeatedLength(pattern) > MAX_PROGRAM) return new Error('the pattern repeats too much')
  try {
    const regex = RE2JS.compile(RE2JS.translateRegExp(pattern))
    const size = regex.programSize()
    if (size > MAX_PROGRAM) return new Error('the pattern repeats too much')
    const test = (text: string) => {
      const fits = regex.test(text)
      const { lazyDFA } = regex.re2()
      if (lazyDFA && lazyDFA.stateBudget - lazyDFA.memBudget > KEPT_LEARNT) lazyDFA.clearCache()
      return fits
    }
    return { test, steps: text => size * (text.length + 1) }
  } catch (error) {
    const reason = (error as Error).message.replace(/^error parsing regexp: /, '')
    return new Error(
      `the pattern is not one that can be checked safely (${reason}); look-around and back-references cannot be used`,
    )
  }
}
