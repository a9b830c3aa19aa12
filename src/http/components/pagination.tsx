/** The link to a list's next page; lists are newest first and have no page numbers. */
import { ButtonLink } from './button.tsx'

/** `href` without the cursor (it may hold a query); nothing is shown when there is no more. */
export const NextPage = ({ href, next, label = 'Older' }: { href: string; next: string | null; label?: string }) =>
  next === null ? null : (
    <nav class="pages" aria-label="More">
      <ButtonLink href={withCursor(href, next)} rel="next" icon="chevron-down">
        {label}
      </ButtonLink>
    </nav>
  )

function withCursor(href: string, cursor: string): string {
  const [path, query = ''] = href.split('?')
  const params = new URLSearchParams(query)
  params.set('cursor', cursor)
  return `${path}?${params}`
}
