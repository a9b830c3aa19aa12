/** Text that people or models wrote, as safe HTML: the one place where text becomes markup. */
import { raw } from 'hono/html'
import { markdownHtml } from './markdown-html.ts'

/** Markdown as people and models write it; htmx looks at nothing in it. */
export const Markdown = ({ text }: { text: string }) => {
  const html = markdownHtml(text)
  return html === null ? (
    <PlainText text={text} />
  ) : (
    <div class="prose" hx-ignore>
      {raw(html)}
    </div>
  )
}

/** Text exactly as it is. A long one scrolls, also by keyboard. */
export const PlainText = ({ text }: { text: string }) => (
  <pre class="code" tabindex={0} hx-ignore>
    {text}
  </pre>
)
