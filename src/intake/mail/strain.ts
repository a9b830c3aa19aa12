/**
 * A raw mail on its way in, line by line: what is attached in base64 is taken out as it comes, and a mark stands in its place,
 * so that the parser holds the texts of a mail and never its files.
 */

import { joinBytes } from '../../domain/bytes.ts'

/** What an attached part says of itself. */
export interface PartSays {
  name: string | null
  type: string | null
}

/** What is taken out, in order. */
export type Strained = { what: 'file'; part: PartSays } | { what: 'bytes'; bytes: Uint8Array } | { what: 'end' }

const LF = 10
/** Lines of mail are short; what goes on is no header and no boundary. */
const MAX_LINE = 64 * 1024
const MAX_HEADERS = 128 * 1024
const MOST_NESTED = 30
/** Digits that are made bytes of at once. */
const AT_ONCE = 64 * 1024

export class MailStrainer {
  /** What remains of the mail, with marks. */
  readonly rest: Uint8Array[] = []
  restBytes = 0
  readonly #nonce: string
  #files = 0
  #line: Uint8Array[] = []
  #lineBytes = 0
  #header = ''
  #state: 'headers' | 'body' | 'file' = 'headers'
  readonly #boundaries: string[] = []
  #quad = ''

  /** `nonce`: what no mail can hold, as it is made up for this one. */
  constructor(nonce: string) {
    this.#nonce = nonce
  }

  /** Takes the next bytes; answers what of them was attached. */
  push(chunk: Uint8Array): Strained[] {
    const found: Strained[] = []
    let from = 0
    for (let at = chunk.indexOf(LF); at !== -1; at = chunk.indexOf(LF, from)) {
      this.#addToLine(chunk.subarray(from, at + 1))
      this.#endLine(found)
      from = at + 1
    }
    this.#addToLine(chunk.subarray(from))
    if (this.#lineBytes > MAX_LINE) this.#endLine(found)
    return found
  }

  /** The mail is over. */
  end(): Strained[] {
    const found: Strained[] = []
    if (this.#lineBytes > 0) this.#endLine(found)
    this.#endFile(found)
    return found
  }

  /** Which file the mark stands for that the parser took for a part's content; null: it is none. */
  fileOf(content: string): number | null {
    const [, number] = new RegExp(`^${this.#nonce}:(\\d{1,6})$`).exec(content) ?? []
    return number === undefined ? null : Number(number)
  }

  #addToLine(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    // A chunk may be used again by whoever gave it.
    this.#line.push(bytes.slice())
    this.#lineBytes += bytes.length
  }

  #endLine(found: Strained[]): void {
    const bytes = joinBytes(this.#line)
    this.#line = []
    this.#lineBytes = 0
    if (bytes[0] === 45 && bytes[1] === 45 && this.#atBoundary(bytes, found)) return this.#keep(bytes)
    if (this.#state === 'file') return this.#decode(latin(bytes), found)
    this.#keep(bytes)
    if (this.#state === 'headers') this.#headerLine(latin(bytes), found)
  }

  #keep(bytes: Uint8Array): void {
    this.rest.push(bytes)
    this.restBytes += bytes.length
  }

  /** Whether a line that begins with two dashes parts two parts of the mail. */
  #atBoundary(bytes: Uint8Array, found: Strained[]): boolean {
    const line = latin(bytes).trimEnd()
    const at = this.#boundaries.findLastIndex(each => line === `--${each}` || line === `--${each}--`)
    if (at === -1) return false
    this.#endFile(found)
    const isLast = line === `--${this.#boundaries[at]}--`
    this.#boundaries.length = isLast ? at : at + 1
    this.#state = isLast ? 'body' : 'headers'
    this.#header = ''
    return true
  }

  #headerLine(line: string, found: Strained[]): void {
    if (line.trim() !== '') {
      if (this.#header.length < MAX_HEADERS) this.#header += line
      return
    }
    const headers = headersOf(this.#header)
    const type = headers.get('content-type') ?? ''
    this.#state = 'body'
    const boundary = /^\s*multipart\//i.test(type) ? parameter(type, 'boundary') : null
    if (boundary !== null && this.#boundaries.length < MOST_NESTED) this.#boundaries.push(boundary)
    if (!isFile(headers, type) || this.#boundaries.length === 0) return
    const name = parameter(headers.get('content-disposition') ?? '', 'filename') ?? parameter(type, 'name')
    found.push({ what: 'file', part: { name, type: type.split(';')[0]!.trim() || null } })
    this.#state = 'file'
    this.#quad = ''
    this.#keep(new TextEncoder().encode(`${btoa(`${this.#nonce}:${this.#files}`)}\r\n`))
    this.#files += 1
  }

  #decode(line: string, found: Strained[]): void {
    // As lenient as mail programs are: what is no digit of base64 is passed over.
    const digits = this.#quad + line.replaceAll(/[^A-Za-z0-9+/]/g, '')
    const whole = digits.length - (digits.length % 4)
    if (whole < AT_ONCE) {
      this.#quad = digits
      return
    }
    this.#quad = digits.slice(whole)
    if (whole > 0) found.push({ what: 'bytes', bytes: bytesOf(atob(digits.slice(0, whole))) })
  }

  #endFile(found: Strained[]): void {
    if (this.#state !== 'file') return
    // A digit by itself is no byte.
    const digits = this.#quad.length % 4 === 1 ? this.#quad.slice(0, -1) : this.#quad
    if (digits !== '') found.push({ what: 'bytes', bytes: bytesOf(atob(digits)) })
    this.#quad = ''
    this.#state = 'body'
    found.push({ what: 'end' })
  }
}

/** A part that is attached, or no text, and comes in base64. A mail within a mail is read as one. */
function isFile(headers: ReadonlyMap<string, string>, type: string): boolean {
  if (headers.get('content-transfer-encoding')?.trim().toLowerCase() !== 'base64') return false
  if (/^\s*(?:multipart|message)\//i.test(type)) return false
  const disposition = headers.get('content-disposition') ?? ''
  if (/^\s*attachment/i.test(disposition) || parameter(disposition, 'filename') !== null) return true
  return parameter(type, 'name') !== null || (type.trim() !== '' && !/^\s*text\//i.test(type))
}

function headersOf(text: string): Map<string, string> {
  const headers = new Map<string, string>()
  for (const line of text.replaceAll(/\r?\n[ \t]+/g, ' ').split(/\r?\n/)) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim().toLowerCase()
    if (colon > 0 && !headers.has(name)) headers.set(name, line.slice(colon + 1).trim())
  }
  return headers
}

function parameter(header: string, name: string): string | null {
  const found = new RegExp(`;\\s*${name}\\*?(?:0\\*?)?\\s*=\\s*(?:"([^"]*)"|([^;\\s]*))`, 'i').exec(header)
  return found === null ? null : (found[1] ?? found[2] ?? null)
}

/** A character a byte. */
function latin(bytes: Uint8Array): string {
  let text = ''
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192))
  return text
}

function bytesOf(characters: string): Uint8Array {
  return Uint8Array.from(characters, char => char.charCodeAt(0))
}
