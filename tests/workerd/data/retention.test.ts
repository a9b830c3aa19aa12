/** What a team no longer keeps: it is archived first, and a pass that is broken off anywhere loses nothing. */
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { sweepRetention } from '../../../src/data/retention/sweep.ts'
import type { Env } from '../../../src/env.ts'
import { actStatement } from '../../../src/records/acts.ts'
import { aTask, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'

const DAY = 86_400_000
const NOW = Date.now()

let team: Team
let workflow: string

beforeAll(async () => {
  team = await aTeam()
  workflow = await aWorkflow(team)
})

/** Rows of the audit of `count` made-up tasks of three rows each, `days` ago. */
async function oldRows(of: Team, count: number, days: number): Promise<void> {
  const rows = Array.from({ length: count * 3 }, (_, n) => [
    `tsk_old_${of.id}_${Math.floor(n / 3)}`,
    (n % 3) + 1,
    NOW - days * DAY + n,
  ])
  await env.DB.prepare(
    `INSERT INTO audit (task, seq, team, workflow, at, types, actor, step, facts, digest)
       SELECT value->>0, value->>1, ?1, ?2, value->>2, 'entered', '{"kind":"system"}', NULL, '[]', (value->>0) || (value->>1) FROM json_each(?3)`,
  )
    .bind(of.id, workflow, JSON.stringify(rows))
    .run()
}

const auditOf = async (of: Team) =>
  (await env.DB.prepare('SELECT * FROM audit WHERE team = ?1 ORDER BY at, task, seq').bind(of.id).all()).results
const archivesOf = async (of: Team, status = 'done') =>
  (
    await env.DB.prepare('SELECT * FROM archives WHERE team = ?1 AND status = ?2 ORDER BY from_at')
      .bind(of.id, status)
      .all<{ id: string; object: string; rows: number; holds: string }>()
  ).results

async function linesOf({ object }: { object: string }): Promise<Record<string, unknown>[]> {
  const stored = await env.FILES!.get(object)
  const text = await new Response((stored!.body as ReadableStream).pipeThrough(new DecompressionStream('gzip'))).text()
  return text
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** Bindings that fail at their `n`th call for good: before it does anything, or after. */
function breaking(n: number, after: boolean): { broken: Env; calls: () => number } {
  let calls = 0
  const guarded = async <T>(act: () => Promise<T>): Promise<T> => {
    calls++
    if (calls > n || (calls === n && !after)) throw new Error('gone')
    const answer = await act()
    if (calls === n && after) throw new Error('gone')
    return answer
  }
  const statement = (of: D1PreparedStatement): D1PreparedStatement =>
    new Proxy(of, {
      get(target, name) {
        if (name === 'bind') return (...values: unknown[]) => statement(target.bind(...values))
        if (name === 'run' || name === 'all' || name === 'first')
          return (...values: never[]) => guarded(() => (target[name] as (...v: never[]) => Promise<unknown>)(...values))
        // A batch asks for the one behind.
        return name === 'behind' ? target : Reflect.get(target, name)
      },
    })
  const behind = (each: D1PreparedStatement) => (each as unknown as { behind?: D1PreparedStatement }).behind ?? each
  const DB = {
    prepare: (sql: string) => statement(env.DB.prepare(sql)),
    batch: (all: D1PreparedStatement[]) => guarded(() => env.DB.batch(all.map(behind))),
  }
  const bucket = env.FILES!
  const FILES = {
    put: (...given: Parameters<R2Bucket['put']>) => guarded(() => bucket.put(...given)),
    get: (key: string) => bucket.get(key),
    head: (key: string) => bucket.head(key),
    list: (options: R2ListOptions) => bucket.list(options),
    delete: (keys: string[]) => guarded(() => bucket.delete(keys)),
  }
  return { broken: { ...env, TASKS: env.TASKS, DB, FILES } as unknown as Env, calls: () => calls }
}

test('what is older than a year goes into archives, and nothing else does', async () => {
  await oldRows(team, 10, 400)
  await oldRows(await aTeam(), 1, 300)
  const before = await auditOf(team)
  await sweepRetention(env, NOW, { rows: 12, tasks: 10 })
  const after = (await auditOf(team)).filter(row => row.types !== 'data.deleted')
  const archives = await archivesOf(team)
  expect(archives.map(({ rows }) => rows)).toEqual([12, 12, 6])
  const lines = (await Promise.all(archives.map(linesOf))).flat()
  expect(lines).toHaveLength(30)
  expect([...lines, ...after].sort(byPlace)).toEqual(before.sort(byPlace))
  const acts = await team.call('GET', '/audit?type=data.deleted')
  expect(acts.body.items.map(({ facts }: { facts: unknown[] }) => facts[0])).toContainEqual({
    ...{ type: 'data.deleted', kind: 'audit', rows: 6, archive: archives[2]!.id },
  })
  // A second pass finds nothing.
  await sweepRetention(env, NOW)
  expect(await archivesOf(team)).toHaveLength(3)
})

const byPlace = (a: Record<string, unknown>, b: Record<string, unknown>) =>
  JSON.stringify([a.at, a.task, a.seq]) < JSON.stringify([b.at, b.task, b.seq]) ? -1 : 1

describe('a pass that is broken off at any of its calls', () => {
  test('deletes nothing that no archive has, and the next one ends it', async () => {
    let ended = false
    for (let n = 1; !ended; n++) {
      for (const after of [false, true]) {
        const mine = await aTeam()
        await oldRows(mine, 4, 500)
        const before = await auditOf(mine)
        const { broken, calls } = breaking(n, after)
        const noise = vi.spyOn(console, 'error').mockImplementation(() => {})
        await sweepRetention(broken, NOW, { rows: 6, tasks: 10 }).catch(() => {})
        noise.mockRestore()
        ended = calls() < n
        const kept = async () => {
          const lines = (await Promise.all((await archivesOf(mine)).map(linesOf))).flat()
          const rows = (await auditOf(mine)).filter(row => row.types !== 'data.deleted')
          return [...lines, ...rows].sort(byPlace)
        }
        expect(await kept(), `call ${n}, ${after ? 'after' : 'before'}`).toEqual(before.sort(byPlace))
        await sweepRetention(env, NOW, { rows: 6, tasks: 10 })
        expect(await kept()).toEqual(before.sort(byPlace))
        expect((await archivesOf(mine)).map(({ rows }) => rows)).toEqual([6, 6])
        expect(await archivesOf(mine, 'making')).toEqual([])
        expect(await archivesOf(mine, 'kept')).toEqual([])
        const objects = (await env.FILES!.list({ prefix: `${mine.id}/` })).objects
        expect(objects).toHaveLength(2)
      }
    }
  })
})

test('a row that comes late, up to an archive’s end, is archived, too, before any of it goes', async () => {
  const mine = await aTeam()
  await oldRows(mine, 2, 500)
  const { broken } = breaking(Number.POSITIVE_INFINITY, false)
  const put = broken.FILES!.put
  broken.FILES!.put = (async (...given: Parameters<typeof put>) => {
    const answer = await put(...given)
    await env.DB.prepare(
      `INSERT INTO audit (task, seq, team, workflow, at, types, actor, facts, digest) VALUES ('tsk_late', 1, ?1, '', ?2, 'x', '{}', '[]', 'd')`,
    )
      .bind(mine.id, NOW - 501 * DAY)
      .run()
    return answer
  }) as typeof put
  await sweepRetention(broken, NOW)
  expect(await archivesOf(mine)).toEqual([])
  expect((await auditOf(mine)).filter(({ types }) => types === 'x')).toHaveLength(1)
  await sweepRetention(env, NOW)
  const [archive] = await archivesOf(mine)
  expect(archive!.rows).toBe(7)
})

test('the chain of a task that goes on, and of the team’s own acts, is checked from where it was cut', async () => {
  const mine = await aTeam()
  const flow = await aWorkflow(mine)
  const task = await aTask(mine, flow)
  await eventually(async () => expect((await auditOf(mine)).some(row => row.task === task)).toBe(true))
  await env.DB.prepare('UPDATE audit SET at = at - ?2 WHERE team = ?1')
    .bind(mine.id, 500 * DAY)
    .run()
  const before = await auditOf(mine)
  const last = (of: string) => before.filter(row => row.task === of).at(-1)!
  await sweepRetention(env, NOW)
  const heads = await env.DB.prepare('SELECT task, seq, digest FROM audit_heads WHERE team = ?1').bind(mine.id).all()
  const told = (of: string) => ({ task: of, seq: last(of).seq, digest: last(of).digest })
  expect(heads.results).toEqual(expect.arrayContaining([told(task), told(mine.id)]))
  await env.DB.batch([
    await actStatement(env.DB, { team: mine.id, at: NOW, type: 'team.made', actor: { kind: 'system' }, facts: {} }),
  ])
  const acts = (await auditOf(mine)).filter(row => row.task === mine.id)
  // Its numbers go on; the archive’s own act came first.
  expect(acts.map(({ seq }) => seq)).toEqual([Number(last(mine.id).seq) + 1, Number(last(mine.id).seq) + 2])
})

describe('tasks that are over', () => {
  test('go with their files once the team says so, whole in an archive; open ones and younger ones stay', async () => {
    const mine = await aTeam()
    const flow = await aWorkflow(mine)
    const [old, young, open] = [await aTask(mine, flow, 'Old'), await aTask(mine, flow), await aTask(mine, flow)]
    const form = new FormData()
    form.append('file', new File(['what it is about'], 'note.txt', { type: 'text/plain' }))
    const headers = { authorization: `Bearer ${mine.key}` }
    const sent = await fetchApi(`/api/v1/tasks/${old}/files`, { method: 'POST', headers, body: form })
    await eventually(async () => {
      expect((await mine.call('GET', `/files/${sent.body.id}`)).body.text).not.toBe('reading')
    })
    for (const task of [old, young]) await mine.call('POST', `/tasks/${task}/cancel`)
    const { body: view } = await mine.call('GET', `/tasks/${old}`)
    await env.DB.prepare('UPDATE tasks SET finished_at = ?2 WHERE id IN (?1, ?3)')
      .bind(old, NOW - 100 * DAY, open)
      .run()
    await sweepRetention(env, NOW)
    expect((await mine.call('GET', `/tasks/${old}`)).status).toBe(200)
    expect((await mine.call('PUT', '/retention', { auditDays: 365, taskDays: 90 })).status).toBe(200)
    await sweepRetention(env, NOW)
    expect((await mine.call('GET', `/tasks/${old}`)).status).toBe(404)
    for (const task of [young, open]) expect((await mine.call('GET', `/tasks/${task}`)).status).toBe(200)
    const [archive] = await archivesOf(mine)
    const [line] = await linesOf(archive!)
    expect(line!.task).toMatchObject({ id: old, input: view.input, files: [{ sha256: sent.body.sha256 }] })
    expect((line!.events as unknown[]).length).toBeGreaterThan(2)
    const file = await env.FILES!.get(`${archive!.object}.files/${sent.body.sha256}`)
    expect(await file!.text()).toBe('what it is about')
    expect((await env.FILES!.list({ prefix: `${mine.id}/` })).objects).toHaveLength(2)
  })
})

test('where there is no bucket, nothing goes until an owner says that it may go without an archive', async () => {
  const mine = await aTeam()
  await oldRows(mine, 3, 400)
  const none = { ...env, TASKS: env.TASKS, DB: env.DB, FILES: undefined } as unknown as Env
  const count = async () => (await auditOf(mine)).filter(({ types }) => types === 'entered').length
  await sweepRetention(none, NOW)
  expect(await count()).toBe(9)
  await mine.call('PUT', '/retention', { auditDays: 365, taskDays: null, unarchived: true })
  await sweepRetention(none, NOW)
  expect(await count()).toBe(0)
})
