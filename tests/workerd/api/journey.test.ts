/** The main path of the contract, row by row: publish, start, read, decide, see it done. */
import { beforeAll, expect, test } from 'vitest'
import { aDefinition, aTask, aTeam, aWorkflow, eventually, type Team } from './client.ts'

let team: Team
beforeAll(async () => {
  team = await aTeam()
})

test('a published workflow answers its id, version and lint, and reads back as it was written', async () => {
  const definition = aDefinition(team, { name: 'Onboarding' })
  const made = await team.call('POST', '/workflows', definition)
  expect(made.status).toBe(201)
  expect(made.body).toMatchObject({
    id: expect.stringMatching(/^wf_[a-z2-7]{20}$/),
    version: 1,
    lint: expect.any(Array),
  })
  const read = await team.call('GET', `/workflows/${made.body.id}`)
  expect(read.status).toBe(200)
  expect(read.body).toEqual({ ...definition, id: made.body.id, version: 1, status: 'active' })
})

test('a task starts in its first step, waits there, and a decision by key finishes it', async () => {
  const workflow = await aWorkflow(team)
  const started = await team.call('POST', `/workflows/${workflow}/tasks`, {
    input: { company: 'Globex' },
    title: 'A review',
  })
  expect(started.status).toBe(201)
  expect(started.body).toEqual({
    id: expect.stringMatching(/^tsk_[a-z2-7]{26}$/),
    status: 'waiting',
    url: `https://baton.test/tasks/${started.body.id}`,
  })
  const { id } = started.body
  const task = await team.call('GET', `/tasks/${id}`)
  expect(task.body).toMatchObject({
    id,
    workflow,
    version: 1,
    title: 'A review',
    status: 'waiting',
    step: 'review',
    visit: 1,
    input: { company: 'Globex' },
    outputs: {},
    result: null,
    error: null,
    stuck: null,
    held: null,
    usage: { inputTokens: 0, outputTokens: 0, cost: 0 },
    finishedAt: null,
  })
  const decided = await team.call('POST', `/tasks/${id}/decide`, { handoff: 'approved', visit: 1, run: 1 })
  expect(decided.status).toBe(200)
  expect(decided.body).toMatchObject({ id, status: 'done', finishedAt: expect.any(String) })
})

test('the log lists every event with a number, oldest first and without gaps', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  await team.call('POST', `/tasks/${id}/decide`, { handoff: 'approved' })
  const log = await team.call('GET', `/tasks/${id}/events`)
  expect(log.status).toBe(200)
  const { items } = log.body
  expect(items.map((event: { seq: number }) => event.seq)).toEqual(items.map((_: unknown, index: number) => index + 1))
  expect(items[0]).toMatchObject({ type: 'created', actor: { kind: 'key', id: team.keyId } })
  expect(items.at(-1)).toMatchObject({ type: 'finished' })
  expect(log.text).not.toContain('"pinned"')
})

test('a step that waits lets its task rest, and the task goes on by itself', async () => {
  const steps = [
    { key: 'cool_off', wait: { for: '1s' }, handoffs: [{ when: 'done', to: 'review' }] },
    ...(aDefinition(team).steps as object[]),
  ]
  const made = await team.call('POST', '/workflows', aDefinition(team, { name: 'Cool off', steps }))
  expect(made.status).toBe(201)
  const id = await aTask(team, made.body.id)
  const resting = await team.call('GET', `/tasks/${id}`)
  expect(resting.body).toMatchObject({ status: 'waiting', step: 'cool_off' })
  expect((await team.call('GET', '/approvals')).body.items).toEqual([])
  await eventually(async () => {
    const { body } = await team.call('GET', `/tasks/${id}`)
    expect(body).toMatchObject({ status: 'waiting', step: 'review', outputs: { cool_off: null } })
  })
})

test('a table decides at once where a task goes, and a table that cannot be read is not published', async () => {
  const rule = {
    columns: { plan: 'input.plan' },
    rows: [{ plan: ['pro', 'team'], then: { priority: 1 } }, { then: { priority: 3 } }],
  }
  const segment = { key: 'segment', rule, handoffs: [{ if: 'output.priority == 1', to: 'review' }, { to: 'complete' }] }
  const steps = [segment, ...(aDefinition(team).steps as object[])]
  const input = { type: 'object', properties: { plan: { type: 'string' } } }
  const made = await team.call('POST', '/workflows', aDefinition(team, { name: 'By plan', input, steps }))
  expect(made.status).toBe(201)
  const start = async (plan: string) =>
    (await team.call('POST', `/workflows/${made.body.id}/tasks`, { input: { plan } })).body as { id: string }
  const paying = await team.call('GET', `/tasks/${(await start('pro')).id}`)
  expect(paying.body).toMatchObject({ status: 'waiting', step: 'review', outputs: { segment: { priority: 1 } } })
  const other = await team.call('GET', `/tasks/${(await start('free')).id}`)
  expect(other.body).toMatchObject({ status: 'done', result: { priority: 3 } })
  const wrong = { ...segment, rule: { ...rule, rows: [{ plan: '<= ten', then: 1 }] } }
  const refused = await team.call(
    'POST',
    '/workflows',
    aDefinition(team, { name: 'Wrong', input, steps: [wrong, ...steps.slice(1)] }),
  )
  expect(refused.status).toBe(422)
  expect(JSON.stringify(refused.body)).toContain('bad_table')
})

test('a second decision learns who decided and when', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  await team.call('POST', `/tasks/${id}/decide`, { handoff: 'rejected', note: 'No', visit: 1 })
  const late = await team.call('POST', `/tasks/${id}/decide`, { handoff: 'approved', visit: 1 })
  expect(late.status).toBe(409)
  expect(late.body.error).toMatchObject({
    code: 'already_decided',
    by: { kind: 'key', id: team.keyId },
    handoff: 'rejected',
  })
  expect(Date.parse(late.body.error.at)).toBeGreaterThan(0)
})

test('a decision for a visit that never was is refused as moved on, an unknown label as wrong', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  const ahead = await team.call('POST', `/tasks/${id}/decide`, { handoff: 'approved', visit: 7 })
  expect([ahead.status, ahead.body.error.code]).toEqual([409, 'moved_on'])
  const unknown = await team.call('POST', `/tasks/${id}/decide`, { handoff: 'maybe' })
  expect([unknown.status, unknown.body.error.code]).toEqual([422, 'unknown_label'])
  expect(unknown.body.error.labels).toEqual(['approved', 'rejected'])
  const silent = await team.call('POST', `/tasks/${id}/decide`, { handoff: 'rejected' })
  expect([silent.status, silent.body.error.code]).toEqual([422, 'reason_required'])
})

test('a task shows in the list within two seconds, newest first, and filters by workflow, status and step', async () => {
  const workflow = await aWorkflow(team)
  const first = await aTask(team, workflow, 'First')
  const second = await aTask(team, workflow, 'Second')
  await team.call('POST', `/tasks/${first}/cancel`, { note: 'Not needed' })
  const ids = async (query: string) => {
    const list = await team.call('GET', `/tasks?workflow=${workflow}${query}`)
    expect(list.status).toBe(200)
    return list.body.items.map((item: { id: string }) => item.id)
  }
  await eventually(async () => expect(await ids('')).toEqual([second, first]))
  expect(await ids('&status=cancelled')).toEqual([first])
  expect(await ids('&status=waiting&step=review')).toEqual([second])
  expect(await ids('&step=again')).toEqual([])
})

test('approvals list what waits, with signed links for keys that may approve', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  const item = await eventually(async () => {
    const list = await team.call('GET', `/approvals?workflow=${workflow}`)
    expect(list.body.items).toHaveLength(1)
    return list.body.items[0]
  })
  expect(item).toMatchObject({
    task: { id, title: 'Acme', url: `https://baton.test/tasks/${id}` },
    workflow,
    step: 'review',
    visit: 1,
    run: 1,
    needs: 1,
    given: 0,
    assignees: [{ email: team.owner, decided: false }],
    due: null,
    labels: ['approved', 'rejected'],
  })
  expect(item.links[team.owner]).toMatch(/^https:\/\/baton\.test\/a\/[\w-]+\.[\w-]+$/)
})

test('the audit log and the figures know of the task', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  await team.call('POST', `/tasks/${id}/decide`, { handoff: 'approved' })
  await eventually(async () => {
    const audit = await team.call('GET', `/audit?task=${id}`)
    expect(audit.status).toBe(200)
    expect(audit.body.items.flatMap((entry: { types: string[] }) => entry.types)).toContain('finished')
  })
  const byType = await team.call('GET', `/audit?workflow=${workflow}&type=decided&actor=${team.keyId}`)
  expect(byType.body.items).toHaveLength(1)
  const metrics = await team.call('GET', `/metrics?workflow=${workflow}`)
  expect(metrics.body).toMatchObject({ volume: 1, done: 1, completionRate: 1, errorRate: 0, correctionRate: 0 })
})

test('a rerun is a new task that names the one it came from', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow, 'Umbrella')
  const again = await team.call('POST', `/tasks/${id}/rerun`)
  expect(again.status).toBe(201)
  const read = await team.call('GET', `/tasks/${again.body.id}`)
  expect(read.body.input).toEqual({ company: 'Umbrella' })
  const log = await team.call('GET', `/tasks/${again.body.id}/events`)
  expect(log.body.items[0].data.source).toEqual({ kind: 'task', id })
  const ahead = await team.call('POST', `/tasks/${id}/rerun`, { visit: 5 })
  expect([ahead.status, ahead.body.error.code]).toEqual([409, 'moved_on'])
  const nowhere = await team.call('POST', `/tasks/${id}/rerun`, { from: 'nowhere' })
  expect([nowhere.status, nowhere.body.error.code]).toEqual([422, 'unknown_step'])
  await team.call('POST', `/tasks/${id}/decide`, { handoff: 'rejected', note: 'Not yet' })
  const later = await team.call('POST', `/tasks/${id}/rerun`, { from: 'again' }, { 'idempotency-key': 'later' })
  const begun = await team.call('GET', `/tasks/${later.body.id}`)
  expect(begun.body).toMatchObject({ step: 'again', visit: 1, status: 'waiting', input: { company: 'Umbrella' } })
  const created = (await team.call('GET', `/tasks/${later.body.id}/events`)).body.items[0]
  expect(created.data.begin).toMatchObject({ step: 'again', last: { handoff: 'rejected', note: 'Not yet' } })
  await team.call('POST', `/tasks/${id}/decide`, { handoff: 'done' })
  const repeated = await team.call('POST', `/tasks/${id}/rerun`, { from: 'again' }, { 'idempotency-key': 'later' })
  expect([repeated.status, repeated.body.id]).toEqual([200, later.body.id])
  const other = await team.call('POST', `/tasks/${id}/rerun`, { input: { company: 'Hooli' }, from: 'review' })
  expect((await team.call('GET', `/tasks/${other.body.id}`)).body.input).toEqual({ company: 'Hooli' })
})

test('move, assign, raise and cancel do as named, each bound to its visit when told', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  const moved = await team.call('POST', `/tasks/${id}/move`, { step: 'again', visit: 1 })
  expect(moved.body).toMatchObject({ step: 'again', visit: 2 })
  const late = await team.call('POST', `/tasks/${id}/move`, { step: 'again', visit: 1 })
  expect([late.status, late.body.error.code]).toEqual([409, 'moved_on'])
  const nowhere = await team.call('POST', `/tasks/${id}/move`, { step: 'nowhere' })
  expect([nowhere.status, nowhere.body.error.code]).toEqual([422, 'unknown_step'])
  const assigned = await team.call('POST', `/tasks/${id}/assign`, { to: 'guest@else.test' })
  expect(assigned.status).toBe(200)
  const passed = await team.call('POST', `/tasks/${id}/assign`, { to: team.owner, insteadOf: 'Guest@else.test' })
  expect(passed.status).toBe(200)
  const bad = [
    await team.call('POST', `/tasks/${id}/assign`, { to: 'x@y.test', insteadOf: 'guest@else.test' }),
    await team.call('POST', `/tasks/${id}/assign`, { to: ['x@y.test', 'z@y.test'], insteadOf: team.owner }),
    await team.call('POST', `/tasks/${id}/assign`, { to: team.owner, insteadOf: team.owner }),
  ]
  expect(bad.map(({ status, body }) => [status, body.error.code])).toEqual([
    [409, 'not_assigned'],
    [422, 'invalid_request'],
    [409, 'cannot_delegate'],
  ])
  const raised = await team.call('POST', `/tasks/${id}/raise`, { limits: { steps: 100 } })
  expect(raised.status).toBe(200)
  const cancelled = await team.call('POST', `/tasks/${id}/cancel`)
  expect(cancelled.body.status).toBe('cancelled')
  const over = await team.call('POST', `/tasks/${id}/retry`)
  expect([over.status, over.body.error.code]).toEqual([409, 'wrong_status'])
})

test('one branch is begun again by itself: `retry {run}`; one that is not there, or of another visit, is refused', async () => {
  const branches = {
    legal: { prompt: '[demo: fail bad_request] Legal.', model: 'demo' },
    tone: { prompt: 'Tone.', model: 'demo' },
  }
  const both = { key: 'both', parallel: { branches, join: 'all' }, handoffs: [{ to: 'complete' }] }
  const id = await aTask(team, await aWorkflow(team, { steps: [both] }))
  const failed = () =>
    eventually(async () => {
      const { body } = await team.call('GET', `/tasks/${id}`)
      expect(body).toMatchObject({ status: 'failed', runs: [{ run: 1, name: 'legal', status: 'failed' }, { run: 2 }] })
      return body
    })
  const dues = async (run: number) => {
    const { items } = (await team.call('GET', `/tasks/${id}/events`)).body
    return items.filter(({ type, data }: LogItem) => type === 'due' && data.run === run).length
  }
  const { visit } = await failed()
  const before = [await dues(1), await dues(2)]
  const again = await team.call('POST', `/tasks/${id}/retry`, { run: 1, visit })
  expect(again.status, again.text).toBe(200)
  await eventually(async () => expect(await dues(1)).toBe(before[0]! + 1))
  await failed()
  expect((await team.call('POST', `/tasks/${id}/retry`, { run: 9 })).status).toBe(409)
  expect((await team.call('POST', `/tasks/${id}/retry`, { run: 1, visit: 7 })).body.error.code).toBe('moved_on')
  expect((await team.call('POST', `/tasks/${id}/retry`, { run: 'one' })).status).toBe(422)
})

interface LogItem {
  type: string
  data: { run?: number }
}

test('an outside event is kept in the log', async () => {
  const id = await aTask(team, await aWorkflow(team))
  const told = await team.call('POST', `/tasks/${id}/events`, { name: 'paid', data: { amount: 3 } })
  expect(told.status).toBe(200)
  const log = await team.call('GET', `/tasks/${id}/events`)
  expect(log.body.items.at(-1)).toMatchObject({ type: 'noticed', data: { name: 'paid', data: { amount: 3 } } })
})

test('a task keeps the version it began with until it is migrated', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  const next = await team.call('PUT', `/workflows/${workflow}`, aDefinition(team, { name: 'Reviews, better' }))
  expect(next.body.version).toBe(2)
  expect((await team.call('GET', `/tasks/${id}`)).body.version).toBe(1)
  const migrated = await team.call('POST', `/tasks/${id}/migrate`, { version: 2, step: 'again' })
  expect(migrated.body).toMatchObject({ version: 2, step: 'again', visit: 2 })
  const unknown = await team.call('POST', `/tasks/${id}/migrate`, { version: 9, step: 'again' })
  expect([unknown.status, unknown.body.error.code]).toEqual([422, 'unknown_version'])
})

test('a repeated request with the same key and body gets the same answer, and with another body is refused', async () => {
  const workflow = await aWorkflow(team)
  const start = (company: string, key = 'order-1') =>
    team.call('POST', `/workflows/${workflow}/tasks`, { input: { company } }, { 'idempotency-key': key })
  const all = await Promise.all(Array.from({ length: 6 }, () => start('Globex')))
  expect(all.map(one => one.status).sort()).toEqual([200, 200, 200, 200, 200, 201])
  expect(new Set(all.map(one => one.body.id)).size).toBe(1)
  expect(all.filter(one => one.headers.get('idempotent-replayed') === 'true')).toHaveLength(5)
  const other = await start('Initech')
  expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
  const elsewhere = await team.call(
    'POST',
    `/workflows/${await aWorkflow(team)}/tasks`,
    { input: { company: 'Globex' } },
    { 'idempotency-key': 'order-1' },
  )
  expect(elsewhere.status).toBe(201)
  expect(elsewhere.body.id).not.toBe(all[0]!.body.id)
})

test('a repeated command is carried out once and answers as it did', async () => {
  const id = await aTask(team, await aWorkflow(team))
  const move = () => team.call('POST', `/tasks/${id}/move`, { step: 'again' }, { 'idempotency-key': 'm' })
  expect((await move()).body).toMatchObject({ step: 'again', visit: 2 })
  await team.call('POST', `/tasks/${id}/move`, { step: 'review' })
  const again = await move()
  expect(again.status).toBe(200)
  expect(again.headers.get('idempotent-replayed')).toBe('true')
  expect((await team.call('GET', `/tasks/${id}`)).body.visit).toBe(3)
  const other = await team.call('POST', `/tasks/${id}/move`, { step: 'review' }, { 'idempotency-key': 'm' })
  expect([other.status, other.body.error.code]).toEqual([422, 'idempotency_mismatch'])
  const rerun = () => team.call('POST', `/tasks/${id}/rerun`, {}, { 'idempotency-key': 'r' })
  const [first, second] = [await rerun(), await rerun()]
  expect([first.status, second.status]).toEqual([201, 200])
  expect(second.body.id).toBe(first.body.id)
})
