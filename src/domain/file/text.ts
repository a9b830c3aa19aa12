/** Whether there is a text of a file, and why not: codes for programs, sentences for people. */
import type { Stored } from '../task/log/blob.ts'

/** Why a file has no text, as people are told. */
const NO_TEXT = {
  not_read: 'Baton reads no text in files of this kind.',
  no_text: 'There is no text in it.',
  scanned:
    'There is no text in it: its pages are pictures, as of a scan. Send it as text, or give it to a model that sees.',
  encrypted: 'It is protected by a password. Send it without one.',
  broken: 'It is damaged. Save it again with the program that made it.',
  doctype: 'It declares a document type, which is not read, as such files can carry attacks.',
  too_large: 'It is too large to be read. Send a smaller one, or part it.',
  too_large_inside: 'It unpacks to more than is read. Send a smaller one, or part it.',
  too_many_pages: 'It has more pages than are read. Part it.',
  too_slow: 'It took too long to read. Save it again in a simpler form, or part it.',
  gone: 'Its content is not there any more.',
  not_finished: 'It could not be read in time. Add it again.',
} as const
export type NoText = keyof typeof NO_TEXT

/** What is known of a file's text; `why`: why it has none. */
export interface TextState {
  text: 'reading' | 'read' | 'none'
  why: { code: NoText; message: string } | null
}

interface WithText {
  text?: Stored<string>
  reading?: number
  noText?: NoText
}

/** As readers are told of a task's file. */
export function textStateOf({ text, reading, noText }: WithText): TextState {
  if (text !== undefined) return { text: 'read', why: null }
  if (reading !== undefined) return { text: 'reading', why: null }
  const code = noText ?? 'not_read'
  return { text: 'none', why: { code, message: NO_TEXT[code] } }
}

/** Why there is no text, in a sentence. */
export function whyNoText(code: NoText): string {
  return NO_TEXT[code]
}

/** Whether this is one of the codes. */
export function isNoText(code: string): code is NoText {
  return Object.hasOwn(NO_TEXT, code)
}
