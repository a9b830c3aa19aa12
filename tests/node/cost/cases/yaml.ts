/** The worst YAML that fits through a door: each kind of text that costs the parser more than its length. */

import { readDocument } from '../../../../src/workflow/document/document.ts'
import { lineFinder } from '../../../../src/workflow/document/lines.ts'
import { rewriteYaml } from '../../../../src/workflow/document/rewrite.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { fill, lines, SIZES } from './fill.ts'

/** Each makes a text of about so many characters. */
const KINDS: Record<string, (length: number) => string> = {
  'quotation marks': n => fill('"', n),
  'quotation marks, one a line': n => fill('"\n', n),
  'empty texts': n => fill('"" ', n),
  'unclosed texts': n => `a: "${fill('b\n', n)}`,
  'bad escapes': n => `"${fill('\\q', n)}"`,
  escapes: n => `"${fill('\\u0041', n)}"`,
  keys: n => lines(i => `k${i}: 1\n`, n),
  'keys of a flow mapping': n => `{${lines(i => `a${i},`, n)}}`,
  'quoted keys': n => lines(i => `"k${i}": ""\n`, n),
  'one key': n => fill('a: 1\n', n),
  'merge keys': n => fill('<<: {}\n', n),
  'explicit keys': n => lines(i => `? a${i}\n: b\n`, n),
  'mappings as keys': n => fill('{a: b}: ', n),
  anchors: n => lines(i => `- &a${i} 1\n`, n),
  'one anchor': n => fill('- &a 1\n', n),
  aliases: n => `- &a 1\n${fill('- *a\n', n)}`,
  commas: n => `[${fill(',', n)}`,
  'flow items': n => `[${fill(',a', n)}]`,
  numbers: n => `[${fill('1,', n)}]`,
  'infinite numbers': n => `[${fill('1e999,', n)}]`,
  'flow lists': n => `[${fill('[],', n)}]`,
  'flow mappings': n => `[${fill('{a: 1},', n)}]`,
  'flow mappings in each other': n => lines(i => `{a${i}: `, n),
  'opening brackets': n => fill('[', n),
  'opening braces': n => fill('{', n),
  'closing brackets': n => fill(']', n),
  'question marks': n => fill('? ', n),
  'question marks, one a line': n => fill('?\n', n),
  'question marks in a list': n => `[${fill('? ', n)}`,
  colons: n => fill(': ', n),
  'colons, one a line': n => fill(':\n', n),
  'colons in a list': n => `[${fill(': ', n)}`,
  dashes: n => fill('- ', n),
  'dashes, one a line': n => fill('-\n', n),
  'dashes in dashes': n => fill('- - - a\n', n),
  indents: n => lines(i => `${' '.repeat(i)}a:\n`, n),
  'indents that come and go': n => lines(i => `${' '.repeat(i % 30)}a:\n`, n),
  'tabs as indents': n => fill('\ta: b\n', n),
  'ends of line': n => fill('\n', n),
  'ends of line of two characters': n => fill('a: b\r\n', n),
  comments: n => fill('#\n', n),
  'comments in a list': n => `[${fill('#\n', n)}`,
  documents: n => fill('---\n', n),
  'ends of documents': n => fill('...\n', n),
  directives: n => fill('%YAML 1.2\n', n),
  'tag directives': n => fill('%TAG ! x\n', n),
  tags: n => lines(i => `- !t${i} 1\n`, n),
  'known tags': n => `[${fill('!!str a,', n)}]`,
  'block texts': n => fill('|\n', n),
  'a folded text': n => `a: >\n${fill(' x\n\n', n)}`,
  'a folded text of blanks': n => `a: >-\n${lines(i => `${' '.repeat(i % 500)}\n`, n)}`,
  'a plain text of lines': n => fill('a\n', n),
  'a quoted text of blank lines': n => `"${fill('\t \n', n)}"`,
  'what follows a text': n => fill('a: "b" c\n', n),
  JSON: n => JSON.stringify({ a: Array.from({ length: n / 12 }, (_, k) => ({ k })) }).slice(0, n),
}

const hostile = Object.entries(KINDS).flatMap(([kind, make]) =>
  SIZES.map((size): CostCase => {
    const text = make(size)
    return { name: `${kind}, ${size / 1024} KiB`, run: () => readDocument(text, 'yaml') }
  }),
)

/** As large as the format allows: 100 steps of 20 handoffs each. */
function largest(steps: number): string {
  const handoffs = lines(i => `      - { if: output.score < ${10 + i}, to: step_${i} }\n`, 20 * 46)
  return `name: Large\nsteps:\n${Array.from({ length: steps }, (_, i) => `  - key: step_${i}\n    prompt: ${'word '.repeat(200)}\n    handoffs:\n${handoffs}`).join('')}`
}

/** A definition that uses its anchors: the editor reads every node of it. */
const anchored = `x: &x { a: 1 }\nsteps:\n${lines(i => `  - { key: s${i}, output: { a: { b: { c: { d: *x } } } } }\n`, 40 * 52)}`

const cases: CostCase[] = [
  ...hostile,
  { name: 'the largest definition', run: () => readDocument(largest(100), 'yaml') },
  { name: 'the lines of the largest definition', run: () => lineFinder(largest(100))('steps[99].handoffs[19].to') },
  { name: 'anchors in the editor', run: round => rewriteYaml(anchored, { x: { a: 1 }, steps: [], name: `n${round}` }) },
]
export default cases

/** An isolate that has read a few definitions has its parser compiled. */
export function warmUp(): void {
  for (let round = 0; round < 6; round++) readDocument(largest(40), 'yaml')
}
