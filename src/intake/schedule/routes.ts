/** What a schedule has beside other intakes: a run by hand, and the history of its slots. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../../domain/caller.ts'
import { type ApiContext, type ApiEnv, publicUrl } from '../../http/context.ts'
import { cursorOf, cursorQuery, iso, isoTime, pageOf } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { idempotencyKey } from '../../http/request/body.ts'
import { type Routes, route } from '../../http/route.ts'
import { PAGE_SIZE, page } from '../../records/cursor.ts'
import { listSlots, type SlotRecord } from '../../records/definitions/schedules.ts'
import { isId } from '../../records/ids.ts'
import { type IntakeRow, intakeById } from '../../records/intake/intakes.ts'
import { runNow } from './run.ts'

export const scheduleRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Intakes'

route(
  scheduleRoutes,
  {
    method: 'post',
    path: '/intakes/{id}/run',
    tag: TAG,
    summary: 'Run a schedule now',
    description: 'A task like those of its slots. Its clock goes on as before.',
    scope: 'tasks:write',
    idempotent: true,
    answers: {
      201: { schema: z.object({ id: z.string(), url: z.string() }), description: 'The task.' },
      202: { schema: z.object({ tasks: z.int() }), description: 'Its event was told to so many open tasks.' },
    },
    errors: [409, 422],
  },
  async (c, { params }) => {
    const row = await ownSchedule(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const given = idempotencyKey(c)
    if (!given.ok) return problem(c, given.problem)
    const key = c.get('key')
    const ran = await runNow(c.env, row, keyActor(key), `${key.id}:${given.value ?? crypto.randomUUID()}`)
    if (!ran.ok) return problem(c, ran.problem)
    if (ran.task === null) return c.json({ tasks: ran.told.tasks }, 202)
    return c.json({ id: ran.task, url: publicUrl(c.env, `/tasks/${ran.task}`) }, 201)
  },
)

const slot = z.object({
  slot: iso,
  until: iso.openapi({ description: 'The last of the slots that this stands for.' }),
  verdict: z.enum(['started', 'skipped', 'refused', 'queued']),
  task: z.string().nullable(),
  reason: z.string().nullable(),
  byHand: z.boolean(),
  at: iso,
})

route(
  scheduleRoutes,
  {
    method: 'get',
    path: '/intakes/{id}/slots',
    tag: TAG,
    summary: "List a schedule's slots",
    description: 'What became of each of the last 30 days.',
    scope: 'workflows:read',
    query: cursorQuery,
    answers: { 200: { schema: pageOf(slot), description: 'A page of slots, newest first.' } },
  },
  async (c, { params, query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const row = await ownSchedule(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const before = cursor.value?.at ?? Number.MAX_SAFE_INTEGER
    const rows = await listSlots(c.env.DB, row.id, before, PAGE_SIZE + 1)
    const found = page(rows, one => ({ at: one.slot, id: 'slot' }))
    return c.json({ items: found.items.map(slotOf), next: found.next })
  },
)

function slotOf({ slot, until, verdict, task, reason, byHand, at }: SlotRecord) {
  const times = { slot: isoTime(slot), until: isoTime(until), at: isoTime(at) }
  return { ...times, verdict, task, reason, byHand: byHand === 1 }
}

async function ownSchedule(c: ApiContext, id: string): Promise<IntakeRow | null> {
  const row = isId('int', id) ? await intakeById(c.env.DB, c.get('key').team, id) : null
  return row?.kind === 'schedule' ? row : null
}
