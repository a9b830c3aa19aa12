/** `/tasks/:id/compare`: a task beside another of its workflow: what came in, which way it went, what came out, cost and time. */
import { Hono } from 'hono'
import { type Comparison, compareRuns } from '../../domain/task/told/document/compare.ts'
import { documentOf } from '../../domain/task/told/document/document.ts'
import type { Story } from '../../domain/task/told/story.ts'
import { errorPage, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { listTasks } from '../../records/task/tasks.ts'
import { ComparePage } from './compare-view.tsx'
import { storyForDocument } from './load.ts'

export const comparePages = new Hono<PageEnv>()

const ALL = { detail: 'full', inputs: true, log: false, people: true } as const
/** Other tasks that are offered. */
const OFFERED = 20

comparePages.get('/tasks/:id/compare', async c => {
  const { team } = c.get('person')
  const story = await storyForDocument(c.env, team.id, c.req.param('id'))
  if (story === null) return errorPage(c, 404)
  // A rerun is compared with what it is a rerun of, unless another is named.
  const origin = story.source?.kind === 'task' && story.source.parent === undefined ? story.source.id : undefined
  const named = (c.req.query('with') ?? origin ?? '').trim()
  const other = named === '' ? null : await otherRun(c, story, named)
  const { items } = await listTasks(c.env.DB, team.id, { workflow: story.view.workflow }, null)
  const others = items.filter(({ id }) => id !== story.view.id).slice(0, OFFERED)
  const runs = { own: story.view, other: other?.view ?? null }
  const comparison = other === null ? null : comparisonOf(story, other)
  const wrong = named !== '' && other === null && c.req.query('with') !== undefined ? NO_SUCH_RUN : undefined
  const content = <ComparePage {...runs} named={named} others={others} comparison={comparison} wrong={wrong} />
  const frame = {
    title: `Compare ${story.view.title}`,
    active: 'workflows' as const,
    width: 'wide' as const,
    styles: ['runs'],
  }
  return page(c, frame, content, wrong === undefined ? 200 : 404)
})

const NO_SUCH_RUN = 'This workflow has no other task of this id. Copy it from that task’s page.'

async function otherRun(c: PageContext, { view }: Story, named: string): Promise<Story | null> {
  if (named === view.id) return null
  const other = await storyForDocument(c.env, c.get('person').team.id, named)
  return other?.view.workflow === view.workflow ? other : null
}

function comparisonOf(own: Story, other: Story): Comparison {
  return compareRuns(documentOf(own, ALL), documentOf(other, ALL), Date.now())
}
