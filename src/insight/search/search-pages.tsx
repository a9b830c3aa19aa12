/** `/search`: what Ctrl K opens, and a page of its own, which finds tasks by their words, with filters in its address. */
import { Hono } from 'hono'
import { partText, readPart } from '../../domain/metrics/part.ts'
import { may } from '../../domain/permissions.ts'
import { STATUSES } from '../../domain/task/state.ts'
import { cut } from '../../domain/text/cut.ts'
import { fragment, isLocal, type PageContext, type PageEnv, page, wantsFragment } from '../../http/page/page.tsx'
import { workflowNames } from '../../records/definitions/workflows.ts'
import { tokensOf } from '../../records/task/searched.ts'
import { OPEN, TROUBLE } from '../../records/task/tasks.ts'
import { openRange } from '../range.ts'
import { placesFound, readSearch, TOLD, type Told, tasksFiltered, tasksFor, tasksSeen } from './search.ts'
import { type Asked, FoundList, hasFilters, SearchPage } from './search-view.tsx'

export const searchPages = new Hono<PageEnv>()

const PAGE = 25

searchPages.get('/search', async c => {
  const asked = askedOf(c)
  const person = c.get('person')
  const { id: team } = person.team
  const seeker = { team, canAct: may(person, 'tasks.act'), local: isLocal(c.env) }
  const places = await placesFound(c.env.DB, seeker, asked.q)
  if (wantsFragment(c)) {
    return fragment(c, <FoundList places={places} tasks={await tasksFor(c.env.DB, team, asked.q)} q={asked.q} />)
  }
  const names = workflowNames(c.env.DB, team).all<{ id: string; name: string }>()
  const [{ results: workflows }, tasks] = await Promise.all([names, tasksOf(c, team, asked)])
  const view = { asked, places, tasks: tasks.items, next: tasks.next, workflows, now: Date.now() }
  return page(c, { title: 'Search', styles: ['insight'] }, <SearchPage {...view} />)
})

/** The tasks of the page; a part of a word finds those whose title has it, where nothing else does. */
async function tasksOf(c: PageContext, team: string, asked: Asked) {
  const { rest, status } = readSearch(asked.q)
  const search = {
    words: tokensOf(rest),
    workflow: asked.workflow || undefined,
    status: status ?? (asked.status || undefined),
    cost: asked.cost === '' ? undefined : Number(asked.cost),
    part: readPart(asked.part) ?? undefined,
    ...openRange(asked.from || undefined, asked.to || undefined),
  }
  const told = asked.told || undefined
  const cursor = c.req.query('cursor') ?? null
  if (search.words.length === 0 && (hasFilters(asked) || status !== undefined)) {
    const { words: _none, ...filter } = search
    return tasksFiltered(c.env.DB, team, { ...filter, told }, cursor)
  }
  const found = await tasksSeen(c.env.DB, team, { ...search, told: told && TOLD[told].bit }, cursor, PAGE)
  const isFiltered = search.workflow ?? search.status ?? search.cost ?? search.from ?? search.to ?? search.part
  if (found.items.length > 0 || found.next !== null || isFiltered !== undefined) return found
  const titled = await tasksFor(c.env.DB, team, asked.q)
  return { items: titled.map(task => ({ ...task, passage: '' })), next: null }
}

function askedOf(c: PageContext): Asked {
  const word = (name: string, most: number) => cut((c.req.query(name) ?? '').trim(), most)
  const status = ([...STATUSES, TROUBLE, OPEN] as const).find(each => each === c.req.query('status')) ?? ''
  // Such as an alert of dear tasks means them.
  const cost = /^\d{1,6}(\.\d{1,20})?$/.test(c.req.query('cost') ?? '') ? c.req.query('cost')! : ''
  const told = (Object.keys(TOLD) as Told[]).find(each => each === c.req.query('told')) ?? ''
  const part = readPart(word('part', 200))
  return {
    q: word('q', 200),
    workflow: word('workflow', 40),
    status,
    told,
    cost,
    part: part === null ? '' : partText(part),
    from: word('from', 24),
    to: word('to', 10),
  }
}
