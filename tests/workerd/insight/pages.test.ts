/** The pages of insight: the audit log and its filters, the figures, health, and search; each of one team alone. */
import { beforeAll, describe, expect, test } from 'vitest'
import { sweepMessages } from '../../../src/approval/tell/message.ts'
import { sweepReviews } from '../../../src/approval/tell/review.ts'
import type { StoredPart } from '../../../src/domain/task/told/parts.ts'
import { NO_LIMITS } from '../../../src/domain/team-limits.ts'
import { csvLines } from '../../../src/domain/text/csv.ts'
import { gateStub } from '../../../src/env.ts'
import { exportAudit } from '../../../src/insight/audit/audit-export.ts'
import { lastDays } from '../../../src/insight/range.ts'
import type { AuditFilter } from '../../../src/records/audit.ts'
import { newTaskId } from '../../../src/records/ids.ts'
import { putLimits } from '../../../src/records/people/limits.ts'
import { type Flush, statementsOf } from '../../../src/records/task/flush.ts'
import { dueReviewMails } from '../../../src/records/task/reviews/in-review.ts'
import { aTask, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let other: Team
let owner: Browser
let workflow: string
let task: string

beforeAll(async () => {
  team = await aTeam()
  other = await aTeam()
  owner = new Browser()
  await owner.signIn(team.owner)
  workflow = await aWorkflow(team)
  task = await aTask(team, workflow, 'Orbit <b>&</b> Sons')
  await aTask(team, workflow, '=HYPERLINK("http://evil.test")')
  await team.call('POST', `/tasks/${task}/decide`, { handoff: 'rejected', note: 'Far too long' })
  await owner.send('/settings/people', { email: 'somebody@new.test', role: 'viewer' })
  await aTask(other, await aWorkflow(other), 'Of another team')
  await eventually(async () =>
    expect((await owner.open(`/audit?task=${task}&type=decided`)).text).toContain('Far too long'),
  )
})

const rows = (text: string) =>
  (text.split('aria-label="Figures"')[1] ?? text).split('<tbody>')[1]?.split('</tbody>')[0]?.split('<tr>').slice(1) ??
  []

/** All of them, those that the page keeps asking for, too. */
const entries = (text: string) => text.match(/<tr id="at-/g) ?? []

describe('the audit log', () => {
  test('shows what happened, escaped, with links to the tasks, and nothing of another team', async () => {
    const { status, text } = await owner.open('/audit')
    expect(status).toBe(200)
    expect(text).toContain('Orbit &lt;b&gt;&amp;&lt;/b&gt; Sons')
    expect(text).toContain(`href="/tasks/${task}?tab=log&amp;seq=`)
    expect(text).toContain('Person invited')
    expect(text).toContain('the team')
    expect(text).not.toContain('Of another team')
  })

  test.each([
    ['type=decided', 1],
    ['type=person.invited', 1],
    ['actor=nobody', 0],
    ['q=FAR+TOO', 1],
    // The words of the sentence that is shown, in whatever order; names that are shown beside it; the facts beneath it.
    ['q=decided+too', 1],
    ['q=somebody@new.test:+person+invited', 1],
    ['q=Orbit+decided', 1],
    ['q=%22handoff%22', 1],
    ['q=decided+never', 0],
    ['from=2001-01-01&to=2001-01-02', 0],
    // A span that ends before it begins says nothing.
    ['type=decided&from=2030-01-02&to=2030-01-01', 1],
    ['type=decided&from=yesterday', 1],
  ])('finds by %s', async (query, n) => {
    const { status, text } = await owner.open(`/audit?${query}`)
    expect(status).toBe(200)
    expect(entries(text)).toHaveLength(n)
  })

  test('keeps its filters in the form, and finds by who, which task and which workflow', async () => {
    const today = new Date().toISOString().slice(0, 10)
    const { text } = await owner.open(
      `/audit?actor=${encodeURIComponent(team.owner)}&from=${today}&to=${today}&workflow=&type=person.invited`,
    )
    expect(entries(text)).toHaveLength(1)
    expect(text).toContain(`value="${team.owner}"`)
    expect(text).toMatch(/<option value="person.invited" selected/)
    expect(entries((await owner.open(`/audit?task=${task}&workflow=${workflow}`)).text)).toHaveLength(2)
    expect((await owner.open('/audit?task=nothing')).text).toContain('Nothing on record fits')
  })

  test('goes on to older rows', async () => {
    for (let i = 0; i < 52; i++)
      await owner.send('/settings/keys', { name: `K${i}`, scope: 'tasks:read', lifetime: 'never' })
    const first = await owner.open('/audit?type=key.made')
    expect(entries(first.text)).toHaveLength(50)
    const next = /href="(\/audit\?[^"]*cursor=[^"]+)"/.exec(first.text)![1]!.replaceAll('&amp;', '&')
    expect(next).toContain('type=key.made')
    expect(entries((await owner.open(next)).text)).toHaveLength(2)
  })

  test('asks for what is new while it is open, and is told only when there is something', async () => {
    const asks = (text: string) => /hx-get="(\/audit\?[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&')
    const shown = await owner.open('/audit?type=key.made&q=later')
    const ask = asks(shown.text)!
    expect(ask).toMatch(/type=key.made&since=\d+&seen=0$/)
    const partial = { headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial' } }
    expect((await owner.open(ask, partial)).status).toBe(204)
    await owner.send('/settings/keys', { name: 'Later', scope: 'tasks:read', lifetime: 'never' })
    await owner.send('/settings/keys', { name: 'Sooner', scope: 'tasks:read', lifetime: 'never' })
    const more = await owner.open(ask, partial)
    expect([more.status, entries(more.text).length]).toEqual([200, 1])
    expect(more.text).toMatch(/^<tbody id="audit-new"/)
    expect(more.text).toContain('Later')
    expect((await owner.open(asks(more.text)!, partial)).status).toBe(204)
    const past = new Date(Date.now() - 86_400_000).toISOString().slice(0, 10)
    const older = asks((await owner.open('/audit?type=key.made')).text.replace('since=', ''))!
    expect(older).toContain('type=key.made')
    for (const still of [`to=${past}`, 'cursor=MTow'])
      expect((await owner.open(`/audit?${still}`)).text).not.toContain('audit-new')
  })

  test('shows rows that no calendar holds', async () => {
    const facts = { type: 'share.made', task, detail: 'full', inputs: 'no', until: 9e15 }
    const insert = `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest)
      VALUES (?1, 9001, ?1, '', ?2, 'share.made', '{"kind":"system"}', NULL, ?3, '')`
    await env.DB.prepare(insert)
      .bind(other.id, Date.now(), JSON.stringify([facts]))
      .run()
    const elsewhere = new Browser()
    await elsewhere.signIn(other.owner)
    const { status, text } = await elsewhere.open('/audit?type=share.made')
    expect([status, entries(text).length]).toEqual([200, 1])
    expect(text).toContain('until ?')
  })

  test('comes as CSV in which nothing is a formula', async () => {
    const { headers, text } = await owner.open('/audit.csv')
    expect(headers.get('Content-Type')).toContain('text/csv')
    expect(headers.get('Content-Disposition')).toContain('audit.csv')
    expect(text).toContain(`"'=HYPERLINK(""http://evil.test"")"`)
    expect(text).not.toContain('Of another team')
    for (const start of ['＝', '＋', '－', '＠', '\u200b=', '\ufeff=', '\u2060+', '\u00ad@', ' \u200e-']) {
      expect(csvLines([[`${start}1`]])).toBe(`'${start}1\r\n`)
    }
    expect(csvLines([['=1+1', ' @x', '-2', 'plain', 'a,"b"\nc']])).toBe(`'=1+1,' @x,'-2,plain,"a,""b""\nc"\r\n`)
  })
})

describe('the export of the audit log', () => {
  test('holds every row of the span once, however few are read at a time, as CSV and as JSON Lines', async () => {
    const kept = await env.DB.prepare('SELECT count(*) AS n FROM audit WHERE team = ?1')
      .bind(team.id)
      .first<number>('n')
    expect(kept).toBeGreaterThan(50)
    const lines = async (filter: AuditFilter, size: number) =>
      (await new Response(exportAudit(env.DB, team.id, filter, 'jsonl', size)).text()).split('\n').slice(0, -1)
    const all = await lines({}, 1000)
    expect([all.length, new Set(all).size]).toEqual([kept, kept])
    expect(await lines({}, 7)).toEqual(all)
    const ours = all.filter(line => (JSON.parse(line) as { types: string[] }).types.includes('decided'))
    expect(ours).toHaveLength(1)
    expect(await lines({ type: 'decided' }, 7)).toEqual(ours)
    expect(await lines({ to: 1 }, 7)).toEqual([])
    const page = await owner.open('/audit.jsonl?type=person.invited')
    expect(page.headers.get('Content-Type')).toContain('application/jsonl')
    expect(page.headers.get('Content-Disposition')).toContain('audit.jsonl')
    const invited = JSON.parse(page.text) as { text: string }
    expect(invited.text).toMatch(/: Person invited, somebody@new\.test/)
    expect((await owner.open('/audit.csv')).text.match(/\r\n/g)).toHaveLength(kept! + 1)
  })

  test('is the API’s, too, with the same filters, of one’s own team alone', async () => {
    const own = await team.call('GET', `/audit/export?task=${task}`)
    expect(own.headers.get('Content-Type')).toContain('application/jsonl')
    expect(own.text.trim().split('\n').length).toBeGreaterThan(1)
    expect((await team.call('GET', `/audit/export?task=${task}&format=csv`)).text).toContain('Far too long')
    expect((await other.call('GET', `/audit/export?task=${task}`)).text).toBe('')
    expect((await team.call('GET', '/audit/export?format=xml')).status).toBe(422)
    expect((await team.call('GET', '/audit/export?from=yesterday')).body.error.path).toBe('from')
  })
})

describe('a review', () => {
  const flushed = (n: number, task: string, ...facts: object[]) =>
    env.DB.prepare(
      `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest)
       VALUES (?1, ?2, ?3, ?4, ?5, ?6, '{"kind":"system"}', NULL, ?7, '')`,
    ).bind(task, n, team.id, workflow, Date.now() - 100_000 + n * 1000, wordsOf(facts), JSON.stringify(facts))
  const wordsOf = (facts: object[]) => facts.map(fact => (fact as { type: string }).type).join(' ')

  test('shows doubts, failures, and steps that were slow and dear, each with its tasks and the way to its step', async () => {
    await env.DB.batch([
      flushed(901, task, { type: 'entered', visit: 91, step: 'sort' }),
      flushed(931, task, { type: 'reported', visit: 91, cost: 0.25 }, { type: 'routed', visit: 91, outcome: 'unsure' }),
      flushed(932, task, { type: 'entered', visit: 92, step: 'post' }),
      flushed(933, task, { type: 'failed', visit: 92, code: 'http_500', message: 'It <b>fell</b> over.' }),
    ])
    const { status, text } = await owner.open(`/workflows/${workflow}/review`)
    expect(status).toBe(200)
    const unsure = rows(text.split('Where models were unsure')[2]!)
    expect(unsure).toHaveLength(1)
    expect(unsure[0]).toContain(`href="/workflows/${workflow}/edit/steps/sort"`)
    expect(unsure[0]).toContain(`href="/tasks/${task}?tab=log&amp;seq=931"`)
    expect(text).toContain('http_500: It &lt;b&gt;fell&lt;/b&gt; over.')
    const steps = rows(text.split('Slow and dear steps').at(-1)!)
    expect(steps.find(row => row.includes('/edit/steps/sort'))).toMatch(/30 s.*\$0\.25/s)
    expect(text).toContain('Not by mail')
    const before = await owner.open(`/workflows/${workflow}/review?from=2001-01-01&to=2001-01-02`)
    for (const part of ['No model was unsure', 'Nothing was corrected', 'Nothing failed', 'No task came to a step'])
      expect(before.text).toContain(part)
    expect((await owner.open(`/workflows/${await aWorkflow(other)}/review`)).status).toBe(404)
  })

  test('is mailed to the owner once a slot, from where the last one ended, and not when nothing happened', async () => {
    const mails = async () => {
      const sql = "SELECT subject, text FROM outbox WHERE recipient = ?1 AND subject LIKE 'In review%' ORDER BY id"
      return (await env.DB.prepare(sql).bind(team.owner).all<{ subject: string; text: string }>()).results
    }
    const at = `/workflows/${workflow}/review`
    expect((await owner.send(at, { how: 'hourly' })).status).toBe(422)
    expect((await owner.send(at, { how: 'weekly' })).status).toBe(303)
    // The setting stands for what happened since.
    await env.DB.prepare('UPDATE review_mails SET since = since - 600000 WHERE workflow = ?1').bind(workflow).run()
    await sweepReviews(env, Date.now())
    expect(await mails()).toEqual([])
    const later = Date.now() + 8 * 86_400_000
    await sweepReviews(env, later)
    await sweepReviews(env, later)
    await sweepMessages(env, later)
    const [mail, ...more] = await mails()
    expect(more).toEqual([])
    for (const part of ['- sort: 1', '1 × http_500', '- sort: 30 s', '- sort: $0.25', `${at}?from=`])
      expect(mail!.text).toContain(part)
    await sweepReviews(env, later + 8 * 86_400_000)
    await sweepMessages(env, later + 8 * 86_400_000)
    expect(await mails()).toHaveLength(1)
    await owner.send(at, { how: 'off' })
    expect(await dueReviewMails(env.DB, Number.MAX_SAFE_INTEGER)).toEqual([])
  })
})

describe('the figures', () => {
  test('are those of the workflow, beside the span before', async () => {
    const { status, text } = await owner.open(`/workflows/${workflow}/metrics`)
    expect(status).toBe(200)
    const [tasks] = rows(text)
    expect(tasks).toMatch(/<td class="number"><a href="[^"]*">2<\/a><\/td><td class="number secondary">0<\/td>/)
    // A number leads to the tasks that it counts.
    const list = await owner.open(/href="(\/search[^"]*)"/.exec(tasks!)![1]!.replaceAll('&amp;', '&'))
    expect([list.status, list.text.match(/class="found-passage/g)?.length]).toEqual([200, 2])
    expect(text).toContain('–')
    const past = await owner.open(`/workflows/${workflow}/metrics?from=2001-01-01&to=2001-01-31`)
    expect(rows(past.text)[0]).toContain('<td class="number">0</td>')
    expect(past.text).toContain('2001-01-01 – 2001-01-31')
    expect(past.text).toContain('2000-12-01 – 2000-12-31')
  })

  test('of all workflows have a page of their own, and the form leads to one of them', async () => {
    const { status, text } = await owner.open('/metrics')
    expect(status).toBe(200)
    // Each drawing says in words what it shows, and a table has its numbers.
    const drawings = [...text.matchAll(/class="chart-plot"[^>]*aria-label="([^"]+)"/g)].map(([, said]) => said)
    expect(drawings).toHaveLength(4)
    expect(drawings[0]).toMatch(/^Tasks by week\. .*: 2 open/)
    expect(drawings[1]).toContain('healthy: 5 to 15 %')
    expect(text).toContain('aria-label="Figures over time"')
    expect(text).toContain(`/workflows/${workflow}/metrics?from=`)
    const chosen = await owner.open(`/metrics?workflow=${workflow}&from=2001-01-01&to=2001-01-02&x=1`)
    expect([chosen.status, chosen.location]).toEqual([
      303,
      `/workflows/${workflow}/metrics?from=2001-01-01&to=2001-01-02`,
    ])
  })

  test('tell the time saved once somebody said how long it took before', async () => {
    const at = `/workflows/${workflow}/metrics`
    expect((await owner.open(at)).text).toContain('Say how long it took before')
    const wrong = await owner.send(`/workflows/${workflow}/baseline`, { minutes: 'half an hour', ownMinutes: '' })
    expect([wrong.status, wrong.text.includes('Name minutes above 0'), wrong.text.includes('half an hour')]).toEqual([
      422,
      true,
      true,
    ])
    const set = await owner.send(`/workflows/${workflow}/baseline`, { minutes: '12,5', ownMinutes: '2' })
    expect([set.status, set.location]).toEqual([303, at])
    for (const page of [at, '/metrics']) expect((await owner.open(page)).text).toContain('0 done × 12.5 min')
    expect((await owner.send(`/workflows/${workflow}/baseline`, { minutes: '' })).status).toBe(303)
    expect((await owner.open(at)).text).not.toContain('12.5 min')
  })

  test('of another team’s workflow are not there', async () => {
    const foreign = await aWorkflow(other)
    expect((await owner.open(`/workflows/${foreign}/metrics`)).status).toBe(404)
    expect((await owner.open('/workflows/nonsense/metrics')).status).toBe(404)
  })
})

describe('health', () => {
  test('says that everything is fine', async () => {
    const { status, text } = await owner.open('/health')
    expect(status).toBe(200)
    expect(text).toMatch(/D1 answered in \d+ ms/)
    expect(text).toContain('No provider is set up')
    expect(text).toContain('No task is late')
    expect(text).not.toContain('Not working')
  })

  test('says how each provider does, who is at work there and how many wait, of this team alone', async () => {
    const browser = new Browser()
    const fresh = await aTeam()
    await browser.signIn(fresh.owner)
    const by = { team: fresh.id, actor: { kind: 'person' as const, id: fresh.owner }, name: 'Ana', at: Date.now() }
    await putLimits(env.DB, { ...NO_LIMITS, providers: { house: { parallel: 1 } } }, by)
    const gate = gateStub(env, fresh.id)
    const ask = (n: number) => ({
      task: `tsk_${n}`,
      visit: 1,
      run: 1,
      age: n,
      provider: 'house',
      cost: 0,
      people: [],
      lease: 'l',
      lastsMs: 60_000,
    })
    expect(await gate.take(ask(1))).toBeNull()
    expect(await gate.take(ask(2))).not.toBeNull()
    const { text } = await browser.open('/health')
    const row = text.split('<tr>').find(each => each.includes('house'))!
    expect(row).toMatch(/Limited.*since.*1 of 1<.*>1</s)
    expect(text).toContain('Worth a look')
    expect((await owner.open('/health')).text).not.toContain('house')
  })

  test('says what is late, and how models failed, of this team alone', async () => {
    const browser = new Browser()
    const fresh = await aTeam()
    await browser.signIn(fresh.owner)
    const id = await aTask(fresh, await aWorkflow(fresh))
    await env.DB.prepare('UPDATE tasks SET due_at = ?2 WHERE id = ?1')
      .bind(id, Date.now() - 600_000)
      .run()
    const facts = JSON.stringify([{ type: 'reported', outcome: 'failed', code: 'rate_limited', model: 'gpt-x<i>' }])
    await env.DB.prepare(
      "INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest) VALUES (?1, 9999, ?2, '', ?3, 'reported', '{\"kind\":\"system\"}', NULL, ?4, '')",
    )
      .bind(id, fresh.id, Date.now(), facts)
      .run()
    const { text } = await browser.open('/health')
    expect(text).toContain('1 task is late, the oldest by 10 min')
    expect(text).toContain('gpt-x&lt;i&gt;: rate_limited')
    expect(text).toContain('Not working')
    expect((await owner.open('/health')).text).not.toContain('rate_limited')
    const told = await fresh.call('GET', '/status')
    expect([told.status, told.body.status]).toEqual([503, 'bad'])
    const queue = told.body.checks.find((each: { check: string }) => each.check === 'queue')
    expect(queue).toMatchObject({
      status: 'bad',
      next: expect.arrayContaining([{ text: 'Wake them now', url: 'https://baton.test/health#queue' }]),
    })
    const woken = await browser.send('/health/wake', {})
    expect([woken.status, woken.location]).toEqual([303, '/health#queue'])
    expect((await fetchApi('/api/v1/status')).status).toBe(401)
  })

  test('shows what fires, with the list that it speaks of and a way to mute it; monitors hear of it where they ask', async () => {
    const browser = new Browser()
    const fresh = await aTeam()
    await browser.signIn(fresh.owner)
    const id = await aWorkflow(fresh, { name: 'Invoices<b>' })
    expect(await fresh.call('GET', '/status')).toMatchObject({ status: 200, body: { status: 'ok' } })
    await env.DB.prepare(
      `INSERT INTO alerts (team, id, rule, workflow, firing, since, episode, told_fired, told_resolved, value, samples, facts, looked_at)
       VALUES (?1, 'stuck.' || ?2, 'stuck', ?2, 1, ?3, 1, 1, 0, 12, 1, '{"name":"Invoices<b>","n":12}', ?3)`,
    )
      .bind(fresh.id, id, Date.now())
      .run()
    const { text } = await browser.open('/health')
    expect(text).toContain('Stuck tasks: Invoices&lt;b&gt;')
    expect(text).toContain(`href="/search?workflow=${id}&amp;status=stuck"`)
    expect(text).toContain('href="/settings/alerts"')
    expect(await fresh.call('GET', '/status')).toMatchObject({ status: 200, body: { status: 'look' } })
    expect((await fresh.call('GET', '/status?fail=look')).status).toBe(503)
    const muted = await browser.send(`/alerts/stuck.${id}/mute`, { hours: '24' })
    expect([muted.status, muted.location]).toEqual([303, '/health#alerts'])
    expect((await browser.open('/health')).text).toMatch(/muted until .*Tell again/s)
    const row = await env.DB.prepare('SELECT muted_until - ?2 AS ms FROM alerts WHERE team = ?1').bind(
      fresh.id,
      Date.now(),
    )
    expect(Math.abs((await row.first<number>('ms'))! - 86_400_000)).toBeLessThan(60_000)
    for (const hours of ['', '-1', '1.5', '721', 'x'])
      expect([hours, (await browser.send(`/alerts/stuck.${id}/mute`, { hours })).status]).toEqual([hours, 404])
    expect((await owner.send(`/alerts/stuck.${id}/mute`, { hours: '24' })).status).toBe(404)
  })

  test('thresholds of a workflow go before its team’s; what cannot be is refused at its field', async () => {
    const at = `/settings/alerts?workflow=${workflow}`
    expect((await owner.open(at)).text).not.toContain('Cost of the day')
    const wrong = await owner.send(at, { 'stuck.above': '1.5' })
    expect([wrong.status, wrong.text.includes('Give a whole number.')]).toEqual([422, true])
    expect((await owner.send(at, { 'stuck.above': '4', 'stuck.below': '2', 'error_rate.on': 'off' })).status).toBe(303)
    const { body } = await team.call('GET', `/alerts/rules?workflow=${workflow}`)
    expect(body).toMatchObject({ stuck: { above: 4, below: 2, on: true }, error_rate: { on: false } })
    expect((await team.call('GET', '/alerts/rules')).body).toMatchObject({
      stuck: { above: 10 },
      error_rate: { on: true },
    })
    const perTeam = await team.call('PUT', `/alerts/rules?workflow=${workflow}`, { cost_day: { above: 9 } })
    expect([perTeam.status, perTeam.body.error.path]).toEqual([422, 'cost_day'])
    expect((await owner.open('/settings/alerts?workflow=wf_aaaaaaaaaaaaaaaaaaaa')).status).toBe(404)
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    expect((await viewer.open('/settings/alerts')).text).toContain('Owners and admins change these.')
    expect((await viewer.send('/settings/alerts', { 'stuck.above': '4' })).status).toBe(403)
  })
})

describe('search', () => {
  test('finds boards, agents, tasks by words in any order, and an old task by its id', async () => {
    for (const [q, href] of [
      ['sons orbit', `/tasks/${task}`],
      [task, `/tasks/${task}`],
      ['audit', '/audit'],
      ['task new review', `/workflows/${workflow}/tasks/new`],
    ]) {
      expect((await owner.open(`/search?q=${encodeURIComponent(q!)}`)).text, q).toContain(
        `class="found-item" href="${href}"`,
      )
    }
    expect((await owner.open('/search?q=another+team')).text).not.toContain('Of another team')
    expect((await owner.open('/search?q=%25_%27')).text).toContain('Nothing here has all of these words')
  })

  test('offers viewers nothing to start', async () => {
    const viewer = new Browser()
    await viewer.signIn(await aMember(team.id, 'viewer'))
    const { text } = await viewer.open('/search')
    expect(text).toContain(`href="/workflows/${workflow}"`)
    expect(text).not.toContain('/tasks/new')
  })
})

test.each(['/audit', '/audit.csv', '/audit.jsonl', '/metrics', '/health', '/search'])(
  '%s asks who you are',
  async path => {
    const seen = await new Browser().open(`${path}?x=1`)
    expect([seen.status, seen.location]).toEqual([303, `/sign-in?next=${encodeURIComponent(`${path}?x=1`)}`])
  },
)

describe('every number of metrics', () => {
  const DAY = 86_400_000
  const TODAY = Math.floor(Date.now() / DAY) * DAY
  const STATUSES = ['done', 'done', 'cancelled', 'failed', 'stuck', 'waiting', 'running'] as const
  let counted: Team
  let flow: string
  let reader: Browser

  /** A task at `review` or over, drafted by one of two agents. */
  const told = (n: number): Flush => {
    const status = STATUSES[n % STATUSES.length]!
    const over = status === 'done' || status === 'cancelled'
    const [id, at] = [newTaskId(), TODAY - (n % 9) * DAY - n * 1000]
    const bits = [0, 1, 2, 6, 3][n % 5]!
    const agent = n % 3 === 0 ? 'writer' : 'reader'
    const parts: StoredPart[] = [
      ['task', '', 0.01, bits, over ? 1 : 0, ...(over ? [9_000_000, 0, 0, 10, 4000, 0] : [])],
      ['step', 'draft', 0.01, bits, 1, 0, 0, 0, 10, 4000, 0],
      ['step', 'review', 0, 0, over ? 1 : 0, ...(over ? [9_000_000, 0, 0, 0, 0, 0] : [])],
      ['agent', agent, 0.01, bits, 0],
      ['model', n % 2 === 0 ? 'demo' : 'a "model" & <more>', 0.01, bits, 0],
      ['intake', n % 4 === 0 ? 'hand' : 'api', 0.01, bits, 0],
      ['version', String(1 + (n % 2)), 0.01, bits, 0],
    ]
    const types = ['reported', 'reported routed', 'decided', 'decided edited', 'decided routed'][n % 5]!
    const facts = types.includes('routed') ? '[{"type":"routed","outcome":"unsure"}]' : '[]'
    return {
      row: {
        ...{
          id,
          team: counted.id,
          workflow: flow,
          version: 1,
          title: 't',
          status,
          step: over ? null : 'review',
          visit: 2,
        },
        ...{
          over: over ? 1 : 0,
          seq: 1,
          due_at: null,
          cost: 0.01,
          created_at: at,
          updated_at: at,
          key: null,
          card: '{}',
        },
        ...{ finished_at: over ? at + 9_004_010 : null, parts: JSON.stringify(parts) },
      },
      audit: [
        {
          task: id,
          seq: 1,
          team: counted.id,
          workflow: flow,
          at,
          types,
          actor: '{"kind":"system"}',
          step: null,
          facts,
          digest: '',
          log_digest: '',
        },
      ],
    }
  }

  beforeAll(async () => {
    counted = await aTeam()
    const human = { assign: ['ana@acme.test'], instructions: 'x' }
    flow = await aWorkflow(counted, {
      steps: [
        { key: 'draft', name: 'Write it', prompt: 'x', model: 'demo', handoffs: [{ to: 'review' }] },
        { key: 'review', name: 'Look at it', human, handoffs: [{ when: 'approved', to: 'complete' }] },
      ],
      input: undefined,
    })
    reader = new Browser()
    await reader.signIn(counted.owner)
    await env.DB.batch(
      statementsOf(
        env.DB,
        Array.from({ length: 60 }, (_, n) => told(n)),
      ),
    )
  })

  /** How many tasks the list has, on all of its pages. */
  async function listed(href: string): Promise<number> {
    let [count, next] = [0, href as string | null]
    while (next !== null) {
      const { text } = await reader.open(next)
      count += text.match(/class="found-passage/g)?.length ?? 0
      next = /href="(\/search[^"]*cursor=[^"]*)"/.exec(text)?.[1]?.replaceAll('&amp;', '&') ?? null
    }
    return count
  }

  test.each(['/workflows/:id/metrics', '/metrics'])(
    'of %s leads to as many tasks as it says',
    async path => {
      const days = new URLSearchParams(lastDays(6, Date.now()))
      const { text } = await reader.open(`${path.replace(':id', flow)}?${days}`)
      const cells = [...text.matchAll(/<a href="(\/search[^"]*)">(\d+)(?: tasks?| (?:is|are) there now)?<\/a>/g)]
      const links = new Map(cells.map(([, href = '', n]) => [href.replaceAll('&amp;', '&'), Number(n)]))
      const kinds = [...links.keys()].map(href => new URLSearchParams(href.split('?')[1]).get('part')?.split(':')[0])
      const all = ['step', 'left', 'at', 'agent', 'model', 'intake', 'version']
      expect([...new Set(kinds)].filter(kind => kind !== undefined).toSorted()).toEqual(
        (path === '/metrics' ? ['agent', 'model'] : all).toSorted(),
      )
      const found: [string, number][] = []
      for (const href of links.keys()) found.push([href, await listed(href)])
      expect(found).toEqual([...links])
      // And rates are of as many.
      const rates = [...text.matchAll(/<a href="(\/search[^"]*told=unsure[^"]*part=agent[^"]*)">([\d.]+) %<\/a>/g)]
      expect(rates.length).toBe(2)
      for (const [, href = '', share] of rates) {
        const whole = href.replaceAll('&amp;', '&')
        const without = new URLSearchParams(whole.split('?')[1])
        without.delete('told')
        const some = (await listed(whole)) / (await listed(`/search?${without}`))
        expect((100 * some).toFixed(some < 0.1 ? 1 : 0)).toBe(share)
      }
    },
    60_000,
  )

  test('says where time goes, names the bottleneck, and the API says the same', async () => {
    const { text } = await reader.open(`/workflows/${flow}/metrics`)
    expect(text).toMatch(
      /Most time goes at <strong[^>]*>“Look at it”<\/strong>: 100 % of the time of all steps, all of it waiting for people/,
    )
    expect(text).toMatch(/aria-label="Time at each step, all tasks together\. Look at it: [^"]*waiting for people/)
    for (const part of [
      'aria-label="Time at each step"',
      'Figures by version',
      'By hand',
      'a &quot;model&quot; &amp; &lt;more&gt;',
    ])
      expect(text).toContain(part)
    const { body } = await counted.call('GET', `/metrics/parts?workflow=${flow}&from=2020-01-01`)
    const [review] = body.steps.filter((one: { step: string }) => one.step === 'review')
    const n = 60 - [3, 4, 5, 6].reduce((sum, left) => sum + Math.ceil((60 - left) / 7), 0)
    expect(review).toMatchObject({
      tasks: n,
      all: { medianMs: 9_000_000, p90Ms: 9_000_000 },
      kinds: { people: n * 9_000_000 },
    })
    expect(body.task.tasks).toBe(n)
    const { items } = (await counted.call('GET', `/tasks?part=${encodeURIComponent('version:2')}&status=failed`)).body
    expect(items.length).toBe(body.parts.version.find((one: { name: string }) => one.name === '2').failed)
    const wrong = await counted.call('GET', '/tasks?part=nonsense:x')
    expect([wrong.status, wrong.body.error.path]).toEqual([422, 'part'])
  })

  test('is of the team alone', async () => {
    expect((await owner.open('/metrics')).text).not.toContain('writer')
    expect((await team.call('GET', `/metrics/parts?workflow=${flow}`)).body.steps).toEqual([])
  })
})
