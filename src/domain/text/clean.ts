/** Names and titles as nobody can be misled by them: one line, without characters that turn text around or that nobody sees. */

/** No NUL and no half of a surrogate pair: JSON and SQLite take neither well. */
export function wellFormed(text: string): string {
  return text
    .replaceAll('\0', '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}

/** Overrides, embeddings and isolates of direction, and what has no width and no part in a word. */
const UNSEEN = /[\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/gu
/** They say which way neutral characters run, as a letter beside them would: only where there are such letters. */
const MARKS = /[\u200e\u200f\u061c]/gu
const RIGHT_TO_LEFT =
  /[\p{sc=Hebrew}\p{sc=Arabic}\p{sc=Syriac}\p{sc=Thaana}\p{sc=Nko}\p{sc=Samaritan}\p{sc=Mandaic}\p{sc=Adlam}\p{sc=Hanifi_Rohingya}]/u
/** Tags spell the flags of England, Scotland and Wales; anywhere else they are a hidden text. */
const FLAG_OR_TAG = /(\u{1f3f4}[\u{e0020}-\u{e007e}]{1,8}\u{e007f})|[\u{e0000}-\u{e007f}]/gu

/** Joiners hold emoji together, and choose letterforms within the words of many scripts; elsewhere they only hide. */
const JOINERS = /[\u200c\u200d]+/gu
const EMOJI_BEFORE = /\p{Extended_Pictographic}(?:\ufe0f|\p{Emoji_Modifier})?$/u
const EMOJI_AFTER = /^\p{Extended_Pictographic}/u
const JOINING_BEFORE =
  /[\p{sc=Arabic}\p{sc=Syriac}\p{sc=Nko}\p{sc=Mongolian}\p{sc=Devanagari}\p{sc=Bengali}\p{sc=Gurmukhi}\p{sc=Gujarati}\p{sc=Oriya}\p{sc=Tamil}\p{sc=Telugu}\p{sc=Kannada}\p{sc=Malayalam}\p{sc=Sinhala}\p{sc=Khmer}\p{sc=Myanmar}\p{sc=Tibetan}\u0640\u064b-\u0655\u0670]$/u

/** A text of several lines as it is seen: nothing in it turns it around, or is there for machines alone. */
export function visible(text: string): string {
  return wellFormed(text)
    .replace(UNSEEN, '')
    .replace(FLAG_OR_TAG, (_tag, flag: string | undefined) => flag ?? '')
}

/** One line that reads as it is stored. Arabic, Hebrew, the joiners of Persian and Indic words and joined emoji stay. */
export function cleanLine(text: string): string {
  const line = visible(text).replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
  const unmarked = line.replace(MARKS, '')
  return (RIGHT_TO_LEFT.test(unmarked) ? line : unmarked).replace(JOINERS, joiner).trim()
}

/** One joiner where it joins something; none elsewhere. */
function joiner(run: string, at: number, text: string): string {
  // A character is two units at most, its modifier two more.
  const before = text.slice(Math.max(0, at - 4), at)
  const after = text.slice(at + run.length, at + run.length + 2)
  if (run.includes('\u200d') && EMOJI_BEFORE.test(before) && EMOJI_AFTER.test(after)) return '\u200d'
  return JOINING_BEFORE.test(before) ? run[0]! : ''
}
