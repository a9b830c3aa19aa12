/** What liquidjs reads over is told when a template is written; what is meant is left alone, and so is what runs already. */
import { expect, test } from 'vitest'
import { checkTemplate, renderText } from '../../../src/domain/template/template.ts'

const scope = {
  input: { s: 'abc', n: 3, list: ['a', 'b'], holes: ['a', null] },
  task: { id: 'tsk_a', title: '', visit: 1 },
  steps: {},
  last: null,
} as unknown as Parameters<typeof renderText>[1]

test.each([
  ['{% if input.t in input.s %}x{% endif %}', 'contains'],
  ["{% if input.s endswith 'z' %}x{% endif %}", 'no operator between'],
  ["{% if input.s startswith 'z' %}x{% endif %}", 'no operator between'],
  ["{% if input.s matches 'z' %}x{% endif %}", 'no operator between'],
  ['{% if input.s is input.t %}x{% endif %}', '`==`'],
  ['{% if input.s AND input.t %}x{% endif %}', '`and`'],
  ['{% if input.s OR input.t %}x{% endif %}', '`or`'],
  ['{% if NOT input.s %}x{% endif %}', '`not`'],
  ['{% if input.n <> 3 %}x{% endif %}', '`!=`'],
  ['{% if input.s == %}x{% endif %}', 'lacks a value'],
  ['{% if == input.s %}x{% endif %}', 'lacks a value'],
  ['{% if 1 < input.n < 5 %}x{% endif %}', 'both comparisons'],
  ['{% if input.s contains "b" == false %}x{% endif %}', 'both comparisons'],
  ['{% if input.n == 3 == true %}x{% endif %}', 'both comparisons'],
  ['{% if input.n == 3, input.s %}x{% endif %}', 'left out'],
  ['{% if input.s) %}x{% endif %}', 'left out'],
  ['{% if input.s %}a{% elsif input.t in input.s %}b{% endif %}', 'contains'],
  ['{% unless input.t in input.s %}x{% endunless %}', 'contains'],
  ['{% unless input.s %}a{% else if input.n %}b{% endunless %}', 'elsif'],
  ['{% case input.n %}{% when 3 %}a{% else if input.s %}b{% endcase %}', 'elsif'],
  ['{% case input.n input.s %}{% when 3 %}a{% endcase %}', 'no operator between'],
  ['{% case input.n %}{% when 3 4 %}a{% endcase %}', 'or a comma'],
  ['{% case input.n %}{% when 3 and 4 %}a{% endcase %}', 'or a comma'],
  ['{{ input.s input.n }}', 'no operator between'],
  ['{{ input.s, input.n }}', 'left out'],
  ['{{ input.s | upcase, input.n }}', 'left out'],
  ['{% echo input.s input.n %}', 'no operator between'],
  ['{% assign x = input.s input.n %}{{ x }}', 'no operator between'],
  ['{% capture x y %}a{% endcapture %}{{ x }}', '`y`'],
  ['{% for x in input.list | reverse %}{{ x }}{% endfor %}', 'assign'],
  ['{% for x in input.list limt: 1 %}{{ x }}{% endfor %}', 'limit'],
  ['{% for x in input.list if x %}{{ x }}{% endfor %}', '`if`'],
  ['{% tablerow x in input.list reversed %}{{ x }}{% endtablerow %}', 'cols'],
  ['{% for x in input.list %}{% break if x %}{% endfor %}', '`if x`'],
  ['{% liquid\n assign x = 1 2\n echo x %}', 'no operator between'],
  ['{% if input.s %}{% if input.t in input.s %}x{% endif %}{% endif %}', 'contains'],
])('told: %s', (template, word) => {
  const checked = checkTemplate(template)
  expect(checked).toMatchObject({ ok: false, message: expect.stringContaining(word) })
  // A task that pinned it before goes on as it did.
  expect(renderText(template.replaceAll('input.t', 'input.s'), scope)).toMatchObject({ ok: true })
})

test.each([
  '{% if input.s contains "b" and input.n > 1 or not input.list %}x{% endif %}',
  '{% if input.s not contains "b" %}x{% endif %}',
  "{% if input.s=='abc'and input.n %}x{% endif %}",
  '{% if input.s == " in , ) | " %}x{% endif %}',
  '{% if input.list[0] == input.list.first and input.list.size > 1 %}x{% endif %}',
  '{% if input.s %}a{% elsif input.n == 3 %}b{% else %}c{% endif %}',
  '{%- unless input.s -%}a{%- else -%}b{%- endunless -%}',
  '{% case input.n %}{% when 1, 2 or 3 %}a{% when "x" %}b{% else %}c{% endcase %}',
  '{% for x in input.list reversed limit: 2 offset:1 %}{{ forloop.index }}{{ x }}{% else %}none{% endfor %}',
  '{% for x in input.list, limit: 2, offset: 1 %}{{ x }}{% endfor %}',
  '{% for i in (1..3) %}{{ i }}{% if i == 2 %}{% continue %}{% endif %}{% break %}{% endfor %}',
  '{% tablerow x in input.list cols:2 limit: 2 %}{{ x }}{% endtablerow %}',
  "{% assign x = input.list | join: ', ' | append: ')' %}{{ x }}",
  '{% assign is_it = input.n == 3 %}{{ is_it }}',
  '{% capture x %}a{% endcapture %}{% capture "y" %}b{% endcapture %}{{ x }}{{ y }}',
  '{{ input.s | slice: 0, 2 | default: "a, b)", allow_false: true }}',
  '{% comment %} {% if a in b %} {{ a b }} {% endcomment %}ok',
  '{% raw %}{% if a in b %}{{ a b }}{% endraw %}',
  '{% # a note: in, is, and %}ok',
  '{% liquid\n assign x = 1\n if x == 1\n echo x\n endif %}',
  'in and or, (not) contains | plain text',
])('left alone: %s', template => {
  expect(checkTemplate(template)).toMatchObject({ ok: true })
  expect(renderText(template, scope)).toMatchObject({ ok: true })
})

test('what is not there is contained in no list, whatever is in it', () => {
  const says = (condition: string) => renderText(`{% if ${condition} %}yes{% else %}no{% endif %}`, scope)
  for (const nothing of ['nil', 'null', 'input.gone', 'last'])
    for (const within of ['input.holes', 'input.list', 'input.s', 'input.gone'])
      expect([nothing, within, says(`${within} contains ${nothing}`)]).toEqual([
        nothing,
        within,
        { ok: true, text: 'no' },
      ])
  expect(says('input.holes contains "a"')).toEqual({ ok: true, text: 'yes' })
})
