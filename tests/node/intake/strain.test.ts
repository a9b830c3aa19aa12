/** What is attached to a mail is taken out of it as it comes, whatever the chunks; the rest stays as it was. */
import { describe, expect, it } from 'vitest'
import { MailStrainer } from '../../../src/intake/mail/strain.ts'

const text = new TextEncoder()
const MAIL = [
  'From: hank@shop.test',
  'Content-Type: multipart/mixed;',
  '\tboundary="out er"',
  '',
  'preamble',
  '--out er',
  'Content-Type: multipart/alternative; boundary=in',
  '',
  '--in',
  'Content-Type: text/plain',
  'Content-Transfer-Encoding: base64',
  '',
  'SGVsbG8=',
  '--in--',
  '--out er',
  'Content-Type: application/pdf; name=a.pdf',
  'Content-Transfer-Encoding: BASE64',
  'Content-Disposition: attachment;',
  ' filename="a b.pdf"',
  '',
  'JVBERi0xLjcg',
  'aGVsbG8gd29y bGQ',
  '--out er',
  'Content-Type: message/rfc822',
  '',
  'Subject: within',
  '',
  '--in is no boundary any more',
  '--out er',
  'Content-Transfer-Encoding: base64',
  'Content-Type: image/png',
  '',
  '',
  '--out er--',
  'epilogue',
]

function strained(size: number, newline: string) {
  const mail = text.encode(MAIL.join(newline))
  const strainer = new MailStrainer('nonce')
  const files: { name: string | null; type: string | null; text: string; over: boolean }[] = []
  const take = (found: ReturnType<MailStrainer['push']>) => {
    for (const one of found) {
      if (one.what === 'file') files.push({ ...one.part, text: '', over: false })
      else if (one.what === 'bytes') files.at(-1)!.text += new TextDecoder().decode(one.bytes)
      else files.at(-1)!.over = true
    }
  }
  for (let at = 0; at < mail.length; at += size) take(strainer.push(mail.subarray(at, at + size)))
  take(strainer.end())
  return { files, rest: strainer.rest.map(line => new TextDecoder().decode(line)).join('') }
}

describe('a mail', () => {
  it('gives its files and keeps its texts, in chunks of any size', () => {
    for (const newline of ['\r\n', '\n']) {
      for (const size of [1, 2, 3, 7, 50, 10_000]) {
        const { files, rest } = strained(size, newline)
        expect(files).toEqual([
          { name: 'a b.pdf', type: 'application/pdf', text: '%PDF-1.7 hello world', over: true },
          { name: null, type: 'image/png', text: '', over: true },
        ])
        const lines = MAIL.filter(line => line !== 'JVBERi0xLjcg' && line !== 'aGVsbG8gd29y bGQ')
        const marked = rest.split(/\r?\n/).filter(line => !line.startsWith(btoa('nonce:').slice(0, 8)))
        // The empty line of the empty file is a line of the file.
        const at = lines.lastIndexOf('')
        expect(marked).toEqual(lines.filter((_, index) => index !== at))
        expect(rest).toContain(`${btoa('nonce:0')}\r\n`)
      }
    }
  })

  it('that is cut off in a file has what came of it', () => {
    const strainer = new MailStrainer('n')
    const cut = text.encode(MAIL.slice(0, MAIL.indexOf('JVBERi0xLjcg') + 1).join('\n'))
    expect([...strainer.push(cut), ...strainer.end()].map(({ what }) => what)).toEqual(['file', 'bytes', 'end'])
  })

  it('knows its own marks and no others', () => {
    const strainer = new MailStrainer('nonce')
    expect(['nonce:0', 'nonce:12', 'nonce:', 'other:0', 'nonce:0 ', ''].map(each => strainer.fileOf(each))).toEqual([
      ...[0, 12, null, null, null, null],
    ])
  })

  it('without an end of its lines is kept as it is, and not in one piece', () => {
    const strainer = new MailStrainer('n')
    for (let n = 0; n < 40; n++) strainer.push(new Uint8Array(10_000).fill(65))
    expect(strainer.restBytes).toBeGreaterThan(300_000)
  })
})
