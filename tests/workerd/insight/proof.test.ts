/** The audit is sealed over real D1 and checked by scripts/verify.mjs: late rows, acts at once, two sealers, keys that change. */
import { beforeAll, expect, test } from 'vitest'
import { verify } from '../../../scripts/verify.mjs'
import { sweepRetention } from '../../../src/data/retention/sweep.ts'
import type { RootBody } from '../../../src/domain/proof/root.ts'
import { keepPublished, publishedKeys } from '../../../src/insight/proof/audit-keys.ts'
import { exportProof } from '../../../src/insight/proof/proof-export.ts'
import { mailRoots } from '../../../src/insight/proof/proof-mail.ts'
import { seal, sealDays } from '../../../src/insight/proof/seal.ts'
import { actStatement } from '../../../src/records/acts.ts'
import { hourOfD1, lastRoot, rootsBefore } from '../../../src/records/proof.ts'
import { aTask, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { Browser } from '../team/browser.ts'

/** D1's hour; what comes while the tests run comes before `open`. */
let hour: number
let open: number

beforeAll(async () => {
  hour = await hourOfD1(env.DB)
  open = hour + 2
})

const linesOf = async (of: Team, on = env) =>
  (await new Response(exportProof(on, of.id, Date.now())).text()).trimEnd().split('\n')
const rowsOf = async (task: string) =>
  (await env.DB.prepare('SELECT count(*) AS n FROM audit WHERE task = ?1').bind(task).first<number>('n'))!
/** A task that waits for a person, with all of it in D1. */
async function settled(company: string, of: Team): Promise<string> {
  const task = await aTask(of, await aWorkflow(of), company)
  const asked = "SELECT 1 AS n FROM audit WHERE task = ?1 AND types LIKE '%asked%'"
  await eventually(async () => expect(await env.DB.prepare(asked).bind(task).first('n')).toBe(1))
  return task
}
/** As if D1 had taken the task's rows in this hour. */
const comesIn = (task: string, hour: number) =>
  env.DB.prepare('UPDATE audit SET arrived = ?2 WHERE task = ?1').bind(task, hour).run()
const act = (team: Team, n: number) =>
  actStatement(env.DB, {
    team: team.id,
    at: Date.now() - n,
    type: 'settings.changed',
    actor: { kind: 'system' },
    facts: { changes: `change ${n}` },
  })

test('what came is sealed once, also by three at once, and verifies with what came since', async () => {
  const team = await aTeam()
  const first = await settled('Orbit', team)
  const made = await Promise.all([1, 2, 3].map(() => seal(env, team.id, open, Date.now())))
  expect(made.reduce((sum, n) => sum + n, 0)).toBe(1)
  // No more to seal: no root of nothing.
  expect(await seal(env, team.id, open, Date.now())).toBe(0)
  expect((await verify(await linesOf(team))).faults).toEqual([])
  await comesIn(await settled('Later', team), open)
  const found = await verify(await linesOf(team))
  expect(found).toMatchObject({ faults: [], roots: 1, tasks: 2 })
  expect(found.proven).toBe(await rowsOf(first))
})

test('a row that comes a day late goes into the next root, and one by a clock that is ahead into its own', async () => {
  const team = await aTeam()
  const [early, late, ahead] = [await settled('Early', team), await settled('Late', team), await settled('Ahead', team)]
  // As if D1 had been away for a day, and the task's clock two hours ahead of D1's.
  await comesIn(late, hour + 24)
  await comesIn(ahead, hour - 2)
  await seal(env, team.id, open, Date.now())
  const first = (await lastRoot(env.DB, team.id))!
  await seal(env, team.id, hour + 30, Date.now())
  const second = await env.DB.prepare('SELECT body FROM audit_roots WHERE team = ?1 AND n = 2')
    .bind(team.id)
    .first('body')
  expect((JSON.parse(String(second)) as RootBody).tasks.map(([task]) => task)).toEqual([late])
  expect(first.entries).toBe((await rowsOf(early)) + (await rowsOf(ahead)) + (await rowsOf(team.id)))
  expect(await verify(await linesOf(team))).toMatchObject({ faults: [], roots: 2 })
})

test('acts of many at once have one chain, and one that is altered in D1 is named', async () => {
  const team = await aTeam()
  await aWorkflow(team)
  await seal(env, team.id, open, Date.now())
  const before = (await lastRoot(env.DB, team.id))!.act
  await Promise.all(Array.from({ length: 30 }, async (_, n) => env.DB.batch([await act(team, n)])))
  await Promise.all([seal(env, team.id, open + 1, Date.now()), env.DB.batch([await act(team, 99)])])
  await seal(env, team.id, open + 2, Date.now())
  expect((await lastRoot(env.DB, team.id))!.act).toBe(before + 31)
  expect((await verify(await linesOf(team))).faults).toEqual([])
  const change = (from: string, to: string) =>
    env.DB.prepare('UPDATE audit SET facts = replace(facts, ?3, ?4) WHERE team = ?1 AND task = team AND seq = ?2')
      .bind(team.id, before + 7, from, to)
      .run()
  await change('change', 'chance')
  expect((await verify(await linesOf(team))).faults[0]?.text).toContain(`Act ${before + 7} of the team was changed`)
  await change('chance', 'change')
  expect((await verify(await linesOf(team))).faults).toEqual([])
})

test('a row that is taken out of D1 after it was sealed is named, and one that is put there in its place', async () => {
  const team = await aTeam()
  const task = await settled('Removed', team)
  await seal(env, team.id, open, Date.now())
  const sql = 'SELECT * FROM audit WHERE task = ?1 ORDER BY seq DESC LIMIT 1'
  const last = (await env.DB.prepare(sql).bind(task).first<Record<string, string | number>>())!
  await env.DB.prepare('DELETE FROM audit WHERE team = ?1 AND task = ?2 AND seq = ?3')
    .bind(team.id, task, last.seq)
    .run()
  const first = async () => (await verify(await linesOf(team))).faults[0]
  expect(await first()).toMatchObject({ kind: 'removed', text: expect.stringContaining(task) })
  const put = (facts: string) => {
    const row = { ...last, facts }
    const names = Object.keys(row)
    const sql = `INSERT OR REPLACE INTO audit (${names.join(', ')}) VALUES (${names.map(() => '?').join(', ')})`
    return env.DB.prepare(sql)
      .bind(...Object.values(row))
      .run()
  }
  await put('[{"type":"finished"}]')
  expect(await first()).toMatchObject({ kind: 'changed', text: expect.stringContaining(task) })
  await put(String(last.facts))
  expect(await first()).toBeUndefined()
})

test('where one root is not enough each holds some of the tasks, acts or hours, and together they hold all', async () => {
  const [many, one] = [await aTeam(), await aTeam()]
  const tasks = [await settled('A', many), await settled('B', many), await settled('C', many)]
  expect(await seal(env, many.id, open, Date.now(), { lines: 1, rows: 1000, acts: 1 })).toBeGreaterThan(2)
  const task = await settled('D', one)
  expect(await seal(env, one.id, open, Date.now(), { lines: 100, rows: 1, acts: 100 })).toBeGreaterThan(0)
  for (const [team, own] of [
    [many, tasks],
    [one, [task]],
  ] as const) {
    const found = await verify(await linesOf(team))
    expect(found.faults).toEqual([])
    expect((await lastRoot(env.DB, team.id))!.toHour).toBe(open)
    const counts = await Promise.all(own.map(rowsOf))
    expect(found.proven).toBe(counts.reduce((sum, n) => sum + n, 0))
  }
})

test('a new secret signs from then on; the old key stays published, also once its secret is gone; a foreign one never is', async () => {
  const team = await aTeam()
  const next = { ...env, BATON_SECRET: 'another secret of at least 32 bytes', BATON_SECRET_OLD: env.BATON_SECRET }
  const third = { ...env, BATON_SECRET: 'a third secret of at least 32 bytes', BATON_SECRET_OLD: next.BATON_SECRET }
  await aWorkflow(team)
  await keepPublished(env, 1)
  await seal(env, team.id, open, 1)
  await keepPublished(next, 2)
  await aWorkflow(team)
  await seal(next, team.id, open + 1, 2)
  await keepPublished(third, 3)
  expect(await verify(await linesOf(team, third))).toMatchObject({ faults: [], roots: 2 })
  const [first, second] = await Promise.all([env, next].map(async one => (await publishedKeys(one, 1))[0]!.kid))
  const keys = await publishedKeys(third, 4)
  const own = expect.any(String)
  expect(keys.map(({ kid, retired }) => [kid, retired])).toEqual([
    [own, null],
    [second, 3],
    [first, 2],
  ])
  const foreign = "INSERT INTO audit_keys VALUES ('audit_foreign', ?1, 1, 1, ?2, 'AAAA')"
  await env.DB.prepare(foreign).bind(keys[0]!.public, keys[0]!.kid).run()
  expect((await publishedKeys(third, 4)).map(({ kid }) => kid)).not.toContain('audit_foreign')
  await env.DB.prepare("DELETE FROM audit_keys WHERE kid <> ''").run()
})

test('new roots are mailed once to where the team wishes, and what could not be sent is sent later', async () => {
  const team = await aTeam()
  await aWorkflow(team)
  await seal(env, team.id, open, Date.now())
  expect((await team.call('PUT', '/audit/mail', { to: 'no address' })).status).toBe(422)
  expect((await team.call('PUT', '/audit/mail', { to: 'auditor@example.com' })).body).toEqual({
    to: 'auditor@example.com',
  })
  const local = { ...env, BATON_LOCAL: '1' }
  const mails = async () =>
    (
      await env.DB.prepare("SELECT text FROM outbox WHERE recipient = 'auditor@example.com' ORDER BY id").all<{
        text: string
      }>()
    ).results
  // Those from before it was wished for are not sent.
  await mailRoots(local)
  expect(await mails()).toEqual([])
  await env.DB.batch([await act(team, 1)])
  await seal(env, team.id, open + 1, Date.now())
  await mailRoots({ ...env, BATON_LOCAL: undefined, EMAIL: undefined } as never)
  await Promise.all([mailRoots(local), mailRoots(local)])
  const [mail, ...others] = await mails()
  const root = (await lastRoot(env.DB, team.id))!
  expect(mail!.text).toContain(`--root 2:${root.digest}`)
  expect(mail!.text).not.toContain('Root 1,')
  expect(others).toEqual([])
  const known = new Map([[2, root.digest]])
  expect((await verify(await linesOf(team), null, known)).faults).toEqual([])
})

test('each day is sealed by the hourly pass, of every team and once; keys are public, pages and API say until when', async () => {
  const team = await aTeam()
  const task = await settled('Yesterday', team)
  await comesIn(task, hour - 24)
  await sealDays(env, Date.now())
  await sealDays(env, Date.now())
  const roots = await rootsBefore(env.DB, team.id, 99, 10)
  expect(roots.map(({ n, toHour }) => [n, toHour])).toEqual([[1, hour - (hour % 24)]])
  const { body } = await team.call('GET', '/audit/roots')
  expect(body).toMatchObject({
    provenUntil: expect.stringContaining('T00:00:00'),
    items: [{ n: 1, digest: roots[0]!.digest }],
  })
  const keys = await fetchApi('/.well-known/baton-audit-keys.json')
  expect(keys.body.keys[0]).toMatchObject({ kty: 'OKP', crv: 'Ed25519', retired: null, kid: roots[0]!.kid })
  const answer = await team.call('GET', '/audit/proof')
  expect(answer.headers.get('content-type')).toContain('application/jsonl')
  expect(await verify(answer.text.trimEnd().split('\n'), keys.body.keys)).toMatchObject({ faults: [], team: team.id })
  expect((await fetchApi('/api/v1/audit/proof')).status).toBe(401)
  const owner = new Browser()
  await owner.signIn(team.owner)
  const page = await owner.open('/audit/proof')
  expect(page.text).toContain(roots[0]!.digest)
  expect((await owner.open(`/tasks/${task}`)).text).toMatch(/Proven up to <time[^>]*>/)
  expect((await owner.open(`/tasks/${await settled('Young', team)}`)).text).not.toContain('Proven up to')
  const file = await owner.open('/audit/proof.jsonl')
  expect((await verify(file.text.trimEnd().split('\n'))).faults).toEqual([])
})

test('what was archived and deleted is said to be, and the rest is checked from where it was cut', async () => {
  const team = await aTeam()
  const task = await settled('Goes on', team)
  const gone = await settled('Deleted since', team)
  await seal(env, team.id, open, Date.now())
  const sealed = (await rowsOf(task)) + (await rowsOf(gone))
  const later = new Map<string, number>()
  for (const [one, handoff] of [
    [task, 'approved'],
    [gone, 'cancel'],
  ] as const) {
    const before = await rowsOf(one)
    if (handoff === 'cancel') await team.call('POST', `/tasks/${one}/cancel`)
    else await team.call('POST', `/tasks/${one}/decide`, { handoff })
    await eventually(async () => expect(await rowsOf(one)).toBe(before + 1))
    const sql =
      'UPDATE audit SET arrived = ?2 WHERE task = ?1 AND seq = (SELECT max(seq) FROM audit WHERE task = ?1) RETURNING at'
    later.set(one, (await env.DB.prepare(sql).bind(one, open).first<number>('at'))!)
  }
  const { title } = (await team.call('GET', `/tasks/${gone}`)).body
  expect((await team.call('DELETE', `/tasks/${gone}?name=${encodeURIComponent(title)}`)).status).toBeLessThan(300)
  // A year after the first of what came later: that stays, with what is younger.
  await sweepRetention(env, Math.min(...later.values()) + 365 * 86_400_000)
  expect([await rowsOf(task), await rowsOf(gone)]).toEqual([1, 1])
  expect(await verify(await linesOf(team))).toMatchObject({ faults: [], archived: sealed })
  await env.DB.prepare("UPDATE audit SET facts = replace(facts, 'approved', 'rejected') WHERE team = ?1 AND task = ?2")
    .bind(team.id, task)
    .run()
  const [fault] = (await verify(await linesOf(team))).faults
  expect(fault).toMatchObject({ kind: 'changed', text: expect.stringContaining(task) })
})
