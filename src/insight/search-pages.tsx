/** `/search`: what Ctrl K opens, and a page of its own without a script. */
import { Hono } from 'hono'
import { may } from '../domain/permissions.ts'
import { cut } from '../domain/text/cut.ts'
import { StateMark } from '../http/components/badge.tsx'
import { Button } from '../http/components/button.tsx'
import { Search } from '../http/components/field.tsx'
import { Icon } from '../http/components/icon.tsx'
import { fragment, isLocal, type PageEnv, page, wantsFragment } from '../http/page/page.tsx'
import { type Found, search } from './search.ts'

export const searchPages = new Hono<PageEnv>()

searchPages.get('/search', async c => {
  const q = cut((c.req.query('q') ?? '').trim(), 200)
  const person = c.get('person')
  const seeker = { team: person.team.id, canAct: may(person, 'tasks.act'), local: isLocal(c.env) }
  const found = await search(c.env.DB, seeker, q)
  if (wantsFragment(c)) return fragment(c, <FoundList found={found} q={q} />)
  return page(c, { title: 'Search' }, <SearchPage found={found} q={q} />)
})

const SearchPage = ({ found, q }: { found: Found[]; q: string }) => (
  <div class="stack">
    <h1>Search</h1>
    <form class="form--inline" action="/search" method="get">
      <Search label="A workflow, an agent, a task, a page" value={q} autofocus />
      <Button icon="search">Search</Button>
    </form>
    <FoundList found={found} q={q} />
  </div>
)

const FoundList = ({ found, q }: { found: Found[]; q: string }) => (
  <div class="found" data-q={q}>
    {found.length === 0 ? (
      <p class="secondary" role="status">
        Nothing here has all of these words. Titles are looked through from the newest 5,000 tasks; an older task is
        found by its id.
      </p>
    ) : (
      <ul class="found-list">
        {found.map(item => (
          <li>
            <a class="found-item" href={item.href}>
              {item.status === undefined ? <Icon name={item.icon} /> : <StateMark status={item.status} />}
              <span class="truncate" hx-ignore>
                {item.label}
              </span>
              <span class="found-hint" hx-ignore>
                {item.hint}
              </span>
            </a>
          </li>
        ))}
      </ul>
    )}
  </div>
)
