/** `/workflows/{id}/dry-run`: the draft run once, for no task. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import type { Json } from '../../domain/json/json.ts'
import type { ApiEnv } from '../../http/context.ts'
import { anyJson } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { checkInput } from '../../task/start.ts'
import { blocked, own, refuseDefinition, TAG } from '../api/shared.ts'
import { openDraft } from '../draft.ts'
import { dryRun } from './dry-run.ts'

export const dryRunRoutes: Routes = new OpenAPIHono<ApiEnv>()

const label = z.string().max(80)
const asked = z
  .strictObject({
    input: anyJson.openapi({ description: 'As of a task of this workflow.' }),
    decisions: z
      .record(z.string(), z.union([label, z.array(label).min(1).max(50)]))
      .optional()
      .openapi({
        description:
          'What people choose at a step, by its key: a label, or one for each time they are asked there. Else they approve.',
      }),
    answers: z
      .record(z.string(), anyJson)
      .optional()
      .openapi({ description: 'What a service, tool or started workflow answers at a step. Else it is made up.' }),
  })
  .openapi('DryRunRequest')

const effect = z.object({
  step: z.string(),
  tool: z.string().nullable().openapi({ description: 'What would be called; null: people would be asked.' }),
  to: z.array(z.string()).openapi({ description: 'Who would be asked.' }),
  args: anyJson.openapi({ description: 'What would be sent, secrets by their names; or what people would read.' }),
  chose: z.string().nullable(),
})

const answered = z
  .object({
    status: z.string(),
    why: z.string().nullable(),
    broken: z.string().nullable().openapi({ description: 'Why it was broken off; null: it was not.' }),
    cost: z.number().nullable(),
    tokens: z.object({ input: z.int(), output: z.int() }),
    steps: z.array(z.record(z.string(), anyJson)),
    effects: z.array(effect),
    result: anyJson,
  })
  .openapi('DryRun')

route(
  dryRunRoutes,
  {
    method: 'post',
    path: '/workflows/{id}/dry-run',
    operationId: 'dryRunWorkflow',
    tag: TAG,
    summary: 'Run the draft once, for no task',
    description:
      'Runs the draft, or what is live while there is none, with this input. Models are asked, and cost what they cost. Services, tools and started workflows are not called: `answers` says what they answer. Nobody is asked or told: `decisions` says what people choose. Waits pass at once. It is answered when it is over, after four minutes at most.',
    scope: 'workflows:write',
    body: asked,
    answers: { 200: { schema: answered, description: 'What came of it.' } },
    errors: [422],
  },
  async (c, { params, body }) => {
    const row = await own(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const { linted, problem: unreadable } = await openDraft(c.env, row)
    if (linted === null) return problem(c, { kind: 'invalid_definition', message: unreadable ?? '', path: '' })
    if (blocked(linted)) return refuseDefinition(c, linted)
    const { definition, agents } = linted
    const wrong = checkInput({ pinned: { definition: definition! } }, body.input, 'input')
    if (wrong) return problem(c, wrong)
    const { decisions = {}, answers = {} } = body
    const said = { decisions, answers: answers as Record<string, Json>, by: keyActor(c.get('key')) }
    const of = { workflow: row.id, definition: definition!, agents, input: body.input as Json }
    const ran = await dryRun(c.env, row.team, { ...of, ...said })
    if ('kind' in ran) return problem(c, ran)
    const { status, why = null, cost, tokens, steps, result } = ran.document
    return c.json({ status, why, broken: ran.broken, cost, tokens, steps, effects: ran.effects, result })
  },
)
