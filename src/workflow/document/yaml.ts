/** The one way to YAML's parser: what would cost more than any definition is refused before it, and its first fault ends it. */
import { Composer, type Document, isPair, isScalar, isSeq, Lexer, LineCounter, Parser, visit } from 'yaml'
import { keepsDigits } from '../../domain/json/exact-number.ts'
import { pathText } from '../../domain/json/path-text.ts'
import { shorten } from '../../domain/text/cut.ts'

export interface YamlFault {
  code: 'malformed_yaml' | 'too_deep' | 'too_large' | 'too_many_aliases' | 'bad_number'
  message: string
  /** The field, where one is to blame. */
  path?: string
  /** From 1; null where no line is to blame. */
  line: number | null
}

export type ParsedYaml = { ok: true; document: Document; lines: LineCounter } | { ok: false; fault: YamlFault }

/** In UTF-16 units: an export holds a definition and its agents. */
const MAX_LENGTH = 1024 * 1024
const MAX_LINES = 40_000
/** The lexer's words, blanks and ends of line among them: 100 steps of 20 handoffs each take about 45,000. */
const MAX_LEXEMES = 50_000
/** Anchors and aliases: each alias is looked for among all of them. */
const MAX_ANCHORS = 200
/** Collections in one another; the parser and what reads its tree go down into each. Documents of over 32 are refused later. */
const MAX_DEPTH = 64

/**
 * Parses YAML 1.2 with the core schema. The library takes time that grows with the square of the brackets, keys, anchors and
 * faults of a text, so these are counted word by word before it composes anything. Keys given twice are looked for here, and
 * numbers that would become others.
 */
export function parseYaml(text: string): ParsedYaml {
  try {
    const lines = new LineCounter()
    const document = compose(text, tokensOf(text, lines))
    const twice = repeatedKey(document)
    if (twice !== null) throw new Fault('malformed_yaml', `Map keys must be unique: \`${twice.key}\``, twice.at)
    const inexact = inexactNumber(document)
    if (inexact !== null) throw inexact
    return { ok: true, document, lines }
  } catch (error) {
    if (error instanceof Fault) return { ok: false, fault: told(error, text) }
    throw error
  }
}

class Fault extends Error {
  readonly code: YamlFault['code']
  readonly at: number | null
  readonly path: string | undefined

  constructor(code: YamlFault['code'], message: string, at: number | null = null, path?: string) {
    super(message)
    this.code = code
    this.at = at
    this.path = path
  }
}

const tooDeep = () => new Fault('too_deep', 'The document is nested too deeply')
const tooLarge = () => new Fault('too_large', 'The document holds too many values')

/** `- - - …`: said to be too deep also where the parser would not get as far, as behind a key. */
const NESTED_IN_A_LINE = /(?:[-?:] ){64}/

type Token = Parameters<Composer['next']>[0]

/** The text's tokens, gathered only as long as it stays within what a definition needs. */
function tokensOf(text: string, lines: LineCounter): Token[] {
  if (text.length > MAX_LENGTH || hasMoreLines(text, MAX_LINES)) throw tooLarge()
  if (NESTED_IN_A_LINE.test(text)) throw tooDeep()
  const parser = new Parser(lines.addNewLine)
  const tokens: Token[] = []
  const left = { lexemes: MAX_LEXEMES, anchors: MAX_ANCHORS }
  lines.addNewLine(0)
  for (const lexeme of new Lexer().lex(text)) {
    spend(left, lexeme)
    for (const token of parser.next(lexeme)) tokens.push(faultless(token))
    if (parser.stack.length > MAX_DEPTH) throw tooDeep()
  }
  for (const token of parser.end()) tokens.push(faultless(token))
  return tokens
}

function faultless(token: Token): Token {
  if (token.type === 'error') throw new Fault('malformed_yaml', token.message, token.offset)
  return token
}

function hasMoreLines(text: string, most: number): boolean {
  let lines = 0
  for (let at = text.indexOf('\n'); at >= 0 && lines <= most; at = text.indexOf('\n', at + 1)) lines += 1
  return lines > most
}

function spend(left: { lexemes: number; anchors: number }, lexeme: string): void {
  left.lexemes -= 1
  if (left.lexemes < 0) throw tooLarge()
  if (lexeme.charCodeAt(0) !== 0x26 && lexeme.charCodeAt(0) !== 0x2a) return
  left.anchors -= 1
  if (left.anchors < 0) throw new Fault('too_many_aliases', 'The document repeats its anchors too often')
}

/** Composes the one document. A hostile text has a fault for each of its characters, so the first ends it. */
function compose(text: string, tokens: Token[]): Document {
  // uniqueKeys compares each key with all before it; repeatedKey does it in one pass.
  const composer = new Composer({ schema: 'core', version: '1.2', merge: false, stringKeys: true, uniqueKeys: false })
  stopAtFirst(composer)
  const documents = composer.compose(tokens, true, text.length)
  const { value: document } = documents.next()
  const second = documents.next()
  if (!second.done) throw new Fault('malformed_yaml', 'The text holds more than one document', second.value.range[0])
  return document as Document
}

/** The composer gathers faults in a list, and takes what is thrown inside a collection for one more of them. */
function stopAtFirst(composer: Composer): void {
  const open = composer as unknown as {
    onError: (at: number | number[] | Token, code: string, message: string) => void
  }
  let first: Fault | null = null
  open.onError = (at, _code, message) => {
    const start = typeof at === 'number' ? at : Array.isArray(at) ? (at[0] ?? 0) : at.offset
    first ??= new Fault('malformed_yaml', message, start)
    throw first
  }
}

function repeatedKey(document: Document): { key: string; at: number } | null {
  let found: { key: string; at: number } | null = null
  visit(document, {
    Map(_key, map) {
      const keys = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (keys.has(key.value)) {
          found = { key: String(key.value), at: key.range?.[0] ?? 0 }
          return visit.BREAK
        }
        keys.add(key.value)
      }
      return undefined
    },
  })
  return found
}

const IN_BASE = /^0[ox]/

/** The first number whose digits a double cannot keep, and the field that holds it. */
function inexactNumber(document: Document): Fault | null {
  let found: Fault | null = null
  visit(document, {
    Scalar(key, { value, source, range }, ancestors) {
      if (typeof value !== 'number' || source === undefined || key === 'key') return undefined
      const kept = IN_BASE.test(source) ? Number.isSafeInteger(value) : keepsDigits(source.replace(/^\+/, ''))
      if (kept || !Number.isFinite(value)) return undefined
      const message = `The number ${shorten(source, 40)} has more digits than can be kept`
      found = new Fault('bad_number', message, range?.[0] ?? 0, pathOf(key, ancestors))
      return visit.BREAK
    },
  })
  return found
}

function pathOf(key: unknown, ancestors: readonly unknown[]): string {
  const parts = ancestors.flatMap((node, place): (string | number)[] => {
    if (isPair(node)) return [String(isScalar(node.key) ? node.key.value : node.key)]
    const next = ancestors[place + 1]
    if (isSeq(node)) return [next === undefined ? Number(key) : node.items.indexOf(next as never)]
    return []
  })
  return pathText(parts)
}

/** The library's words with the place behind them. */
function told({ code, message, at, path }: Fault, text: string): YamlFault {
  if (at === null) return { code, message, line: null }
  const before = text.slice(0, at)
  const line = before.split('\n').length
  return { code, message: `${message} at line ${line}, column ${at - before.lastIndexOf('\n')}`, line, path }
}
