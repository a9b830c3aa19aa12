/** What is checked of a template once, when it is parsed: nesting of loops, where ranges stand, and what each tag weighs. */
import {
  type Context,
  evalToken,
  evalTokenValue,
  ForTag,
  TablerowTag,
  type Template,
  type Token,
  TypeGuards,
  toValueSync,
  Value,
} from 'liquidjs'
import { keepsDigits } from '../json/exact-number.ts'

const MAX_LOOP_DEPTH = 2
const MAX_RANGE = 1000
/** Blocks in blocks; rendering recurses. */
const MAX_BLOCK_DEPTH = 32
/** Tags and texts in one template; each is read, looked through and kept. */
const MAX_TEMPLATES = 5000
/** Evaluating a token takes about as long as four units of other work. */
const TOKEN_WEIGHT = 4

/**
 * Walks a parsed template. Throws an Error when loops are nested over two deep, blocks over 32 deep, there are over 5,000
 * of tags and texts, or a range stands anywhere but after `in`. Tells each tag's weight (the tokens it evaluates) to `weigh`.
 */
export function inspectTemplates(templates: Template[], weigh: (template: Template, weight: number) => void): void {
  let count = 0
  visit(templates, 0, 0)

  function visit(list: Template[], depth: number, loops: number): void {
    if (depth > MAX_BLOCK_DEPTH) throw new Error(`blocks are nested over ${MAX_BLOCK_DEPTH} deep`)
    count += list.length
    if (count > MAX_TEMPLATES) throw new Error(`there are over ${MAX_TEMPLATES} tags and texts`)
    for (const template of list) {
      const isLoop = template instanceof ForTag || template instanceof TablerowTag
      const inside = loops + (isLoop ? 1 : 0)
      if (inside > MAX_LOOP_DEPTH) throw new Error(`loops are nested over ${MAX_LOOP_DEPTH} deep`)
      weigh(template, weightOf(template, isLoop ? template.collection : null))
      if (template.children) visit(toValueSync(template.children(false, true)) as Template[], depth + 1, inside)
    }
  }
}

/** Evaluates what a loop runs over. Throws when it is a range of over 1,000 numbers. */
export function* checkRange(token: Token, ctx: Context): Generator<unknown, unknown, unknown> {
  if (!TypeGuards.isRangeToken(token)) return yield evalToken(token, ctx)
  const low = Number(yield evalTokenValue(token.lhs, ctx))
  const high = Number(yield evalTokenValue(token.rhs, ctx))
  if (high - low + 1 > MAX_RANGE) throw new Error(`the range (${low}..${high}) holds over ${MAX_RANGE} numbers`)
  return null
}

function weightOf(template: Template, collection: Token | null): number {
  let weight = 1
  for (const argument of template.arguments?.() ?? []) {
    for (const token of tokensOf(argument)) {
      weight += TOKEN_WEIGHT
      if (TypeGuards.isNumberToken(token) && !keepsDigits(token.getText())) {
        throw new Error(`the number ${token.getText()} has more digits than can be kept: write it in quotation marks`)
      }
      if (TypeGuards.isRangeToken(token) && token !== collection) {
        throw new Error('a range like (1..5) can stand only after `in`')
      }
    }
  }
  return weight
}

/** Every token under a value, itself included. */
export function* tokensOf(value: Value | Token): Generator<Token> {
  if (!(value instanceof Value)) yield value
  for (const part of partsOf(value)) yield* tokensOf(part)
}

function partsOf(value: Value | Token): Token[] {
  if (value instanceof Value || TypeGuards.isFilteredValueToken(value)) {
    const args = value.filters.flatMap(filter => filter.args as (Token | [string, Token | undefined])[])
    return [...value.initial.postfix, ...args.flatMap(arg => (Array.isArray(arg) ? (arg[1] ?? []) : arg))]
  }
  if (TypeGuards.isRangeToken(value)) return [value.lhs, value.rhs]
  if (TypeGuards.isPropertyAccessToken(value)) return [...(value.variable ? [value.variable] : []), ...value.props]
  return []
}
