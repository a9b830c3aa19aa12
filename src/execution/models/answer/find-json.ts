/** The JSON in an answer that is not JSON alone: words or a fence around it, commas too many, line breaks within texts. */
import { parseExact } from '../../../domain/json/exact-number.ts'
import type { Json } from '../../../domain/json/json.ts'

/**
 * Every object and list that stands in the text for itself, in order; none where one of them breaks off, as nothing is
 * completed or guessed at. Which of several is meant is not decided here. Takes time linear in the text.
 */
export const findJson = (text: string): Json[] => {
  const whole = parsed(text)
  if (whole !== undefined) return [unwrapped(whole)]
  const found: Json[] = []
  let at = nextOpening(text, 0)
  for (let tried = 0; at >= 0 && tried < MOST_TRIES; tried++) {
    const end = endOf(text, at)
    if (end < 0 && LIKE_JSON.test(text.slice(at, at + 40))) return []
    const value = end < 0 ? undefined : parsed(text.slice(at, end))
    if (value !== undefined) found.push(value)
    // Nothing within a value that was not understood counts, as what it means hangs on what is around it.
    at = nextOpening(text, end < 0 ? at + 1 : end)
  }
  return found
}

// A bracket of prose is followed by a word.
const LIKE_JSON = /^(?:\{\s*"|\[\s*[[{"\d-])/
// Each try may read the text to its end.
const MOST_TRIES = 64

// Deeper ones are refused in any case.
const DEEPEST = 200

const QUOTE = 34
const COMMA = 44
const BACKSLASH = 92
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [91, 93, 123, 125]

const opens = (mark: number): boolean => mark === OPEN_OBJECT || mark === OPEN_LIST
const closes = (mark: number): boolean => mark === CLOSE_OBJECT || mark === CLOSE_LIST

const nextOpening = (text: string, from: number): number => {
  for (let at = from; at < text.length; at++) if (opens(text.charCodeAt(at))) return at
  return -1
}

/** Just behind the bracket that closes the one at `start`; -1 where none does. */
const endOf = (text: string, start: number): number => {
  const awaited: number[] = []
  for (let at = start; at < text.length; at++) {
    const mark = text.charCodeAt(at)
    if (mark === QUOTE) at = endOfText(text, at)
    // A closing bracket's code is that of its opening one and two.
    else if (opens(mark) && awaited.push(mark + 2) > DEEPEST) return -1
    else if (closes(mark)) {
      if (awaited.pop() !== mark) return -1
      if (awaited.length === 0) return at + 1
    }
  }
  return -1
}

/** Where the text that begins at `start` has its closing quotation mark; the whole's end where it has none. */
const endOfText = (text: string, start: number): number => {
  for (let at = start + 1; at < text.length; at++) {
    const mark = text.charCodeAt(at)
    if (mark === BACKSLASH) at++
    else if (mark === QUOTE) return at
  }
  return text.length
}

const parsed = (text: string): Json | undefined => tryParse(text) ?? tryParse(mended(text))

const tryParse = (text: string): Json | undefined => {
  try {
    return parseExact(text)
  } catch {
    return undefined
  }
}

/** Without commas before a closing bracket, and with line breaks and tabs within texts written as JSON wants them. */
const mended = (text: string): string => {
  const parts: string[] = []
  let kept = 0
  for (let at = 0; at < text.length; at++) {
    const mark = text.charCodeAt(at)
    if (mark === QUOTE) {
      const end = endOfText(text, at)
      parts.push(text.slice(kept, at), text.slice(at, end + 1).replace(CONTROLS, escaped))
      at = end
      kept = end + 1
    } else if (mark === COMMA && closesNext(text, at + 1)) {
      parts.push(text.slice(kept, at))
      kept = at + 1
    }
  }
  return parts.join('') + text.slice(kept)
}

const CONTROLS = /[\n\r\t]/g
const escaped = (control: string): string => JSON.stringify(control).slice(1, -1)

const closesNext = (text: string, from: number): boolean => {
  let at = from
  while (at < text.length && text.charCodeAt(at) <= 32) at++
  return closes(text.charCodeAt(at))
}

/** JSON written as a JSON text, once. */
const unwrapped = (value: Json): Json => {
  if (typeof value !== 'string') return value
  const inner = tryParse(value)
  return typeof inner === 'object' && inner !== null ? inner : value
}
