/** What of a mail its sender wrote: not what they quote, not its heading, not the whole mail that their program put beneath. */
import { expect, test } from 'vitest'
import { ownWords } from '../../../src/intake/mail/question.ts'

test.each([
  ['the words alone', 'Blue.\nIn two sizes.', 'Blue.\nIn two sizes.'],
  ['above a quote with its heading', 'Blue.\n\nOn Monday Baton wrote:\n> Which colour?\n', 'Blue.'],
  ['above a quote without one', 'Blue.\n> Which colour?', 'Blue.'],
  ['above a whole mail', 'Blue.\n\n-----Original Message-----\nFrom: Baton\nWhich colour?', 'Blue.'],
  ['above a line of underscores', 'Blue.\n________________________________\nVon: Baton', 'Blue.'],
  ['above a signature', 'Blue.\n-- \nKim, Nimbus', 'Blue.'],
  ['beneath the quote', '> Which colour?\nBlue.', 'Blue.'],
  ['with a colon of their own', 'Two colours:\nblue and red', 'Two colours:\nblue and red'],
  ['nothing', '> Which colour?', ''],
])('%s', (_name, text, words) => {
  expect(ownWords(text)).toBe(words)
})
