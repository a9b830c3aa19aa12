/** Forms as they come over the line: whatever the chunks, the same parts; what is cut off or malformed is told. */
import { describe, expect, it } from 'vitest'
import { boundaryOf, FormParser, type PartHead } from '../../../../src/files/form-parser.ts'

const text = new TextEncoder()

type Part = PartHead & { body: string }

/** The parts of a form that comes in chunks of this size. */
function read(form: Uint8Array, size: number, boundary = 'b0'): { parts: Part[]; done: boolean; malformed: boolean } {
  const parser = new FormParser(boundary)
  const parts: Part[] = []
  let malformed = false
  let open = false
  for (let at = 0; at < form.length; at += size) {
    for (const piece of parser.push(form.slice(at, at + size))) {
      if (piece.what === 'part') {
        expect(open).toBe(false)
        open = true
        parts.push({ ...piece.head, body: '' })
      } else if (piece.what === 'bytes') parts.at(-1)!.body += String.fromCharCode(...piece.bytes)
      else if (piece.what === 'end') open = false
      else malformed = true
    }
  }
  return { parts, done: parser.done, malformed }
}

const FORM = text.encode(
  [
    'a preamble that nobody reads',
    '--b0',
    'Content-Disposition: form-data; name="note"',
    '',
    'two\r\nlines\r\n-- and \r\n--b',
    '--b0 \t',
    'content-disposition: form-data; name="file"; filename="Rechnung 🧾 \\"1\\".pdf"',
    'Content-Type: application/pdf',
    '',
    '',
    '--b0',
    "Content-Disposition: form-data; name=file; filename=plain.txt; filename*=UTF-8''r%C3%A9sum%C3%A9.txt",
    'X-Folded: one',
    '  two',
    '',
    '\r\n\r\n--b0'.slice(0, 4),
    '--b0',
    '',
    'nameless',
    '--b0--',
    'an epilogue --b0',
  ].join('\r\n'),
)

const PARTS: Part[] = [
  { name: 'note', filename: null, type: null, body: 'two\r\nlines\r\n-- and \r\n--b' },
  { name: 'file', filename: 'Rechnung 🧾 "1".pdf', type: 'application/pdf', body: '' },
  { name: 'file', filename: 'résumé.txt', type: null, body: '\r\n\r\n' },
  { name: null, filename: null, type: null, body: 'nameless' },
]

describe('a form', () => {
  it('is the same in chunks of any size', () => {
    for (let size = 1; size <= FORM.length; size++)
      expect(read(FORM, size), `chunks of ${size}`).toEqual({ parts: PARTS, done: true, malformed: false })
  })

  it('that is cut off anywhere is never taken for whole', () => {
    const end = FORM.length - '\r\nan epilogue --b0'.length
    for (let length = 0; length < end; length++)
      expect(read(FORM.slice(0, length), 7).done, `cut at ${length}`).toBe(false)
    expect(read(FORM.slice(0, end), 7).done).toBe(true)
  })

  it.each([
    ['a boundary that goes on', '--b0x\r\n\r\nx\r\n--b0--'],
    ['headers without an end', `--b0\r\n${'x'.repeat(20_000)}`],
    ['a boundary without an end', `--b0${' '.repeat(20_000)}`],
  ])('with %s is malformed, and says so once', (_what, form) => {
    expect(read(text.encode(form), 3)).toMatchObject({ done: false, malformed: true })
  })

  it('of bytes of every value comes back as it was', () => {
    const body = Uint8Array.from({ length: 5000 }, (_, n) => (n * 7 + (n >> 8)) & 255)
    const [before, after] = [
      text.encode('--b0\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'),
      text.encode('\r\n--b0--'),
    ]
    const form = new Uint8Array([...before, ...body, ...after])
    for (const size of [1, 13, 64, 4096]) expect(read(form, size).parts[0]!.body).toBe(String.fromCharCode(...body))
  })
})

it.each([
  ['multipart/form-data; boundary=b0', 'b0'],
  ['Multipart/Form-Data; charset=utf-8; Boundary="a b:c"', 'a b:c'],
  ['multipart/form-data', null],
  ['multipart/form-data; boundary=', null],
  ['multipart/mixed; boundary=b0', null],
  [`multipart/form-data; boundary=${'x'.repeat(201)}`, null],
])('%s names the boundary %j', (type, boundary) => {
  expect(boundaryOf(type)).toBe(boundary)
})
