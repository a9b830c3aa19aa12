/** What the state of things amounts to: each trouble changes its own check alone, and each comes with what to do next. */
import { expect, test } from 'vitest'
import { ACCESS } from '../../../src/app/access.ts'
import { checksOf, type HealthCheck, type Verdict, worstOf } from '../../../src/insight/health/checks.ts'
import type { Health } from '../../../src/insight/health/health.ts'
import type { AlertRow } from '../../../src/records/alert/alerts.ts'

const NOW = Date.UTC(2026, 5, 15)
const FINE: Health = {
  database: { ok: true, ms: 3 },
  models: {
    provider: 'api.openai.com',
    usual: 'gpt-5-mini',
    answers: [{ model: 'gpt-5-mini', code: null, n: 9, last: NOW }],
  },
  gate: {},
  backlog: { counts: [{ status: 'waiting', n: 2, oldest: NOW - 60_000 }], late: { n: 0, oldest: null }, held: [] },
  alerts: [],
  undelivered: { channels: [], trying: 0, givenUp: [], callbacks: [] },
  lateSchedules: [],
  flush: { asked: 4, behind: [], refused: [] },
}
const ALERT = {
  rule: 'stuck',
  id: 'stuck.wf_1',
  workflow: 'wf_1',
  value: 12,
  facts: { name: 'Invoices', n: 12 },
} as const
const firing = [{ ...ALERT, firing: true, since: NOW }] as unknown as AlertRow[]
const held = (why: string): Partial<Health> => ({ backlog: { ...FINE.backlog!, held: [{ why, n: 3, oldest: NOW }] } })
const provider = { since: NOW, inFlight: 0, waiting: 2, oldest: NOW, limit: null, retryAt: null }
const channel = { id: 'chn_1', host: 'hooks.example.com', person: null, since: NOW, error: 'answered 500.' }
const failed = [{ model: 'gpt-5-mini', code: 'timeout', n: 9, last: NOW }]

test('all is fine, and nothing has to be done', () => {
  const checks = checksOf(FINE, NOW)
  expect(checks.map(({ key, verdict }) => [key, verdict])).toEqual(
    ['alerts', 'database', 'models', 'queue', 'deliveries', 'index'].map(key => [key, 'ok']),
  )
  expect(worstOf(checks)).toBe('ok')
})

test.each<[string, Partial<Health>, HealthCheck['key'], Verdict, string | null]>([
  [
    'D1 is away',
    { database: { ok: false, ms: 1 }, backlog: null, alerts: null, undelivered: null },
    'database',
    'bad',
    null,
  ],
  ['an alert fires', { alerts: firing }, 'alerts', 'look', '/settings/alerts'],
  [
    'a provider is silent',
    { models: { ...FINE.models, answers: failed } },
    'models',
    'bad',
    'Use the demo model for new tasks',
  ],
  [
    'some calls fail',
    { models: { ...FINE.models, answers: [...FINE.models.answers, { ...failed[0]!, n: 2 }] } },
    'models',
    'look',
    '/settings/models',
  ],
  ['a provider is down', { gate: { openai: { ...provider, state: 'down' } } }, 'turns', 'bad', '/search?status=held'],
  [
    'a provider is limited',
    { gate: { openai: { ...provider, state: 'limited' } } },
    'turns',
    'look',
    '/settings/limits',
  ],
  ['the Gate does not answer', { gate: null }, 'turns', 'bad', '/settings/limits'],
  [
    'tasks are late',
    { backlog: { ...FINE.backlog!, late: { n: 2, oldest: NOW - 600_000 } } },
    'queue',
    'bad',
    'Wake them now',
  ],
  [
    'the budget is used up',
    held('The budget of $5.00 for the day 2026-06-15 is used up.'),
    'held',
    'look',
    '/settings/limits',
  ],
  ['no provider is set up', held('The provider is not set up.'), 'held', 'look', '/settings/models'],
  [
    'a schedule was missed',
    { lateSchedules: [{ id: 'int_1', workflow: 'wf_1', name: 'Nightly', dueAt: NOW - 900_000 }] },
    'schedules',
    'bad',
    'Run Nightly now',
  ],
  [
    'a channel takes nothing',
    { undelivered: { ...FINE.undelivered!, channels: [channel] } },
    'deliveries',
    'look',
    'Test hooks.example.com',
  ],
  [
    'a message was given up',
    { undelivered: { ...FINE.undelivered!, givenUp: [{ id: 'msg_1', error: 'x' }] } },
    'deliveries',
    'bad',
    'Send the newest again',
  ],
  [
    'callbacks were given up',
    { undelivered: { ...FINE.undelivered!, callbacks: [{ workflow: 'wf_1', name: 'A', trying: 0, failed: 2 }] } },
    'deliveries',
    'bad',
    '/workflows/wf_1/callbacks?status=failed',
  ],
  ['lists lag', { flush: { asked: 4, behind: [{ task: 't', ms: 60_000 }], refused: [] } }, 'index', 'look', null],
  [
    'a task cannot be listed',
    { flush: { asked: 4, behind: [], refused: [{ workflow: 'A', task: 'tsk_1', why: 'x' }] } },
    'index',
    'bad',
    '/tasks/tsk_1',
  ],
])('%s', (_, change, key, verdict, act) => {
  const checks = checksOf({ ...FINE, ...change }, NOW)
  const found = checks.find(each => each.key === key)!
  expect([found.key, found.verdict]).toEqual([key, verdict])
  expect(checks.filter(each => each.key !== key && each.verdict !== 'ok')).toEqual([])
  expect(worstOf(checks)).toBe(verdict)
  if (act !== null) expect(found.acts.map(each => ('post' in each ? each.label : each.href))).toContain(act)
})

test('a person’s own channel is named to nobody else, nor what a message was about', () => {
  const channels = [{ ...channel, person: 'ana@acme.test', host: 'private.example.com' }]
  const text = JSON.stringify(checksOf({ ...FINE, undelivered: { ...FINE.undelivered!, channels } }, NOW))
  expect(text).not.toMatch(/ana@|private\.example/)
  expect(text).toContain('1 of people’s own channels takes nothing.')
})

test('every act leads to an address that there is', () => {
  const troubled: Health = {
    ...FINE,
    models: { ...FINE.models, answers: failed },
    backlog: {
      counts: [{ status: 'stuck', n: 1, oldest: NOW }, ...FINE.backlog!.counts],
      late: { n: 1, oldest: NOW },
      held: [{ why: 'budget', n: 1, oldest: NOW }],
    },
    lateSchedules: [{ id: 'int_1', workflow: 'wf_1', name: 'Nightly', dueAt: NOW }],
    undelivered: {
      channels: [channel],
      trying: 1,
      givenUp: [{ id: 'msg_1', error: null }],
      callbacks: [{ workflow: 'wf_1', name: 'A', trying: 1, failed: 0 }],
    },
  }
  const routes = [...ACCESS.keys()].map(route => new RegExp(`^${route.replaceAll(/:\w+(\{[^}]*\})?/g, '[^/]+')}$`))
  const acts = checksOf(troubled, NOW).flatMap(each => each.acts)
  const addresses = acts.map(act => ('post' in act ? `POST ${act.post}` : `GET ${act.href.split(/[?#]/)[0]}`))
  expect(addresses.length).toBeGreaterThan(10)
  expect(addresses.filter(address => !routes.some(route => route.test(address)))).toEqual([])
})
