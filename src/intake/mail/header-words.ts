/** The words of a structured mail header (RFC 5322, 3.2): comments and folding between them are skipped, quotes are undone. */

const BLANK = /[ \t\r\n]*/y
/** RFC 2045's token; also what stands for a domain. */
const TOKEN = /[^\s\p{Cc}()<>@,;:\\"/[\]?=]+/uy
const KEYWORD = /[A-Za-z0-9][\w-]*/y
/** What unquoted values hold in practice: addresses, IPv6, base64. */
const VALUE = /[^\s();"]+/y

/** Reads a header's value from left to right; what is read answers null where something else stands. */
export class HeaderWords {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** Whether nothing but blanks and comments is left. */
  get isOver(): boolean {
    this.#skip()
    return this.#at >= this.#text.length
  }

  /** This one character. */
  take(mark: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== mark) return false
    this.#at++
    return true
  }

  keyword(): string | null {
    this.#skip()
    return this.#match(KEYWORD)?.toLowerCase() ?? null
  }

  token(): string | null {
    this.#skip()
    return this.#quoted() ?? this.#match(TOKEN)
  }

  value(): string | null {
    this.#skip()
    return this.#quoted() ?? this.#match(VALUE)
  }

  /** Goes to the next semicolon that is neither in quotes nor in a comment. */
  skipClause(): void {
    while (!this.isOver && this.#text[this.#at] !== ';') if (this.value() === null) this.#at++
  }

  /** CFWS: blanks and comments, which nest. */
  #skip(): void {
    this.#match(BLANK)
    while (this.#text[this.#at] === '(') {
      this.#at = this.#afterComment()
      this.#match(BLANK)
    }
  }

  #afterComment(): number {
    let depth = 0
    for (let at = this.#at; at < this.#text.length; at++) {
      const unit = this.#text[at]
      if (unit === '\\') at++
      else if (unit === '(') depth++
      else if (unit === ')' && --depth === 0) return at + 1
    }
    // One that is never closed hides the rest: what stands in a comment was not said.
    return this.#text.length
  }

  #quoted(): string | null {
    if (this.#text[this.#at] !== '"') return null
    let said = ''
    for (let at = this.#at + 1; at < this.#text.length; at++) {
      const unit = this.#text[at]
      if (unit === '"') {
        this.#at = at + 1
        return said
      }
      said += unit === '\\' ? (this.#text[++at] ?? '') : unit
    }
    this.#at = this.#text.length
    return said
  }

  #match(pattern: RegExp): string | null {
    pattern.lastIndex = this.#at
    const [found] = pattern.exec(this.#text) ?? []
    if (found === undefined) return null
    this.#at += found.length
    return found
  }
}
