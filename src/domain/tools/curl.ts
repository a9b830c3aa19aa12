/** A pasted curl line as a call: what it sends, and the secrets that were in it, apart. */
import { type HttpCall, METHODS, type Method } from '../call/http-call.ts'
import type { Json } from '../json/json.ts'
import { base64 } from '../web.ts'
import { type FoundSecret, takeSecrets } from './found-secrets.ts'
import { shellWords } from './shell-words.ts'

export type ReadCurl = { ok: true; call: HttpCall; secrets: FoundSecret[] } | { ok: false; message: string }

/** Options that take a value and say nothing that a tool could keep. */
const IGNORED_WITH_VALUE = [
  '-o',
  '--output',
  '-m',
  '--max-time',
  '--connect-timeout',
  '--retry',
  '--retry-delay',
  '-w',
  '--write-out',
  '--max-redirs',
  '-D',
  '--dump-header',
  '-c',
  '--cookie-jar',
  '--http-version',
]
/** Short options with a value, which may stand right behind their letter. */
const SHORT_WITH_VALUE = 'XHdubAeoFTmwDcK'
const REFUSED: Record<string, string> = {
  '-F': 'It sends a multipart form, which a tool cannot send.',
  '--form': 'It sends a multipart form, which a tool cannot send.',
  '-T': 'It uploads a file, which a tool cannot send.',
  '--upload-file': 'It uploads a file, which a tool cannot send.',
  '-K': 'It reads its options from a file.',
  '--config': 'It reads its options from a file.',
  '-x': 'It goes through a proxy.',
  '--proxy': 'It goes through a proxy.',
}
const FORM = 'application/x-www-form-urlencoded'

interface Read {
  url: string | null
  method: string | null
  headers: [string, string][]
  data: string[]
  isJson: boolean
  isGet: boolean
}

/** Reads the line. `taken`: names of secrets that there are. */
export function readCurl(text: string, taken: readonly string[] = []): ReadCurl {
  const split = shellWords(text.trim().replace(/^[$#>%]\s+/, ''))
  if (!split.ok) return split
  const [command, ...rest] = split.words
  if (command === undefined || !/^(?:.*\/)?curl(?:\.exe)?$/.test(command)) {
    return { ok: false, message: 'The line must begin with curl.' }
  }
  const read: Read = { url: null, method: null, headers: [], data: [], isJson: false, isGet: false }
  const problem = readOptions(rest, read)
  if (problem !== null) return { ok: false, message: problem }
  const call = callOf(read)
  if (typeof call === 'string') return { ok: false, message: call }
  return { ok: true, ...takeSecrets(call, taken) }
}

/** Fills in what the words say; what stands in the way, or null. */
function readOptions(words: string[], read: Read): string | null {
  const queue = words.flatMap(spread)
  while (queue.length > 0) {
    const word = queue.shift()!
    const refused = REFUSED[word]
    if (refused !== undefined) return refused
    if (!word.startsWith('-') || word === '-') {
      if (read.url !== null) return `It calls two addresses: ${read.url} and ${word}.`
      read.url = word
    } else if (takesValue(word)) {
      const value = queue.shift()
      if (value === undefined) return `The option ${word} has no value.`
      const problem = readOption(word, value, read)
      if (problem !== null) return problem
    } else if (word === '-G' || word === '--get') read.isGet = true
    else if (word === '-I' || word === '--head') read.method = 'HEAD'
  }
  return null
}

/** `-XPOST` and `-sSL` as options of their own; `--request=POST` as two words. */
function spread(word: string): string[] {
  const long = /^(--[a-z-]+)=(.*)$/s.exec(word)
  if (long) return [long[1]!, long[2]!]
  if (!/^-[A-Za-z]./s.test(word) || word.startsWith('--')) return [word]
  const letter = word[1]!
  if (SHORT_WITH_VALUE.includes(letter)) return [`-${letter}`, word.slice(2)]
  return [`-${letter}`, ...spread(`-${word.slice(2)}`)]
}

const READ_OPTIONS = [
  '-X',
  '--request',
  '-H',
  '--header',
  '-u',
  '--user',
  '-A',
  '--user-agent',
  '-b',
  '--cookie',
  '-e',
  '--referer',
  '--url',
  '--oauth2-bearer',
  '--json',
  '-d',
  '--data',
  '--data-raw',
  '--data-binary',
  '--data-ascii',
  '--data-urlencode',
]

function takesValue(option: string): boolean {
  return READ_OPTIONS.includes(option) || IGNORED_WITH_VALUE.includes(option)
}

function readOption(option: string, value: string, read: Read): string | null {
  switch (option) {
    case '-X':
    case '--request':
      read.method = value.toUpperCase()
      return null
    case '-H':
    case '--header': {
      const [, name, said] = /^([^:;\s]+)\s*:\s*(.*)$/s.exec(value) ?? []
      // `name:` takes a header of curl's own away, `name;` sends it empty.
      if (name !== undefined && said !== undefined && said !== '') read.headers.push([name, said.trim()])
      return null
    }
    case '-u':
    case '--user':
      read.headers.push(['authorization', `Basic ${base64(value)}`])
      return null
    case '--oauth2-bearer':
      read.headers.push(['authorization', `Bearer ${value}`])
      return null
    case '-A':
    case '--user-agent':
    case '-e':
    case '--referer':
      return null
    case '-b':
    case '--cookie':
      read.headers.push(['cookie', value])
      return null
    case '--url':
      read.url = value
      return null
    case '--json':
      read.isJson = true
      return addData(value, read)
    case '--data-urlencode': {
      const [, name = '', said = value] = /^([^=@]*)=(.*)$/s.exec(value) ?? []
      return addData(name === '' ? encodeURIComponent(said) : `${name}=${encodeURIComponent(said)}`, read)
    }
    case '-d':
    case '--data':
    case '--data-raw':
    case '--data-binary':
    case '--data-ascii':
      return addData(value, read, option === '--data-raw')
    default:
      return null
  }
}

/** `raw`: an @ at its beginning names no file. */
function addData(value: string, read: Read, raw = false): string | null {
  if (!raw && value.startsWith('@')) return `Its body lies in the file ${value.slice(1)}: paste the body into the line.`
  read.data.push(value)
  return null
}

function callOf({ url, method, headers, data, isJson, isGet }: Read): HttpCall | string {
  if (url === null) return 'The line names no address.'
  const whole = /^https?:\/\//i.test(url) ? url : `https://${url}`
  const [bare = '', asked = ''] = whole.replace(/#.*$/s, '').split(/\?(.*)/s)
  const query = Object.fromEntries(formPairs(isGet ? [asked, ...data].filter(Boolean).join('&') : asked))
  if (isWebhook(bare)) {
    return 'The address itself is the secret here. Set it as the secret slack_webhook, and use the tool post_slack.'
  }
  const named = Object.fromEntries(headers)
  const type = Object.entries(named).find(([name]) => name.toLowerCase() === 'content-type')
  const text = data.join(isJson ? '' : '&')
  const sent = isGet || data.length === 0 ? null : bodyOf(text, isJson ? 'application/json' : (type?.[1] ?? FORM))
  const kept = headers.filter(
    ([name]) => !/^(?:content-type|content-length|host|accept-encoding|connection)$/i.test(name),
  )
  if (sent?.type !== undefined) kept.push(['content-type', sent.type])
  const verb = method ?? (sent === null ? 'GET' : 'POST')
  const known = METHODS.find(each => each === verb)
  if (known === undefined) return `Its method is ${verb}, which a tool cannot send.`
  return {
    method: known satisfies Method,
    // A bare host is the root of it.
    url: /^https?:\/\/[^/]+$/i.test(bare) ? `${bare}/` : bare,
    ...(Object.keys(query).length > 0 ? { query } : {}),
    ...(kept.length > 0 ? { headers: Object.fromEntries(kept) } : {}),
    ...(sent === null ? {} : { body: sent.body }),
  }
}

function isWebhook(url: string): boolean {
  return /^https:\/\/hooks\.slack(?:-gov)?\.com\//i.test(url)
}

/** JSON as a value, a form as its fields, else text; `type`: the content type to be said, as it does not follow from the body. */
function bodyOf(text: string, type: string): { body: Json; type?: string } {
  if (/json/i.test(type) || /^\s*[{[]/.test(text)) {
    try {
      const body = JSON.parse(text) as Json
      if (typeof body === 'object' && body !== null)
        return /^application\/json\b|^application\/x-www/i.test(type) ? { body } : { body, type }
    } catch {
      // Says JSON and is none: it is sent as it was.
    }
  }
  if (type.startsWith(FORM)) {
    const fields = formPairs(text)
    const names = new Set(fields.map(([name]) => name))
    if (names.size === fields.length && fields.length > 0) return { body: Object.fromEntries(fields), type: FORM }
  }
  return { body: text, type }
}

/** The pairs of a query or a form, decoded; what cannot be decoded stays as it is. */
function formPairs(text: string): [string, string][] {
  const decode = (part: string) => {
    const spaced = part.replaceAll('+', ' ')
    try {
      return decodeURIComponent(spaced)
    } catch {
      return spaced
    }
  }
  const pairs = text.split('&').filter(pair => pair !== '')
  return pairs.map(pair => {
    const [name = '', value = ''] = pair.split(/=(.*)/s)
    return [decode(name), decode(value)]
  })
}
