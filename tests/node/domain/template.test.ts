import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import { checkTemplate, renderText, renderValue } from '../../../src/domain/template/template.ts'
import { aScope, RUNAWAY_MS, timed } from './scope.ts'

const scope = aScope()

describe('a template renders to text', () => {
  const cases: [template: string, text: string][] = [
    ['', ''],
    ['plain {text} and }} stay', 'plain {text} and }} stay'],
    ['Hi {{ input.company }}!', 'Hi Acme!'],
    ['{{ input.seats }}', '3'],
    ['{{ input.none }}', ''],
    ['{{ input.address }} {{ input.tags }}', '{"city":"Bonn"} ["a","b"]'],
    ['{{ input.tags | join: ", " }}', 'a, b'],
    ['{{ steps.research.output.items | join: "; " }}', '{"n":1}; {"n":2}'],
    ['{{ "a: " | append: input.address }}', 'a: {"city":"Bonn"}'],
    ['{{ input.tags.size }} {{ input.tags.first }} {{ input.tags.last }}', '2 a b'],
    ['{{ steps.research.output.items[1].n }}', '2'],
    ['{{ steps.approve.decision.note }} by {{ steps.approve.decision.by }}', 'Too long by ana@acme.test'],
    ['{{ last.note }}|{{ last.output.deep }}', '|'],
    ['{{ task.id }} {{ task.title }} {{ task.visit }}', 'tsk_1 Acme 2'],
    ['{% if last.note %}no{% else %}yes{% endif %}', 'yes'],
    ['{% if input.missing %}no{% else %}yes{% endif %}', 'yes'],
    ['{% unless input.missing.deeper %}yes{% endunless %}', 'yes'],
    ['{{ input.missing | default: "none" }}', 'none'],
    ['{% for tag in input.tags %}{{ forloop.index }}{{ tag }} {% endfor %}', '1a 2b '],
    ['{% for i in (1..3) %}{{ i }}{% endfor %}', '123'],
    ['{% for i in (3..1) %}{{ i }}{% else %}none{% endfor %}', 'none'],
    ['{% assign n = input.seats | plus: 1 %}{{ n }}', '4'],
    ['{% capture x %}<{{ input.company }}>{% endcapture %}{{ x }}{{ x }}', '<Acme><Acme>'],
    ['{% case input.seats %}{% when 1 %}one{% when 3 %}three{% endcase %}', 'three'],
    ['{% if input.tags contains "b" and input.seats > 2 %}yes{% endif %}', 'yes'],
    ['{% raw %}{{ as is }}{% endraw %}', '{{ as is }}'],
    ['{% comment %}{{ nothing }}{% endcomment %}', ''],
    ['{% liquid\nassign a = 1\necho a\n%}', '1'],
    ['{{ 0 | date: "%Y-%m-%d %H:%M" }}', '1970-01-01 00:00'],
    ['{{ input.tags | json }}', '["a","b"]'],
    ['{{ input.company | upcase | replace: "ACME", "$&" }}', '$&'],
    [
      '{% tablerow i in (1..2) cols:1 %}{{ i }}{% endtablerow %}',
      '<tr class="row1"><td class="col1">1</td></tr><tr class="row2"><td class="col1">2</td></tr>',
    ],
  ]
  test.each(cases)('%j gives %j', (template, text) => {
    expect(renderText(template, scope)).toEqual({ ok: true, text })
  })

  test('the same template renders anew with another scope, though its parse is kept', () => {
    const template = '{{ input.company }}'
    expect(renderText(template, scope)).toEqual({ ok: true, text: 'Acme' })
    expect(renderText(template, aScope({ input: { company: 'Beta' } }))).toEqual({ ok: true, text: 'Beta' })
  })

  test('rendering leaves the scope as it was', () => {
    const before = structuredClone(scope)
    renderText('{% assign input = 1 %}{% capture task %}x{% endcapture %}{{ input }}{{ task }}', scope)
    expect(scope).toEqual(before)
  })
})

describe('a template is refused, in words, when', () => {
  const cases: [why: string, template: string, message: RegExp][] = [
    ['a variable is missing', '{{ input.nobody }}', /`input\.nobody` is missing/],
    ['a variable is missing some lines down', '\n\n{{ input.nobody }}', /`input\.nobody` is missing \(line 3\)/],
    ['a step has not been visited', '{{ steps.draft.output }}', /`steps\.draft` is missing/],
    ['there is no such root', '{{ nobody }}', /`nobody` is missing/],
    ['a loop runs over nothing', '{% for x in input.nobody %}{% endfor %}', /`input\.nobody` is missing/],
    ['a missing variable is assigned', '{% assign x = input.nobody %}', /`input\.nobody` is missing/],
    ['a missing variable stands before another filter', '{{ input.nobody | upcase }}', /`input\.nobody` is missing/],
    ['the filter is unknown', '{{ 1 | nope }}', /undefined filter: nope/],
    ['the tag is unknown', '{% nope %}', /tag "nope" not found/],
    ['a tag is not closed', '{% if true %}', /not closed/],
    ['an output is not closed', '{{ input.company', /not closed/],
    ['it includes a file', '{% include "/etc/passwd" %}', /"include" not found/],
    ['it renders a file', '{% render "a" %}', /"render" not found/],
    ['it has a layout', '{% layout "a" %}', /"layout" not found/],
    ['it defines a block', '{% block a %}{% endblock %}', /"block" not found/],
    ['a filter parses text', '{{ input.tags | where_exp: "x", "x == 1" }}', /undefined filter: where_exp/],
    ['a filter is chance', '{{ input.tags | sample }}', /undefined filter: sample/],
    ['a filter is asynchronous', '{{ "a" | sha256 }}', /undefined filter: sha256/],
    [
      'loops are nested three deep',
      '{% for a in x %}{% tablerow b in x %}{% for c in x %}{% endfor %}{% endtablerow %}{% endfor %}',
      /over 2 deep/,
    ],
    ['a range is too long', '{% for i in (1..1001) %}{% endfor %}', /over 1000 numbers/],
    ['a range is too long at run time', '{% assign n = 5000 %}{% for i in (1..n) %}{% endfor %}', /over 1000 numbers/],
    ['a range stands elsewhere', '{{ (1..5) | join }}', /only after `in`/],
    ['a range hides in a filter', '{{ "a" | append: (1..5) }}', /only after `in`/],
    ['blocks are nested too deep', `${'{% if true %}'.repeat(40)}${'{% endif %}'.repeat(40)}`, /over 32 deep/],
    ['it is too long', 'x'.repeat(70_000), /longer than 64 KiB/],
    ['it divides by zero', '{{ 1 | divided_by: 0 }}', /`divided_by` cannot divide by 0/],
    ['objects are sorted', '{{ steps.research.output.items | sort }}', /texts or numbers/],
  ]
  test.each(cases)('%s', (_, template, message) => {
    const refused = renderText(template, scope)
    expect(refused).toMatchObject({ ok: false })
    expect((refused as { message: string }).message).toMatch(message)
  })

  test.each(['constructor', '__proto__', 'prototype', 'toString', 'hasOwnProperty', '__defineGetter__'])(
    'it reaches for `%s`',
    name => {
      for (const base of ['input', 'input.address', 'input.tags', 'input.company', 'task', 'input.seats']) {
        expect(renderText(`{{ ${base}.${name} }}`, scope)).toEqual({
          ok: false,
          message: `\`${base}.${name}\` is missing`,
        })
        expect(renderText(`{{ ${base}["${name}"] }}`, scope).ok).toBe(false)
      }
      expect(renderText(`{{ ${name} }}`, scope).ok).toBe(false)
      expect(({} as Record<string, unknown>).polluted).toBeUndefined()
    },
  )
})

describe('a template that asks for too much is stopped by counting', () => {
  const list = Array.from({ length: 40_000 }, (_, place) => place)
  const wide = Object.fromEntries(list.slice(0, 15_000).map(place => [`k${place}`, place]))
  const long = 'a'.repeat(200_000)
  const big = aScope({
    input: {
      long,
      list,
      wide,
      needle: `${'a'.repeat(30_000)}b${'a'.repeat(30_000)}`,
      one: [list],
      two: [[...list]],
      rows: [wide, { ...wide }],
      items: list.slice(0, 4000).map(n => ({ n })),
    },
  })
  const loop = (body: string) => `{% for i in (1..1000) %}${body}{% endfor %}`
  const twice = (body: string) => loop(`{% for j in (1..1000) %}${body}{% endfor %}`)
  const cases: [name: string, template: string][] = [
    ['a million empty rounds', twice('')],
    ['long output', '{{ input.long }}{{ input.long }}'],
    [
      'long output by a table',
      `{% tablerow i in (1..1000) %}{% tablerow j in (1..1000) %}{% endtablerow %}{% endtablerow %}`,
    ],
    [
      'captured text that doubles',
      `{% assign x = "aaaaaaaa" %}${loop('{% capture x %}{{ x }}{{ x }}{% endcapture %}')}`,
    ],
    ['appended text that doubles', `{% assign x = "aaaaaaaa" %}${loop('{% assign x = x | append: x %}')}`],
    ['a list that doubles', `{% assign x = input.list %}${loop('{% assign x = x | concat: x %}')}`],
    [
      'a list of big objects that doubles',
      `{% assign x = input.rows %}${loop('{% assign x = x | concat: x %}').replace('1000', '12')}{{ x }}`,
    ],
    ['replace by something long', '{{ input.long | replace: "a", input.long }}'],
    ['replace of nothing', '{{ input.long | replace: "", input.long }}'],
    ['split into letters, again and again', loop('{% assign x = input.long | split: "" %}')],
    ['join with something long', '{{ input.list | join: input.long }}'],
    ['a long needle in a haystack', loop('{% if input.long contains input.needle %}{% endif %}')],
    ['a long needle to split by', loop('{% assign x = input.long | split: input.needle %}')],
    ['padding in a date', '{{ 1 | date: "%99999999Y" }}'],
    ['a slice without end', '{{ input.long | slice: 0, 999999999999 }}'],
    ['counting keys', twice('{% if input.wide.size == input.wide.size %}{% endif %}')],
    ['loops over a wide object', loop('{% for x in input.wide limit:1 %}{% endfor %}')],
    ['loops over a long list', loop('{% for x in input.list limit:1 %}{% endfor %}')],
    ['comparing deep lists', loop('{% if input.one == input.two %}{% endif %}')],
    ['writing JSON', loop('{% assign x = input.wide | json %}')],
    ['sorting', loop('{% assign x = input.list | sort %}')],
    ...['where', 'reject', 'has', 'find', 'find_index'].map((filter): [string, string] => [
      `${filter} in a loop of a hundred`,
      loop(`{% assign x = input.items | ${filter}: "n", -1 %}`).replace('1000', '100'),
    ]),
    ['reading a field in a loop of a hundred', loop('{% assign x = input.list | map: "n" %}').replace('1000', '100')],
    ['dates in a loop', `${loop('{{ 0 | date: "%A" }}')}{% for i in (1..1000) %}{{ 0 | date: "%B" }}{% endfor %}`],
    ['long case tags', twice(`{% case 1 %}{% when ${'2,'.repeat(20_000)}3 %}{% endcase %}`)],
    ['long conditions', twice(`{% if ${'true and '.repeat(6000)}true %}{% endif %}`)],
    ['long chains of filters', loop(`{{ "" ${'| upcase '.repeat(6000)}}}`)],
  ]
  test.each(cases)('%s', (_, template) => {
    const { result, ms } = timed(() => renderText(template, big))
    expect(result.ok).toBe(false)
    expect((result as { message: string }).message).toMatch(/too much work|over 50000 steps|longer than 256 KiB/)
    expect(ms).toBeLessThan(RUNAWAY_MS)
  })

  const odd = [
    '{{'.repeat(30_000),
    '{%'.repeat(30_000),
    '{'.repeat(60_000),
    `{{ ${'|'.repeat(60_000)} }}`,
    `{{ a${'.a'.repeat(30_000)} }}`,
    `{{ ${'['.repeat(30_000)} }}`,
    `{{${' '.repeat(60_000)}x`,
    '{% comment %}'.repeat(4000),
    '{% raw %}'.repeat(6000),
    '{% if true %}'.repeat(4000),
  ]
  test.each(odd.map(template => [template.slice(0, 20), template]))(
    'odd text such as %j is refused quickly',
    (_, template) => {
      const { result, ms } = timed(() => renderText(template, big))
      expect(result.ok).toBe(false)
      expect(ms).toBeLessThan(RUNAWAY_MS)
    },
  )

  test('256 KiB of text just fits', () => {
    const half = 'x'.repeat(128 * 1024)
    expect(renderText('{{ input }}{{ input }}', aScope({ input: half }))).toMatchObject({ ok: true })
    expect(renderText('{{ input }}{{ input }}.', aScope({ input: half }))).toMatchObject({ ok: false })
  })
})

describe('a template value', () => {
  const cases: [template: Json, value: Json][] = [
    ['{{ input.seats }}', 3],
    ['{{input.tags}}', ['a', 'b']],
    ['{{ input.address }}', { city: 'Bonn' }],
    ['{{ last.note }}', null],
    ['{{ input.seats | plus: 1 }}', 4],
    ['{{ input.missing | default: 7 }}', 7],
    ['{{ input.seats }} ', '3 '],
    ['{{ input.seats }}{{ input.seats }}', '33'],
    ['{% if true %}1{% endif %}', '1'],
    [3, 3],
    [null, null],
    [
      { a: ['{{ input.seats }}', { b: 'to {{ input.email }}' }], '{{ c }}': true },
      { a: [3, { b: 'to ana@acme.test' }], '{{ c }}': true },
    ],
  ]
  test.each(cases)('%j becomes %j', (template, value) => {
    expect(renderValue(template, scope)).toEqual({ ok: true, value })
  })

  test('is a copy: changing it changes no scope', () => {
    const rendered = renderValue('{{ input.address }}', scope) as unknown as { value: { city: string } }
    rendered.value.city = 'Köln'
    expect(scope.input).toMatchObject({ address: { city: 'Bonn' } })
  })

  test('keeps a key that names the prototype as a key', () => {
    const rendered = renderValue(JSON.parse('{"__proto__":{"polluted":1}}') as Json, scope)
    expect(rendered.ok && Object.keys(rendered.value as object)).toEqual(['__proto__'])
    expect(({} as Record<string, unknown>).polluted).toBeUndefined()
  })

  test('is refused as a whole when one text is', () => {
    expect(renderValue({ a: 'fine', b: ['{{ input.nobody }}'] }, scope)).toEqual({
      ok: false,
      message: '`input.nobody` is missing',
    })
  })

  test('is bounded as a whole', () => {
    const template = Array.from({ length: 20 }, () => '{{ input }}')
    expect(renderValue(template, aScope({ input: 'x'.repeat(20_000) }))).toEqual({
      ok: false,
      message: 'the text would be longer than 256 KiB',
    })
  })

  test('is refused when it is nested too deeply', () => {
    const deep = Array.from({ length: 40 }).reduce<Json>(inner => [inner], 'x')
    expect(renderValue(deep, scope).ok).toBe(false)
  })
})

describe('checking a template', () => {
  test('gives the paths it reads, without its own variables and without what is computed', () => {
    const template =
      '{{ input.a[0].b }}{% assign q = steps.x.output %}{{ q.z }}{% for i in input.list %}{{ i.f }}{{ input[last.note].d }}{% endfor %}'
    const checked = checkTemplate(template)
    const paths = [['input', 'a', '0', 'b'], ['steps', 'x', 'output'], ['input', 'list'], ['input'], ['last', 'note']]
    expect(checked.ok && checked.paths.toSorted()).toEqual(paths.toSorted())
  })

  test('refuses what cannot be parsed', () => {
    expect(checkTemplate('{% if %}')).toMatchObject({ ok: false })
    expect(checkTemplate('{{ a }}'.repeat(5001))).toMatchObject({
      ok: false,
      message: 'there are over 5000 tags and texts',
    })
    expect(checkTemplate('{{ a }}'.repeat(5000))).toEqual({ ok: true, paths: [['a']] })
    expect(checkTemplate('{{ x | nope }}')).toMatchObject({ ok: false, message: 'undefined filter: nope' })
  })
})
