/** `/workflows/:id/review`: a period of a workflow to learn from, and how often it comes by mail. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { reviewOf } from '../../domain/review/review.ts'
import { nextReview } from '../../domain/review/schedule.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { namesOf } from '../../records/audit.ts'
import { latestApproved } from '../../records/definitions/offered-answers.ts'
import { type WorkflowRow, workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { readSettings } from '../../records/people/limits.ts'
import { putReviewHow, REVIEW_HOWS, reviewHow, rowsInReview } from '../../records/task/reviews/in-review.ts'
import { listCorrections } from '../../records/task/reviews/learned.ts'
import { openRange, rangeOf } from '../range.ts'
import { ReviewPage } from './review-view.tsx'

export const workflowReviewPages = new Hono<PageEnv>()

/** The latest answers that were approved as they were drafted: enough to choose from. */
const APPROVED_SHOWN = 10
const WEEK_MS = 7 * 86_400_000

workflowReviewPages.get('/workflows/:id/review', async c => {
  const row = await ownWorkflow(c)
  if (row === null) return errorPage(c, 404)
  const { team, id: workflow } = row
  const now = Date.now()
  const [from, to] = [c.req.query('from'), c.req.query('to')]
  const asked = openRange(from, to)
  const month = rangeOf(from, to, now)
  // Unless days are named it is the last week.
  const range = asked.from === undefined ? { from: month.to - WEEK_MS, to: month.to } : month
  const [{ rows, whole }, corrections, how, approved] = await Promise.all([
    rowsInReview(c.env.DB, { team, workflow, ...range }),
    listCorrections(c.env.DB, team, { workflow, ...range }, null),
    reviewHow(c.env.DB, team, workflow),
    latestApproved(c.env.DB, { team, workflow, ...range }, APPROVED_SHOWN),
  ])
  const review = reviewOf(rows)
  const linked = [
    ...[...review.escalations, ...review.failures].flatMap(({ latest }) => latest),
    ...review.steps.flatMap(({ slowest, dearest }) => [slowest, dearest].filter(place => place !== null)),
    ...corrections.items,
    ...approved,
  ]
  const names = await namesOf(c.env.DB, team, linked)
  const mayChange = may(c.get('person'), 'workflows.change')
  const mayKeep = may(c.get('person'), 'tasks.act')
  const shown = { workflow: row, range, review, whole, corrections: corrections.items, approved }
  const view = { ...shown, how, mayChange, mayKeep, names, now }
  const frame = {
    title: `Review · ${row.name}`,
    active: 'insight' as const,
    width: 'wide' as const,
    styles: ['insight'],
  }
  return page(c, frame, <ReviewPage view={view} />)
})

workflowReviewPages.post('/workflows/:id/review', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const row = await ownWorkflow(c)
  const how = REVIEW_HOWS.find(one => one === change.given.how)
  if (row === null || how === undefined) return errorPage(c, row === null ? 404 : 422)
  const at = Date.now()
  const { timezone } = await readSettings(c.env.DB, row.team)
  const next = how === 'off' ? 0 : nextReview(how, timezone, at)
  await putReviewHow(c.env.DB, row, { how, next }, { actor: personActor(c.get('person')), at })
  const said = how === 'off' ? 'The review is not mailed any more.' : `The review is mailed ${how}.`
  return goTo(c, `/workflows/${row.id}/review`, said)
})

async function ownWorkflow(c: PageContext): Promise<WorkflowRow | null> {
  const id = c.req.param('id') ?? ''
  return isId('wf', id) ? workflowById(c.env.DB, c.get('person').team.id, id) : null
}
