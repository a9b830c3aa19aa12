/** A business key that an earlier task has: allowed, flagged or refused, at every door, and of two at one moment exactly one is first. */
import { beforeAll, describe, expect, test } from 'vitest'
import { newToken } from '../../../src/intake/form/token.ts'
import { sweepSchedules } from '../../../src/intake/schedule/sweep.ts'
import { type Answer, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { deliver, mail } from '../intake/mail-world.ts'
import { Browser } from '../team/browser.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

const WAITS = {
  key: '{{ input.invoice }}',
  input: { type: 'object', required: ['invoice'], properties: { invoice: { type: 'string' } } },
  steps: [{ key: 'pay', wait: { event: 'paid' }, handoffs: [{ to: 'complete' }] }],
}
const aRule = (duplicates?: string) => aWorkflow(team, { ...WAITS, duplicates })
const start = (workflow: string, invoice: string, headers: Record<string, string> = {}): Promise<Answer> =>
  team.call('POST', `/workflows/${workflow}/tasks`, { input: { invoice } }, headers)
const read = async (id: string) => (await team.call('GET', `/tasks/${id}`)).body

describe('by the workflow’s own rule', () => {
  test('of twenty at the same moment exactly one begins; the others are refused with it, and so is one after it is over', async () => {
    const workflow = await aRule('refuse')
    const answers = await Promise.all(Array.from({ length: 20 }, () => start(workflow, 'INV-1')))
    const [first, ...others] = answers.toSorted((a, b) => a.status - b.status)
    expect(first!.status).toBe(201)
    for (const { status, body } of others) {
      expect(status).toBe(409)
      expect(body.error).toMatchObject({ code: 'duplicate_key', task: { id: first!.body.id, url: first!.body.url } })
    }
    await team.call('POST', `/tasks/${first!.body.id}/cancel`)
    expect((await start(workflow, 'INV-1')).body.error.code).toBe('duplicate_key')
    expect((await start(workflow, 'INV-2')).status).toBe(201)
    const { items } = (await team.call('GET', `/tasks?workflow=${workflow}`)).body
    expect(items.filter((one: { key: string }) => one.key === 'INV-1').length).toBeLessThan(2)
  })

  test('the same request again is answered with its task, not refused by itself', async () => {
    const workflow = await aRule('refuse')
    const [one, two] = [1, 2].map(() => start(workflow, 'A', { 'idempotency-key': 'same' }))
    const ids = [(await one!).body.id, (await two!).body.id]
    expect(ids[0]).toMatch(/^tsk_/)
    expect(ids[1]).toBe(ids[0])
  })

  test('flagged, all begin; all but one name the first, on the task, in the log, on the card and among what is searched', async () => {
    const workflow = await aRule('flag')
    const started = await Promise.all(Array.from({ length: 6 }, () => start(workflow, 'Ä-1')))
    const views = await Promise.all(started.map(async one => read(one.body.id)))
    const first = views.filter(view => view.duplicateOf === null)
    expect(first).toHaveLength(1)
    for (const view of views) if (view.id !== first[0].id) expect(view.duplicateOf).toBe(first[0].id)
    const other = views.find(view => view.duplicateOf !== null)
    const created = (await team.call('GET', `/tasks/${other.id}/events`)).body.items[0]
    expect(created.data.duplicateOf).toBe(first[0].id)
    await eventually(async () => {
      const row = await env.DB.prepare(
        'SELECT words AS searched, card FROM tasks JOIN task_words ON task = id WHERE id = ?1',
      )
        .bind(other.id)
        .first()
      expect(row).toMatchObject({
        searched: expect.stringContaining(`ä-1 duplicate ${first[0].id}`),
        card: expect.stringContaining(`"duplicateOf":"${first[0].id}"`),
      })
    })
  })

  test('unless it is said, keys are free, as are other workflows and teams, and a rerun', async () => {
    const [free, strict] = [await aRule(), await aRule('refuse')]
    expect((await start(free, 'B')).status).toBe(201)
    const again = await start(free, 'B')
    expect((await read(again.body.id)).duplicateOf).toBeNull()
    const { id } = (await start(strict, 'B')).body
    const rerun = await team.call('POST', `/tasks/${id}/rerun`, {})
    expect([rerun.status, (await read(rerun.body.id)).key]).toEqual([201, 'B'])
    expect((await start(strict, 'B')).body.error.task.id).toBe(id)
  })

  test('a key whose task was lost on its way is free again after a minute, and taken until then', async () => {
    const workflow = await aRule('refuse')
    const lose = (at: number) =>
      env.DB.prepare('INSERT INTO task_keys VALUES (?1, ?2, ?3, ?4, ?5, NULL)')
        .bind(team.id, `lost ${at}`, workflow, 'tsk_aaaaaaaaaaaaaaaaaaaaaaaaaa', at)
        .run()
    const [now, before] = [Date.now(), Date.now() - 61_000]
    await lose(now)
    await lose(before)
    expect((await start(workflow, `lost ${now}`)).body.error.code).toBe('duplicate_key')
    expect((await start(workflow, `lost ${before}`)).status).toBe(201)
    expect((await start(workflow, `lost ${before}`)).body.error.code).toBe('duplicate_key')
  })
})

describe('at every door', () => {
  let workflow: string
  let first: string
  beforeAll(async () => {
    workflow = await aRule('refuse')
    first = (await start(workflow, 'INV-9')).body.id
  })
  async function anIntake(kind: string, over: object = {}) {
    const made = await team.call('POST', `/workflows/${workflow}/intakes`, { kind, name: kind, ...over })
    expect(made.status, made.text).toBe(201)
    return made.body
  }
  const deliveries = async (id: string) => (await team.call('GET', `/intakes/${id}/deliveries`)).body.items
  const refused = (id: string) =>
    eventually(async () =>
      expect(await deliveries(id)).toMatchObject([{ verdict: 'refused', status: 409, task: { id: first } }]),
    )
  const body = JSON.stringify({ invoice: 'INV-9' })
  const post = (url: string) =>
    fetchApi(new URL(url).pathname, { method: 'POST', body, headers: { 'content-type': 'application/json' } })

  test('a webhook is answered 409 with the earlier task; its delivery is refused, keeps its body, and can be replayed', async () => {
    const { id, url } = await anIntake('webhook', { auth: { type: 'open' } })
    const sent = await post(url)
    expect([sent.status, sent.body.error.code, sent.body.error.task.id]).toEqual([409, 'duplicate_key', first])
    await refused(id)
    const [row] = await deliveries(id)
    expect(row).toMatchObject({ body: { invoice: 'INV-9' }, reason: expect.stringMatching(/^duplicate_key: /) })
    expect((await team.call('POST', `/deliveries/${row.id}/replay`)).body).toMatchObject({ verdict: 'refused' })
    // The intake’s own rule goes before the workflow’s.
    await team.call('PATCH', `/intakes/${id}`, { duplicates: 'flag' })
    const replayed = (await team.call('POST', `/deliveries/${row.id}/replay`)).body
    expect((await read(replayed.task.id)).duplicateOf).toBe(first)
    expect((await team.call('GET', `/intakes/${id}`)).body.duplicates).toBe('flag')
  })

  test('a mail goes back, and a form says that it was sent before, without telling strangers of the earlier task', async () => {
    const box = await anIntake('email', {
      address: 'duplicates',
      allow: ['*'],
      map: { invoice: '{{ body.subject }}' },
    })
    const back = await deliver(box.address, mail(['Subject: INV-9', 'Message-ID: <d1@shop.test>']))
    expect(back).toMatch(/^There is a task with the key "INV-9" already/)
    expect(back).not.toContain('tsk_')
    await refused(box.id)
    const form = await anIntake('form')
    const _token = await newToken(env, form.id, Date.now() - 5000)
    const filled = new URLSearchParams({ invoice: 'INV-9', _token })
    const sent = await fetchApi(new URL(form.url).pathname, { method: 'POST', body: filled })
    expect([sent.status, sent.text.includes('This was sent before'), sent.text.includes('tsk_')]).toEqual([
      409,
      true,
      false,
    ])
    await refused(form.id)
  })

  test('a slot of a schedule is refused, and so is what is started by hand, on a page or as a run', async () => {
    const { id } = await anIntake('schedule', { cron: '* * * * *', timezone: 'UTC', input: { invoice: 'INV-9' } })
    const now = Math.floor(Date.now() / 60_000) * 60_000
    await env.DB.prepare('UPDATE schedules SET last_slot = ?2, due_at = ?3 WHERE id = ?1')
      .bind(id, now - 60_000, now)
      .run()
    await sweepSchedules(env, now + 1000)
    expect((await team.call('GET', `/intakes/${id}/slots`)).body.items).toMatchObject([
      { verdict: 'refused', task: null, reason: expect.stringContaining('INV-9') },
    ])
    expect((await team.call('POST', `/intakes/${id}/run`)).body.error).toMatchObject({ code: 'duplicate_key' })
    const browser = new Browser()
    await browser.signIn(team.owner)
    const page = await browser.send(`/workflows/${workflow}/tasks`, { invoice: 'INV-9' })
    expect([page.status, page.text.includes(first)]).toEqual([422, true])
  })
})
