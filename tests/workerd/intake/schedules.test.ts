/** Schedules with a real D1 and real Task DOs: made and told, swept once whatever dies or comes twice, and run by hand. */
import { createExecutionContext, createScheduledController } from 'cloudflare:test'
import { afterEach, beforeAll, describe, expect, test } from 'vitest'
import { armCrashPoints } from '../../../src/crash-points.ts'
import worker from '../../../src/index.ts'
import { type From, sweepPage, sweepSchedules } from '../../../src/intake/schedule/sweep.ts'
import { aTeam, aWorkflow, env, eventually, type Team } from '../api/client.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE

let team: Team
let workflow: string
beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
})
afterEach(() => armCrashPoints(null))

const INPUT = { company: 'Slot {{ slot }}' }

/** A schedule that was made at `since`, so that its slots after that are still to come. */
async function aSchedule(over: Record<string, unknown> = {}, since = Date.now(), of = workflow): Promise<string> {
  const body = { kind: 'schedule', cron: '* * * * *', timezone: 'UTC', input: INPUT, ...over }
  const made = await team.call('POST', `/workflows/${of}/intakes`, body)
  if (made.status !== 201) throw new Error(made.text)
  await env.DB.prepare('UPDATE schedules SET last_slot = ?2, due_at = ?3 WHERE id = ?1')
    .bind(made.body.id, since, Math.floor(since / MINUTE) * MINUTE + MINUTE)
    .run()
  return made.body.id as string
}

interface Slot {
  slot: string
  until: string
  verdict: string
  task: string | null
  reason: string | null
}

async function slotsOf(id: string): Promise<Slot[]> {
  return (await team.call('GET', `/intakes/${id}/slots`)).body.items
}

const started = (slots: Slot[]) => slots.filter(slot => slot.verdict === 'started')
const at = (minutes: number) => Math.floor(Date.now() / HOUR) * HOUR + 24 * HOUR + minutes * MINUTE

describe('the API', () => {
  test('a schedule is made, answers its sentence and the next five times, is changed, paused and closed', async () => {
    const body = { kind: 'schedule', name: 'Mornings', cron: '0 9 * * 1-5', timezone: 'Europe/Berlin', input: INPUT }
    const made = await team.call('POST', `/workflows/${workflow}/intakes`, body)
    expect(made.status, made.text).toBe(201)
    expect(made.body).toMatchObject({
      kind: 'schedule',
      name: 'Mornings',
      overlap: 'allow',
      catchUp: 'last',
      paused: false,
      sentence: 'At 09:00 on Monday to Friday, Berlin time',
      url: expect.stringContaining(made.body.id),
    })
    expect(made.body.next).toHaveLength(5)
    expect(made.body.next.every((time: string) => /T0[78]:00:00.000Z$/.test(time))).toBe(true)
    const { id } = made.body
    const changed = await team.call('PATCH', `/intakes/${id}`, { cron: '0 10 * * *', overlap: 'skip' })
    expect(changed.body).toMatchObject({
      sentence: 'Every day at 10:00, Berlin time',
      overlap: 'skip',
      timezone: 'Europe/Berlin',
    })
    const paused = await team.call('PATCH', `/intakes/${id}`, { paused: true })
    expect(paused.body).toMatchObject({ paused: true, next: [] })
    const due = () => env.DB.prepare('SELECT due_at FROM schedules WHERE id = ?').bind(id).first('due_at')
    expect(await due()).toBeNull()
    await team.call('PATCH', `/intakes/${id}`, { paused: false })
    expect(await due()).toBeGreaterThan(Date.now())
    expect((await team.call('DELETE', `/intakes/${id}`)).status).toBe(204)
    expect(await due()).toBeNull()
    expect((await team.call('GET', `/intakes/${id}`)).status).toBe(404)
  })

  test.each([
    [{ cron: '61 * * * *' }, 'cron', 'minute'],
    [{ cron: '* * * *' }, 'cron', '4 of five fields'],
    [{ cron: '*/5 * * * * *' }, 'cron', '6 fields'],
    [{ cron: '0 0 30 2 *' }, 'cron', 'never comes'],
    [{ cron: 'tomorrow' }, 'cron', '1 of five'],
    [{ cron: '? 9 * * *' }, 'cron', 'minute'],
    [{ cron: '@reboot' }, 'cron', 'no schedule'],
    [{ cron: 5 }, 'cron', 'string'],
    [{ timezone: 'Mars/Olympus' }, 'timezone', 'not a time zone'],
    [{ timezone: '+02:00' }, 'timezone', 'not a time zone'],
    [{ overlap: 'maybe' }, 'overlap', ''],
    [{ catchUp: 'some' }, 'catchUp', ''],
    [{ input: { a: '{{ body.x }}' } }, 'input.a', 'slot'],
    [{ input: { a: '{% nonsense %}' } }, 'input.a', ''],
    [{ colour: 'red' }, 'colour', 'not a key'],
  ])('settings that are wrong are refused with their place: %j', async (over, path, says) => {
    const before = await env.DB.prepare('SELECT count(*) AS n FROM intakes').first('n')
    const body = { kind: 'schedule', cron: '0 9 * * *', timezone: 'UTC', ...over }
    const refused = await team.call('POST', `/workflows/${workflow}/intakes`, body)
    expect([refused.status, refused.body.error.path], refused.text).toEqual([422, path])
    expect(refused.body.error.message).toContain(says)
    expect(refused.body.error.hint).toEqual(expect.any(String))
    expect(await env.DB.prepare('SELECT count(*) AS n FROM intakes').first('n')).toBe(before)
  })

  test('it runs by hand, once for one key, and its history says so; another team finds nothing', async () => {
    const id = await aSchedule()
    const headers = { 'idempotency-key': 'now' }
    const first = await team.call('POST', `/intakes/${id}/run`, undefined, headers)
    expect(first.status, first.text).toBe(201)
    const again = await team.call('POST', `/intakes/${id}/run`, undefined, headers)
    expect(again.body.id).toBe(first.body.id)
    expect(await slotsOf(id)).toMatchObject([{ verdict: 'started', task: first.body.id, byHand: true }])
    const other = await aTeam()
    expect((await other.call('POST', `/intakes/${id}/run`)).status).toBe(404)
    expect((await other.call('GET', `/intakes/${id}/slots`)).status).toBe(404)
  })
})

describe('the sweep', () => {
  test('a slot becomes its task, with the input that its time gives', async () => {
    const now = at(0)
    const id = await aSchedule({}, now - MINUTE)
    await sweepSchedules(env, now + 5000)
    const [slot] = await slotsOf(id)
    expect(slot).toMatchObject({ verdict: 'started', slot: new Date(now).toISOString() })
    const task = await team.call('GET', `/tasks/${slot!.task}`)
    expect(task.body).toMatchObject({ input: { company: `Slot ${new Date(now).toISOString()}` }, status: 'waiting' })
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('ticks that come twice, side by side and late make one task a slot', async () => {
    const now = at(10)
    const id = await aSchedule({}, now - 3 * MINUTE)
    await Promise.all([sweepSchedules(env, now), sweepSchedules(env, now), sweepSchedules(env, now + 20_000)])
    await sweepSchedules(env, now)
    await sweepSchedules(env, now - MINUTE)
    const slots = await slotsOf(id)
    expect(slots).toHaveLength(3)
    expect(started(slots)).toHaveLength(3)
    expect(new Set(slots.map(slot => slot.task)).size).toBe(3)
    await eventually(async () => expect(await tasksOf(slots)).toBe(3))
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('killed between a task and its cursor: the next sweep makes none again and moves on', async () => {
    const now = at(20)
    const id = await aSchedule({}, now - MINUTE)
    let fired = 0
    armCrashPoints(point => {
      if (point !== 'C16' || fired > 0) return
      fired++
      throw new Error('killed')
    })
    await expect((async () => sweepSchedules(env, now))()).rejects.toThrow('killed')
    expect(fired).toBe(1)
    const cursor = () => env.DB.prepare('SELECT last_slot FROM schedules WHERE id = ?').bind(id).first('last_slot')
    expect(await cursor()).toBe(now - MINUTE)
    const [before] = await slotsOf(id)
    await sweepSchedules(env, now + 10_000)
    expect(await slotsOf(id)).toEqual([before])
    expect(await cursor()).toBe(now)
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('a slot that was promised before the kill starts hours later, though its schedule catches nothing up', async () => {
    const now = at(30)
    const id = await aSchedule({ catchUp: 'none' }, now - MINUTE)
    armCrashPoints(point => {
      if (point === 'C16') throw new Error('killed')
    })
    await expect((async () => sweepSchedules(env, now))()).rejects.toThrow('killed')
    armCrashPoints(null)
    await sweepSchedules(env, now + 3 * HOUR)
    const slots = await slotsOf(id)
    expect(slots.find(slot => slot.slot === new Date(now).toISOString())?.verdict).toBe('started')
    await expectEverySlotOnce(slots, now, now + 3 * HOUR)
    await team.call('DELETE', `/intakes/${id}`)
  })

  test.each([
    ['none', 6],
    ['last', 6],
    ['all', 10],
  ])('an hour without ticks, catching up %s: every slot once, started or skipped', async (catchUp, most) => {
    const now = at(40)
    const id = await aSchedule({ catchUp }, now - HOUR)
    await sweepSchedules(env, now)
    const slots = await slotsOf(id)
    expect(started(slots)).toHaveLength(most as number)
    await expectEverySlotOnce(slots, now - HOUR + MINUTE, now)
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('while the workflow is paused its slots are skipped, and say why', async () => {
    const paused = await aWorkflow(team)
    const now = at(50)
    const id = await aSchedule({}, now - MINUTE, paused)
    await team.call('POST', `/workflows/${paused}/pause`)
    await sweepSchedules(env, now)
    expect(await slotsOf(id)).toMatchObject([{ verdict: 'skipped', reason: 'The workflow was paused.', task: null }])
    await team.call('POST', `/workflows/${paused}/activate`)
    await sweepSchedules(env, now + MINUTE)
    expect((await slotsOf(id))[0]).toMatchObject({ verdict: 'started' })
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('an input that does not fit is refused with the reason, and the clock goes on', async () => {
    const now = at(60)
    const id = await aSchedule({ input: { company: 7 } }, now - MINUTE)
    await sweepSchedules(env, now)
    expect(await slotsOf(id)).toMatchObject([{ verdict: 'refused', reason: expect.stringContaining('company') }])
    const row = await env.DB.prepare('SELECT due_at AS due FROM schedules WHERE id = ?')
      .bind(id)
      .first<{ due: number }>()
    expect(row?.due).toBe(now + MINUTE)
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('overlap skip passes over slots while the previous task is open', async () => {
    const now = at(70)
    const id = await aSchedule({ overlap: 'skip' }, now - MINUTE)
    await sweepSchedules(env, now)
    await sweepSchedules(env, now + MINUTE)
    const [second, first] = await slotsOf(id)
    expect(first).toMatchObject({ verdict: 'started' })
    expect(second).toMatchObject({ verdict: 'skipped', reason: 'The previous task was still open.' })
    await team.call('POST', `/tasks/${first!.task}/cancel`)
    await sweepSchedules(env, now + 2 * MINUTE)
    expect((await slotsOf(id))[0]).toMatchObject({ verdict: 'started' })
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('overlap queue keeps slots and starts one as the task before it ends', async () => {
    const now = at(80)
    const id = await aSchedule({ overlap: 'queue' }, now - MINUTE)
    for (const minute of [0, 1, 2]) await sweepSchedules(env, now + minute * MINUTE)
    const before = (await slotsOf(id)).reverse()
    expect(before.map(slot => slot.verdict)).toEqual(['started', 'queued', 'queued'])
    await team.call('POST', `/tasks/${before[0]!.task}/cancel`)
    await team.call('PATCH', `/intakes/${id}`, { cron: '0 0 1 1 *' })
    await env.DB.prepare('UPDATE schedules SET due_at = ?2 WHERE id = ?1').bind(id, now).run()
    await sweepSchedules(env, now + 2 * MINUTE + 30_000)
    const after = (await slotsOf(id)).reverse()
    expect(after.map(slot => slot.verdict)).toEqual(['started', 'started', 'queued'])
    expect(after[1]!.task).not.toBe(before[0]!.task)
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('a deleted workflow takes its schedules off the clock', async () => {
    const gone = await aWorkflow(team)
    const now = at(100)
    const id = await aSchedule({}, now - MINUTE, gone)
    expect((await team.call('DELETE', `/workflows/${gone}`)).status).toBe(204)
    await sweepSchedules(env, now)
    expect(await env.DB.prepare('SELECT due_at FROM schedules WHERE id = ?').bind(id).first('due_at')).toBeNull()
  })

  test('the Cron Trigger of every minute is what calls it', async () => {
    const id = await aSchedule({}, Date.now() - MINUTE)
    const controller = createScheduledController({ cron: '* * * * *', scheduledTime: new Date() })
    await worker.scheduled(controller, env, createExecutionContext())
    expect(started(await slotsOf(id)).length).toBeGreaterThan(0)
    await team.call('DELETE', `/intakes/${id}`)
  })

  test('90 schedules due at once, more than two pages of them: each slot once', async () => {
    const now = at(90)
    const many = 90
    // Nobody is assigned: 90 mails are not what this is about.
    const steps = [{ key: 'review', human: { instructions: 'Look.' }, handoffs: [{ to: 'complete' }] }]
    const plain = await aWorkflow(team, { steps })
    const first = await aSchedule({}, now - MINUTE, plain)
    const { results } = await env.DB.prepare('SELECT * FROM intakes WHERE id = ?').bind(first).all<{ config: string }>()
    const ids = Array.from(
      { length: many - 1 },
      (_, n) =>
        `int_many${'abcdefghijklmnopqrstuvwxyz234567'[n % 32]}${String(n)
          .padStart(15, '0')
          .replaceAll(/[0189]/g, d => 'ghij'['0189'.indexOf(d)]!)}`,
    )
    await env.DB.batch([
      env.DB.prepare(
        `INSERT INTO intakes (id, team, workflow, kind, name, config, created_at, updated_at) SELECT value, ?2, ?3, 'schedule', 'Many', ?4, 0, 0 FROM json_each(?1)`,
      ).bind(JSON.stringify(ids), team.id, plain, results[0]!.config),
      env.DB.prepare(
        `INSERT INTO schedules (id, team, workflow, due_at, last_slot) SELECT value, ?2, ?3, ?4, ?5 FROM json_each(?1)`,
      ).bind(JSON.stringify(ids), team.id, plain, now, now - MINUTE),
    ])
    const pages: number[] = []
    // More on a page than calls under way at once, too.
    const page = async (at: number, from: From) => {
      const swept = await sweepPage(env, at, from, 40)
      pages.push(swept.schedules)
      return swept
    }
    expect(await sweepSchedules(env, now, page)).toMatchObject({
      schedules: many,
      started: many,
      failed: 0,
      more: false,
    })
    expect(pages).toEqual([40, 40, 10])
    expect(await sweepSchedules(env, now)).toMatchObject({ schedules: 0 })
    const count = await env.DB.prepare(
      `SELECT count(*) AS n, count(DISTINCT task) AS tasks FROM schedule_slots WHERE slot = ?1 AND verdict = 'started'`,
    )
      .bind(now)
      .first<{ n: number; tasks: number }>()
    expect(count).toEqual({ n: many, tasks: many })
    expect(await env.DB.prepare('SELECT count(*) AS n FROM schedules WHERE due_at <= ?').bind(now).first('n')).toBe(0)
    await env.DB.prepare('UPDATE schedules SET due_at = NULL').run()
    // Ninety tasks still tell their board: what comes next shall not wait for them.
    const slots = await env.DB.prepare('SELECT task FROM schedule_slots WHERE slot = ?').bind(now).all<Slot>()
    await eventually(async () => expect(await tasksOf(slots.results)).toBe(many))
  }, 120_000)
})

/** How many of the slots' tasks are in the index. */
async function tasksOf(slots: Slot[]): Promise<number> {
  const row = await env.DB.prepare('SELECT count(*) AS n FROM tasks WHERE id IN (SELECT value FROM json_each(?1))')
    .bind(JSON.stringify(slots.map(slot => slot.task)))
    .first<{ n: number }>()
  return row!.n
}

/** Every minute from `first` to `last` lies in exactly one row. */
async function expectEverySlotOnce(slots: Slot[], first: number, last: number): Promise<void> {
  for (let minute = first; minute <= last; minute += MINUTE) {
    const rows = slots.filter(slot => Date.parse(slot.slot) <= minute && Date.parse(slot.until) >= minute)
    expect(rows, new Date(minute).toISOString()).toHaveLength(1)
  }
}
