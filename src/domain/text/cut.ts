/** Shortening texts that people read: between what they see as characters, never inside one. */

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' })
/** A joined family with skin tones has 35 units; what is longer than this is no character, but a pile of marks. */
const LONGEST = 64

/** The beginning of the text, of at most so many UTF-16 units: flags, joined emoji and letters with marks stay whole. */
export function cut(text: string, most: number): string {
  if (text.length <= most) return text
  const { index } = graphemes.segment(text).containing(most)!
  return text.slice(0, most - index <= LONGEST ? index : whole(text, most))
}

/** The same with `…` behind it, where something was cut off. */
export function shorten(text: string, most: number): string {
  return text.length <= most ? text : `${cut(text, most - 1).trimEnd()}…`
}

/** Not inside a surrogate pair, at least. */
function whole(text: string, end: number): number {
  const unit = text.charCodeAt(end - 1)
  return unit >= 0xd800 && unit <= 0xdbff ? end - 1 : end
}
