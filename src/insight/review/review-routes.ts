/** `/workflows/:id/review`: a period of a workflow to learn from, for programs. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { type Alike, type Place, reviewOf, type StepReview } from '../../domain/review/review.ts'
import type { ApiEnv } from '../../http/context.ts'
import { iso, isoTime, periodTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { latestApproved } from '../../records/definitions/offered-answers.ts'
import { workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { rowsInReview } from '../../records/task/reviews/in-review.ts'
import { listCorrections } from '../../records/task/reviews/learned.ts'

export const reviewRoutes: Routes = new OpenAPIHono<ApiEnv>()

const WEEK_MS = 7 * 86_400_000
/** The latest answers that were approved as they were drafted. */
const MOST_APPROVED = 10

const place = z.object({
  task: z.string(),
  seq: z.int().openapi({ description: "Where in the task's log." }),
  at: iso,
})
const alike = z.object({
  step: z.string().openapi({ description: 'Empty: a step that was come to before the period.' }),
  code: z.string(),
  message: z.string(),
  times: z.int(),
  latest: z.array(place),
})
const review = z
  .object({
    from: iso,
    to: iso,
    whole: z.boolean().openapi({ description: 'Whether all of the period was read; else the latest of it.' }),
    tasks: z.int().openapi({ description: 'Tasks that anything happened to.' }),
    escalations: z.array(alike).openapi({ description: 'Where models were unsure, most often first.' }),
    failures: z.array(alike).openapi({ description: 'What failed or got stuck, most often first.' }),
    corrections: z.array(
      z.object({ at: iso, task: z.string(), step: z.string(), agent: z.string().nullable(), field: z.string() }),
    ),
    approved: z
      .array(
        z.object({
          ...{
            task: z.string(),
            visit: z.int(),
            run: z.int(),
            at: iso,
            step: z.string(),
            agent: z.string().nullable(),
          },
          offer: z.enum(['offered', 'taken', 'turned_down']).nullable().openapi({
            description: 'What became of it as knowledge; null: nobody offered it.',
          }),
        }),
      )
      .openapi({ description: 'The latest answers that people approved as they were drafted.' }),
    steps: z.array(
      z.object({
        ...{ step: z.string(), visits: z.int(), ended: z.int() },
        averageMs: z.number().nullable().openapi({ description: 'From coming to leaving, waits for people included.' }),
        slowest: place.extend({ ms: z.number() }).nullable(),
        cost: z.number().openapi({ description: 'USD.' }),
        dearest: place.extend({ cost: z.number() }).nullable(),
      }),
    ),
  })
  .openapi('WorkflowReview')

route(
  reviewRoutes,
  {
    method: 'get',
    path: '/workflows/{id}/review',
    operationId: 'getWorkflowReview',
    tag: 'Insight',
    summary: 'Read the review of a workflow',
    description:
      'What models were unsure of, what failed, what people corrected or approved unchanged, and which steps were slow or dear. The last seven days unless `from` and `to` say otherwise.',
    scope: 'tasks:read',
    query: z.object({ from: periodTime, to: periodTime }),
    answers: { 200: { schema: review, description: 'The review of the period.' } },
  },
  async (c, { params, query }) => {
    const { team } = c.get('key')
    const row = isId('wf', params.id) ? await workflowById(c.env.DB, team, params.id) : null
    if (row === null) return problem(c, { kind: 'not_found' })
    const to = query.to ?? Date.now()
    const from = query.from ?? to - WEEK_MS
    if (from > to) {
      return problem(c, { kind: 'invalid', message: 'from: this is after `to`.', hint: 'Swap the two.', path: 'from' })
    }
    const period = { team, workflow: row.id, from, to }
    const [{ rows, whole }, corrections, approved] = await Promise.all([
      rowsInReview(c.env.DB, period),
      listCorrections(c.env.DB, team, period, null),
      latestApproved(c.env.DB, period, MOST_APPROVED),
    ])
    const { tasks, escalations, failures, steps } = reviewOf(rows)
    return c.json({
      ...{ from: isoTime(from), to: isoTime(to), whole, tasks },
      ...{ escalations: escalations.map(alikeDocument), failures: failures.map(alikeDocument) },
      corrections: corrections.items.map(({ at, task, step, agent, field }) => ({
        ...{ at: isoTime(at), task, step, agent, field },
      })),
      approved: approved.map(({ task, visit, run, at, step, agent, status }) => ({
        ...{ task, visit, run, at: isoTime(at), step, agent, offer: status },
      })),
      steps: steps.map(stepDocument),
    })
  },
)

function alikeDocument(one: Alike) {
  return { ...one, latest: one.latest.map(placeDocument) }
}

function stepDocument({ step, visits, ended, ms, slowest, cost, dearest }: StepReview) {
  return {
    ...{ step, visits, ended, averageMs: ended === 0 ? null : ms / ended, cost },
    slowest: slowest && placeDocument(slowest),
    dearest: dearest && placeDocument(dearest),
  }
}

function placeDocument<P extends Place>(place: P) {
  return { ...place, at: isoTime(place.at) }
}
