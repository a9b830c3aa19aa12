/** `/audit` and `/health`: what happened, and whether it can be asked. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { type ApiEnv, publicUrl } from '../http/context.ts'
import { anyJson, cursorOf, cursorQuery, iso, isoTime, originDocument, pageOf, periodTime } from '../http/describe.ts'
import { problem } from '../http/errors.ts'
import { type Routes, route } from '../http/route.ts'
import { timeD1 } from '../records/database.ts'
import { EXPORT_TYPES, entryOf, exportAudit } from './audit/audit-export.ts'
import { searchAudit } from './audit/audit-search.ts'
import { checksOf, worstOf } from './health/checks.ts'
import { healthOf } from './health/health.ts'

export const insightRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Insight'

const entry = z
  .object({
    task: z.string(),
    seq: z.int().openapi({ description: "The first of the row's events." }),
    workflow: z.string(),
    at: iso,
    types: z.array(z.string()),
    actor: z.object({
      kind: z.string(),
      id: z.string().optional(),
      name: z.string().optional(),
      from: originDocument,
    }),
    step: z.string().nullable(),
    facts: anyJson,
    text: z.string().openapi({ description: 'The entry in a sentence.' }),
    digest: z.string().openapi({
      description:
        'SHA-256 over the digest of the entry before and this one; of entries from before the chain, over the row in the task’s own log.',
    }),
  })
  .openapi('AuditEntry')

const filter = z.object({
  task: z.string().max(40).optional(),
  workflow: z.string().max(40).optional(),
  actor: z.string().max(254).optional().openapi({ description: "A key's id or name, an address, or `system`." }),
  type: z.string().max(40).optional(),
  from: periodTime,
  to: periodTime,
  q: z.string().max(200).optional().openapi({
    description:
      'Words that the entry holds, all of them: in its sentence, its facts, or what its task and workflow are called.',
  }),
})

route(
  insightRoutes,
  {
    method: 'get',
    path: '/audit',
    operationId: 'listAudit',
    tag: TAG,
    summary: 'Search the audit log',
    description:
      'Summaries; the full text of an event is in `GET /tasks/:id/events`. From the index, which trails the tasks by up to 2 s.',
    scope: 'tasks:read',
    query: cursorQuery.extend(filter.shape),
    answers: { 200: { schema: pageOf(entry), description: 'A page of entries, newest first.' } },
  },
  async (c, { query }) => {
    const cursor = cursorOf(query)
    if (!cursor.ok) return problem(c, cursor.problem)
    const { cursor: _cursor, ...filter } = query
    const found = await searchAudit(c.env.DB, c.get('key').team, filter, cursor.value)
    return c.json({ items: found.items.map(entryOf), next: found.next })
  },
)

route(
  insightRoutes,
  {
    method: 'get',
    path: '/audit/export',
    operationId: 'exportAudit',
    tag: TAG,
    summary: 'Export the audit log',
    description:
      'All entries that fit, newest first, streamed; of any span. JSON Lines has the entries of `GET /audit`, one a line.',
    scope: 'tasks:read',
    query: filter.extend({ format: z.enum(['csv', 'jsonl']).default('jsonl') }),
    answers: { 200: { schema: z.string(), description: 'The file.', types: ['application/jsonl', 'text/csv'] } },
  },
  (c, { query: { format, ...filter } }) => {
    c.header('Content-Type', EXPORT_TYPES[format])
    return c.body(exportAudit(c.env.DB, c.get('key').team, filter, format))
  },
)

const verdict = z.enum(['ok', 'look', 'bad'])
const statusReport = z
  .object({
    status: verdict.openapi({
      description: '`look`: it works, and somebody should look at something. `bad`: something does not work.',
    }),
    at: iso,
    checks: z.array(
      z.object({
        check: z.string(),
        status: verdict,
        text: z.string(),
        next: z.array(z.object({ text: z.string(), url: z.string() })).openapi({ description: 'What to do about it.' }),
      }),
    ),
  })
  .openapi('StatusReport')

route(
  insightRoutes,
  {
    method: 'get',
    path: '/status',
    operationId: 'getStatus',
    tag: TAG,
    summary: 'How everything runs, for monitors',
    description:
      'What the page Health says of the team: database, alerts, models, turns at providers, queue, what is held, schedules, messages and callbacks, lists. 200 while all works; 503 as soon as a check is `bad`, or, with `fail=look`, worth a look, such as while an alert fires. Ask once a minute at most.',
    scope: 'tasks:read',
    query: z.object({ fail: z.enum(['look', 'bad']).default('bad') }),
    answers: {
      200: { schema: statusReport, description: 'It works.' },
      503: { schema: statusReport, description: 'Something does not, or Baton cannot tell; then there is an `error`.' },
    },
  },
  async (c, { query: { fail } }) => {
    const now = Date.now()
    const checks = checksOf(await healthOf(c.env, c.get('key').team, now), now)
    const status = worstOf(checks)
    const told = checks.map(each => ({
      check: each.key,
      status: each.verdict,
      text: each.said.join(' '),
      next: each.acts.map(act => ({
        text: act.label,
        url: publicUrl(c.env, 'post' in act ? `/health#${each.key}` : act.href),
      })),
    }))
    const isBad = status === 'bad' || (fail === 'look' && status === 'look')
    c.header('Cache-Control', 'no-store')
    return c.json({ status, at: isoTime(now), checks: told }, isBad ? 503 : 200)
  },
)

const check = z.object({ ok: z.boolean(), ms: z.int() })

route(
  insightRoutes,
  {
    method: 'get',
    path: '/health',
    tag: TAG,
    summary: 'Whether Baton can be asked',
    description:
      'Needs no key, and tells nothing of any team. 200 whenever D1 answers, else 503; a provider never changes the status. How a team’s work runs tells `GET /status`.',
    scope: null,
    open: true,
    answers: {
      200: { schema: z.object({ ok: z.boolean(), checks: z.object({ d1: check }) }), description: 'D1 answers.' },
    },
  },
  async c => {
    const d1 = await timeD1(c.env.DB)
    const { ok } = d1
    const checks = { d1 }
    return ok ? c.json({ ok, checks }) : problem(c, { kind: 'unavailable', retryAfter: 5 }, { ok, checks })
  },
)
