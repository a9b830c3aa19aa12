/** What an Idempotency-Key stands for: its caller, the task and the command; in logs that were stored before, too. */
import { runInDurableObject } from 'cloudflare:test'
import { beforeAll, expect, test } from 'vitest'
import { bodyHash } from '../../../src/http/request/body.ts'
import { liveVersion } from '../../../src/records/definitions/workflows.ts'
import { derivedTaskId } from '../../../src/records/ids.ts'
import { startOnce, targetOf } from '../../../src/task/start.ts'
import { type Answer, aDefinition, aKey, anIntake, aTask, aTeam, aWorkflow, callAs, env, type Team } from './client.ts'

let team: Team
let second: string
beforeAll(async () => {
  team = await aTeam()
  second = (await aKey(team.id)).key
})

const under =
  (value: string, key = team.key) =>
  (path: string, body?: unknown) =>
    callAs(key, 'POST', path, body, { 'idempotency-key': value })
const replayed = ({ headers }: Answer) => headers.get('idempotent-replayed') === 'true'
/** Two approvals by different people (or keys) let it pass. */
const twoVoices = () => {
  const { steps, ...rest } = aDefinition(team) as { steps: { human: object }[] }
  return { ...rest, steps: [{ ...steps[0], human: { ...steps[0]!.human, needs: 2 } }, steps[1]] }
}

test('a second key with the same value decides for itself: its vote counts', async () => {
  const id = await aTask(team, await aWorkflow(team, twoVoices()))
  const first = await under('vote')(`/tasks/${id}/decide`, { handoff: 'approved' })
  expect([first.status, first.body.status]).toEqual([200, 'waiting'])
  const other = await under('vote', second)(`/tasks/${id}/decide`, { handoff: 'approved' })
  expect([other.status, replayed(other), other.body.status]).toEqual([200, false, 'done'])
})

test('a key under which a task was started may decide on it, and retry that', async () => {
  const workflow = await aWorkflow(team)
  const started = await under('one')(`/workflows/${workflow}/tasks`, { input: { company: 'Globex' } })
  const decide = () => under('one')(`/tasks/${started.body.id}/decide`, { handoff: 'approved' })
  const [once, twice] = [await decide(), await decide()]
  expect([once.status, replayed(once), once.body.status]).toEqual([200, false, 'done'])
  expect([twice.status, replayed(twice), twice.body.status]).toEqual([200, true, 'done'])
  const again = await under('one')(`/workflows/${workflow}/tasks`, { input: { company: 'Globex' } })
  expect([again.status, again.body.id]).toEqual([200, started.body.id])
})

test('commands under one value are each carried out once; one of them with another body is refused', async () => {
  const id = await aTask(team, await aWorkflow(team))
  const bodies = { move: { step: 'again' }, assign: { to: [team.owner] }, events: { name: 'paid' }, cancel: {} }
  for (const round of [false, true]) {
    for (const [command, body] of Object.entries(bodies)) {
      const answer = await under('same')(`/tasks/${id}/${command}`, body)
      expect([command, answer.status, replayed(answer)]).toEqual([command, 200, round])
    }
  }
  for (const [command, body] of [
    ['move', { step: 'review' }],
    ['assign', { to: ['x@y.test'] }],
    ['events', { name: 'late' }],
    ['cancel', { note: 'x' }],
  ] as const) {
    const other = await under('same')(`/tasks/${id}/${command}`, body)
    expect([command, other.status, other.body.error.code]).toEqual([command, 422, 'idempotency_mismatch'])
  }
})

test('a second key with the same value runs a task again for itself', async () => {
  const id = await aTask(team, await aWorkflow(team))
  const [one, two] = [
    await under('again')(`/tasks/${id}/rerun`, {}),
    await under('again', second)(`/tasks/${id}/rerun`, {}),
  ]
  expect([one.status, two.status]).toEqual([201, 201])
  expect(two.body.id).not.toBe(one.body.id)
  const repeat = await under('again', second)(`/tasks/${id}/rerun`, {})
  expect([repeat.status, repeat.body.id]).toEqual([200, two.body.id])
})

test('a second key with the same value sends a test and a replay for itself', async () => {
  const intake = await anIntake(team, await aWorkflow(team))
  const send = (key: string) => under('test', key)(`/intakes/${intake.id}/test`, { body: { company: 'Globex' } })
  const [one, two, repeat] = [await send(team.key), await send(second), await send(second)]
  expect(two.body.task.id).not.toBe(one.body.task.id)
  expect(repeat.body.task.id).toBe(two.body.task.id)
})

test('what stands in a log from before is answered as it was', async () => {
  const workflow = await aWorkflow(team)
  const started = await under('old')(`/workflows/${workflow}/tasks`, { input: { company: 'Globex' } })
  const { id } = started.body
  const move = (key?: string) => under('old-move', key)(`/tasks/${id}/move`, { step: 'again' })
  const first = await move()
  // A stored row: the value as it came, and the command before the body's hash.
  const stub = env.TASKS.getByName(`${team.id}:${id}`)
  const keys = await runInDurableObject(stub, (_, state) => [
    ...state.storage.sql.exec(
      "SELECT key ->> '$.id' AS id, key ->> '$.hash' AS hash FROM log WHERE key IS NOT NULL ORDER BY seq",
    ),
  ])
  expect(keys).toEqual([
    { id: 'old', hash: expect.stringMatching(/^[\da-f]{64}$/) },
    { id: 'old-move', hash: expect.stringMatching(/^move:[\da-f]{64}$/) },
  ])
  await runInDurableObject(stub, (_, state) => state.abort()).catch(() => {})
  const repeat = await move()
  expect([repeat.status, replayed(repeat), repeat.body.visit]).toEqual([200, true, first.body.visit])
})

test('a rerun that was made before callers were told apart stays the answer of who made it', async () => {
  const workflow = await aWorkflow(team)
  const id = await aTask(team, workflow)
  const old = await derivedTaskId(team.id, 'task', id, 'rerun', 'before')
  const into = await targetOf(env.DB, await liveVersion(env.DB, team.id, workflow))
  if (!into.ok) throw new Error(into.problem.kind)
  const hash = await bodyHash({ bytes: new TextEncoder().encode('{}') })
  await startOnce(env, {
    ...{ task: old, team: team.id, into: into.value, input: { company: 'Acme' }, source: { kind: 'task', id } },
    ...{ actor: { kind: 'key', id: team.keyId }, idempotency: { id: 'before', hash }, flushed: true },
  })
  const mine = await under('before')(`/tasks/${id}/rerun`, {})
  expect([mine.status, mine.body.id]).toEqual([200, old])
  const theirs = await under('before', second)(`/tasks/${id}/rerun`, {})
  expect(theirs.status).toBe(201)
})
