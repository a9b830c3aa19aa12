/** Texts of a given length, made of one thing again and again. */

/** The two sizes that the worst of each kind is tried at: an ordinary body, and the largest that any door lets in. */
export const SIZES = [64 * 1024, 1024 * 1024 - 16]

export function fill(part: string, length: number): string {
  return part.repeat(Math.ceil(length / part.length)).slice(0, length)
}

/** Lines that count, until the text is long enough. */
export function lines(line: (index: number) => string, length: number): string {
  const made: string[] = []
  for (let size = 0, index = 0; size < length; index++) {
    const next = line(index)
    size += next.length
    made.push(next)
  }
  return made.join('')
}
