/** The worst mails that a stranger can send: headers, addresses, parts and HTML that cost more than their length. */

import { htmlToText } from '../../../../src/domain/text/html.ts'
import { unflow } from '../../../../src/files/text/flowed.ts'
import { readMail } from '../../../../src/intake/mail/read-mail.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { fill, lines, SIZES } from './fill.ts'

const HEAD = 'From: a@b.test\r\nTo: in@baton.test\r\n'
/** The most that is taken of headers. */
const HEADERS = 120 * 1024
const header = (name: string, value: string) => `${HEAD}${name}: ${value.slice(0, HEADERS)}\r\n\r\nHi`
const folded = (part: string, n: number) => fill(`${part}\r\n `, Math.min(n, HEADERS))
const parts = (n: number, body: string, head = 'Content-Type: text/plain') =>
  `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${fill(`--b\r\n${head}\r\n\r\n${body}\r\n`, n)}--b--`
const text = (n: number, body: string, more = '') => `${HEAD}Content-Type: text/plain${more}\r\n\r\n${fill(body, n)}`
const html = (n: number, body: string) => `${HEAD}Content-Type: text/html\r\n\r\n${fill(body, n)}`
const encoded = (n: number, how: string, body: string) =>
  `${HEAD}Content-Type: text/plain\r\nContent-Transfer-Encoding: ${how}\r\n\r\n${fill(body, n)}`

const MAILS: Record<string, (length: number) => string> = {
  'a long subject': n => header('Subject', fill('x', n)),
  'a subject of encoded words': n => header('Subject', folded('=?utf-8?q?=c3=a4?=', n)),
  'a subject of encoded words in base64': n => header('Subject', folded('=?utf-8?b?w6Q=?=', n)),
  'a subject of words that are nearly encoded': n => header('Subject', fill('=?', n)),
  'a subject of charsets': n => header('Subject', folded('=?iso-2022-jp?b?GyRCJCIbKEI=?=', n)),
  'a subject of joiners': n => header('Subject', fill('\u200d', n / 3)),
  'a subject of flags and tags': n => header('Subject', fill('🏴\u{e0067}', n / 8)),
  'a subject of marks': n => header('Subject', `a${fill('\u0301', n / 2)}`),
  'a subject of one family': n => header('Subject', fill('👩\u200d', n / 7)),
  'many headers': n => `${HEAD}${lines(i => `X-${i}: 1\r\n`, Math.min(n, HEADERS))}\r\nHi`,
  'one header again': n => `${HEAD}${fill('Received: by x\r\n', Math.min(n, HEADERS))}\r\nHi`,
  addresses: n => header('To', fill('a@b.test, ', n)),
  'commas for addresses': n => header('To', fill(',', n)),
  'addresses in angles': n => header('To', fill('<', n)),
  'quotation marks in addresses': n => header('To', fill('"', n)),
  'comments in addresses': n => header('To', fill('(', n)),
  'groups of addresses': n => header('To', fill('a:;', n)),
  'groups in groups': n => header('To', fill('a:', n)),
  'at signs': n => header('To', fill('@', n)),
  'an author of many': n => header('From', fill('a@b.test, ', n)),
  references: n => header('References', fill('<a@b> ', n)),
  'angles for references': n => header('References', fill('<', n)),
  'results of authentication': n => header('Authentication-Results', `mx.cloudflare.net; ${fill('dmarc=pass ', n)}`),
  'comments in results': n => header('Authentication-Results', `mx.cloudflare.net; ${fill('(', n)}`),
  'results that are quoted': n => header('Authentication-Results', `mx.cloudflare.net; x="${fill('\\"', n)}`),
  'parameters of a type': n => header('Content-Type', `text/plain; ${fill('a*0=b; ', n)}`),
  'one boundary': n => header('Content-Type', `multipart/mixed; boundary="${fill('b', n)}"`),
  parts: n => parts(n, 'a'),
  'empty parts': n => parts(n, '', ''),
  'parts of HTML': n => parts(n, '<b>', 'Content-Type: text/html'),
  attachments: n => parts(n, 'a', 'Content-Disposition: attachment; filename=a'),
  'mails in a mail': n => parts(n, 'Subject: a\r\n\r\nHi', 'Content-Type: message/rfc822'),
  'nearly boundaries': n => `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${fill('--\r\n', n)}`,
  'ends of lines': n => text(n, '\r\n'),
  'lines of one letter': n => text(n, 'a\r\n'),
  'flowed lines': n => text(n, '> a \r\n', '; format=flowed'),
  'flowed lines without blanks': n => text(n, '>a \r\n', '; format=flowed; delsp=yes'),
  'quoted-printable': n => encoded(n, 'quoted-printable', '=3D'),
  'bad quoted-printable': n => encoded(n, 'quoted-printable', '='),
  'soft ends of lines': n => encoded(n, 'quoted-printable', '=\r\n'),
  base64: n => encoded(n, 'base64', 'QUJD'),
  'bad base64': n => encoded(n, 'base64', '=!'),
  'another charset': n => text(n, 'ä', '; charset=iso-2022-jp'),
}

/** Bodies of HTML mails. */
const HTML: Record<string, string> = {
  angles: '<',
  'closing angles': '>',
  tags: '<b>',
  'tags that do not end': '<b ',
  'quotation marks': '<a href="',
  attributes: '<a b=c ',
  links: '<a href="https://x.test">x</a>',
  'links that are not closed': '<a href="https://x.test">',
  references: '&amp;',
  'numeric references': '&#65;',
  'references that do not end': '&a',
  ampersands: '&',
  comments: '<!--',
  'ends of comments': '<!---->',
  declarations: '<!',
  instructions: '<?',
  scripts: '<script>',
  'ends of scripts': '</script>',
  'scripts and styles': '<script><style>',
  breaks: '<br>',
  blanks: ' \n',
  paragraphs: '<p> </p>',
  cells: '<td>a</td>',
  quotes: '<blockquote>',
}

const encoder = new TextEncoder()
const cases: CostCase[] = [
  ...Object.entries(MAILS).flatMap(([kind, make]) =>
    SIZES.map((size): CostCase => {
      const raw = encoder.encode(make(size)).subarray(0, 1024 * 1024)
      // What is refused for its size or its depth is refused by throwing.
      return { name: `${kind}, ${size / 1024} KiB`, run: () => readMail(raw, 'mx.cloudflare.net').catch(() => null) }
    }),
  ),
  ...Object.entries(HTML).flatMap(([kind, body]) =>
    SIZES.map((size): CostCase => {
      const raw = encoder.encode(html(size, body)).subarray(0, 1024 * 1024)
      return {
        name: `HTML of ${kind}, ${size / 1024} KiB`,
        run: () => readMail(raw, 'mx.cloudflare.net').catch(() => null),
      }
    }),
  ),
]
export default cases

export async function warmUp(): Promise<void> {
  for (let round = 0; round < 5; round++) {
    for (const make of Object.values(MAILS)) await readMail(encoder.encode(make(2000)), 'x.test').catch(() => null)
    for (const body of Object.values(HTML)) htmlToText(fill(body, 2000))
    unflow(fill('> a \n', 2000), true)
  }
}
