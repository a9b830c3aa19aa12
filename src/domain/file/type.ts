/** What a file is, by how it begins: its content decides, its sender's word only among kinds of text. */
import { extensionOf } from './name.ts'

/** How much of a file is looked at. */
export const HEAD_BYTES = 8192

const OOXML = 'application/vnd.openxmlformats-officedocument'
const BINARY = 'application/octet-stream'

/** What stands at which place, a character a byte, and what that makes it. Longer signs stand before those they begin with. */
const SIGNS: [at: number, sign: string, type: string][] = [
  [0, '%PDF-', 'application/pdf'],
  [0, '\x89PNG\r\n\x1a\n', 'image/png'],
  [0, '\xff\xd8\xff', 'image/jpeg'],
  [0, 'GIF87a', 'image/gif'],
  [0, 'GIF89a', 'image/gif'],
  [8, 'WEBP', 'image/webp'],
  [0, 'II*\0', 'image/tiff'],
  [0, 'MM\0*', 'image/tiff'],
  [4, 'ftypavif', 'image/avif'],
  [4, 'ftypheic', 'image/heic'],
  [4, 'ftypheix', 'image/heic'],
  [4, 'ftypmif1', 'image/heif'],
  [4, 'ftypqt', 'video/quicktime'],
  [4, 'ftyp', 'video/mp4'],
  [0, 'ID3', 'audio/mpeg'],
  [0, 'OggS', 'audio/ogg'],
  [8, 'WAVE', 'audio/wav'],
  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'application/x-ole-storage'],
  [0, '{\\rtf', 'application/rtf'],
  [0, '%!PS', 'application/postscript'],
  [0, '\x1f\x8b\x08', 'application/gzip'],
  [0, '7z\xbc\xaf\x27\x1c', 'application/x-7z-compressed'],
  [0, 'Rar!\x1a\x07', 'application/vnd.rar'],
  [0, 'SQLite format 3\0', 'application/vnd.sqlite3'],
  [0, 'MZ', 'application/vnd.microsoft.portable-executable'],
  [0, '\x7fELF', 'application/x-elf'],
  [0, '\xcf\xfa\xed\xfe', 'application/x-mach-binary'],
  [0, 'PK\x05\x06', 'application/zip'],
]

/** Kinds of text, which only name and sender tell apart. */
const TEXTS: Record<string, string> = {
  txt: 'text/plain',
  log: 'text/plain',
  csv: 'text/csv',
  tsv: 'text/tab-separated-values',
  md: 'text/markdown',
  markdown: 'text/markdown',
  json: 'application/json',
  yaml: 'application/yaml',
  yml: 'application/yaml',
  xml: 'application/xml',
  eml: 'message/rfc822',
  ics: 'text/calendar',
  vcf: 'text/vcard',
  css: 'text/css',
  js: 'text/javascript',
}
const TEXT_TYPES = new Set(Object.values(TEXTS))
/** Old office files begin alike. */
const OLE: Record<string, string> = {
  doc: 'application/msword',
  xls: 'application/vnd.ms-excel',
  ppt: 'application/vnd.ms-powerpoint',
  msg: 'application/vnd.ms-outlook',
}
/** Other names that senders use for the same. */
const SAME: Record<string, string> = {
  'image/jpg': 'image/jpeg',
  'image/pjpeg': 'image/jpeg',
  'application/x-pdf': 'application/pdf',
  'application/x-zip-compressed': 'application/zip',
  'text/xml': 'application/xml',
  'text/x-markdown': 'text/markdown',
  'text/yaml': 'application/yaml',
  'application/x-yaml': 'application/yaml',
  'application/x-gzip': 'application/gzip',
  'text/rtf': 'application/rtf',
  'application/csv': 'text/csv',
}

export interface FoundType {
  type: string
  /** What its sender said, where that is another. */
  declared?: string
}

/** The type of a file of this name that begins like this, and whether its sender said otherwise. */
export function typeOfFile(head: Uint8Array, name: string, declared: string | null): FoundType {
  const said = mediaType(declared)
  const type = typeOf(head, extensionOf(name), said)
  return said === null || said === BINARY || said === type ? { type } : { type, declared: said }
}

/** A media type in lower case without its parameters, by its usual name; null: it is none. */
function mediaType(given: string | null): string | null {
  const type = (given ?? '').split(';')[0]!.trim().toLowerCase()
  if (!/^[a-z0-9][a-z0-9.+-]{0,60}\/[a-z0-9][a-z0-9.+-]{0,80}$/.test(type)) return null
  return SAME[type] ?? type
}

function typeOf(head: Uint8Array, extension: string, said: string | null): string {
  const bytes = String.fromCharCode(...head.subarray(0, HEAD_BYTES))
  // Readers of PDF and RTF overlook what stands before them.
  const begun = bytes.trimStart()
  const found = SIGNS.find(([at, sign]) => (at === 0 ? begun : bytes).startsWith(sign, at))?.[2]
  if (found === 'application/x-ole-storage') return OLE[extension] ?? found
  if (found !== undefined) return found
  if (bytes.startsWith('PK\x03\x04')) return typeOfZip(bytes, extension)
  return isText(head) ? typeOfText(begun, extension, said) : BINARY
}

function typeOfZip(bytes: string, extension: string): string {
  const [, own] = /^.{30}mimetype([\w.+-]+\/[\w.+-]+?)(?:PK|$)/s.exec(bytes.slice(0, 200)) ?? []
  if (own !== undefined) return own
  const macros = /^(docm|xlsm|pptm)$/.test(extension)
  if (bytes.includes('word/') || ((extension === 'docx' || extension === 'docm') && isOffice(bytes)))
    return macros ? 'application/vnd.ms-word.document.macroenabled.12' : `${OOXML}.wordprocessingml.document`
  if (bytes.includes('xl/') || ((extension === 'xlsx' || extension === 'xlsm') && isOffice(bytes)))
    return macros ? 'application/vnd.ms-excel.sheet.macroenabled.12' : `${OOXML}.spreadsheetml.sheet`
  if (bytes.includes('ppt/') || (extension === 'pptx' && isOffice(bytes))) return `${OOXML}.presentationml.presentation`
  return 'application/zip'
}

function isOffice(bytes: string): boolean {
  return /\[Content_Types\]\.xml|_rels\/|docProps\//.test(bytes)
}

/** Whether it is text, as far as it was looked at. */
function isText(head: Uint8Array): boolean {
  const utf16 = (head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff)
  if (utf16) return true
  if (head.includes(0)) return false
  // In UTF-8, Windows-1252 and their like there are no control characters beside those of lines and colours.
  return !head.some(byte => byte < 9 || (byte > 13 && byte < 32 && byte !== 27))
}

const SVG = /^(?:<!doctype svg|<svg[\s>])/
const HTML =
  /^<(?:!doctype html|html|head|body|script|iframe|table|div|p|a|img|style|title|h1|br|form|meta|object|embed|link)[\s>/]/

/** Markup is told by how it begins, since a browser would run it whatever its name. */
function typeOfText(begun: string, extension: string, said: string | null): string {
  const start = begun
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart()
    .slice(0, 1000)
    .toLowerCase()
  const isXml = start.startsWith('<?xml')
  const root = start
    .replace(/^<\?xml[^>]*>/, '')
    .replaceAll(/<!--[\s\S]*?-->/g, '')
    .trimStart()
  if (SVG.test(root)) return 'image/svg+xml'
  if (isXml ? /^<(?:!doctype html|html)[\s>]/.test(root) : HTML.test(root)) return 'text/html'
  if (isXml) return 'application/xml'
  if (TEXTS[extension] !== undefined) return TEXTS[extension]
  return said !== null && TEXT_TYPES.has(said) ? said : 'text/plain'
}

/** How a browser may show a file by itself; null: it is only saved. */
export function shownAs(type: string): 'image' | 'pdf' | 'text' | null {
  if (/^image\/(?:png|jpeg|gif|webp|avif)$/.test(type)) return 'image'
  if (type === 'application/pdf') return 'pdf'
  return TEXT_TYPES.has(type) && type !== 'text/javascript' && type !== 'text/css' ? 'text' : null
}
