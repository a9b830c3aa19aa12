/** Tells files that are no text by how they begin, also those that consist of ASCII alone. */

/** What stands at which place of a file, a character a byte. */
const KINDS: [at: number, sign: string, kind: string][] = [
  [0, '%PDF-', 'a PDF'],
  [0, '%!PS', 'a PostScript file'],
  [0, '{\\rtf', 'a rich text (RTF) document'],
  [0, 'PK\x03\x04', 'a zip archive, as Word, Excel and OpenDocument files are'],
  [0, 'PK\x05\x06', 'an empty zip archive'],
  [0, '\xd0\xcf\x11', 'an old Word, Excel or PowerPoint file'],
  [0, '\x89PNG', 'a PNG picture'],
  [0, '\xff\xd8\xff', 'a JPEG picture'],
  [0, 'GIF87a', 'a GIF picture'],
  [0, 'GIF89a', 'a GIF picture'],
  [8, 'WEBP', 'a WebP picture'],
  [0, 'II*\0', 'a TIFF picture'],
  [0, 'MM\0*', 'a TIFF picture'],
  [0, '\x1f\x8b\x08', 'a gzip archive'],
  [0, '7z\xbc\xaf', 'a 7z archive'],
  [0, 'Rar!\x1a', 'a RAR archive'],
  [0, 'SQLite format 3\0', 'a database'],
]
const HEAD = 64

/** What kind of file these bytes are, in words with their article; null when nothing says that they are no text. */
export function kindOfBytes(bytes: Uint8Array): string | null {
  return kindOf(String.fromCharCode(...bytes.subarray(0, HEAD)))
}

/** The same of a file that somebody read as text. */
export function kindOfText(text: string): string | null {
  return kindOf(text.slice(0, HEAD)) ?? (text.includes('\0') ? 'no text' : null)
}

function kindOf(head: string): string | null {
  // Readers of PDF and RTF overlook what stands before them.
  const begun = head.trimStart()
  return KINDS.find(([at, sign]) => hasSign(at === 0 ? begun : head, at, sign))?.[2] ?? null
}

function hasSign(head: string, at: number, sign: string): boolean {
  // Where bytes were read as UTF-8, each that is none became this mark.
  return [...sign].every((char, index) => {
    const given = head[at + index]
    return given === char || (given === '\ufffd' && char > '\x7f')
  })
}
