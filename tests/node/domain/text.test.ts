import { describe, expect, test } from 'vitest'
import { cleanLine, wellFormed } from '../../../src/domain/text/clean.ts'
import { cut, shorten } from '../../../src/domain/text/cut.ts'

const FAMILY = '👨‍👩‍👧‍👦'
const KISS = '👩🏾‍❤️‍💋‍👨🏻'
const WALES = '🏴\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}'

describe('a line is cleaned of what turns text around and of what nobody sees', () => {
  test.each<[string, string, string]>([
    ['an override', 'invoice\u202efdp.exe', 'invoicefdp.exe'],
    ['embeddings and their end', '\u202aa\u202bb\u202cc\u202dd', 'abcd'],
    ['isolates', '\u2066a\u2067b\u2068c\u2069d', 'abcd'],
    ['zero width', 'pay\u200bpal\ufeff\u2060.test', 'paypal.test'],
    ['joiners that join nothing', 'pa\u200dy\u200cpal', 'paypal'],
    ['joiners at the ends', '\u200d\u200cx\u200d', 'x'],
    ['marks of direction without a letter of it', 'a\u200f.\u200eb\u061c', 'a.b'],
    ['a soft hyphen', 'in\u00advoice', 'invoice'],
    ['tags that spell a hidden text', 'Hi\u{e0049}\u{e0067}\u{e006e}\u{e007f}', 'Hi'],
    ['tags behind a flag that are none of its', '🏴\u{e0067}x', '🏴x'],
    ['line ends and controls', 'a\r\nBcc: b\u0000\u0007\u2028c', 'a Bcc: b c'],
    ['halves of a pair', 'a\ud83d b\ude00', 'a\ufffd b\ufffd'],
    ['a joiner between an emoji and a letter', '👩\u200da', '👩a'],
  ])('%s', (_name, text, clean) => {
    expect(cleanLine(text)).toBe(clean)
  })

  test.each([
    ['Arabic', 'فاتورة رقم ١٢٣ للدفع'],
    ['Hebrew', 'חשבונית מס׳ 123 לתשלום'],
    ['Hebrew with a mark of direction', 'שלום\u200f!'],
    ['Persian with its joiner', 'می‌خواهم'],
    ['Hindi with its joiners', 'क्‍ष और क्‌ष'],
    ['Sinhala', 'ශ්‍රී ලංකා'],
    ['the abbreviation of the Hijri year', '١٤٤٨ ه‍'],
    ['Urdu', 'اردو'],
    ['a family', FAMILY],
    ['a kiss, with skins', KISS],
    ['a rainbow, a pirate, a doctor, an eye', '🏳️‍🌈 🏴‍☠️ 👩🏽‍⚕️ 👁️‍🗨️'],
    ['flags', `🇩🇪🇫🇷 ${WALES}`],
    ['letters with marks', 'Việt Nam e\u0301 ö'],
    ['Chinese, Japanese, Korean, Thai', '发票 請求書 송장 ใบแจ้งหนี้'],
  ])('%s stays', (_name, text) => {
    expect(cleanLine(text)).toBe(text)
  })
})

describe('a text is cut between what people see as characters', () => {
  const whole = [FAMILY, KISS, WALES, '🇩🇪', '😀', '👍🏽', '1️⃣', 'e\u0301\u0323', 'නි', '한', '\r\n']

  test.each(whole)('%j is kept whole, or left out', one => {
    for (let room = 0; room <= one.length; room++) {
      const text = cut(`${'a'.repeat(300 - room)}${one} tail`, 300)
      expect(text).toBe(`${'a'.repeat(300 - room)}${room === one.length ? one : ''}`)
    }
  })

  test('flags in a row keep their pairs, wherever they are cut', () => {
    for (let most = 0; most < 50; most++) expect(cut('🇩🇪'.repeat(20), most)).toBe('🇩🇪'.repeat(Math.floor(most / 4)))
  })

  test('what fits is not touched; nothing is longer than asked for, nor half a pair', () => {
    expect(cut('abc', 3)).toBe('abc')
    const pile = `a${'\u0301'.repeat(500)}${'😀'.repeat(500)}`
    for (let most = 0; most < 900; most++) {
      const text = cut(pile, most)
      expect(text.length).toBeLessThanOrEqual(most)
      expect(text).toBe(wellFormed(text))
      expect(most - text.length).toBeLessThanOrEqual(64)
    }
  })

  test('the ellipsis counts, and stands behind a word', () => {
    expect(shorten('abc', 3)).toBe('abc')
    expect(shorten('ab cd', 4)).toBe('ab…')
    expect(shorten(`ab${FAMILY}`, 8)).toBe('ab…')
  })
})
