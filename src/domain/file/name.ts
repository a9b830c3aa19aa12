/** Names of files as they are kept: no path, no device, nothing that turns text around, and short enough for every disk. */
import { cleanLine } from '../text/clean.ts'

/** Bytes in UTF-8, as disks count them; browsers and unzip tools add to it. */
const MAX_NAME_BYTES = 200
const MAX_EXTENSION = 16
/** What Windows takes for a device, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)$/i
/** What no disk takes, or what a shell, a header or a page might take for more than a name. */
const FORBIDDEN = /[<>:"|?*\\/]/g
const NAMELESS = 'file'

/** The name that a file is kept under, whatever its sender called it. */
export function harmlessName(given: string | null | undefined): string {
  // Senders on any system may give a path; of it the last part is the name.
  const last =
    cleanLine(given ?? '')
      .split(/[\\/]/)
      .at(-1) ?? ''
  // Dots and spaces at an end are dropped by Windows, and hidden or "up" elsewhere.
  const trimmed = last.replace(FORBIDDEN, '_').replace(/^[\s.]+|[\s.]+$/gu, '')
  const [stem, extension] = parted(trimmed)
  // `CON.tar.gz` is a device, too: what stands before the first dot decides.
  const safe = DEVICE.test(stem.split('.')[0]!.trim()) ? `_${stem}` : stem
  return cut(safe === '' ? NAMELESS : safe, MAX_NAME_BYTES - bytesOf(extension)) + extension
}

/** The extension in lower case without its dot; empty: there is none. */
export function extensionOf(name: string): string {
  return parted(name)[1].slice(1).toLowerCase()
}

/** The stem and the extension with its dot. */
function parted(name: string): [string, string] {
  const dot = name.lastIndexOf('.')
  const extension = name.slice(dot)
  const isOne = dot > 0 && extension.length <= MAX_EXTENSION && /^\.[\p{L}\p{N}_-]+$/u.test(extension)
  return isOne ? [name.slice(0, dot), extension] : [name, '']
}

/** As many whole characters, emoji with their parts, as fit. */
function cut(text: string, bytes: number): string {
  if (bytesOf(text) <= bytes) return text
  let kept = ''
  let size = 0
  for (const { segment } of new Intl.Segmenter('und', { granularity: 'grapheme' }).segment(text)) {
    size += bytesOf(segment)
    if (size > bytes) break
    kept += segment
  }
  return kept.trimEnd()
}

function bytesOf(text: string): number {
  let size = 0
  for (const char of text) {
    const code = char.codePointAt(0)!
    size += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return size
}
