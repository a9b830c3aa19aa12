/**
 * Secrets in texts. A text that names one holds a mark in its place; the mark carries a token that was made for this one
 * rendering, so that nothing that came from outside can spell it. Values are put in where the call is made.
 */
import type { Json } from '../json/json.ts'
import { base64 } from '../web.ts'

/** What a secret may be called. */
export const SECRET_NAME = /^[a-z][a-z0-9_]{0,39}$/
/** The one way in which a template may name a secret. */
const NAMED = /\{\{-?\s*secrets\.([a-z][a-z0-9_]{0,39})\s*-?\}\}/g

/** The mark of a secret in what this token was made for. */
function markOf(token: string, name: string): string {
  return `<<secret:${token}:${name}>>`
}

function pattern(token: string): RegExp {
  return new RegExp(`<<secret:${token}:([a-z][a-z0-9_]{0,39})>>`, 'g')
}

/** Names of the secrets that the texts of a value name, each once. */
export function secretsNamed(value: unknown): string[] {
  const names = textsIn(value).flatMap(text => [...text.matchAll(NAMED)].map(match => match[1]!))
  return [...new Set(names)]
}

/** Texts of a value that mention `secrets` otherwise than as `{{ secrets.name }}`: a filter or tag would see the mark, not the value. */
export function secretsMisused(value: unknown): string[] {
  return textsIn(value).filter(text => /\{[{%][^}]*\bsecrets\b/.test(text.replace(NAMED, '')))
}

/** Whether the text holds a template of another kind than the names of secrets. */
export function hasOtherTemplates(text: string): boolean {
  return /\{[{%]/.test(text.replace(NAMED, ''))
}

/** The value with a mark in the place of each secret that its texts name; nothing else in them is rendered. */
export function markSecrets<T extends Json | undefined>(value: T, token: string): T {
  return mapTexts(value, text => text.replace(NAMED, (_, name: string) => markOf(token, name))) as T
}

/** What a template reads under `secrets`: each name as its mark. */
export function markedSecrets(names: readonly string[], token: string): Record<string, string> {
  return Object.fromEntries(names.map(name => [name, markOf(token, name)]))
}

/** Names of the secrets that the value holds marks of; without a token there are none, whatever a text looks like. */
export function secretsMarked(value: unknown, token: string | null): string[] {
  if (token === null) return []
  const names = textsIn(value).flatMap(text => [...text.matchAll(pattern(token))].map(match => match[1]!))
  return [...new Set(names)]
}

/** The value with each mark replaced by what `put` gives for its name. */
export function replaceMarks<T extends Json | undefined>(
  value: T,
  token: string | null,
  put: (name: string) => string,
): T {
  return token === null
    ? value
    : (mapTexts(value, text => text.replace(pattern(token), (_, name: string) => put(name))) as T)
}

/** As a reader sees it: `{{ secrets.name }}` in the place of each mark. */
export function withoutMarks<T extends Json | undefined>(value: T, token: string | null): T {
  return replaceMarks(value, token, name => `{{ secrets.${name} }}`)
}

/** Shorter values would be found in texts that have nothing to do with them. */
export const MASKED_FROM = 6

/** Whether every echo of this value can be masked, also of what stands behind `Bearer`. */
export function canBeMasked(value: string): boolean {
  return withoutScheme(value).length >= MASKED_FROM
}

function withoutScheme(value: string): string {
  return value.replace(/^(?:bearer|basic|token)\s+/i, '')
}

/**
 * The value with every echo of these secrets masked, as they are and as addresses, forms, JSON, pages and base64 spell them.
 * For what comes back from outside, before it is kept or shown.
 */
export function masked<T extends Json | undefined>(value: T, secrets: Record<string, string>): T {
  const spellings = Object.entries(secrets)
    .flatMap(([name, secret]) => spellingsOf(secret).map(spelling => ({ name, spelling })))
    .filter(({ spelling }) => spelling.length >= MASKED_FROM)
    .toSorted((a, b) => b.spelling.length - a.spelling.length)
  if (spellings.length === 0) return value
  const mask = (text: string) =>
    spellings.reduce((masking, { name, spelling }) => masking.replaceAll(spelling, `[secret: ${name}]`), text)
  return mapTexts(value, mask, mask) as T
}

/** As it is, and as addresses, forms, JSON, pages and base64 spell it. */
function spellingsOf(secret: string): string[] {
  const words = [secret, withoutScheme(secret)].filter(word => word.length > 0)
  const spelled = words.flatMap(word => {
    const address = encodeURIComponent(word)
    const form = address.replace(/%20/g, '+').replace(/[!'()~]/g, percent)
    const json = quoted(word)
    const plain = [
      word,
      address,
      form,
      json,
      json.replaceAll('/', '\\/'),
      ascii(json),
      ascii(json.replaceAll('/', '\\/')),
    ]
    const page = word.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
    const quotes = ['&#39;', '&#x27;'].map(quote => page.replaceAll('"', '&quot;').replaceAll("'", quote))
    return [...plain, ...[address, form].map(lowerHex), page, ...quotes, base64(word).replace(/=+$/, '')]
  })
  return [...new Set(spelled)]
}

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase()}`
}

function lowerHex(address: string): string {
  return address.replace(/%[0-9A-F]{2}/g, code => code.toLowerCase())
}

/** As programs write JSON that may hold no other letters. */
function ascii(json: string): string {
  return json.replace(/[\u0080-\uffff]/g, char => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** As it stands inside a JSON text. */
function quoted(word: string): string {
  return JSON.stringify(word).slice(1, -1)
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(textsIn)
}

function mapTexts(
  value: Json | undefined,
  map: (text: string) => string,
  key = (name: string) => name,
): Json | undefined {
  if (typeof value === 'string') return map(value)
  if (Array.isArray(value)) return value.map(item => mapTexts(item, map, key)!)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [key(name), mapTexts(item, map, key)!]))
}
