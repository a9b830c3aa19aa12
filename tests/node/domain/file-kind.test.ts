/** What a file is, by its first bytes: whatever is no text is known, and no text is taken for something else. */
import { deflateRawSync, gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { agentFaults } from '../../../src/domain/agent.ts'
import { kindOfBytes, kindOfText } from '../../../src/domain/text/file-kind.ts'

/** A PDF of ASCII alone, as some generators write them: valid UTF-8 from its first byte to its last. */
const ASCII_PDF = '%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n'
const zip = Buffer.concat([Buffer.from('PK\x03\x04\x14\0\0\0\x08\0', 'latin1'), deflateRawSync('word/document.xml')])

const OTHERS: [string, Buffer, RegExp][] = [
  ['a PDF of ASCII alone', Buffer.from(ASCII_PDF), /^a PDF$/],
  ['a PDF behind a blank line', Buffer.from(`\n${ASCII_PDF}`), /^a PDF$/],
  ['a PDF behind a byte order mark', Buffer.from(`\ufeff${ASCII_PDF}`), /PDF/],
  ['a PDF with bytes', Buffer.from('%PDF-1.7\n%\xe2\xe3\xcf\xd3\n', 'latin1'), /^a PDF$/],
  ['a Word file', zip, /zip archive, as Word/],
  ['a PNG', Buffer.from('\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'latin1'), /PNG/],
  ['a JPEG', Buffer.from('\xff\xd8\xff\xe0\0\x10JFIF\0', 'latin1'), /JPEG/],
  ['a gzip', gzipSync('text'), /gzip/],
  ['a GIF', Buffer.from('GIF89a\x01\0\x01\0', 'latin1'), /GIF/],
  ['a WebP', Buffer.from('RIFF\x24\0\0\0WEBPVP8 ', 'latin1'), /WebP/],
  ['rich text', Buffer.from('{\\rtf1\\ansi Hello}'), /RTF/],
  ['an old Word file', Buffer.from('\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'latin1'), /old Word/],
]

test.each(OTHERS)('%s is known by its bytes, and by what a careless reader made of them', (_, bytes, kind) => {
  const latin = bytes.toString('latin1')
  const utf8 = bytes.toString('utf8')
  if (!bytes.toString('utf8').startsWith('\ufeff')) expect(kindOfBytes(bytes)).toMatch(kind)
  for (const text of [utf8, latin.startsWith('\xef\xbb') ? utf8 : latin]) expect(kindOfText(text)).toMatch(kind)
})

test.each([
  '',
  '# Handbook\n\nWe export to PDF (%PDF-1.4).',
  'PDF-1.4 is what we write.',
  'PK is short for Peter Kahn',
  'GIFs are fine',
  '{ "rtf": 1 }',
  'RIFF raff',
  '%{tmpl}',
  '\ufeff# With a mark',
  'Grüße aus München, 你好, 🎉',
])('%j is text', text => {
  expect([kindOfText(text), kindOfBytes(Buffer.from(text))]).toEqual([null, null])
})

test('what has a NUL is no text', () => {
  expect(kindOfText('a\0b')).toBe('no text')
})

test('an agent is told what is wrong with it, with the tool it probably meant', () => {
  const agent = { key: 'a', name: 'A', description: 'x', context: [{ name: 'h.pdf', text: ASCII_PDF }] }
  expect(
    agentFaults(
      {
        ...agent,
        tools: ['send_email', 'send_mail', 'zzz_qqq_xxx'],
        skills: ['tone', 'ton'],
        knowledge: [{ file: 'price' }],
      },
      { tools: ['send_email'], skills: ['tone'], knowledge: ['prices'] },
    ),
  ).toMatchObject([
    {
      path: 'context[0].text',
      code: 'not_text',
      message: '“h.pdf” is a PDF. An agent’s context holds text and Markdown.',
    },
    { path: 'tools[1]', code: 'unknown_tool', fix: 'Did you mean `send_email`?' },
    { path: 'tools[2]', code: 'unknown_tool', fix: 'Use one of `send_email`.' },
    { path: 'skills[1]', code: 'unknown_skill', fix: 'Did you mean `tone`?' },
    { path: 'knowledge[0].file', code: 'unknown_knowledge', fix: 'Did you mean `prices`?' },
    { path: 'tools', code: 'searched_without_tool', fix: 'Give it the tool `read_context`, or say `use: always`.' },
  ])
  expect(agentFaults({ ...agent, context: [], tools: [] }, { tools: [], skills: [], knowledge: [] })).toEqual([])
})
