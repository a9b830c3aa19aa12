/** `/working-hours`: when a team works, its holidays, and when it has people reminded. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { WEEKDAYS } from '../../domain/schedule/working-hours.ts'
import type { ApiEnv } from '../../http/context.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { putHours, readHours } from '../../records/people/working-hours.ts'
import { forgetTerms } from '../limits/terms.ts'
import { teamHoursProblem } from './form.ts'

export const hoursRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Limits'

const day = z.string().max(100).optional()
const week = z
  .strictObject(Object.fromEntries(WEEKDAYS.map(name => [name, day])) as Record<(typeof WEEKDAYS)[number], typeof day>)
  .openapi({ description: 'Day → `09:00-17:00`, several stretches with commas between; a day left out is free.' })
const holidays = z.array(z.string().max(10)).max(400).openapi({ description: 'Dates such as 2026-12-25.' })
const remind = z
  .strictObject({ before: z.array(z.string().max(20)).max(5).optional(), every: z.string().max(20).optional() })
  .nullable()
  .openapi({
    description:
      'When those who have not decided are told again, where a human step says nothing of it: so long before it is due, and every so often while it is open. null: never. Holds for tasks that begin from now on.',
  })
const TIMEZONE = 'The clock that they are meant by: that of the settings.'

const teamHours = z
  .object({
    timezone: z.string().openapi({ description: TIMEZONE }),
    hours: week.nullable().openapi({ description: 'null: every hour counts.' }),
    holidays,
    remind,
  })
  .openapi('WorkingHours')

route(
  hoursRoutes,
  {
    method: 'get',
    path: '/working-hours',
    tag: TAG,
    summary: 'The working hours of the team',
    scope: 'admin',
    answers: { 200: { schema: teamHours, description: 'As they are set.' } },
  },
  async c => c.json(shown(await readHours(c.env.DB, c.get('key').team))),
)

route(
  hoursRoutes,
  {
    method: 'put',
    path: '/working-hours',
    operationId: 'setWorkingHours',
    tag: TAG,
    summary: 'Set the working hours of the team',
    description:
      'Replaces all of them, with holidays and reminders. They hold for what is asked from now on: what is open keeps its due time.',
    scope: 'admin',
    body: z.strictObject({
      hours: week.nullable().optional(),
      holidays: holidays.optional(),
      remind: remind.optional(),
    }),
    answers: { 200: { schema: teamHours, description: 'Set.' } },
  },
  async (c, { body }) => {
    const { id, team } = c.get('key')
    const { timezone } = await readHours(c.env.DB, team)
    const { hours = null, holidays: days = [] } = body
    const set = { timezone, hours: hours === null ? null : { hours, holidays: days }, remind: body.remind ?? null }
    const wrong =
      hours === null && days.length > 0
        ? { path: 'hours', message: 'Holidays are days off: say which hours are worked on all others.' }
        : teamHoursProblem(set)
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    await putHours(c.env.DB, set, { team, actor: keyActor(c.get('key')), name: id, at: Date.now() })
    forgetTerms(team)
    return c.json(shown(set))
  },
)

function shown({ timezone, hours, remind: reminders }: Awaited<ReturnType<typeof readHours>>) {
  return { timezone, hours: hours?.hours ?? null, holidays: hours?.holidays ?? [], remind: reminders }
}
