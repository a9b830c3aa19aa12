/** `/limits` and `/settings`: what a team may spend, how fast its providers are asked, and by which clock. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { limitsProblem, settingsProblem, type TeamLimits } from '../../domain/team-limits.ts'
import type { ApiContext, ApiEnv } from '../../http/context.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type By, NEW_TEAM, putLimits, putSettings, readLimits, readSettings } from '../../records/people/limits.ts'
import { usualProblem } from '../listed-models.ts'
import { forgetTerms } from './terms.ts'

export const limitRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Limits'

const usd = (of: string) =>
  z
    .number()
    .nullable()
    .openapi({ description: `USD in a ${of}; null: no budget.` })
const parallel = z.int().openapi({ description: 'Calls at a time.' }).optional()
const perMinute = z.int().openapi({ description: 'Calls that begin within a minute.' }).optional()
const WAITING = 'Open decisions of one person from which on model steps that lead to them wait; null: any number.'

const limits = z
  .object({
    budget: z.object({ day: usd('day'), month: usd('month') }),
    providers: z.record(z.string(), z.object({ parallel, perMinute })),
    waiting: z.int().nullable().openapi({ description: WAITING }),
  })
  .openapi('TeamLimits')

const newLimits = z.strictObject({
  budget: z.strictObject({ day: usd('day').optional(), month: usd('month').optional() }).optional(),
  providers: z.record(z.string(), z.strictObject({ parallel, perMinute })).optional(),
  waiting: z.int().nullable().optional().openapi({ description: WAITING }),
})

const TIMEZONE = 'IANA name. Days and months of budgets follow it. Unless set UTC.'
const TASK_BUDGET =
  'USD that a task may spend whose workflow sets no `limits.cost`. Unless set 2; null: as much as it takes. Holds for tasks that begin from now on.'
const MODEL =
  'The model of steps and agents that name none; null: the server’s. Holds for tasks that begin from now on.'

const settings = z
  .object({
    timezone: z.string().openapi({ description: TIMEZONE }),
    taskBudget: z.number().nullable().openapi({ description: TASK_BUDGET }),
    model: z.string().nullable().openapi({ description: MODEL }),
  })
  .openapi('TeamSettings')

route(
  limitRoutes,
  {
    method: 'get',
    path: '/limits',
    tag: TAG,
    summary: 'The limits of the team',
    scope: 'admin',
    answers: { 200: { schema: limits, description: 'As they are set.' } },
  },
  async c => c.json(limitsOf(await readLimits(c.env.DB, c.get('key').team))),
)

route(
  limitRoutes,
  {
    method: 'put',
    path: '/limits',
    operationId: 'setLimits',
    tag: TAG,
    summary: 'Set the limits of the team',
    description:
      'Replaces all of them: what is left out is without limit from now on. Beyond a limit tasks are held, and go on by themselves.',
    scope: 'admin',
    body: newLimits,
    answers: { 200: { schema: limits, description: 'Set.' } },
  },
  async (c, { body }) => {
    const { budget, providers = {}, waiting = null } = body
    const set = { budget: { day: budget?.day ?? null, month: budget?.month ?? null }, providers, waiting }
    const wrong = limitsProblem(set)
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    await putLimits(c.env.DB, set, byKey(c))
    return c.json(limitsOf(set))
  },
)

route(
  limitRoutes,
  {
    method: 'get',
    path: '/settings',
    operationId: 'getSettings',
    tag: TAG,
    summary: 'The settings of the team',
    scope: 'admin',
    answers: { 200: { schema: settings, description: 'As they are set.' } },
  },
  async c => c.json(await readSettings(c.env.DB, c.get('key').team)),
)

route(
  limitRoutes,
  {
    method: 'put',
    path: '/settings',
    operationId: 'setSettings',
    tag: TAG,
    summary: 'Set the settings of the team',
    description: 'Replaces all of them: what is left out is as for a new team from now on.',
    scope: 'admin',
    body: z.strictObject({
      timezone: z.string().max(64).optional().openapi({ description: TIMEZONE }),
      taskBudget: z.number().nullable().optional().openapi({ description: TASK_BUDGET }),
      model: z.string().max(200).nullable().optional().openapi({ description: MODEL }),
    }),
    answers: { 200: { schema: settings, description: 'Set.' } },
  },
  async (c, { body }) => {
    const { timezone, taskBudget, model } = { ...NEW_TEAM, ...body }
    const wrong = settingsProblem(timezone, taskBudget, model)
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    const nobody = await usualProblem(c.env, c.get('key').team, model)
    if (nobody !== null) {
      return problem(c, { kind: 'invalid', code: 'unknown_provider', message: `model: ${nobody}`, path: 'model' })
    }
    await putSettings(c.env.DB, { timezone, taskBudget, model }, byKey(c))
    forgetTerms(c.get('key').team)
    return c.json({ timezone, taskBudget, model })
  },
)

function byKey(c: ApiContext): By {
  const key = c.get('key')
  return { team: key.team, actor: keyActor(key), name: key.id, at: Date.now() }
}

function limitsOf({ budget, providers, waiting }: TeamLimits): TeamLimits {
  return { budget, providers, waiting }
}
