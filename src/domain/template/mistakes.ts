/** What liquidjs reads over without a word, so that a template would say something else than it seems to: found when it is written, and left alone in what runs. */
import { type FilteredValueToken, type TagToken, type Token, Tokenizer, TypeGuards } from 'liquidjs'
import { shorten } from '../text/cut.ts'
import { optionsOf } from './engine.ts'

/** liquidjs takes these from the right: `a contains b == false` asks whether `a` contains a verdict. */
const COMPARES = ['==', '!=', '<', '<=', '>', '>=', 'contains']
const OPERATORS = '`==`, `!=`, `<`, `<=`, `>`, `>=`, `contains`, `and`, `or`'
const LOOP = ['limit', 'offset']
/** Words that other languages have for what Liquid says otherwise. */
const MEANT: Record<string, string> = {
  in: 'write `list contains value`',
  is: 'write `==`',
  equals: 'write `==`',
  AND: 'write `and`',
  And: 'write `and`',
  OR: 'write `or`',
  Or: 'write `or`',
  NOT: 'write `not`',
  has: 'write `contains`',
  includes: 'write `contains`',
  '<>': 'write `!=`',
}

/** The first thing in a template that would be read over, in words; null: there is none. The template can be parsed. */
export function mistakeIn(text: string): string | null {
  return mistakeOf(new Tokenizer(text, optionsOf().operators).readTopLevelTokens(optionsOf()))
}

function mistakeOf(tokens: Token[]): string | null {
  let isComment = false
  for (const token of tokens) {
    if (TypeGuards.isTagToken(token)) {
      if (token.name === 'comment') isComment = true
      if (token.name === 'endcomment') isComment = false
      const found = isComment ? null : ofTag(token)
      if (found !== null) return found
    } else if (!isComment && TypeGuards.isOutputToken(token)) {
      const found = ofValue(token.content)
      if (found !== null) return found
    }
  }
  return null
}

function ofTag({ name, args, tokenizer }: TagToken): string | null {
  switch (name) {
    case 'if':
    case 'elsif':
    case 'unless':
    case 'case':
    case 'echo':
      return ofValue(args)
    case 'assign':
      return ofValue(args.replace(/^[^=]*=/, ''))
    case 'when':
      return ofWhen(args)
    case 'for':
      return ofLoop(args, [...LOOP, 'reversed'])
    case 'tablerow':
      return ofLoop(args, [...LOOP, 'cols'])
    case 'capture':
      return /^(["']?)[\w-]+\1$/.test(args.trim()) ? null : leftOut(args.trim().replace(/^\S+/, ''), 'capture')
    case 'liquid':
      return mistakeOf(tokenizer.readLiquidTagTokens(optionsOf()))
    default:
      return /^(?:else|break|continue|end\w+)$/.test(name) && args.trim() !== '' ? ofBare(name, args) : null
  }
}

function ofBare(name: string, args: string): string {
  const elsif = name === 'else' && /^if\b/.test(args.trim()) ? ': write `elsif`' : ''
  return `${leftOut(args, name)}${elsif}`
}

/** A value with its filters, to the end of what is given. */
function ofValue(text: string): string | null {
  if (text.trim() === '') return null
  const tokenizer = new Tokenizer(text, optionsOf().operators)
  const value = tokenizer.readFilteredValue()
  tokenizer.skipBlank()
  return tokenizer.end() ? ofExpression(value, text) : leftOut(tokenizer.remaining())
}

/** Operators and the values between them: what is left of them when all were applied must be one. */
function ofExpression({ initial }: FilteredValueToken, text: string): string | null {
  const stack: ('value' | 'verdict')[] = []
  for (const token of initial.postfix) {
    if (!TypeGuards.isOperatorToken(token)) {
      stack.push('value')
      continue
    }
    const { operator } = token
    const right = stack.pop()
    const left = operator === 'not' ? 'value' : stack.pop()
    if (left === undefined || right === undefined) return missing(operator, text)
    if (COMPARES.includes(operator) && (left === 'verdict' || right === 'verdict')) return chained(operator, text)
    stack.push('verdict')
  }
  return stack.length === 1 ? null : noOperator(text)
}

function ofWhen(text: string): string | null {
  const tokenizer = new Tokenizer(text, optionsOf().operators)
  for (;;) {
    tokenizer.readValueOrThrow()
    tokenizer.skipBlank()
    if (tokenizer.end()) return null
    const rest = tokenizer.remaining()
    const [between] = /^(?:,|or\b)/.exec(rest) ?? []
    if (between === undefined) return `${leftOut(rest, 'when')}: values stand with \`or\` or a comma between them`
    tokenizer.advance(between.length)
    tokenizer.skipBlank()
    if (tokenizer.end()) return null
  }
}

function ofLoop(text: string, known: string[]): string | null {
  const tokenizer = new Tokenizer(text.replace(/^\s*[\w-]+\s+in\s/, ''), optionsOf().operators)
  tokenizer.readValueOrThrow()
  const strange = tokenizer.readHashes().find(({ name }) => !known.includes(name.content))
  if (strange !== undefined) return `${leftOut(strange.name.content, 'for')}: it takes ${known.join(', ')}`
  tokenizer.skipBlank()
  if (tokenizer.end()) return null
  const rest = tokenizer.remaining()
  const hint = rest.startsWith('|') ? ': `assign` the filtered list to a name first, and loop over that' : ''
  return `${leftOut(rest, 'for')}${hint}`
}

function leftOut(text: string, tag?: string): string {
  const where = tag === undefined ? '' : ` after \`${tag}\``
  return `\`${shorten(text.trim(), 40)}\`${where} would be left out without a word`
}

function noOperator(text: string): string {
  const word = Object.keys(MEANT).find(one => new RegExp(`(?:^|\\s)${one}(?:\\s|$)`).test(text))
  const shown = `\`${shorten(text.trim(), 60)}\``
  if (word !== undefined) return `${shown}: \`${word}\` is no operator of Liquid; ${MEANT[word]}`
  return `${shown} has values with no operator between them, and all but the first would be left out; there are ${OPERATORS}`
}

function missing(operator: string, text: string): string {
  const shown = `\`${shorten(text.trim(), 60)}\``
  if (/<\s*>/.test(text)) return `${shown}: \`<>\` is no operator of Liquid; ${MEANT['<>']}`
  return `${shown}: \`${operator}\` lacks a value on one of its sides`
}

function chained(operator: string, text: string): string {
  return `\`${shorten(text.trim(), 60)}\`: \`${operator}\` compares what a comparison came to; write both comparisons, with \`and\` between them`
}
