/** `/alerts`: what fires and fired lately, from which figures on, and being told nothing for a while. */
import { OpenAPIHono, z } from '@hono/zod-openapi'
import { RULE_KEYS, type RuleKey, type RuleSettings, rulesProblem } from '../../domain/alert/rules.ts'
import { keyActor } from '../../domain/caller.ts'
import { type ApiContext, type ApiEnv, publicUrl } from '../../http/context.ts'
import { iso, isoOrNull, isoTime } from '../../http/describe.ts'
import { problem } from '../../http/errors.ts'
import { type Routes, route } from '../../http/route.ts'
import { type AlertRow, alertById, alertsOf, muteAlert } from '../../records/alert/alerts.ts'
import { alertSettings, putAlertSettings } from '../../records/alert/settings.ts'
import { workflowById } from '../../records/definitions/workflows.ts'
import { isId } from '../../records/ids.ts'
import type { By } from '../../records/people/limits.ts'
import { inForce } from './figures.ts'
import { MOST_HOURS, perWorkflowProblem } from './form.ts'
import { wordsOf } from './words.ts'

export const alertRoutes: Routes = new OpenAPIHono<ApiEnv>()

const TAG = 'Alerts'
const rule = z.enum(RULE_KEYS as [RuleKey, ...RuleKey[]])

const alert = z
  .object({
    id: z.string(),
    rule,
    workflow: z.string().nullable().openapi({ description: 'null: it is of no one workflow.' }),
    firing: z.boolean(),
    since: iso.openapi({ description: 'Since when it fires, or is over.' }),
    value: z
      .number()
      .openapi({ description: 'Its figure as of `lookedAt`: a share, a number, or so many times the usual.' }),
    samples: z.int().openapi({ description: 'Of how many it is.' }),
    title: z.string(),
    text: z.string().openapi({ description: 'How it stands, in a sentence.' }),
    url: z.string().openapi({ description: 'The list that it speaks of.' }),
    lookedAt: iso,
    mutedUntil: iso.nullable(),
  })
  .openapi('Alert')

const number = (description: string) => z.number().openapi({ description })
const fields = {
  on: z.boolean(),
  above: number('Fires from this figure on; shares are from 0 to 1.'),
  below: number('Is over below this one.'),
  samples: number('A figure of fewer fires nothing.'),
  minutes: number('So long it must hold, either way.'),
  least: number('What must be reached besides: USD or hours, by the rule.'),
}
const threshold = z.object(fields)
const RULES_SHAPE = Object.fromEntries(RULE_KEYS.map(key => [key, threshold])) as Record<RuleKey, typeof threshold>
const rules = z.object(RULES_SHAPE).openapi('AlertRules')
const own = z.strictObject(fields).partial().strict()
const OWN_SHAPE = Object.fromEntries(RULE_KEYS.map(key => [key, own.optional()])) as Record<
  RuleKey,
  z.ZodOptional<typeof own>
>
const newRules = z.strictObject(OWN_SHAPE)
const ofWorkflow = z.object({ workflow: z.string().max(40).optional() })

route(
  alertRoutes,
  {
    method: 'get',
    path: '/alerts',
    tag: TAG,
    summary: 'List alerts',
    description: 'Those that fire, then those that were over in the last 30 days. Looked at every five minutes.',
    scope: 'tasks:read',
    answers: { 200: { schema: z.object({ items: z.array(alert), next: z.null() }), description: 'Firing first.' } },
  },
  async c => {
    const found = await alertsOf(c.env.DB, c.get('key').team)
    return c.json({ items: found.filter(({ episode }) => episode > 0).map(row => alertOf(c, row)), next: null })
  },
)

route(
  alertRoutes,
  {
    method: 'get',
    path: '/alerts/rules',
    operationId: 'getAlertRules',
    tag: TAG,
    summary: 'The thresholds of alerts',
    description: 'As they are in force for the team, or for one workflow.',
    scope: 'admin',
    query: ofWorkflow,
    answers: { 200: { schema: rules, description: 'All rules, with what is usual where nothing is set.' } },
  },
  async (c, { query: { workflow = '' } }) => {
    if (workflow !== '' && !(await isThere(c, workflow))) return problem(c, { kind: 'not_found' })
    return c.json(allInForce(await alertSettings(c.env.DB, c.get('key').team), workflow))
  },
)

route(
  alertRoutes,
  {
    method: 'put',
    path: '/alerts/rules',
    operationId: 'setAlertRules',
    tag: TAG,
    summary: 'Set thresholds of alerts',
    description:
      'Of the team, or of one workflow, for which they go before the team’s. Replaces all that was set there: what is left out is as usual, or as the team has it.',
    scope: 'admin',
    query: ofWorkflow,
    body: newRules,
    answers: { 200: { schema: rules, description: 'As they are in force now.' } },
  },
  async (c, { query: { workflow = '' }, body }) => {
    if (workflow !== '' && !(await isThere(c, workflow))) return problem(c, { kind: 'not_found' })
    const settings = await alertSettings(c.env.DB, c.get('key').team)
    const set = body as RuleSettings
    const under = workflow === '' ? [] : [settings.get('')]
    const wrong = perWorkflowProblem(set, workflow) ?? rulesProblem(set, ...under)
    if (wrong !== null) return problem(c, { kind: 'invalid', ...wrong, message: `${wrong.path}: ${wrong.message}` })
    await putAlertSettings(c.env.DB, workflow, set, byKey(c))
    return c.json(allInForce(new Map([...settings, [workflow, set]]), workflow))
  },
)

route(
  alertRoutes,
  {
    method: 'post',
    path: '/alerts/{id}/mute',
    operationId: 'muteAlert',
    tag: TAG,
    summary: 'Mute an alert',
    description: 'Nothing is told of it for so many hours; what holds after them is told then. 0: it is told of again.',
    scope: 'tasks:write',
    body: z.strictObject({ hours: z.int().min(0).max(MOST_HOURS) }),
    answers: { 200: { schema: alert, description: 'Muted, or no longer.' } },
  },
  async (c, { params, body: { hours } }) => {
    const { team } = c.get('key')
    const row = await alertById(c.env.DB, team, params.id)
    if (row === null) return problem(c, { kind: 'not_found' })
    const by = byKey(c)
    const mutedUntil = hours === 0 ? null : by.at + hours * 3_600_000
    await muteAlert(c.env.DB, row, mutedUntil, by)
    return c.json(alertOf(c, { ...row, mutedUntil }))
  },
)

async function isThere(c: ApiContext, workflow: string): Promise<boolean> {
  return isId('wf', workflow) && (await workflowById(c.env.DB, c.get('key').team, workflow)) !== null
}

function allInForce(settings: Map<string, RuleSettings>, workflow: string) {
  return Object.fromEntries(RULE_KEYS.map(key => [key, inForce(settings, key, workflow)]))
}

function alertOf(c: ApiContext, row: AlertRow) {
  const { id, rule: of, workflow, firing, value, samples } = row
  const { title, said, path } = wordsOf(row)
  const times = { since: isoTime(row.since), lookedAt: isoTime(row.lookedAt), mutedUntil: isoOrNull(row.mutedUntil) }
  const words = { title, text: said, url: publicUrl(c.env, path) }
  return { id, rule: of, workflow: workflow || null, firing, value, samples, ...words, ...times }
}

function byKey(c: ApiContext): By {
  const key = c.get('key')
  return { team: key.team, actor: keyActor(key), name: key.id, at: Date.now() }
}
