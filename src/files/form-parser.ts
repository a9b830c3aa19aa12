/**
 * multipart/form-data (RFC 7578) as it comes: bytes in, parts out, nothing kept but what may be the beginning of a boundary.
 * Of the parsers there are for this platform some hold each part whole, others lose names beyond Latin or a boundary that
 * two chunks share.
 */
import { joinBytes } from '../domain/bytes.ts'

/** Headers of one part. */
const MAX_HEADERS = 16 * 1024
const CR = 13
const LF = 10
const DASH = 45

export interface PartHead {
  /** null: it says none, as parts of other kinds of multipart do. */
  name: string | null
  /** null: it is a field. */
  filename: string | null
  type: string | null
}

/** What the bytes so far come to, in order. */
export type Piece =
  | { what: 'part'; head: PartHead }
  | { what: 'bytes'; bytes: Uint8Array }
  | { what: 'end' }
  | { what: 'malformed' }

/** The boundary that a content type names; null: it is no form, or names none. */
export function boundaryOf(contentType: string): string | null {
  const [type = ''] = contentType.split(';')
  if (type.trim().toLowerCase() !== 'multipart/form-data') return null
  const boundary = parametersOf(contentType).get('boundary') ?? ''
  return /^[^\r\n\0]{1,200}$/.test(boundary) && !boundary.endsWith(' ') ? boundary : null
}

export class FormParser {
  readonly #delimiter: Uint8Array
  /** What came and was not yet told; a form may begin with its boundary, as though a line had ended before it. */
  #rest: Uint8Array = Uint8Array.of(CR, LF)
  #state: 'before' | 'boundary' | 'headers' | 'body' | 'over' | 'malformed' = 'before'

  constructor(boundary: string) {
    this.#delimiter = new TextEncoder().encode(`\r\n--${boundary}`)
  }

  /** Whether the last boundary has come. */
  get done(): boolean {
    return this.#state === 'over'
  }

  /** Takes the next bytes. */
  push(chunk: Uint8Array): Piece[] {
    if (this.#state === 'over' || this.#state === 'malformed') return []
    const pieces: Piece[] = []
    let rest = joinBytes([this.#rest, chunk])
    for (;;) {
      const used = this.#step(rest, pieces)
      if (used === null) break
      rest = rest.subarray(used)
    }
    this.#rest = rest.slice()
    return pieces
  }

  /** Takes what can be taken; how much that was, or null: more must come, or nothing more counts. */
  #step(bytes: Uint8Array, pieces: Piece[]): number | null {
    switch (this.#state) {
      case 'before':
      case 'body':
        return this.#content(bytes, pieces)
      case 'boundary':
        return this.#boundary(bytes, pieces)
      case 'headers':
        return this.#headers(bytes, pieces)
      default:
        return null
    }
  }

  #content(bytes: Uint8Array, pieces: Piece[]): number | null {
    const isBody = this.#state === 'body'
    const at = find(bytes, this.#delimiter)
    // The end of what is here may be the beginning of a boundary.
    const safe = at === -1 ? Math.max(0, bytes.length - this.#delimiter.length + 1) : at
    if (isBody && safe > 0) pieces.push({ what: 'bytes', bytes: bytes.subarray(0, safe) })
    if (at === -1) return safe > 0 ? safe : null
    if (isBody) pieces.push({ what: 'end' })
    this.#state = 'boundary'
    return at + this.#delimiter.length
  }

  #boundary(bytes: Uint8Array, pieces: Piece[]): number | null {
    let at = 0
    // Padding that mail gateways add.
    while (bytes[at] === 32 || bytes[at] === 9) at++
    if (at > MAX_HEADERS) return this.#fail(pieces)
    if (bytes.length < at + 2) return null
    if (bytes[at] === DASH && bytes[at + 1] === DASH) this.#state = 'over'
    else if (bytes[at] === CR && bytes[at + 1] === LF) this.#state = 'headers'
    else return this.#fail(pieces)
    // The line end stays: where there are no headers it is part of the blank line that ends them.
    return this.#state === 'headers' ? at : at + 2
  }

  #headers(bytes: Uint8Array, pieces: Piece[]): number | null {
    const end = find(bytes, BLANK_LINE)
    if (end > MAX_HEADERS || (end === -1 && bytes.length > MAX_HEADERS)) return this.#fail(pieces)
    if (end === -1) return null
    pieces.push({ what: 'part', head: headOf(new TextDecoder().decode(bytes.subarray(0, end))) })
    this.#state = 'body'
    return end + BLANK_LINE.length
  }

  #fail(pieces: Piece[]): null {
    this.#state = 'malformed'
    pieces.push({ what: 'malformed' })
    return null
  }
}

const BLANK_LINE = Uint8Array.of(CR, LF, CR, LF)

/** Where these bytes stand first, or -1. */
function find(bytes: Uint8Array, sought: Uint8Array): number {
  for (let at = bytes.indexOf(sought[0]!); at !== -1; at = bytes.indexOf(sought[0]!, at + 1)) {
    if (at + sought.length > bytes.length) return -1
    if (sought.every((byte, index) => bytes[at + index] === byte)) return at
  }
  return -1
}

function headOf(text: string): PartHead {
  const headers = new Map<string, string>()
  // A line that begins with a space goes on with the one before.
  for (const line of text.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim())
  }
  const disposition = headers.get('content-disposition') ?? ''
  const name = parametersOf(disposition).get('name') ?? null
  return { name, filename: fileNameIn(disposition), type: headers.get('content-type') ?? null }
}

/** The name of a file that a Content-Disposition gives; null: it gives none. */
export function fileNameIn(disposition: string): string | null {
  const parameters = parametersOf(disposition)
  return extended(parameters.get('filename*')) ?? parameters.get('filename') ?? null
}

/** The parameters of a header, names in lower case; in quotes as browsers (`%22`) and curl (`\"`) write them. */
function parametersOf(header: string): Map<string, string> {
  const found = new Map<string, string>()
  for (const [, name, quoted, bare] of header.matchAll(/;\s*([^\s=;"]+)\s*=\s*(?:"((?:\\"|[^"])*)"|([^;]*))/g)) {
    const value = quoted === undefined ? (bare ?? '').trim() : quoted.replaceAll('\\"', '"').replaceAll('%22', '"')
    if (!found.has(name!.toLowerCase())) found.set(name!.toLowerCase(), value)
  }
  return found
}

/** A name in any letters, by RFC 8187; undefined: it is none. */
function extended(value: string | undefined): string | undefined {
  const coded = /^utf-8'[^']*'(.*)$/i.exec(value ?? '')?.[1]
  try {
    return coded === undefined ? undefined : decodeURIComponent(coded)
  } catch {
    return undefined
  }
}
