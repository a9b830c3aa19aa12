/** `/absences`: who is away until when, and who stands in for whom. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../domain/caller.ts'
import type { ApiContext, ApiEnv } from '../http/context.ts'
import { problem } from '../http/errors.ts'
import { type Routes, route } from '../http/route.ts'
import { type Absence, absenceOf, listAbsences } from '../records/people/absences.ts'
import { readSettings } from '../records/people/limits.ts'
import { listMembers } from '../records/people/teams.ts'
import { awayProblem, dayOf, endOfDay, setAway } from './away.ts'

export const absenceRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'People'

const UNTIL = 'The last day away, by the clock of the team’s settings; null: they are here.'
const BACKUP = 'Who stands in, also for good, should they leave; null: nobody in particular.'
const absence = z
  .object({
    email: z.string(),
    until: z.string().nullable().openapi({ description: UNTIL }),
    backup: z.string().nullable().openapi({ description: BACKUP }),
  })
  .openapi('Absence')

route(
  absenceRoutes,
  {
    method: 'get',
    path: '/absences',
    tag: TAG,
    summary: 'List who is away, and who stands in for whom',
    scope: 'admin',
    answers: { 200: { schema: z.object({ items: z.array(absence), next: z.null() }), description: 'All of them.' } },
  },
  async c => {
    const { team } = c.get('key')
    const [absences, { timezone }] = await Promise.all([listAbsences(c.env.DB, team), readSettings(c.env.DB, team)])
    return c.json({ items: absences.map(each => shown(each, timezone)), next: null })
  },
)

route(
  absenceRoutes,
  {
    method: 'put',
    path: '/absences/{email}',
    operationId: 'setAbsence',
    tag: TAG,
    summary: 'Set until when a member is away',
    description:
      'What is asked of them goes to who stands in, at once and on each task’s record; it stays there when they are back.',
    scope: 'admin',
    body: z.strictObject({
      until: z.string().max(10).openapi({ description: 'The last day away, such as 2026-12-24.' }),
      backup: z.string().max(254).nullable().optional().openapi({ description: BACKUP }),
    }),
    answers: { 200: { schema: absence, description: 'Set.' } },
  },
  async (c, { params, body }) => {
    const known = await memberOf(c, params.email)
    if (known === null) return problem(c, { kind: 'not_found' })
    const { email, emails } = known
    const { timezone } = await readSettings(c.env.DB, c.get('key').team)
    const set = { email, backup: body.backup?.toLowerCase() ?? null, awayUntil: endOfDay(body.until, timezone) }
    const wrong = awayProblem(set, emails, Date.now())
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong })
    await setAway(c.env, set, byKey(c))
    return c.json(shown(set, timezone))
  },
)

route(
  absenceRoutes,
  {
    method: 'delete',
    path: '/absences/{email}',
    operationId: 'endAbsence',
    tag: TAG,
    summary: 'Say that a member is back',
    description: 'New questions come to them; what was handed over stays where it is. Who stands in for them is kept.',
    scope: 'admin',
    answers: { 200: { schema: absence, description: 'They are here.' } },
  },
  async (c, { params }) => {
    const known = await memberOf(c, params.email)
    if (known === null) return problem(c, { kind: 'not_found' })
    const before = await absenceOf(c.env.DB, c.get('key').team, known.email)
    const set = { email: known.email, backup: before?.backup ?? null, awayUntil: null }
    await setAway(c.env, set, byKey(c))
    return c.json(shown(set, 'UTC'))
  },
)

async function memberOf(c: ApiContext, given: string): Promise<{ email: string; emails: string[] } | null> {
  const emails = (await listMembers(c.env.DB, c.get('key').team)).map(one => one.email.toLowerCase())
  const email = given.toLowerCase()
  return emails.includes(email) ? { email, emails } : null
}

function byKey(c: ApiContext) {
  const key = c.get('key')
  return { team: key.team, actor: keyActor(key), at: Date.now() }
}

/** Whoever was away is here. */
function shown({ email, backup, awayUntil }: Absence, timezone: string) {
  const until = awayUntil !== null && awayUntil > Date.now() ? dayOf(awayUntil, timezone) : null
  return { email, until, backup }
}
