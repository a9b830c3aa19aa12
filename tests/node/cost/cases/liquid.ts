/** The worst templates: each filter, tag and operator over the largest texts and lists that a task may hold. */
import type { Json } from '../../../../src/domain/json/json.ts'
import { FILTERS } from '../../../../src/domain/template/filters.ts'
import { checkTemplate, renderText, renderValue } from '../../../../src/domain/template/template.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { aScope } from '../../domain/scope.ts'

const list = <T>(count: number, item: (index: number) => T): T[] => Array.from({ length: count }, (_, at) => item(at))
const rows = list(4000, at => ({ a: at % 7, b: `row ${at}`, c: { d: at } }))
const input = {
  rows,
  numbers: list(19_000, at => (at * 7919) % 19_000),
  words: list(15_000, at => `word ${(at * 7919) % 15_000}`),
  fields: Object.fromEntries(list(15_000, at => [`k${at}`, at])),
  lists: list(4000, at => [at, at]),
  long: 'a'.repeat(255 * 1024),
  wide: 'é😀'.repeat(60 * 1024),
  html: '<a &amp; "b">\n'.repeat(18 * 1024),
  blanks: ' \n\t'.repeat(80 * 1024),
  json: JSON.stringify(rows.slice(0, 3000)),
  time: '2026-02-03T04:05:06Z',
}
const loop = (body: string, times = 1000) => `{% for i in (1..${times}) %}${body}{% endfor %}`

/** What a filter is given, where nothing at all is not enough. */
const ARGUMENTS: Record<string, string[]> = {
  where: [': "a", 99', ': "c.d"'],
  reject: [': "a", 99'],
  has: [': "a", 99'],
  find: [': "a", 99'],
  find_index: [': "a", 99'],
  map: [': "b"', ': "c.d"'],
  sort: ['', ': "a"'],
  sort_natural: ['', ': "b"'],
  sum: ['', ': "a"'],
  uniq: [''],
  compact: ['', ': "a"'],
  concat: [': input.rows'],
  replace: [': "a", "b"', ': "", "b"'],
  replace_first: [': "b", "c"'],
  replace_last: [': "b", "c"'],
  remove: [': "a"'],
  remove_first: [': "b"'],
  remove_last: [': "b"'],
  split: [': ""', ': "a"', ': "ab"'],
  join: [': ", "'],
  append: [': input.long'],
  prepend: [': input.long'],
  truncate: [': 5', ': 200000'],
  truncatewords: [': 2', ': 90000'],
  slice: [': 1, 15000'],
  date: [': "%Y-%m-%d %H:%M:%S %A %B %Z"', ': input.long', ': "%9999N"'],
  at_least: [': 1'],
  at_most: [': 1'],
  divided_by: [': 3'],
  minus: [': 3'],
  plus: [': 3'],
  modulo: [': 3'],
  times: [': 3'],
  round: [': 2'],
  slugify: ['', ': "latin"'],
  default: [': input.long'],
}
const valuesFor = (filter: string) => (filter.startsWith('date') ? ['time'] : ['rows', 'html'])

const filters = Object.keys(FILTERS).flatMap(filter =>
  (ARGUMENTS[filter] ?? ['']).flatMap(args =>
    valuesFor(filter).map(value => ({
      name: `${filter}${args} of ${value}, in a loop`,
      template: loop(`{% assign x = input.${value} | ${filter}${args} %}`),
    })),
  ),
)

const KINDS: Record<string, string> = {
  'loops in each other': '{% for x in input.numbers %}{% for y in input.numbers %}{% endfor %}{% endfor %}',
  'a loop within a loop that does nothing': loop('{% for y in input.numbers %}{% break %}{% endfor %}'),
  'a loop limited': loop('{% for y in input.numbers limit: 1 %}{% endfor %}'),
  'a loop from behind': loop('{% for y in input.numbers reversed limit: 1 %}{% endfor %}'),
  'a loop from an offset': loop('{% for y in input.numbers offset: 18999 %}{% endfor %}'),
  'a loop over fields': loop('{% for y in input.fields limit: 1 %}{% endfor %}'),
  'a table': loop('{% tablerow y in input.numbers cols: 2 limit: 1 %}{% endtablerow %}'),
  'comparisons of lists': loop('{% if input.rows == input.rows %}{% endif %}'),
  'comparisons of texts': loop('{% if input.long == input.wide or input.long == input.html %}{% endif %}'),
  'what a list contains': loop('{% if input.words contains "nothing" %}{% endif %}'),
  'what a text contains': loop('{% if input.long contains "aaaaaaaaaaaaaaaaaaaaaaaaab" %}{% endif %}'),
  'sizes of fields': loop('{{ input.fields.size }}'),
  'objects printed': loop('{{ input.rows }}'),
  'objects captured': loop('{% capture x %}{{ input.rows }}{% endcapture %}'),
  'a case of many': loop(`{% case input.long %}${list(60, at => `{% when "x${at}" %}`).join('')}{% endcase %}`),
  'a list that doubles': `{% assign x = input.rows %}${'{% assign x = x | concat: x %}'.repeat(40)}`,
  'a text that doubles': `{% assign x = input.long %}${'{% assign x = x | append: x %}'.repeat(40)}`,
  'a text escaped again and again': `{% assign x = input.html %}${'{% assign x = x | escape %}'.repeat(40)}`,
  'a text encoded again and again': `{% assign x = input.wide %}${'{% assign x = x | url_encode %}'.repeat(40)}`,
  'filters in a row': `{% assign x = input.words ${'| reverse '.repeat(4000)} %}`,
  'many small outputs': `${'{{ input.time }}'.repeat(4000)}`,
}
const loops = Object.entries(KINDS).map(([name, template]) => ({ name, template }))

const rendered = [...filters, ...loops].map(
  ({ name, template }): CostCase => ({
    name,
    run: round => renderText(`${template}${' '.repeat(round)}`, aScope({ input: input as unknown as Json })),
  }),
)
const fill = (part: string) => part.repeat(Math.floor((64 * 1024 - 8) / part.length))
const parsed = [
  '{{',
  '{%',
  '{{ a }}',
  '{{ a',
  '{% if a %}',
  '{% for x in y %}',
  '{% comment %}',
  '{% raw %}',
  '{{ "',
  '{{ a | b: ',
  '{{ a.b[c[',
  '{',
  '}}',
  '{% liquid\n',
  '{% case a %}',
  "{{ 'a' | append: 'b' }}",
  '{% assign a = b %}',
  '{%- ',
  ' -%}',
  '{{ a.b.c.d.e.f }}',
  '{% if a or ',
  '{{ (1..',
].map(
  (part): CostCase => ({ name: `written: ${part}…`, run: round => checkTemplate(`${fill(part)}${' '.repeat(round)}`) }),
)
const wide = list(3000, () => '{{ input.rows }}')
const values: CostCase[] = [
  {
    name: 'a value of many templates',
    run: round => renderValue([...wide, round], aScope({ input: input as unknown as Json })),
  },
  {
    name: 'a value of long templates',
    run: () =>
      renderValue(
        list(300, at => `{{ input.time }}${' '.repeat(900)}${at}`),
        aScope({ input: input as unknown as Json }),
      ),
  },
]
export default [...rendered, ...parsed, ...values]

export function warmUp(): void {
  for (let round = 0; round < 300; round++) {
    renderText(`{% for x in input.tags %}{{ x | upcase }}{% if x == "a" %}${round}{% endif %}{% endfor %}`, aScope())
  }
}
