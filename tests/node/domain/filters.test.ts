/** The filters that Baton has in place of liquidjs's: times, money, words, JSON in a text; and loops in loops. */
import { describe, expect, test } from 'vitest'
import type { Json } from '../../../src/domain/json/json.ts'
import { checkTemplate, renderText, renderValue } from '../../../src/domain/template/template.ts'
import { aScope } from './scope.ts'

function text(template: string, input: Json = {}): string {
  const rendered = renderText(template, aScope({ input }))
  return rendered.ok ? rendered.text : `refused: ${rendered.message}`
}

function value(template: string, input: Json = {}): Json {
  const rendered = renderValue(template, aScope({ input }))
  return rendered.ok ? rendered.value : `refused: ${rendered.message}`
}

describe('a date is written as strftime writes it', () => {
  const LETTERS = 'aAbBcCdDeFgGhHIjklmMnpPrRsStTuUVwWxXyYzZ'
  // What glibc's strftime gives for each letter in the C locale, in UTC.
  const WRITTEN = String.raw`
2024-03-09T05:06:07.089Z Sat|Saturday|Mar|March|Sat Mar  9 05:06:07 2024|20|09|03/09/24| 9|2024-03-09|24|2024|Mar|05|05|069| 5| 5|03|06|\n|AM|am|05:06:07 AM|05:06|1709960767|07|\t|05:06:07|6|09|10|6|10|03/09/24|05:06:07|24|2024|+0000|UTC
2024-12-30T23:59:59.000Z Mon|Monday|Dec|December|Mon Dec 30 23:59:59 2024|20|30|12/30/24|30|2024-12-30|25|2025|Dec|23|11|365|23|11|12|59|\n|PM|pm|11:59:59 PM|23:59|1735603199|59|\t|23:59:59|1|52|01|1|53|12/30/24|23:59:59|24|2024|+0000|UTC
2021-01-03T00:00:00.000Z Sun|Sunday|Jan|January|Sun Jan  3 00:00:00 2021|20|03|01/03/21| 3|2021-01-03|20|2020|Jan|00|12|003| 0|12|01|00|\n|AM|am|12:00:00 AM|00:00|1609632000|00|\t|00:00:00|7|01|53|0|00|01/03/21|00:00:00|21|2021|+0000|UTC
2020-12-31T12:30:00.000Z Thu|Thursday|Dec|December|Thu Dec 31 12:30:00 2020|20|31|12/31/20|31|2020-12-31|20|2020|Dec|12|12|366|12|12|12|30|\n|PM|pm|12:30:00 PM|12:30|1609417800|00|\t|12:30:00|4|52|53|4|52|12/31/20|12:30:00|20|2020|+0000|UTC
2010-01-01T13:00:00.000Z Fri|Friday|Jan|January|Fri Jan  1 13:00:00 2010|20|01|01/01/10| 1|2010-01-01|09|2009|Jan|13|01|001|13| 1|01|00|\n|PM|pm|01:00:00 PM|13:00|1262350800|00|\t|13:00:00|5|00|53|5|00|01/01/10|13:00:00|10|2010|+0000|UTC
1999-12-31T18:05:09.500Z Fri|Friday|Dec|December|Fri Dec 31 18:05:09 1999|19|31|12/31/99|31|1999-12-31|99|1999|Dec|18|06|365|18| 6|12|05|\n|PM|pm|06:05:09 PM|18:05|946663509|09|\t|18:05:09|5|52|52|5|52|12/31/99|18:05:09|99|1999|+0000|UTC
2027-01-01T00:00:00.000Z Fri|Friday|Jan|January|Fri Jan  1 00:00:00 2027|20|01|01/01/27| 1|2027-01-01|26|2026|Jan|00|12|001| 0|12|01|00|\n|AM|am|12:00:00 AM|00:00|1798761600|00|\t|00:00:00|5|00|53|5|00|01/01/27|00:00:00|27|2027|+0000|UTC`
  const rows = WRITTEN.trim()
    .split('\n')
    .map(line => [line.slice(0, 24), line.slice(25)] as const)

  test.each(rows)('%s', (time, written) => {
    const got = [...LETTERS].map(letter => text(`{{ input | date: "%${letter}" }}`, time))
    expect(got.join('|').replace('\n', '\\n').replace('\t', '\\t')).toBe(written)
  })

  test('weeks of ISO 8601 turn with their Mondays, in every year', () => {
    let monday = Date.UTC(1999, 0, 4)
    let [year, week] = [1999, 1]
    while (monday < Date.UTC(2041, 0, 1)) {
      // A week belongs to the year of its Thursday, and the first is that of the first Thursday.
      const thursday = new Date(monday + 3 * 86_400_000)
      if (thursday.getUTCFullYear() !== year) [year, week] = [thursday.getUTCFullYear(), 1]
      for (const day of [0, 6]) {
        const at = monday / 1000 + day * 86_400
        expect(text('{{ input | date: "%G-W%V-%u" }}', at)).toBe(`${year}-W${String(week).padStart(2, '0')}-${day + 1}`)
      }
      monday += 7 * 86_400_000
      week += 1
    }
  })

  test.each([
    ['%%F %%%F', '%F %2024-03-09'],
    ['%-V|%3V|%_3V|%_g|%6G', '10|010| 10|24|002024'],
    ['%12F|%-D|%^v|%^c', '  2024-03-09|03/09/24| 9-MAR-2024|SAT MAR  9 05:06:07 2024'],
    ['%Ey-%Om-%Od %E', '24-03-09 %E'],
    ['%:z %::z %z', '+00:00 +00:00:00 +0000'],
    ['%+', 'Sat Mar  9 05:06:07 UTC 2024'],
    ['%Q %L %3N %6N', '1709960767089 089 089 089000'],
    ['at %T on %F', 'at 05:06:07 on 2024-03-09'],
    ['%K %i %', '%K %i %'],
  ])('%j is %j', (format, written) => {
    expect(text(`{{ input | date: "${format}" }}`, '2024-03-09T05:06:07.089Z')).toBe(written)
  })

  test('in a time zone, whose day and week count', () => {
    const format = '{{ input | date: "%F %T %G-W%V", "America/Los_Angeles" }}'
    expect(text(format, '2024-12-30T03:00:00Z')).toBe('2024-12-29 19:00:00 2024-W52')
  })

  test.each(['2024-02-31', '2023-02-29T10:00:00Z', '2024-13-01', '2024-04-31 10:00', 'nonsense'])(
    'a day that there is not, such as %s, stays as it was written',
    time => {
      expect(text('{{ input | date: "%F" }}', time)).toBe(time)
    },
  )

  test('a leap day is one', () => {
    expect(text('{{ input | date: "%F" }}', '2024-02-29')).toBe('2024-02-29')
    expect(text('{{ input | date: "%F" }}', '2000-02-29')).toBe('2000-02-29')
  })
})

describe('money is reckoned in decimals', () => {
  test.each<[string, Json]>([
    ['{{ 19.99 | times: 100 }}', 1999],
    ['{{ "19.99" | times: 100 }}', 1999],
    ['{{ 4.35 | times: 100 }}', 435],
    ['{{ 1.1 | times: 100 | ceil }}', 110],
    ['{{ 0.7 | times: 3 }}', 2.1],
    ['{{ 0.1 | plus: 0.2 }}', 0.3],
    ['{{ 0.3 | minus: 0.1 }}', 0.2],
    ['{{ 1999 | divided_by: 100 }}', 19.99],
    ['{{ 10 | divided_by: 4 }}', 2.5],
    ['{{ 10 | divided_by: 3 }}', 10 / 3],
    ['{{ 10 | divided_by: 3 | times: 3 }}', 10],
    ['{{ 10 | divided_by: 4, true }}', 2],
    ['{{ -7 | divided_by: 2, true }}', -4],
    ['{{ 1.1 | modulo: 0.1 }}', 0],
    ['{{ -7 | modulo: 3 }}', 2],
    ['{{ 7 | modulo: -3 }}', -2],
    ['{{ 1.005 | round: 2 }}', 1.01],
    ['{{ 2.675 | round: 2 }}', 2.68],
    ['{{ -2.5 | round }}', -3],
    ['{{ 123.456 | round: -1 }}', 120],
    ['{{ -1.5 | floor }}', -2],
    ['{{ -1.5 | ceil }}', -1],
    ['{{ -1.5 | abs }}', 1.5],
    ['{{ 3 | at_least: 5.5 }}', 5.5],
    ['{{ 3 | at_most: 2 }}', 2],
    ['{{ "12.7" | to_integer }}', 12],
    ['{{ "1e3" | plus: 1 }}', 1001],
    ['{{ "abc" | plus: 1 }}', 1],
    ['{{ nil | plus: 1 }}', 1],
    ['{{ input | sum: "price" }}', 0.6],
    ['{{ input | map: "price" | sum }}', 0.6],
  ])('%s is %j', (template, result) => {
    expect(value(template, [{ price: 0.1 }, { price: 0.2 }, { price: '0.3' }])).toBe(result)
  })

  test.each([
    ['plus: 1', '8202522731445525543'],
    ['minus: 2', '8202522731445525540'],
    ['times: 10', '82025227314455255420'],
    ['times: -1', '-8202522731445525542'],
    ['modulo: 10', 2],
    ['divided_by: 2', '4101261365722762771'],
    ['divided_by: 4', '2050630682861381385.5'],
    ['abs', '8202522731445525542'],
    ['round', '8202522731445525542'],
    ['floor', '8202522731445525542'],
    ['to_integer', '8202522731445525542'],
    ['at_least: 5', '8202522731445525542'],
    ['at_most: 5', 5],
    ['plus: 0.5', '8202522731445525542.5'],
  ])('digits beyond 2^53 stay exact: %s', (filter, result) => {
    expect(value(`{{ input | ${filter} }}`, '8202522731445525542')).toBe(result)
  })

  test('so do the digits of a fraction that came as text, and numbers that grow beyond', () => {
    expect(value('{{ input | plus: "0.000000000000000001" }}', '0.123456789012345678')).toBe('0.123456789012345679')
    expect(value('{{ input | plus: 2 }}', Number.MAX_SAFE_INTEGER)).toBe('9007199254740993')
    expect(value('{{ input | plus: 1 }}', 1e21)).toBe('1000000000000000000001')
    expect(value('{{ input | sum }}', ['9007199254740992', 1])).toBe('9007199254740993')
  })

  test.each([
    ['{{ 5 | divided_by: 0 }}', '`divided_by` cannot divide by 0'],
    ['{{ 5 | modulo: "abc" }}', '`modulo` cannot divide by 0'],
    ['{{ "1e9999" | plus: 1 }}', 'a number has too many digits to be reckoned with'],
    [`{{ "${'9'.repeat(900)}" | times: 1 }}`, 'a number has too many digits to be reckoned with'],
    [
      '{{ "x" | append: 9007199254740993 }}',
      'the number 9007199254740993 has more digits than can be kept: write it in quotation marks',
    ],
  ])('%s is refused', (template, message) => {
    expect(renderText(template, aScope())).toEqual({ ok: false, message })
  })

  test.each(['"9e790" | modulo: "7e-790"', '"1e300" | times: "1e-300"', 'input | sum'])(
    'numbers of hundreds of digits are charged as such: %s',
    filter => {
      const loop = `{% for i in (1..1000) %}{% assign x = ${filter} %}{% assign x = ${filter} %}{% endfor %}`
      expect(text(loop, ['1e-300', '1e300'])).toMatch(/too much work/)
      expect(text(loop.replace('1000', '100'), ['1e-300', '1e300'])).toBe('')
    },
  )

  test('a number too long to be kept is told when the template is written', () => {
    expect(checkTemplate('{% if input.id == 8202522731445525542 %}{% endif %}')).toMatchObject({ ok: false })
    expect(checkTemplate('{% if input.id == "8202522731445525542" %}{% endif %}')).toMatchObject({ ok: true })
  })
})

describe('words are cut with an ellipsis only where some are left out', () => {
  test.each([
    ['a b c', '3', 'a b c'],
    ['a b c d', '3', 'a b c...'],
    ['one', '1', 'one'],
    [' a  b c ', '3', ' a  b c '],
    [' a  b\nc ', '2', 'a b...'],
    ['a b c', '2, ""', 'a b'],
    ['a b', '0', 'a...'],
    ['', '3', ''],
  ])('%j by %s', (words, by, result) => {
    expect(text(`{{ input | truncatewords: ${by} }}`, words)).toBe(result)
  })
})

describe('a loop knows the one around it', () => {
  test.each([
    [
      '{% for a in (1..2) %}{% for b in (1..2) %}{{ forloop.parentloop.index }}{{ forloop.index }} {% endfor %}{% endfor %}',
      '11 12 21 22 ',
    ],
    ['{% for a in (1..2) %}{% if forloop.parentloop %}x{% endif %}{{ forloop.parentloop }}{% endfor %}', ''],
    [
      '{% for a in (1..1) %}{% for b in (1..1) %}{% endfor %}{% for c in (1..1) %}{{ forloop.parentloop.length }}{% endfor %}{{ forloop.index }}{% endfor %}',
      '11',
    ],
    ['{% for a in (1..1) %}{% endfor %}{% for b in (1..1) %}{{ forloop.parentloop }}{% endfor %}', ''],
    [
      '{% for a in (1..2) %}{% capture x %}{% for b in (1..1) %}{{ forloop.parentloop.last }}{% endfor %}{% endcapture %}{{ x }} {% endfor %}',
      'false true ',
    ],
  ])('%s', (template, result) => {
    expect(text(template)).toBe(result)
  })
})

describe('parse_json reads JSON that came as a text', () => {
  const sns: Json = { Message: '{"order":{"id":8202522731445525542,"lines":[1,2]},"ok":true}' }

  test('with its types, and digits that a double cannot keep as text', () => {
    const order = { id: '8202522731445525542', lines: [1, 2] }
    expect(value('{{ input.Message | parse_json }}', sns)).toEqual({ order, ok: true })
    expect(value('{{ input.Message | parse_json | map: "order" | first }}', sns)).toEqual(order)
    expect(text('{% assign m = input.Message | parse_json %}{{ m.order.lines[1] }} {{ m.order.id }}', sns)).toBe(
      '2 8202522731445525542',
    )
  })

  test('in an intake’s map', () => {
    const delivery = { body: sns, headers: {}, query: {} }
    const map = { order: '{{ body.Message | parse_json | map: "order.id" | first }}' }
    expect(renderValue(map, delivery)).toEqual({ ok: true, value: { order: '8202522731445525542' } })
  })

  test.each<[Json, Json]>([
    ['"x"', 'x'],
    ['7', 7],
    ['null', null],
    [{ a: 1 }, { a: 1 }],
    [null, null],
    [5, 5],
  ])('%j is %j', (given, result) => {
    expect(value('{{ input | parse_json }}', given)).toEqual(result)
  })

  test.each([
    ['{"a":', /^refused: `parse_json` cannot read this text: This is not JSON/],
    ['', /not JSON/],
    ['{"__proto__":1}', /The key "__proto__" is not allowed$/],
    ['['.repeat(40) + ']'.repeat(40), /nested over 32 deep/],
    [JSON.stringify(Array.from({ length: 20_001 }, () => 0)), /over 20000 values/],
    ['{"a":1,"a":2}', /given twice/],
    ['[1e999]', /too large/],
  ])('%j is refused', (given, message) => {
    expect(value('{{ input | parse_json }}', given)).toMatch(message)
  })

  test('is charged for what it reads', () => {
    const list = JSON.stringify(Array.from({ length: 15_000 }, (_, place) => place))
    expect(text(`{% for i in (1..1000) %}{% assign x = input | parse_json %}{% endfor %}`, list)).toMatch(
      /too much work/,
    )
  })
})
