/** What came to intakes: listed, looked at, sent again; and tests and previews of what would come. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { keyActor } from '../domain/caller.ts'
import type { Json } from '../domain/json/json.ts'
import type { ApiContext, ApiEnv } from '../http/context.ts'
import { anyJson, cursorOf, cursorQuery, pageOf } from '../http/describe.ts'
import { problem } from '../http/errors.ts'
import { bodyHash, idempotencyKey, type Read } from '../http/request/body.ts'
import { type Routes, route } from '../http/route.ts'
import { isId } from '../records/ids.ts'
import { deliveryById, listDeliveries } from '../records/intake/deliveries.ts'
import { type IntakeRow, intakeById } from '../records/intake/intakes.ts'
import { againOf, deliveryEntry, deliveryOf, VERDICTS } from './delivery-entry.ts'
import { type By, type Parts, preview, replay, replayMany, sendTest, wholeBody } from './outcome/replay.ts'
import { usualParts } from './sample.ts'
import { webhookFields, wrongFilter, wrongMap } from './settings.ts'

export const deliveryRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Deliveries'
const time = z.iso.datetime({ offset: true }).optional()
const texts = z.record(z.string().max(200), z.string().max(4096)).optional()

route(
  deliveryRoutes,
  {
    method: 'get',
    path: '/intakes/{id}/deliveries',
    tag: TAG,
    summary: 'List what came to an intake',
    description:
      'Newest first, for 30 days. Of refused, skipped and duplicate deliveries a bounded number a minute is kept. Long bodies are cut; GET /deliveries/:id has the whole.',
    scope: 'tasks:read',
    query: cursorQuery.extend({
      verdict: z.enum(VERDICTS).optional(),
      q: z
        .string()
        .trim()
        .max(200)
        .optional()
        .openapi({ description: 'Text in the body’s beginning, headers, query, reason; or a task’s id.' }),
      from: time,
      to: time,
    }),
    answers: { 200: { schema: pageOf(deliveryEntry), description: 'A page of deliveries.' } },
  },
  async (c, { params, query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const row = await ownIntake(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const found = await listDeliveries(c.env.DB, row.team, row.id, filterOf(query), cursor.value)
    return c.json({ items: await Promise.all(found.items.map(item => deliveryOf(c, item))), next: found.next })
  },
)

route(
  deliveryRoutes,
  {
    method: 'get',
    path: '/deliveries/{id}',
    tag: TAG,
    summary: 'Read a delivery',
    scope: 'tasks:read',
    answers: { 200: { schema: deliveryEntry, description: 'The delivery with all of its body, where that was kept.' } },
  },
  async (c, { params }) => {
    const row = await deliveryById(c.env.DB, c.get('key').team, params.id)
    return row ? c.json(await deliveryOf(c, row, await wholeBody(c.env, row))) : problem(c, { kind: 'not_found' })
  },
)

route(
  deliveryRoutes,
  {
    method: 'post',
    path: '/deliveries/{id}/replay',
    tag: TAG,
    summary: 'Send a delivery again',
    description:
      'It goes through filter, map and schema as they are now, past signature and dedupe, and makes a task of its own. Answers the new delivery, whatever its verdict.',
    scope: 'tasks:write',
    idempotent: true,
    answers: { 200: { schema: deliveryEntry, description: 'The new delivery.' } },
    errors: [409, 422],
  },
  async (c, { params }) => {
    const row = await deliveryById(c.env.DB, c.get('key').team, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const by = await byOf(c, new Uint8Array())
    if (!by.ok) return problem(c, by.problem)
    const sent = await replay(c.env, row, by.value)
    return sent.ok ? c.json(await deliveryOf(c, sent.value)) : problem(c, sent.problem)
  },
)

route(
  deliveryRoutes,
  {
    method: 'post',
    path: '/intakes/{id}/replay',
    tag: TAG,
    summary: 'Send many deliveries again',
    description:
      'The refused ones unless `verdict` says otherwise, newest first, up to 50 a call; each once, however often this is called. Those that did not prove who sent them are left out. `next` goes on with the older ones.',
    scope: 'tasks:write',
    query: cursorQuery,
    body: z.strictObject({
      verdict: z.enum(['accepted', 'skipped', 'refused']).default('refused'),
      from: time,
      to: time,
    }),
    answers: {
      200: {
        schema: z.object({
          items: z.array(
            z.object({
              delivery: z.string(),
              replay: deliveryEntry.optional(),
              error: z.object({ code: z.string(), message: z.string() }).optional(),
            }),
          ),
          next: z.string().nullable(),
        }),
        description: 'What became of each.',
      },
    },
    errors: [409],
  },
  async (c, { params, query, body }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const row = await ownIntake(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const done = await replayMany(c.env, row, filterOf(body), cursor.value, keyActor(c.get('key')))
    return c.json({ items: await Promise.all(done.items.map(each => againOf(c, each))), next: done.next })
  },
)

route(
  deliveryRoutes,
  {
    method: 'post',
    path: '/intakes/{id}/test',
    tag: TAG,
    summary: 'Send a test',
    description:
      'Goes through filter, map and schema and makes a real task. Without `body`: the newest delivery’s, else a sample made from the input schema.',
    scope: 'tasks:write',
    body: z.strictObject({ body: anyJson.optional(), headers: texts, query: texts }),
    idempotent: true,
    answers: { 200: { schema: deliveryEntry, description: 'The delivery that it made.' } },
    errors: [409],
  },
  async (c, { params, body, raw }) => {
    const row = await ownIntake(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const by = await byOf(c, raw.bytes)
    if (!by.ok) return problem(c, by.problem)
    const parts = body.body === undefined ? await usualParts(c.env, row) : (body as Parts)
    const sent = await sendTest(c.env, row.team, row.id, parts, by.value)
    return sent.ok ? c.json(await deliveryOf(c, sent.value)) : problem(c, sent.problem)
  },
)

route(
  deliveryRoutes,
  {
    method: 'post',
    path: '/intakes/{id}/preview',
    tag: TAG,
    summary: 'See what a delivery would become',
    description:
      'Makes no task. Takes a delivery that came, or one made up; `filter` and `map` try other settings than the intake has.',
    scope: 'tasks:read',
    body: z.strictObject({
      delivery: z.string().optional(),
      body: anyJson.optional(),
      headers: texts,
      query: texts,
      filter: webhookFields.filter.nullish(),
      map: webhookFields.map.nullish(),
    }),
    answers: {
      200: {
        schema: z.object({
          verdict: z.enum(['accepted', 'skipped', 'refused']),
          reason: z.string().nullable(),
          filter: z
            .object({
              verdict: z.boolean().optional(),
              value: anyJson.optional(),
              error: z.string().optional(),
              reads: z.record(z.string(), z.unknown()).openapi({ description: 'What the filter looked at.' }),
            })
            .nullable(),
          input: anyJson.optional(),
          errors: z.array(z.object({ code: z.string(), message: z.string(), path: z.string().optional() })),
        }),
        description: 'The verdict, and how it came to be.',
      },
    },
    errors: [409],
  },
  async (c, { params, body }) => {
    const row = await ownIntake(c, params.id)
    if (!row) return problem(c, { kind: 'not_found' })
    const { delivery: id, filter, map, ...parts } = body
    const found = id === undefined ? null : await deliveryById(c.env.DB, row.team, id)
    if (id !== undefined && !found) return problem(c, { kind: 'not_found' })
    const wrong = wrongFilter(filter ?? undefined) ?? wrongMap(map ?? undefined)
    if (wrong) return problem(c, wrong)
    const tried = {
      filter: filter === undefined ? row.config.filter : (filter ?? undefined),
      map: map === undefined ? row.config.map : (map ?? undefined),
    }
    const seen = await preview(
      c.env,
      row.team,
      row.id,
      found ?? { ...parts, body: (parts.body ?? null) as Json },
      tried,
    )
    return seen.ok ? c.json(seen.value) : problem(c, seen.problem)
  },
)

function filterOf({
  from,
  to,
  ...rest
}: {
  from?: string
  to?: string
  verdict?: (typeof VERDICTS)[number]
  q?: string
}) {
  const ms = (text: string | undefined) => (text === undefined ? undefined : Date.parse(text))
  return { ...rest, from: ms(from), to: ms(to) }
}

/** Who asks, and the key under which asking again gets the same answer. */
async function byOf(c: ApiContext, bytes: Uint8Array): Promise<Read<By>> {
  const given = idempotencyKey(c)
  if (!given.ok) return given
  const id = given.value
  const idempotency = id === undefined ? undefined : { id, hash: await bodyHash({ bytes }) }
  return { ok: true, value: { actor: keyActor(c.get('key')), idempotency } }
}

async function ownIntake(c: ApiContext, id: string): Promise<IntakeRow | null> {
  return isId('int', id) ? intakeById(c.env.DB, c.get('key').team, id) : null
}
