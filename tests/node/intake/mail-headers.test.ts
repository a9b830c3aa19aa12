import { describe, expect, test } from 'vitest'
import { unflow } from '../../../src/files/text/flowed.ts'
import { readAuthResults } from '../../../src/intake/mail/authentication.ts'

describe('Authentication-Results are read by the grammar of RFC 8601', () => {
  // Its appendix B, and what Cloudflare Email Routing writes.
  test.each<[string, string, unknown[]]>([
    ['example.org 1; none', 'example.org', []],
    [
      'example.com; spf=pass smtp.mailfrom=example.net',
      'example.com',
      [{ method: 'spf', result: 'pass', properties: { 'smtp.mailfrom': 'example.net' } }],
    ],
    [
      'example.com; auth=pass (cram-md5) smtp.auth=sender@example.net; spf=pass smtp.mailfrom=example.net',
      'example.com',
      [
        { method: 'auth', result: 'pass', properties: { 'smtp.auth': 'sender@example.net' } },
        { method: 'spf', result: 'pass', properties: { 'smtp.mailfrom': 'example.net' } },
      ],
    ],
    [
      'foo.example.net (foobar) 1 (baz); dkim (Because I like it) / 1 (One yay) = (wait for it) fail policy (A dot can go here) . (like that) expired (this surprised me) = (as I wasn’t expecting it) 1362471462',
      'foo.example.net',
      [{ method: 'dkim', result: 'fail', properties: { 'policy.expired': '1362471462' } }],
    ],
    [
      'example.com; dkim=pass reason="good signature" header.i=@mail-router.example.net; dkim=fail reason="bad; signature" header.i=@newyork.example.com',
      'example.com',
      [
        {
          method: 'dkim',
          result: 'pass',
          properties: { reason: 'good signature', 'header.i': '@mail-router.example.net' },
        },
        {
          method: 'dkim',
          result: 'fail',
          properties: { reason: 'bad; signature', 'header.i': '@newyork.example.com' },
        },
      ],
    ],
    [
      'mx.cloudflare.net;\tdmarc=pass header.from=a.test policy.dmarc=none;\tspf=none (mx.cloudflare.net: no SPF records found for postmaster@b.test) smtp.helo=b.test;\tarc=pass smtp.remote-ip="2607:f8b0::112d"',
      'mx.cloudflare.net',
      [
        { method: 'dmarc', result: 'pass', properties: { 'header.from': 'a.test', 'policy.dmarc': 'none' } },
        { method: 'spf', result: 'none', properties: { 'smtp.helo': 'b.test' } },
        { method: 'arc', result: 'pass', properties: { 'smtp.remote-ip': '2607:f8b0::112d' } },
      ],
    ],
    [
      'a.test; =; dmarc; dmarc=; x=y z; dmarc=pass',
      'a.test',
      [
        { method: 'x', result: 'y', properties: {} },
        { method: 'dmarc', result: 'pass', properties: {} },
      ],
    ],
    ['a.test; dmarc=pass __proto__.x=y', 'a.test', [{ method: 'dmarc', result: 'pass', properties: {} }]],
  ])('%s', (value, host, results) => {
    expect(readAuthResults(value)).toEqual({ host, results })
  })

  test.each(['', ' ', '(only a comment)', ';', '= dmarc=pass'])('%j names no host', value => {
    expect(readAuthResults(value)).toBeNull()
  })

  test('the work is in proportion to the length', () => {
    for (const part of ['(', '((\\', '"', '\\"', 'a=b ', 'a.b=', ';', '; a=b (', ' \t', '.', 'a/']) {
      const began = performance.now()
      readAuthResults(`h; ${part.repeat(60_000)}`)
      expect(performance.now() - began, part).toBeLessThan(1000)
    }
  })
})

describe('flowed text is joined', () => {
  test.each<[string, string, boolean, string]>([
    ['a paragraph', 'One \nparagraph.\nAnother.', false, 'One paragraph.\nAnother.'],
    ['a quoted paragraph, with one mark', '> One \n> paragraph.\n> Another.', false, '> One paragraph.\n> Another.'],
    ['depths apart', '>> Two \n> one \nnone', false, '>> Two \n> one \nnone'],
    ['with its added blanks taken off', 'Zusammen \ngesetzt\n> auch \n> hier', true, 'Zusammengesetzt\n> auchhier'],
    ['a stuffed blank', ' From here\n  two\n > no quote', false, 'From here\n two\n> no quote'],
    ['not over a signature', 'Bye \n-- \nHank', false, 'Bye \n-- \nHank'],
    ['not over a quoted one', '> Bye \n> -- \n> Hank', false, '> Bye \n> -- \n> Hank'],
    ['empty quoted lines', '>\n> a\n>', false, '>\n> a\n>'],
  ])('%s', (_name, text, delSp, joined) => {
    expect(unflow(text, delSp)).toBe(joined)
    expect(unflow(text.replaceAll('\n', '\r\n'), delSp)).toBe(joined)
  })
})
