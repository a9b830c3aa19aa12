/** The worst that is shown or filled in: Markdown, input forms and their answers, CSV, times of schedules, names. */
import { readCron, slotsAfter } from '../../../../src/domain/schedule/cron.ts'
import { cleanLine } from '../../../../src/domain/text/clean.ts'
import { csvLines } from '../../../../src/domain/text/csv.ts'
import { cut } from '../../../../src/domain/text/cut.ts'
import { markdownHtml } from '../../../../src/http/page/markdown-html.ts'
import { givenOf, inputForm, readInput } from '../../../../src/http/request/input-form.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { fill, lines, SIZES } from './fill.ts'

const MARKDOWN: Record<string, string> = {
  'opening brackets': '[',
  'brackets and their ends': '[a](',
  links: '[a](https://x.test) ',
  'links in links': '[[a](b)](c)',
  pictures: '![',
  definitions: '[a]: b\n',
  stars: '*',
  'stars and letters': '*a ',
  'stars around letters': '*a**b**',
  underlines: '_a__',
  tildes: '~~a',
  backticks: '`',
  'backticks of all lengths': '`a``b```c',
  angles: '<',
  'addresses in angles': '<https://x.test>',
  'nearly tags': '<a b="',
  references: '&amp;',
  'nearly references': '&#',
  backslashes: '\\',
  quotes: '>',
  'quotes in quotes': '> > ',
  lists: '- ',
  'lists in lists': '  - a\n',
  'numbered lists': '1. a\n',
  headings: '# a\n',
  underlined: 'a\n=\n',
  rules: '---\n',
  fences: '```\n',
  indents: '    a\n',
  tables: '|a|b|\n|-|-|\n',
  'rows of a table': '|a|b',
  addresses: 'https://x.test ',
  'nearly addresses': 'https://',
  'dots and slashes': 'a.b/',
  'ends of lines': '\n',
  'blanks at ends of lines': 'a  \n',
  'tabs and blanks': '\t ',
}

const CRONS = [
  '59 23 29 2 *',
  '0 0 31 2 *',
  '*/1 * * * *',
  '0 0 29 2 1',
  '0-59 0-23 1-31 1-12 0-6',
  '@yearly',
  '0 0 31 4,6,9,11 *',
]
const many = (part: string) =>
  `${part},`
    .repeat(40)
    .slice(0, 150)
    .replace(/,[^,]*$/, '')

const schema = (type: string) => ({
  type: 'object',
  properties: Object.fromEntries(
    Array.from({ length: 60 }, (_, at) => [`f${at}`, { type, ...(type === 'array' && { items: { type: 'string' } }) }]),
  ),
})
const ANSWERS: Record<string, [type: string, part: string]> = {
  'a list': ['array', 'a\n'],
  'a list of ends of lines': ['array', '\r\n'],
  'a number': ['number', '1'],
  'a number of blanks': ['number', ' '],
  JSON: ['object', '[1,'],
  'JSON of quotation marks': ['object', '"'],
  'a text': ['string', 'a\r\n'],
}

const sized = (name: string, run: (size: number, round: number) => unknown): CostCase[] =>
  SIZES.map(size => ({ name: `${name}, ${size / 1024} KiB`, run: round => run(size, round) }))

const cases: CostCase[] = [
  ...Object.entries(MARKDOWN).flatMap(([kind, part]) =>
    sized(`Markdown of ${kind}`, size => markdownHtml(fill(part, size))),
  ),
  ...sized('Markdown of quotes that deepen', size => markdownHtml(lines(at => `${'>'.repeat(at % 500)}a\n`, size))),
  ...sized('Markdown of definitions and their uses', size => markdownHtml(lines(at => `[a${at}]: b\n[a${at}] `, size))),
  ...Object.entries(ANSWERS).flatMap(([kind, [type, part]]) =>
    sized(`a form’s answer: ${kind}`, size => readInput(inputForm(schema(type)), { f0: fill(part, size) })),
  ),
  ...sized('a form’s answer of JSON alone', size =>
    readInput(inputForm(undefined), { _input: `{${fill('"a":[', size)}` }),
  ),
  ...sized('a form of a large schema', size => {
    const options = lines(at => `${at},`, size).split(',')
    const form = inputForm({ type: 'object', properties: { a: { enum: options, description: fill('b ', size) } } })
    return givenOf(form, { a: fill('c', size) })
  }),
  ...sized('CSV of formulas', size => csvLines([[fill('\u200b', size), fill('="a"\n', size), fill(' ', size)]])),
  ...sized('CSV of cells', size =>
    csvLines(
      lines(() => 'a,', size)
        .split(',')
        .map(cell => [cell]),
    ),
  ),
  ...['\u200d', '👩\u200d', '\u0301', '🏴\u{e0067}', '\u202e', '\ud83d', 'ä\u200c', ' ', '\u0000'].flatMap((part, at) =>
    sized(`a name of characters ${at}`, size => cut(cleanLine(fill(part, size)), 200)),
  ),
  ...CRONS.flatMap(text =>
    ['UTC', 'America/Nuuk', 'Australia/Lord_Howe'].map(
      (zone): CostCase => ({ name: `cron ${text} in ${zone}`, run: round => slotsOf(text, zone, round) }),
    ),
  ),
  ...['1-59/2', '*/1', '0', '59-1', '1-'].map(
    (part): CostCase => ({
      name: `cron of many ${part}`,
      run: round => slotsOf(`${many(part)} 0 29 2 ${round % 7}`, 'UTC', round),
    }),
  ),
]
export default cases

function slotsOf(text: string, zone: string, round: number): number[] {
  const read = readCron(text, zone)
  return read.ok ? slotsAfter(read.cron, Date.UTC(2026, 0, 1 + round), 5) : []
}

export function warmUp(): void {
  for (let round = 0; round < 20; round++) for (const part of Object.values(MARKDOWN)) markdownHtml(fill(part, 2000))
  slotsOf('0 9 * * 1-5', 'Europe/Berlin', 0)
}
