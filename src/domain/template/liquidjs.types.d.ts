/**
 * liquidjs's types, as far as this folder uses them. Its own refer to Node's, which would bring `fetch`, `process` and
 * the rest into the domain: src/domain/tsconfig.json reads these in their stead, the root's reads the real ones.
 */

export interface Token {
  kind: number
}
export interface FilterToken extends Token {
  args: unknown[]
}
export interface ValueToken extends Token {}
export interface NumberToken extends Token {
  getText(): string
}
export interface RangeToken extends Token {
  lhs: Token
  rhs: Token
}
export interface PropertyAccessToken extends Token {
  variable: Token | undefined
  props: Token[]
}
export interface FilteredValueToken extends Token {
  initial: Expression
  filters: FilterToken[]
}
export interface Expression {
  readonly postfix: Token[]
}

export interface OperatorToken extends Token {
  operator: string
}
export interface OutputToken extends Token {
  content: string
}
export interface TagToken extends Token {
  name: string
  args: string
  tokenizer: Tokenizer
}
interface HashToken extends Token {
  name: { content: string }
}
export declare class Tokenizer {
  constructor(input: string, operators?: Operators)
  readTopLevelTokens(options: Options): Token[]
  readLiquidTagTokens(options: Options): Token[]
  readFilteredValue(): FilteredValueToken
  readValueOrThrow(): Token
  readHashes(): HashToken[]
  remaining(): string
  advance(step: number): void
  skipBlank(): number
  end(): boolean
}

export declare const TypeGuards: {
  isOperatorToken(token: unknown): token is OperatorToken
  isOutputToken(token: unknown): token is OutputToken
  isTagToken(token: unknown): token is TagToken
  isNumberToken(token: unknown): token is NumberToken
  isRangeToken(token: unknown): token is RangeToken
  isFilteredValueToken(token: unknown): token is FilteredValueToken
  isPropertyAccessToken(token: unknown): token is PropertyAccessToken
}

export declare class Value {
  readonly filters: FilterToken[]
  readonly initial: Expression
  value(ctx: Context, lenient?: boolean): Generator<unknown, unknown, unknown>
}

export interface Emitter {
  write(value: unknown): void
  buffer: string
}
export interface Template {
  render(ctx: Context, emitter: Emitter): unknown
  children?(partials: boolean, sync: boolean): Generator<unknown, Template[]>
  arguments?(): Iterable<Value | Token>
  /** Names that it sets for what comes after it. */
  localScope?(): Iterable<Token & { content: string }>
  /** Names that it sets for what is inside it. */
  blockScope?(): Iterable<string>
}

declare abstract class Tag implements Template {
  abstract render(ctx: Context, emitter: Emitter): Generator<unknown, unknown, unknown>
  children?(): Generator<unknown, Template[]>
  arguments?(): Iterable<Value | Token>
}
export declare class AssignTag extends Tag {
  render(ctx: Context): Generator<unknown, void, unknown>
}
export declare class ForTag extends Tag {
  collection: ValueToken | FilteredValueToken
  // biome-ignore lint/suspicious/noConfusingVoidType: as liquidjs has it
  render(ctx: Context, emitter: Emitter): Generator<unknown, void | string, Template[]>
}
export declare class TablerowTag extends Tag {
  collection: ValueToken | FilteredValueToken
  render(ctx: Context, emitter: Emitter): Generator<unknown, void, unknown>
}
export declare class Output implements Template {
  value: Value
  render(ctx: Context, emitter: Emitter): IterableIterator<unknown>
}

export interface Limiter {
  use(count: number): void
  check(count: number): void
}
interface Options {
  strictVariables?: boolean
  strictFilters?: boolean
  ownPropertyOnly?: boolean
  lenientIf?: boolean
  timezoneOffset?: number
  locale?: string
  operators?: Operators
}
export declare class Context {
  constructor(
    env?: object,
    opts?: Options,
    renderOptions?: { sync?: boolean },
    limits?: { memoryLimit?: Limiter; renderLimit?: Limiter; liquid?: unknown },
  )
  opts: Options
  liquid?: unknown
  memoryLimit: Limiter
  renderLimit: Limiter
  bottom(): object
  /** Lays names over those there are. */
  push(scope: object): number
  pop(): object | undefined
  spawn(scope?: object): Context
  readProperty(obj: object, key: PropertyKey): unknown
}

export type Operators = Record<string, (left: unknown, right: unknown, ctx: Context) => unknown>
export declare const defaultOperators: Operators
export declare function evalToken(token: Token | undefined, ctx: Context, lenient?: boolean): IterableIterator<unknown>
export declare function evalTokenValue(token: Token | undefined, ctx: Context): IterableIterator<unknown>
export declare function toValue(value: unknown): unknown
export declare function toValueSync<T>(value: Iterator<unknown, T> | T): T

type FilterHandler = (this: { context: Context }, value: unknown, ...args: unknown[]) => unknown
export type FilterImplOptions = FilterHandler | { handler: FilterHandler; raw: boolean }
export declare const filters: Record<string, FilterImplOptions>

export declare class Liquid {
  constructor(options: Options)
  readonly options: Options
  readonly renderer: {
    renderTemplates(templates: Template[], ctx: Context, emitter?: Emitter): IterableIterator<unknown>
  }
  readonly filters: Record<string, FilterImplOptions>
  readonly tags: Record<string, new (...args: never[]) => Tag>
  parse(text: string): Template[]
  registerTag(name: string, tag: new (...args: never[]) => Tag): void
  registerFilter(name: string, filter: FilterImplOptions): void
  unregisterFilter(name: string): void
}
