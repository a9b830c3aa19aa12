/** What a mail says: HTML as text, flowed text, and names and subjects that nobody can be misled by. */
import { beforeAll, describe, expect, test } from 'vitest'
import { htmlToText } from '../../../src/domain/text/html.ts'
import { aTeam, type Team } from '../api/client.ts'
import { aMailbox, deliver, inputs, mail } from './mail-world.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

/** The input that this mail gives. */
async function inputOf(lines: string[]) {
  const box = await aMailbox(team)
  expect(await deliver(box.address, lines)).toBeNull()
  const [input] = await inputs(team, box, 1)
  return input
}

const inBase64 = (text: string) => {
  const bytes = new TextEncoder().encode(text)
  return `=?UTF-8?B?${btoa(String.fromCharCode(...bytes))}?=`
}

const multipart = (kind: string, ...parts: [string, string][]) => [
  'From: hank@shop.test',
  'MIME-Version: 1.0',
  `Content-Type: multipart/${kind}; boundary=b`,
  '',
  ...parts.flatMap(([headers, body]) => ['--b', headers, '', body]),
  '--b--',
]

describe('HTML', () => {
  test('each reference is read once, whatever its name or number (b12)', async () => {
    const html =
      '<html><body><p>Sch&ouml;ne Gr&uuml;&szlig;e &mdash; caf&eacute; f&uuml;r 12,50&nbsp;&euro;&hellip; it&rsquo;s &copy; A&amp;B &lt;ok&gt; &#8364; &#x20AC; &#128; &amp;uuml; &notanentity; AT&T</p></body></html>'
    const { text } = await inputOf(mail([], html, 'text/html; charset=us-ascii'))
    expect(text).toBe('Schöne Grüße — café für 12,50 €… it’s © A&B <ok> € € € &uuml; &notanentity; AT&T')
  })

  test('beside other parts is read the same way as alone', async () => {
    const html: [string, string] = [
      'Content-Type: text/html',
      '<p>&amp;lt; &Zcaron; <a href="https://a.test/x">here</a></p>',
    ]
    const footer: [string, string] = ['Content-Type: text/plain', 'The list’s footer']
    const { text } = await inputOf(multipart('mixed', html, footer))
    expect(text).toContain('&lt; Ž here [https://a.test/x]')
    expect(text).toContain('The list’s footer')
    const blank: [string, string] = ['Content-Type: text/plain', ' \r\n']
    expect((await inputOf(multipart('alternative', blank, html))).text).toBe('&lt; Ž here [https://a.test/x]')
  })

  test('within a mail that is attached to another is read the same way', async () => {
    const inner = ['From: ivy@else.test', 'Content-Type: text/html', '', '<p>&amp;amp; &Zcaron;</p>'].join('\r\n')
    const { text } = await inputOf(multipart('mixed', ['Content-Type: message/rfc822', inner]))
    expect(text).toContain('&amp; Ž')
  })

  test.each<[string, string]>([
    ['&AMP; &Aacute;&aacute; &sum; &reals; &NotEqualTilde;', '& Áá ∑ ℝ ≂̸'],
    ['&copy 2026, &reg;&trade; &lt;&LT;', '© 2026, ®™ <<'],
    ['&#xD800;&#x110000;x', '\ufffd\ufffdx'],
    ['&#0;&#x0;&#1;x', 'x'],
    ['&amp;amp;amp; &#38;lt; &#x26;#60;', '&amp;amp; &lt; &#60;'],
    ['a&nbsp;&ensp;b', 'a \u2002b'],
    ['<p title="a > b">x</p>', 'x'],
    ["<p title='>'>x", 'x'],
    ['a <b>b</b> =">" c', 'a b =">" c'],
  ])('%s', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  test.each<[string, string]>([
    ['See <a href="https://a.test/?x=1&amp;y=2">this</a>.', 'See this [https://a.test/?x=1&y=2].'],
    ['<a class=x target=_blank href=https://a.test/b>A <b>bold</b> one</a>', 'A bold one [https://a.test/b]'],
    ["<A HREF = 'https://a.test/copy?a=1&copy=2'>it</A>", 'it [https://a.test/copy?a=1&copy=2]'],
    ['<a href="https://a.test/">https://a.test</a>', 'https://a.test'],
    ['<a href="https://a.test/">a.test</a>', 'a.test'],
    ['<a href="https://evil.test">https://bank.test</a>', 'https://bank.test [https://evil.test]'],
    ['<a href="mailto:a@b.test">a@b.test</a> <a href="mailto:a@b.test">Ann</a>', 'a@b.test Ann [mailto:a@b.test]'],
    ['<a href="https://a.test/x"><img src=y></a>', '[https://a.test/x]'],
    ['<a href="https://a.test">one<a href="https://b.test">two</a>', 'one [https://a.test]two [https://b.test]'],
    ['<a href="https://a.test">never closed', 'never closed [https://a.test]'],
    ['<a href="#top">up</a> <a href="javascript:alert(1)">x</a> <a href="data:text/html,x">y</a>', 'up x y'],
    ['<a name="href=https://no.test" title="href=https://no.test">x</a>', 'x'],
    ['<a href="https://a.test/\r\n  long/&#9;address">x</a>', 'x [https://a.test/long/address]'],
    ['<abbr href="https://a.test">x</abbr>', 'x'],
  ])('says where a link leads: %s', (html, text) => {
    expect(htmlToText(html)).toBe(text)
  })

  test('takes time in proportion to its length', () => {
    for (const part of [
      '<a href="',
      "<a href='x",
      '<a href=x>',
      '<a x="\'',
      '<a ">',
      '<a =',
      '= "',
      "<p ='>",
      '&amp',
      '&#',
      '</a>',
      '<a b ',
    ])
      for (const around of [part, `${part}"`, `${part}'>`]) {
        const began = performance.now()
        htmlToText(around.repeat(20_000))
        expect(performance.now() - began, around).toBeLessThan(3000)
      }
  })
})

describe('flowed text', () => {
  test('is joined, quotes, too, and keeps one mark for each depth', async () => {
    const body = [
      'I think that \r',
      'is fine. \r',
      '\r',
      '> Would you like \r',
      '> it blue? \r',
      '>> Or \r',
      '>> red?',
    ].join('\n')
    const flowed = 'text/plain; charset=utf-8; format=flowed'
    const { text } = await inputOf(mail([], body, flowed))
    expect(text.trim()).toBe('I think that is fine. \n> Would you like it blue? \n>> Or red?')
  })

  test('without added blanks is joined without any', async () => {
    const { text } = await inputOf(
      mail([], '日本 \r\n語\r\n> 引 \r\n> 用', 'text/plain; charset=utf-8; Format="Flowed"; DelSp=Yes'),
    )
    expect(text.trim()).toBe('日本語\n> 引用')
  })

  test('that is not declared as such stays as it is', async () => {
    const { text } = await inputOf(mail([], 'One \r\n> two \r\n> three'))
    expect(text.trim()).toBe('One \n> two \n> three')
  })
})

describe('a name or subject', () => {
  const attached = (name: string, subject: string) => [
    `Subject: ${inBase64(subject)}`,
    ...multipart(
      'mixed',
      ['Content-Type: text/plain', 'See the file.'],
      [
        `Content-Type: application/octet-stream; name="${inBase64(name)}"\r\nContent-Disposition: attachment; filename="${inBase64(name)}"\r\nContent-Transfer-Encoding: base64`,
        'TVo=',
      ],
    ),
  ]

  test('cannot read as another one (b28)', async () => {
    const input = await inputOf(attached('invoice\u202efdp.exe', 'Invoice \u202egnp.exe\u200b'))
    expect(input.attachments[0].name).toBe('invoicefdp.exe')
    expect(input.subject).toBe('Invoice gnp.exe')
  })

  test('cannot do it by the other encodings of names either', async () => {
    const part = (disposition: string): [string, string] => [`Content-Disposition: attachment; ${disposition}`, 'x']
    const names = [
      "filename*=UTF-8''a%E2%80%AEfdp.exe",
      "filename*0*=UTF-8''a%E2%80; filename*1*=%AEfdp.exe",
      'filename="a\u2067fdp\u200b.exe"',
    ]
    const { attachments } = await inputOf(multipart('mixed', ...names.map(part)))
    expect(attachments.map(({ name }: { name: string }) => name)).toEqual(['afdp.exe', 'afdp.exe', 'afdp.exe'])
  })

  test.each(['חשבונית.pdf', 'فاتورة ١٢٣.pdf', 'می‌خواهم.pdf', 'क्‍ष.pdf', '👨‍👩‍👧‍👦 🏳️‍🌈.png'])('%s stays', async name => {
    const input = await inputOf(attached(name, name))
    expect([input.attachments[0].name, input.subject]).toEqual([name, name])
  })

  test('is cut between what people see as characters', async () => {
    const input = await inputOf(attached(`${'a'.repeat(195)}👨‍👩‍👧‍👦.png`, `${'b'.repeat(999)}🇩🇪`))
    expect(input.attachments[0].name).toBe('a'.repeat(195))
    expect(input.subject).toBe('b'.repeat(999))
  })

  test('is clean where the body is mapped, too', async () => {
    const box = await aMailbox(team, { map: { about: '{{ body.subject }}', name: '{{ body.attachments[0].name }}' } })
    await deliver(box.address, attached('a\u202efdp.exe', 'x\u2066y\ufeff'))
    expect(await inputs(team, box, 1)).toEqual([{ about: 'xy', name: 'afdp.exe' }])
  })
})
