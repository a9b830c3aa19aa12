/** `/metrics`: how it goes, in figures; and what a task took people before, by which time saved is told. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { type Baseline, baselineProblem } from '../../domain/metrics/saved.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { iso, isoTime, periodTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { putBaseline } from '../../records/definitions/baselines.ts'
import { workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import { PERIOD_MS } from '../range.ts'
import { metricsOf } from './metrics.ts'
import { partsOf } from './parts.ts'
import { timeSaved } from './saved.ts'

export const metricsRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Insight'
const TURNED = { kind: 'invalid', message: 'from: this is after `to`.', hint: 'Swap the two.', path: 'from' } as const

const baseline = z
  .object({
    minutes: z.number().openapi({ description: 'What people needed for one task without Baton.' }),
    ownMinutes: z.number().nullable().openapi({
      description: 'What they still need where they decide; null: it is not known, and nothing is taken off.',
    }),
  })
  .openapi('Baseline')

const rate = z.number().nullable()
const period = z.object({ workflow: z.string().max(40).optional(), from: periodTime, to: periodTime })
const metrics = z
  .object({
    from: iso,
    to: iso,
    workflow: z.string().nullable(),
    volume: z.int().openapi({ description: 'Tasks that were made in the period; all other figures are of these.' }),
    open: z.int(),
    done: z.int(),
    failed: z.int(),
    stuck: z.int(),
    cancelled: z.int(),
    completionRate: rate.openapi({ description: 'Done, of those that are over.' }),
    errorRate: rate.openapi({ description: 'Failed or stuck as it stands, of all.' }),
    escalationRate: rate.openapi({ description: 'A model was unsure, of all.' }),
    correctionRate: rate.openapi({ description: 'Edited by a person, of those that people decided on.' }),
    duration: z.object({
      averageMs: rate,
      medianMs: rate.openapi({ description: 'To within 3 %.' }),
      slowestMs: rate,
    }),
    cost: z
      .object({ total: rate, average: rate, known: z.int() })
      .openapi({ description: 'USD, of the tasks whose cost is known.' }),
    timeSaved: z
      .object({
        ms: z.int(),
        workflows: z.array(
          z.object({
            workflow: z.string(),
            baseline,
            done: z.int(),
            decided: z.int().openapi({ description: 'Of the done ones, those in which people decided.' }),
            ms: z.int(),
          }),
        ),
      })
      .nullable()
      .openapi({ description: 'Against what `PUT /workflows/{id}/baseline` says; null: nothing does.' }),
  })
  .openapi('Metrics')

route(
  metricsRoutes,
  {
    method: 'get',
    path: '/metrics',
    operationId: 'getMetrics',
    tag: TAG,
    summary: 'Read figures of a period',
    description: 'The last 30 days unless `from` and `to` say otherwise.',
    scope: 'tasks:read',
    query: period,
    answers: { 200: { schema: metrics, description: 'The figures. A rate without a base is null.' } },
  },
  async (c, { query }) => {
    const to = query.to ?? Date.now()
    const from = query.from ?? to - PERIOD_MS
    if (from > to) return problem(c, TURNED)
    const { team } = c.get('key')
    const [found, saved] = await Promise.all([
      metricsOf(c.env.DB, team, query.workflow, from, to),
      timeSaved(c.env.DB, team, query.workflow, { from, to }),
    ])
    return c.json({
      from: isoTime(from),
      to: isoTime(to),
      workflow: query.workflow ?? null,
      ...found,
      timeSaved: saved,
    })
  },
)

const spread = z.object({
  ms: z.int().openapi({ description: 'All of them together.' }),
  medianMs: rate.openapi({ description: 'To within 5 %.' }),
  p90Ms: rate.openapi({ description: 'One in ten took longer.' }),
})
const stepTime = z
  .object({
    step: z.string(),
    tasks: z.int().openapi({ description: 'Those that left the step; all stays of a task there count together.' }),
    all: spread,
    waited: spread,
    worked: spread,
    kinds: z
      .object({ people: z.int(), time: z.int(), held: z.int(), queue: z.int(), model: z.int(), call: z.int() })
      .openapi({
        description:
          'Where the time went, in ms. Waiting: for people; for a time, an event or another task; held by a limit or a provider; for a worker or the next attempt. Working: a model; a call or other work.',
      }),
  })
  .openapi('StepTime')
const part = z
  .object({
    name: z.string(),
    tasks: z.int().openapi({ description: 'Those that had the part; `GET /tasks?part=step:KEY` lists them.' }),
    done: z.int(),
    open: z.int().openapi({ description: 'Of a step, those that are at it; so are failed and stuck.' }),
    failed: z.int(),
    stuck: z.int(),
    cancelled: z.int(),
    unsure: z.int(),
    escalationRate: rate,
    edited: z.int(),
    correctionRate: rate,
    cost: rate,
  })
  .openapi('PartMetrics')

route(
  metricsRoutes,
  {
    method: 'get',
    path: '/metrics/parts',
    operationId: 'getMetricsOfParts',
    tag: TAG,
    summary: 'Read figures by step, agent, model, intake and version',
    description:
      'And where the time of steps goes. Without a workflow, by agent and model alone. The last 30 days unless `from` and `to` say otherwise.',
    scope: 'tasks:read',
    query: period,
    answers: {
      200: {
        schema: z.object({
          ...{ from: iso, to: iso, workflow: z.string().nullable() },
          parts: z.object({
            ...{ step: z.array(part), agent: z.array(part), model: z.array(part) },
            ...{ intake: z.array(part), version: z.array(part) },
          }),
          steps: z.array(stepTime),
          task: stepTime.nullable().openapi({ description: 'Of the tasks that are over, from beginning to end.' }),
        }),
        description: 'The figures.',
      },
    },
  },
  async (c, { query }) => {
    const to = query.to ?? Date.now()
    const from = query.from ?? to - PERIOD_MS
    if (from > to) return problem(c, TURNED)
    const found = await partsOf(c.env.DB, c.get('key').team, query.workflow, { from, to })
    return c.json({ from: isoTime(from), to: isoTime(to), workflow: query.workflow ?? null, ...found })
  },
)

route(
  metricsRoutes,
  {
    method: 'put',
    path: '/workflows/{id}/baseline',
    operationId: 'putBaseline',
    tag: TAG,
    summary: 'Say how long a task took people before',
    description: 'By it metrics tell the time saved. `ownMinutes` is null unless it is given.',
    scope: 'workflows:write',
    body: z.strictObject({ minutes: z.number(), ownMinutes: z.number().nullable().default(null) }),
    answers: { 200: { schema: baseline, description: 'As it stands now.' } },
  },
  async (c, { params, body }) => {
    const row = await own(c, params.id)
    if (row === null) return problem(c, { kind: 'not_found' })
    const wrong = baselineProblem(body)
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    return c.json(await put(c, row, body))
  },
)

route(
  metricsRoutes,
  {
    method: 'delete',
    path: '/workflows/{id}/baseline',
    operationId: 'deleteBaseline',
    tag: TAG,
    summary: 'Forget how long a task took people before',
    scope: 'workflows:write',
    answers: { 204: { description: 'Time saved is told no more.' } },
  },
  async (c, { params }) => {
    const row = await own(c, params.id)
    if (row === null) return problem(c, { kind: 'not_found' })
    await put(c, row, null)
    return c.body(null, 204)
  },
)

async function own(c: ApiContext, id: string) {
  return isId('wf', id) ? workflowById(c.env.DB, c.get('key').team, id) : null
}

async function put<B extends Baseline | null>(
  c: ApiContext,
  row: NonNullable<Awaited<ReturnType<typeof own>>>,
  set: B,
): Promise<B> {
  await putBaseline(c.env.DB, row, set, { actor: keyActor(c.get('key')), at: Date.now() })
  return set
}
