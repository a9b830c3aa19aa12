/** Words that are taken out of a task that is over: they are nowhere any more, the task stays, and its chain is proven as before. */
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { verify } from '../../../scripts/verify.mjs'
import { exportProof } from '../../../src/insight/proof/proof-export.ts'
import { holding } from '../../support/holding.ts'
import { anIntake, aTeam, aWorkflow, env, eventually, fetchApi, type Team } from '../api/client.ts'
import { aMember, Browser } from '../team/browser.ts'

let team: Team
let workflow: string

beforeAll(async () => {
  team = await aTeam()
  const steps = [
    { key: 'write', prompt: 'Write to {{ input.email }} of {{ input.company }}.', handoffs: [{ to: 'approve' }] },
    {
      key: 'approve',
      human: { assign: [team.owner], edits: 'write', instructions: 'Is it right for {{ input.email }}?' },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', to: 'write' },
      ],
    },
  ]
  workflow = await aWorkflow(team, { steps, input: { type: 'object' }, title: '{{ input.company }} {{ input.email }}' })
})

const HANK = 'hank@globex-corp.test'

const objectOf = (task: string) =>
  runInDurableObject(env.TASKS.getByName(`${team.id}:${task}`), (_, { storage }) => ({
    log: storage.sql.exec<{ events: string; linked: string }>('SELECT * FROM log ORDER BY seq').toArray(),
    blobs:
      storage.sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'blob'").toArray().length === 0
        ? []
        : storage.sql.exec<{ bytes: string }>('SELECT * FROM blob').toArray(),
  }))

const audited = async (task: string) =>
  (
    await env.DB.prepare('SELECT seq, types, actor, digest, log_digest FROM audit WHERE task = ?1 ORDER BY seq')
      .bind(task)
      .all()
  ).results

/** A task by webhook, with the words in whatever it has, some of them in values that lie apart; decided and done. */
async function aTold(): Promise<string> {
  const { path } = await anIntake(team, workflow)
  const more = `${'long '.repeat(5000)}${HANK}`
  const sent = await fetchApi(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${team.key}` },
    body: JSON.stringify({ company: 'Globex', email: HANK, more, people: { [HANK]: ['Hank@Globex-Corp.test'] } }),
  })
  expect(sent.status, sent.text).toBe(202)
  const task = sent.body.task.id as string
  await eventually(async () => expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('waiting'))
  await team.call('POST', `/tasks/${task}/comments`, { text: `Ask ${HANK} first` })
  const decided = await team.call('POST', `/tasks/${task}/decide`, {
    handoff: 'approved',
    note: `${HANK} agrees`,
    edits: `Dear ${HANK}`,
  })
  expect(decided.status, decided.text).toBe(200)
  await eventually(async () => expect((await team.call('GET', `/tasks/${task}`)).body.status).toBe('done'))
  return task
}

test('they are in no table, object or answer any more; the task, its way and its proof stay', async () => {
  const task = await aTold()
  await eventually(async () => expect(await holding(HANK)).toEqual(expect.arrayContaining(['tasks', 'audit'])))
  const [rows, was] = [await audited(task), await objectOf(task)]
  const events = (await team.call('GET', `/tasks/${task}/events`)).body.items as { type: string }[]
  const erase = () => team.call('POST', `/tasks/${task}/erase`, { texts: [HANK] })
  expect((await erase()).status).toBe(204)
  expect(await holding(HANK)).toEqual([])
  const is = await objectOf(task)
  expect(JSON.stringify([was.log, was.blobs])).toContain(HANK)
  expect(JSON.stringify([is.log, is.blobs]).toLowerCase()).not.toContain(HANK)
  const view = await team.call('GET', `/tasks/${task}`)
  expect(view.body).toMatchObject({ status: 'done', title: 'Globex [erased]', result: 'Dear [erased]' })
  expect(view.body.input.people).toEqual({ '[erased]': ['[erased]'] })
  expect(view.body.input.more).toMatch(/^long .*\[erased\]$/)
  const after = (await team.call('GET', `/tasks/${task}/events`)).body.items as { type: string }[]
  expect(after.map(({ type }) => type)).toEqual(events.map(({ type }) => type))
  // Row for row who did what, with the digests that it always had.
  expect(await audited(task)).toEqual(rows)
  const lines = (await new Response(exportProof(env, team.id, Date.now())).text()).trimEnd().split('\n')
  expect((await verify(lines)).faults).toEqual([])
  const acts = await team.call('GET', '/audit?type=task.erased')
  expect(acts.body.items[0].facts).toEqual([{ type: 'task.erased', task, from: 'told', to: 'without one text' }])
  // An object that was away reads the same, tells D1 nothing else, and goes on with the chain.
  await runInDurableObject(env.TASKS.getByName(`${team.id}:${task}`), (_, state) => state.abort()).catch(() => {})
  await team.call('POST', `/tasks/${task}/comments`, { text: 'Still here' })
  await eventually(async () => expect(await audited(task)).toHaveLength(rows.length + 1))
  expect((await audited(task)).slice(0, -1)).toEqual(rows)
  const later = (await new Response(exportProof(env, team.id, Date.now())).text()).trimEnd().split('\n')
  expect((await verify(later)).faults).toEqual([])
  expect(await holding(HANK)).toEqual([])
  // Said again it does the same.
  expect((await erase()).status).toBe(204)
  expect((await audited(task)).slice(0, -1)).toEqual(rows)
  expect((await team.call('GET', '/tasks?q=globex')).body.items.map(({ id }: { id: string }) => id)).toEqual([task])
  expect((await team.call('GET', '/tasks?q=hank')).body.items).toEqual([])
})

test('other words and other tasks keep theirs; labels, steps and people are no words to take out', async () => {
  const [one, other] = [await aTold(), await aTold()]
  await eventually(async () => expect((await team.call('GET', '/tasks?q=hank')).body.items).toHaveLength(2))
  const texts = [HANK, 'approved', 'write', team.owner]
  expect((await team.call('POST', `/tasks/${one}/erase`, { texts })).status).toBe(204)
  const view = await team.call('GET', `/tasks/${one}`)
  expect(view.body.status).toBe('done')
  expect(Object.keys(view.body.outputs)).toEqual(['write', 'approve'])
  const events = (await team.call('GET', `/tasks/${one}/events`)).body.items
  expect(events.find(({ type }: { type: string }) => type === 'decided').data.handoff).toBe('approved')
  expect((await team.call('GET', `/tasks/${other}`)).body.title).toBe(`Globex ${HANK}`)
  expect((await team.call('GET', '/tasks?q=hank')).body.items).toHaveLength(1)
})

test('an open task keeps all, short words and other teams are refused, and members may not', async () => {
  const { body } = await team.call('POST', `/workflows/${workflow}/tasks`, { input: { company: 'A', email: HANK } })
  const at = `/tasks/${body.id}/erase`
  expect((await team.call('POST', at, { texts: [HANK] })).body.error).toMatchObject({ code: 'task_open' })
  expect((await team.call('POST', at, { texts: ['abc'] })).status).toBe(422)
  expect((await team.call('POST', at, { texts: [] })).status).toBe(422)
  const other = await aTeam()
  expect((await other.call('POST', at, { texts: [HANK] })).status).toBe(404)
  const member = new Browser()
  await member.signIn(await aMember(team.id, 'member'))
  expect((await member.send(at, { texts: HANK })).status).toBe(403)
  const owner = new Browser()
  await owner.signIn(team.owner)
  expect((await owner.send(at, { texts: HANK })).text).toContain('still open')
  await team.call('POST', `/tasks/${body.id}/cancel`)
  expect((await owner.send(at, { texts: 'ab' })).status).toBe(422)
  expect((await owner.open(`${at}?text=${encodeURIComponent(HANK)}`)).text).toContain(HANK)
  const done = await owner.send(at, { texts: `${HANK}\nnobody at all` })
  expect(done.status).toBe(303)
  expect((await team.call('GET', `/tasks/${body.id}`)).body.input.email).toBe('[erased]')
})
