/** Markdown of people and models as HTML: its headings fit into the outline of whatever page shows it. */
import { expect, test } from 'vitest'
import { markdownHtml } from '../../../src/http/page/markdown-html.ts'

const levels = (text: string) => [...markdownHtml(text)!.matchAll(/<h(\d)>/g)].map(([, level]) => Number(level))

test('a heading is never more than one level below the one before it, nor above the page’s own', () => {
  expect(levels('# One\n\n## Two\n\n### Three\n\n# One again')).toEqual([2, 3, 4, 2])
  expect(levels('### Begins deep\n\ntext\n\n###### and deeper\n\n## then up')).toEqual([2, 3, 3])
  expect(levels('###### Six\n\n###### Six\n\n###### Six\n\n###### Six\n\n###### Six\n\n###### Six')).toEqual([
    2, 3, 4, 5, 6, 6,
  ])
})

test('each heading closes as it opens, and nothing of the text is markup', () => {
  const html = markdownHtml('## <b>Prices</b>\n\nA | B\n--|--\n1 | 2')!
  expect(html).toContain('<h2>&lt;b&gt;Prices&lt;/b&gt;</h2>')
})
