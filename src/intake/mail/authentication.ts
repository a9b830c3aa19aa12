/** What our own receiving host found out about a mail's sender: its Authentication-Results (RFC 8601), and nobody else's. */
import { HeaderWords } from './header-words.ts'

/** One method and what came of it, such as `dmarc=pass header.from=shop.test`. */
export interface AuthResult {
  method: string
  result: string
  properties: Record<string, string>
}

export interface AuthResults {
  /** Who says so, in lower case. */
  host: string
  results: AuthResult[]
}

/** How Cloudflare Email Routing names itself. */
export const CLOUDFLARE = 'mx.cloudflare.net'

/** Reads the header's value as RFC 8601 writes it; a result that cannot be read is left out. */
export function readAuthResults(value: string): AuthResults | null {
  const words = new HeaderWords(value)
  const host = words.token()
  if (host === null) return null
  const results: AuthResult[] = []
  words.skipClause()
  while (words.take(';')) {
    const result = readResult(words)
    if (result !== null) results.push(result)
    words.skipClause()
  }
  return { host: host.toLowerCase(), results }
}

function readResult(words: HeaderWords): AuthResult | null {
  const method = words.keyword()
  // A version may follow, as in `dkim/1`.
  if (method === null || (words.take('/') && words.keyword() === null)) return null
  const result = words.take('=') ? words.keyword() : null
  if (result === null) return null
  const properties = new Map<string, string>()
  for (let name = nameOf(words); name !== null && words.take('='); name = nameOf(words)) {
    const value = words.value()
    if (value === null) break
    properties.set(name, value)
  }
  return { method, result, properties: Object.fromEntries(properties) }
}

/** `reason`, or a type and its property: `header.from`, also as `header . from`. */
function nameOf(words: HeaderWords): string | null {
  const first = words.keyword()
  if (first === null || !words.take('.')) return first
  const second = words.keyword()
  return second && `${first}.${second}`
}

/**
 * The topmost header, if our own host wrote it. It stands above all that the mail came with: what is below it, and what
 * another host says, was there before, and is the sender's to write.
 */
export function ownResults(values: string[], host: string): { value: string; results: AuthResult[] } | null {
  const [value] = values
  const read = value === undefined ? null : readAuthResults(value)
  return read?.host === host ? { value: value!, results: read.results } : null
}

/** Whether our host found that the author's domain does not vouch for this mail, or that another domain does. */
export function isDisowned(results: AuthResult[], from: string): boolean {
  const domain = from.slice(from.lastIndexOf('@') + 1)
  return results
    .filter(({ method }) => method === 'dmarc')
    .some(({ result, properties }) => {
      const about = (properties['header.from'] ?? domain).toLowerCase().replace(/^.*@|\.$/g, '')
      return result === 'fail' || (result === 'pass' && !isWithin(domain, about) && !isWithin(about, domain))
    })
}

function isWithin(domain: string, other: string): boolean {
  return domain === other || domain.endsWith(`.${other}`)
}
