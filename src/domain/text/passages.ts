/** The passages of texts, and which of them fit a query best: by the words that they share, rare words counting more. */
import { stem, wordsOf } from '../sample/facts.ts'

type Named = { name: string; text: string }

/** Characters of a passage, and how many are told. */
const LENGTH = 1500
const MOST = 5

/** The best passages, best first, each with the name of its text; none where no word fits. */
export function bestPassages(texts: readonly Named[], query: string, most = MOST): Named[] {
  const wanted = [...new Set(wordsOf(query).map(stem))]
  const passages = texts.flatMap(({ name, text }) => passagesOf(text).map(passage => ({ name, text: passage })))
  const words = passages.map(({ name, text }) => new Set(wordsOf(`${name} ${text}`).map(stem)))
  const rarity = new Map(wanted.map(word => [word, 1 / (words.filter(set => set.has(word)).length || 1)]))
  const scoreOf = (set: Set<string>) =>
    wanted.reduce((sum, word) => sum + (set.has(word) ? 1 + (rarity.get(word) ?? 0) : 0), 0)
  return passages
    .map((passage, at) => ({ passage, score: scoreOf(words[at]!) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .slice(0, most)
    .map(({ passage }) => passage)
}

/** The passages of a text. A form feed ends a page: `page` counts from 1, and is null in a text without one. */
export function passagesByPage(text: string): { text: string; page: number | null }[] {
  const pages = text.split('\f')
  return pages.flatMap((page, index) =>
    passagesOf(page).map(passage => ({ text: passage, page: pages.length === 1 ? null : index + 1 })),
  )
}

/** Paragraphs, those that follow one another together as long as they fit; one that is longer is cut at its words. */
function passagesOf(text: string): string[] {
  const passages: string[] = []
  let open = ''
  const close = () => {
    if (open !== '') passages.push(open)
    open = ''
  }
  for (const part of text.split(/\n\s*\n/).flatMap(cutLong)) {
    if (open !== '' && open.length + part.length > LENGTH) close()
    open = open === '' ? part : `${open}\n\n${part}`
  }
  close()
  return passages
}

function cutLong(paragraph: string): string[] {
  const trimmed = paragraph.trim()
  return trimmed === '' ? [] : (trimmed.match(/[\s\S]{1,1400}(?:\s|$)|[\s\S]{1,1400}/g) ?? [])
}
