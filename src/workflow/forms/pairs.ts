/** Named values as people type them: one a line, `name: value`, or one JSON object; pure. */
import type { Json } from '../../domain/json/json.ts'
import { guardJson } from '../../domain/json/json-guard.ts'

/** As lines where every value is a text of one line that would be read back the same, else as JSON. */
export function pairsText(pairs: Json | undefined): string {
  if (pairs === undefined) return ''
  if (typeof pairs !== 'object' || pairs === null || Array.isArray(pairs)) return JSON.stringify(pairs, null, 2)
  const lines = Object.entries(pairs).map(([name, value]) => `${name}: ${String(value)}`)
  const text = lines.join('\n')
  const back = pairsOf(text)
  return typeof back !== 'string' && JSON.stringify(back) === JSON.stringify(pairs)
    ? text
    : JSON.stringify(pairs, null, 2)
}

/** The values by name, or what is wrong, in words. */
export function pairsOf(text: string): Record<string, Json> | string {
  const whole = text.trim()
  if (whole === '') return {}
  if (whole.startsWith('{') && !whole.startsWith('{{')) return objectOf(whole)
  const pairs: Record<string, Json> = {}
  for (const line of whole.split('\n')) {
    if (line.trim() === '') continue
    const [, name, value] = /^\s*([^\s:{}]+)\s*:\s?(.*)$/.exec(line) ?? []
    if (name === undefined || value === undefined)
      return `“${line.trim().slice(0, 60)}” is not of the form  name: value.`
    if (Object.hasOwn(pairs, name) || name === '__proto__') return `“${name}” is given twice.`
    pairs[name] = value.trim()
  }
  return pairs
}

function objectOf(text: string): Record<string, Json> | string {
  const read = jsonOf(text)
  if ('problem' in read) return read.problem
  const { value } = read
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : 'It must be one JSON object.'
}

/** JSON that somebody typed, or what is wrong with it, in words that name the field. */
export function jsonOf(text: string): { value: Json } | { problem: string } {
  const read = guardJson(text)
  if (read.ok) return { value: read.value }
  const quote = read.code === 'json_number_inexact' ? ' Write it in quotation marks.' : ''
  return { problem: `${read.path ? `${read.path}: ` : ''}${read.message}${quote}` }
}
