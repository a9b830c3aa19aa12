/** Markdown that people or models wrote, as HTML in which nothing of the text is markup of its own; bounded in what it may cost. */
import MarkdownIt, { type Token } from 'markdown-it'

/** Longer texts, and texts nested deeper, are shown as they are: rendering must neither take long nor swallow anything. */
const MAX_CHARS = 64 * 1024
const MAX_NESTING = 40
/** Whatever else a link says, it is not followed. */
const LINK = /^(?:https?:\/\/|mailto:)/i

const markdown = new MarkdownIt({ html: false, linkify: true, maxNesting: MAX_NESTING })
markdown.linkify.set({ fuzzyLink: false, fuzzyEmail: false })
markdown.validateLink = url => LINK.test(url.trim())

const { escapeHtml } = markdown.utils
const { rules } = markdown.renderer

rules.link_open = (tokens, index) => linkTo(tokens[index]!, 'href')
// A picture would call home from whoever opens the page: it is a link like any other.
rules.image = (tokens, index) => {
  const token = tokens[index]!
  return `${linkTo(token, 'src')}${escapeHtml(token.content || 'image')}</a>`
}
// The CSP allows no inline style, which markdown-it aligns columns by.
rules.th_open = () => '<th scope="col">'
rules.td_open = () => '<td>'
rules.table_open = () =>
  '<div class="table-scroll" role="group" aria-label="Table" tabindex="0"><table class="table">\n'
rules.table_close = () => '</table></div>\n'
// No class names out of the text.
rules.fence = (tokens, index) =>
  `<pre class="code" tabindex="0"><code>${escapeHtml(tokens[index]!.content)}</code></pre>\n`
rules.code_block = rules.fence

function linkTo(token: Token, attribute: 'href' | 'src'): string {
  return `<a href="${escapeHtml(String(token.attrGet(attribute) ?? ''))}" rel="noopener noreferrer nofollow" target="_blank">`
}

/** Headings stand below the page's own, and none is more than one level below the heading before it, however the text skips. */
function levelHeadings(tokens: Token[]): void {
  let level = 1
  for (const token of tokens) {
    if (token.type === 'heading_open') level = Math.min(level + 1, Number(token.tag.slice(1)) + 1, 6)
    if (token.type === 'heading_open' || token.type === 'heading_close') token.tag = `h${level}`
  }
}

/** The text's HTML, or null where it is better shown as it is. */
export function markdownHtml(text: string): string | null {
  if (text.length > MAX_CHARS) return null
  const tokens = markdown.parse(text, {})
  // markdown-it drops what is nested deeper, and nobody may approve what they were not shown.
  if (tokens.some(token => token.level >= MAX_NESTING - 1)) return null
  levelHeadings(tokens)
  return markdown.renderer.render(tokens, markdown.options, {})
}
