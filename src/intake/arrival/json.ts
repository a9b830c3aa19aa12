/** JSON as senders that nobody here can change write it: what breaks in storage is repaired, numbers keep their digits. */
import type { Json } from '../../domain/json/json.ts'
import { BODY_LIMITS, guardJson } from '../../domain/json/json-guard.ts'
import { type Read, readJson } from '../../http/request/body.ts'
import type { Repairs } from './repair.ts'

/** Escapes one by one, so that a backslash that is escaped itself begins none; a pair of halves is one. */
const ESCAPE = /\\(u[dD][89abAB][\da-fA-F]{2}\\u[dD][c-fC-F][\da-fA-F]{2}|u[dD][89a-fA-F][\da-fA-F]{2}|u0000|[\s\S])/g

/** Reads a JSON body. */
export function readSentJson(text: string, repairs: Repairs): Read<Json> {
  const read = guardJson(text, BODY_LIMITS, 'text')
  if (read.ok) return { ok: true, value: read.value }
  if (read.code !== 'json_nul' && read.code !== 'json_lone_surrogate') return refused(text)
  const whole = repaired(text, repairs)
  const again = guardJson(whole, BODY_LIMITS, 'text')
  return again.ok ? { ok: true, value: again.value } : refused(whole)
}

/** Whether a text that was not said to be JSON is meant as such. */
function looksLikeJson(text: string): boolean {
  return /^\s*(?:\{[\s\S]*\}|\[[\s\S]*\])\s*$/.test(text)
}

/** Reads what may be JSON or not; null: it is not. */
export function readIfJson(text: string, repairs: Repairs): Read<Json> | null {
  if (!looksLikeJson(text)) return null
  const read = readSentJson(text, repairs)
  return !read.ok && read.problem.kind === 'malformed' ? null : read
}

function repaired(text: string, repairs: Repairs): string {
  const bare = text.replaceAll('\0', '')
  if (bare !== text) repairs.add('nul')
  return bare.replace(ESCAPE, (whole, what: string) => {
    if (what === 'u0000') {
      repairs.add('nul')
      return ''
    }
    if (!/^u[dD][89a-fA-F][\da-fA-F]{2}$/.test(what)) return whole
    repairs.add('surrogate')
    return '\\ufffd'
  })
}

/** In the words of every door for JSON. */
function refused(text: string): Read<Json> {
  const read = readJson(text, 'text')
  return read.ok ? { ok: true, value: read.value as Json } : read
}
