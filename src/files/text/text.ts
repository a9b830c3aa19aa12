/** What can be read in a file: its text, or by name why there is none. Bytes in, values out; it fetches, runs and expands nothing. */

import type { NoText } from '../../domain/file/text.ts'
import { wellFormed } from '../../domain/text/clean.ts'
import { cut } from '../../domain/text/cut.ts'
import { htmlToText } from '../../domain/text/html.ts'
import { textOfMail } from './mail.ts'
import { isSlide, isWordPart, textOfSlides, textOfWord } from './office.ts'
import { pagesOfPdf } from './pdf.ts'
import { isSheetPart, textOfSheets } from './sheets.ts'
import { hasDoctype } from './xml.ts'
import { unzipped } from './zip.ts'

/** Characters of a text. In JSON it must fit a row of a Durable Object, and other scripts take three bytes a character. */
export const MAX_TEXT = 512 * 1024

export type FileText =
  | { kind: 'text'; text: string /** There is more in the file. */; cut: boolean }
  | { kind: 'refused'; code: NoText }

/** Whether files of this type may hold a text that is read here. */
export function mayHoldText(type: string): boolean {
  return isText(type) || isMail(type) || isPdf(type) || officeOf(type) !== null
}

/** Bytes of a file of this type that is read: it lies whole in memory while it is. */
export function mostBytes(type: string): number {
  return (isPdf(type) ? 16 : 8) * 1024 * 1024
}

/** Reads a whole file of this type, which its content told (domain/file/type.ts). */
export async function textOfFile(bytes: Uint8Array, type: string): Promise<FileText> {
  if (isPdf(type)) return textOfPdf(bytes)
  if (isMail(type)) {
    const mail = await textOfMail(bytes)
    return typeof mail === 'string' ? refused(mail) : given(mail.text)
  }
  const office = officeOf(type)
  if (office !== null) return textOfOffice(bytes, office)
  if (isOle(type)) return refused(holdsUtf16(bytes, 'EncryptedPackage') ? 'encrypted' : 'not_read')
  if (!isText(type)) return refused('not_read')
  const text = decode(bytes)
  return given(type === 'text/html' ? htmlToText(text) : text)
}

const isText = (type: string) =>
  (type.startsWith('text/') && type !== 'text/css' && type !== 'text/javascript') ||
  /^application\/(?:json|xml|yaml)$/.test(type)

const isPdf = (type: string) => type === 'application/pdf'
const isMail = (type: string) => type === 'message/rfc822'

const isOle = (type: string) => type === 'application/x-ole-storage' || /^application\/(?:msword|vnd\.ms-)/.test(type)

interface Office {
  wants(name: string): boolean
  read(parts: ReadonlyMap<string, string>): string
}

const WORD: Office = { wants: isWordPart, read: textOfWord }
const SHEETS: Office = { wants: isSheetPart, read: parts => textOfSheets(parts, MAX_TEXT) }
const SLIDES: Office = { wants: isSlide, read: textOfSlides }

function officeOf(type: string): Office | null {
  if (/wordprocessingml|ms-word\.document\.macro/.test(type)) return WORD
  if (/spreadsheetml|ms-excel\.sheet\.macro/.test(type)) return SHEETS
  return type.includes('presentationml') ? SLIDES : null
}

function textOfOffice(bytes: Uint8Array, { wants, read }: Office): FileText {
  const parts = unzipped(bytes, wants)
  if (parts === 'beyond') return refused('too_large_inside')
  if (parts === 'broken' || parts.size === 0) return refused('broken')
  return [...parts.values()].some(hasDoctype) ? refused('doctype') : given(read(parts))
}

/** A form feed stands between two pages, so that whoever looks something up can say on which it stands. */
async function textOfPdf(bytes: Uint8Array): Promise<FileText> {
  const pages = await pagesOfPdf(bytes, MAX_TEXT)
  if (typeof pages === 'string') return refused(pages)
  return pages.every(page => page.trim() === '') ? refused('scanned') : given(pages.join('\n\f'))
}

function given(text: string): FileText {
  const clean = wellFormed(text)
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[^\P{Cc}\n\t\f]/gu, '')
    .trim()
  if (clean === '') return refused('no_text')
  return { kind: 'text', text: cut(clean, MAX_TEXT), cut: clean.length > MAX_TEXT }
}

function refused(code: NoText): FileText {
  return { kind: 'refused', code }
}

/** As its byte order mark says, else as UTF-8, else as the charset of Western Windows, in which every byte is something. */
function decode(bytes: Uint8Array): string {
  const [first, second] = bytes
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (first === 0xfe && second === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes)
  } catch {
    return new TextDecoder('windows-1252').decode(bytes)
  }
}

function holdsUtf16(bytes: Uint8Array, word: string): boolean {
  const wide = [...word].join('\0')
  const head = bytes.subarray(0, 256 * 1024)
  return new TextDecoder('latin1').decode(head).includes(wide)
}
