/** People's patterns: what each may cost is known before it is compiled, and told by its size before it is run. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, test } from 'vitest'
import { compilePattern, compileSteps, type Pattern } from '../../../src/domain/pattern/linear-regex.ts'
import { repeatedLength } from '../../../src/domain/pattern/pattern-length.ts'
import { mulberry32 } from '../../support/random.ts'

const compiled = (pattern: string) => compilePattern(pattern) as Pattern

describe('a pattern with its counts written out', () => {
  test.each([
    ['abc', 3],
    ['(ab){30}', 60],
    ['(a{1,30}){1,30}', 900],
    ['[a-z\\]]{3}x?', 5],
    ['\\p{L}{1,1000}$', 1001],
    ['(?:ab|c){2,}d', 9],
    ['(?<name>a){4}\\{3}', 7],
    ['(((a{9}){9}){9}){9}', 6561],
    ['a{0}', 1],
    ['(((', 0],
  ])('%s is %i long', (pattern, length) => expect(repeatedLength(pattern)).toBe(length))

  test.each([
    'abc',
    '(ab){30}',
    '\\p{L}{1,500}$',
    '(a{1,30}){1,30}',
    '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$',
    '(?i)(ab?c){9}',
  ])('the compiled %s has as many instructions at least, so that nothing good is refused for its length', pattern =>
    expect(compiled(pattern).steps('')).toBeGreaterThanOrEqual(repeatedLength(pattern)),
  )

  test.each(['a{1000}'.repeat(73), '(a{100}){100}', `(${'\\p{L}\\p{N}'.repeat(48)}){1,1000}`])(
    '%s is refused before it is compiled',
    pattern => expect(compilePattern(pattern)).toEqual(new Error('the pattern repeats too much')),
  )
})

test('looking through a text costs its length times the size of the pattern', () => {
  expect(compiled('abc').steps('x'.repeat(999))).toBe(5 * 1000)
  expect(compiled('\\p{L}{1,1000}$').steps('x'.repeat(999))).toBeGreaterThan(2_000_000)
  expect(compileSteps('\\p{L}'.repeat(100))).toBeGreaterThan(100 * compileSteps('^[a-z]{1,20}$'))
})

test('an isolate keeps little of what many patterns have learnt and were compiled to', () => {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  const heap = () => {
    collect()
    return process.memoryUsage().heapUsed / 1024 / 1024
  }
  const random = mulberry32(7)
  const text = Array.from({ length: 12_000 }, () => (random() < 0.5 ? 'a' : 'b')).join('')
  const before = heap()
  for (let n = 0; n < 8; n++) compiled(`a[ab]{${180 + n}}$`).test(text)
  expect(heap() - before).toBeLessThan(10)
  for (let n = 0; n < 80; n++) compiled(`${'a{1000}'.repeat(4)}b{${n}}`)
  expect(heap() - before).toBeLessThan(15)
})
