/** What pages say of a file's text: that it is being read, why there is none, and nothing where nobody expects one. */
import { expect, test } from 'vitest'
import { type NoText, textStateOf } from '../../../src/domain/file/text.ts'
import { FileList } from '../../../src/http/components/file-list.tsx'

const shown = (state: { text?: string; reading?: number; noText?: NoText }) => {
  const file = { name: 'a.pdf', type: 'application/pdf', bytes: 1200, href: '/files/fil_1', shown: null }
  return String(FileList({ files: [{ ...file, ...textStateOf(state) }] }))
}

test.each([
  [{ reading: 5 }, ' · being read'],
  [{ noText: 'encrypted' as const }, 'It is protected by a password.'],
  [{ noText: 'scanned' as const }, 'its pages are pictures'],
])('of %j it says so', (state, words) => {
  expect(shown(state)).toContain(words)
})

test.each([[{ text: 'words' }], [{ noText: 'not_read' as const }]])('of %j it says nothing', state => {
  expect(shown(state)).toContain('1 kB')
  expect(shown(state)).not.toMatch(/ · |no text/)
})
