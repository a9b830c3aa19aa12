/** What is repaired of a body because its sender cannot change it, by the names that a delivery lists. */

/** `charset:` is followed by the charset's name. */
export type Repair =
  | 'bom'
  | 'nul'
  | 'surrogate'
  | 'gzip'
  | `charset:${string}`
  | 'payload'
  | 'json_as_text'
  | 'json_as_form'

/** The repairs of one body, in the order in which they were made. */
export class Repairs {
  readonly #made = new Set<Repair>()

  add(repair: Repair): void {
    this.#made.add(repair)
  }

  list(): Repair[] {
    return [...this.#made]
  }
}

const WORDS: Record<Exclude<Repair, `charset:${string}`>, string> = {
  bom: 'a byte order mark before it was taken off',
  nul: 'NUL characters were taken out',
  surrogate: 'broken halves of characters became \ufffd',
  gzip: 'it was unpacked (gzip)',
  payload: 'the JSON in its form field “payload” was taken for the body',
  json_as_text: 'it was sent as text and read as the JSON that it is',
  json_as_form: 'it was sent as a form and read as the JSON that it is',
}

/** A repair in words for people. */
export function repairInWords(repair: string): string {
  if (repair.startsWith('charset:')) return `it was read as ${repair.slice('charset:'.length)} and is kept as UTF-8`
  return WORDS[repair as keyof typeof WORDS] ?? repair
}
