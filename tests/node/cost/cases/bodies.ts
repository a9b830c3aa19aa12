/** The worst bodies that a stranger can send to an intake or a form: each kind that costs more than its length. */
import { readContent } from '../../../../src/intake/arrival/content.ts'
import type { CostCase } from '../../../support/cpu-time.ts'
import { fill, lines, SIZES } from './fill.ts'

const FORM = 'application/x-www-form-urlencoded'
const MULTIPART = 'multipart/form-data; boundary=b'
const part = (head: string, body = '') => `--b\r\ncontent-disposition: form-data; name="${head}"\r\n\r\n${body}\r\n`

const KINDS: Record<string, [type: string, make: (length: number) => string]> = {
  'fields of a form': [FORM, n => lines(i => `k${i}=1&`, n)],
  'one field of a form': [FORM, n => fill('a=1&', n)],
  'empty fields of a form': [FORM, n => fill('&', n)],
  'fields without a name': [FORM, n => fill('=&', n)],
  'equal signs': [FORM, n => fill('=', n)],
  escapes: [FORM, n => `a=${fill('%41', n)}`],
  'escapes of other charsets': [`${FORM}; charset=windows-1252`, n => `a=${fill('%e4', n)}`],
  'bad escapes': [FORM, n => `a=${fill('%4', n)}`],
  'signs of blanks': [FORM, n => `a=${fill('+', n)}`],
  'a charset of its own': [FORM, n => `charset=windows-1252&${lines(i => `k${i}=%e4&`, n)}`],
  'charsets of its own': [FORM, n => `charsets=${fill('{"a":', n)}`],
  'JSON in a form': [FORM, n => `{${lines(i => `"k${i}":1,`, n)}"a":1}`],
  'no JSON in a form': [FORM, n => `{${fill('}', n)}`],
  'closing braces and blanks': [FORM, n => `{${fill('}      ', n)}x`],
  'parts of a form': [MULTIPART, n => `${lines(i => part(`k${i}`), n)}--b--`],
  'one part of a form': [MULTIPART, n => `${fill(part('a'), n)}--b--`],
  'files of a form': [MULTIPART, n => `${lines(i => part(`f${i}"; filename="a`), n)}--b--`],
  'headers of a part': [MULTIPART, n => `--b\r\n${lines(i => `x${i}: 1\r\n`, n)}\r\n\r\n--b--`],
  'a long header of a part': [MULTIPART, n => `${part(`a"; x="${fill(';', n)}`)}--b--`],
  'nearly boundaries': [MULTIPART, n => `${part('a', fill('\r\n--', n))}--b--`],
  'ends of lines in a part': [MULTIPART, n => `${part('a', fill('\r\n', n))}--b--`],
  'keys of JSON': ['application/json', n => `{${lines(i => `"k${i}":1,`, n)}"z":1}`],
  'numbers of JSON': ['application/json', n => `[${fill('1,', n)}1]`],
  'inexact numbers of JSON': ['application/json', n => `[${fill('1.00000000000000000001,', n)}1]`],
  'one long number': ['application/json', n => fill('1', n)],
  'one long fraction': ['application/json', n => `0.${fill('1', n)}`],
  'one long exponent': ['application/json', n => `1e-${fill('1', n)}`],
  'escapes in JSON': ['application/json', n => `"${fill('\\u0041', n)}"`],
  'backslashes in JSON': ['application/json', n => `"${fill('\\\\', n)}"`],
  'halves of characters in JSON': ['application/json', n => `"${fill('\\ud83d', n)}"`],
  'NUL in JSON': ['application/json', n => `"${fill('\\u0000', n)}"`],
  'NUL behind JSON': ['application/json', n => `1${fill('\0', n)}`],
  'depth of JSON': ['application/json', n => fill('[', n)],
  'lists of JSON': ['application/json', n => `[${fill('[],', n)}[]]`],
  'blanks in JSON': ['application/json', n => `[${fill(' \n', n)}]`],
  'the same key': ['application/json', n => `{${fill('"a":1,', n)}"b":1}`],
  'a text': ['text/plain', n => fill('a\n', n)],
  'a text of halves': ['text/plain', n => fill('[}', n)],
  'a text that begins as JSON': ['text/plain', n => `[${fill(']', n)}x`],
  'a text of marks': ['text/plain', n => fill('é😀', n)],
}

const encoder = new TextEncoder()
const cases = Object.entries(KINDS).flatMap(([kind, [contentType, make]]) =>
  SIZES.map((size): CostCase => {
    const bytes = encoder.encode(make(size)).subarray(0, 1024 * 1024)
    const run = () => readContent({ bytes, contentType, contentEncoding: null }, true)
    return { name: `${kind}, ${size / 1024} KiB`, run }
  }),
)
export default cases

export async function warmUp(): Promise<void> {
  for (let round = 0; round < 5; round++)
    for (const [contentType, make] of Object.values(KINDS))
      await readContent({ bytes: encoder.encode(make(2000)), contentType, contentEncoding: null }, false)
}
