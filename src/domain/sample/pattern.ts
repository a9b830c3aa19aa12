/** Writes a text that a regular expression accepts: enough of the syntax for the patterns people put in schemas. */

/**
 * A text for the pattern, as long as `minLength` where its repeats allow; null where the pattern uses what this does
 * not know (lookaround, back references). The caller checks the result, so a wrong guess is found out.
 */
export const sampleOf = (pattern: string, minLength = 0): string | null => {
  try {
    let sample = new Sampler(pattern, 0).read()
    for (let more = 1; sample.length < minLength && more <= MOST_REPEATS; more++) {
      sample = new Sampler(pattern, Math.min(more, minLength)).read()
    }
    return sample
  } catch (problem) {
    if (problem instanceof Unknown) return null
    throw problem
  }
}

const MOST_REPEATS = 200
const LONGEST = 4000

class Unknown extends Error {}

/** One pass over a pattern; each open-ended repeat is made `more` times beyond its least. */
class Sampler {
  private at = 0

  private readonly pattern: string
  private readonly more: number

  constructor(pattern: string, more: number) {
    this.pattern = pattern
    this.more = more
  }

  read(): string {
    const sample = this.alternatives()
    if (this.at < this.pattern.length) throw new Unknown()
    return sample
  }

  /** `a|b`: the first one is taken, the others are read over. */
  private alternatives(): string {
    const first = this.sequence()
    while (this.peek() === '|') {
      this.at++
      this.sequence()
    }
    return first
  }

  private sequence(): string {
    let sample = ''
    while (this.at < this.pattern.length && this.peek() !== '|' && this.peek() !== ')') {
      sample += this.repeated(this.atom())
      if (sample.length > LONGEST) throw new Unknown()
    }
    return sample
  }

  private atom(): string {
    const char = this.next()
    if (char === '^' || char === '$') return ''
    if (char === '.') return 'a'
    if (char === '(') return this.group()
    if (char === '[') return this.charClass()
    if (char === '\\') return this.escaped()
    return char
  }

  private group(): string {
    if (this.peek() === '?') {
      this.at++
      const kind = this.next()
      if (kind === '<' && /^[=!]/.test(this.peek())) throw new Unknown()
      if (kind === '<') this.at = this.pattern.indexOf('>', this.at) + 1
      else if (kind !== ':') throw new Unknown()
    }
    const sample = this.alternatives()
    if (this.next() !== ')') throw new Unknown()
    return sample
  }

  /** `[a-z]`: its first member; `[^…]`: the first usual character that is not a member. */
  private charClass(): string {
    const end = this.classEnd()
    const source = this.pattern.slice(this.at, end)
    this.at = end + 1
    const matcher = new RegExp(`^[${source}]$`, 'u')
    const member = [...USUAL].find(char => matcher.test(char)) ?? [...source].find(char => matcher.test(char))
    if (member === undefined) throw new Unknown()
    return member
  }

  private classEnd(): number {
    let end = this.at
    while (end < this.pattern.length && (this.pattern[end] !== ']' || end === this.at)) {
      end += this.pattern[end] === '\\' ? 2 : 1
    }
    if (end >= this.pattern.length) throw new Unknown()
    return end
  }

  private escaped(): string {
    const char = this.next()
    if (char in CLASSES) return CLASSES[char] as string
    if (/[a-z0-9]/i.test(char)) throw new Unknown()
    return char
  }

  private repeated(one: string): string {
    const [source, least, , most] = QUANTIFIER.exec(this.pattern.slice(this.at)) ?? []
    if (source === undefined) return one
    this.at += source.length
    if (source.startsWith('?')) return one
    if (source.startsWith('*')) return one.repeat(1 + this.more)
    if (source.startsWith('+')) return one.repeat(1 + this.more)
    const from = Number(least)
    const to = source.includes(',') ? (most ? Number(most) : Number.POSITIVE_INFINITY) : from
    return one.repeat(Math.min(from + this.more, to, LONGEST))
  }

  private peek(): string {
    return this.pattern[this.at] ?? ''
  }

  private next(): string {
    return this.pattern[this.at++] ?? ''
  }
}

const QUANTIFIER = /^(?:[?*+]|\{(\d+)(,(\d*))?\})\??/
const USUAL = 'aA1 -_.@/:b2c3'
const CLASSES: Record<string, string> = {
  d: '4',
  w: 'a',
  s: ' ',
  D: 'a',
  W: '-',
  S: 'a',
  b: '',
  B: '',
  t: '\t',
  n: '\n',
}
