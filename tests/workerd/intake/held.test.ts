/** What was held during a pause: those that do not fit hold up none, and of several who decide at once one decides, which is what is written. */
import { beforeAll, expect, test } from 'vitest'
import { type Answer, aDefinition, anIntake, aTeam, aWorkflow, env, fetchApi, type Team } from '../api/client.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

const PATIENCE = 120_000

/** A workflow that is active again, with so many held deliveries of each input, oldest first. */
async function withHeld(
  ...groups: [n: number, input: object][]
): Promise<{ id: string; intake: string; tasks: string[] }> {
  const id = await aWorkflow(team)
  const { id: intake, path } = await anIntake(team, id)
  await team.call('POST', `/workflows/${id}/pause`)
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${team.key}` }
  const [[, first]] = groups as [[number, object]]
  await fetchApi(path, { method: 'POST', headers, body: JSON.stringify(first) })
  // The rest as copies of the first: two hundred requests would only take time.
  const row = (await env.DB.prepare('SELECT * FROM held WHERE workflow = ?1')
    .bind(id)
    .first<Record<string, unknown>>())!
  const all = groups.flatMap(([n, input]) => Array.from({ length: n }, () => input)).slice(1)
  const names = Object.keys(row)
  const insert = `INSERT INTO held (${names}) VALUES (${names.map((_, at) => `?${at + 1}`)})`
  const rows = all.map((input, index) => {
    const task = `tsk_${crypto
      .randomUUID()
      .replaceAll('-', '')
      .replace(/[0189]/g, 'a')
      .slice(0, 26)}`
    const copy = { ...row, id: task, input: JSON.stringify(input), at: Number(row.at) + 1 + index, source: null }
    return env.DB.prepare(insert).bind(...names.map(name => copy[name as keyof typeof copy]))
  })
  await env.DB.batch(rows)
  await team.call('POST', `/workflows/${id}/activate`)
  const { results } = await env.DB.prepare('SELECT id FROM held WHERE workflow = ?1').bind(id).all<{ id: string }>()
  return { id, intake, tasks: results.map(one => one.id) }
}

const decide = (id: string, start: boolean): Promise<Answer> => team.call('POST', `/workflows/${id}/held`, { start })

test('200 that no longer fit do not hold up the five behind them', { timeout: PATIENCE }, async () => {
  const { id } = await withHeld([200, { company: 'old' }], [5, { company: 'x', email: 'a@b.test' }])
  await team.call('PUT', `/workflows/${id}`, aDefinition(team, { input: { type: 'object', required: ['email'] } }))
  const { body } = await decide(id, true)
  expect([body.started, body.refused.length, body.remaining]).toEqual([5, 200, 200])
  const discarded = await decide(id, false)
  expect(discarded.body).toMatchObject({ discarded: 200, remaining: 0 })
})

test('start, discard, start at once: each goes one way, and that is what is counted and written', {
  timeout: PATIENCE,
}, async () => {
  const { id, intake, tasks } = await withHeld([60, { company: 'x' }])
  const answers = await Promise.all([decide(id, true), decide(id, false), decide(id, true)])
  expect(answers.map(one => one.status)).toEqual([200, 200, 200])
  const sum = (name: 'started' | 'discarded') => answers.reduce((all, one) => all + one.body[name], 0)
  expect(sum('started') + sum('discarded')).toBe(60)
  const views = await Promise.all(tasks.map(task => team.call('GET', `/tasks/${task}`)))
  expect(views.filter(one => one.status === 200).length).toBe(sum('started'))
  // Sixty fit into one call: whoever came first decided on all.
  expect([0, 60]).toContain(sum('discarded'))
  const { body } = await team.call('GET', `/intakes/${intake}/deliveries`)
  const isDiscarded = body.items.some((one: { reason?: string }) => one.reason?.startsWith('discarded'))
  expect(isDiscarded).toBe(sum('discarded') === 60)
})

test('a start that died: what it made is neither lost nor written down as discarded', {
  timeout: PATIENCE,
}, async () => {
  const { id, tasks } = await withHeld([2, { company: 'x' }])
  await env.DB.prepare('UPDATE held SET claimed_at = ?2 WHERE workflow = ?1').bind(id, Date.now()).run()
  // While it may still be at work nobody else decides.
  expect((await decide(id, false)).body).toMatchObject({ discarded: 0, remaining: 2 })
  expect((await decide(id, true)).body).toMatchObject({ started: 0, remaining: 2 })
  await env.DB.prepare('UPDATE held SET claimed_at = 1 WHERE workflow = ?1').bind(id).run()
  expect((await decide(id, true)).body).toMatchObject({ started: 2, remaining: 0 })
  for (const task of tasks) expect((await team.call('GET', `/tasks/${task}`)).status).toBe(200)
})
