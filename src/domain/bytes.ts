/** Bytes that came in pieces. */

/** The pieces one after another; where but one holds anything it is answered as it is, uncopied. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array {
  const [only, ...others] = pieces.filter(piece => piece.length > 0)
  if (only === undefined || others.length === 0) return only ?? new Uint8Array()
  const all = new Uint8Array(pieces.reduce((length, piece) => length + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    all.set(piece, at)
    at += piece.length
  }
  return all
}
