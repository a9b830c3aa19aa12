/** Everything of a team in one archive: what is in it, in parts, and that nothing in it opens anything. */
import { unzipSync } from 'fflate'
import { expect, test } from 'vitest'
import { exportOf } from '../../../src/data/export/archive.ts'
import { anIntake, aTask, aTeam, aWorkflow, env, eventually, fetchApi } from '../api/client.ts'

const read = (bytes: ArrayBuffer) =>
  new Map(
    Object.entries(unzipSync(new Uint8Array(bytes))).map(([name, data]) => [name, new TextDecoder().decode(data)]),
  )

test('it holds what the team made, its tasks with their logs and files, and no secret', async () => {
  const [mine, other] = [await aTeam(), await aTeam()]
  const canary = 'canary-value-of-a-secret'
  await mine.call('PUT', '/secrets/crm', { value: canary, hosts: ['api.example.com'] })
  await mine.call('POST', '/agents', { key: 'writer', name: 'Writer', description: 'Writes.' })
  await mine.call('POST', '/knowledge', { key: 'fees', name: 'Fees', text: 'A seat is $4.' })
  const workflow = await aWorkflow(mine)
  await anIntake(mine, workflow)
  const signed = await mine.call('POST', `/workflows/${workflow}/intakes`, {
    ...{ kind: 'webhook', name: 'Signed', auth: { type: 'standard-webhooks' } },
  })
  const task = await aTask(mine, workflow, 'Zanzibar')
  await mine.call('POST', `/tasks/${task}/comments`, { text: 'So it is said' })
  const large = 'x'.repeat(3_000_000)
  const body = new FormData()
  body.append('file', new File([large], '../evil.txt', { type: 'text/plain' }))
  const headers = { authorization: `Bearer ${mine.key}` }
  await fetchApi(`/api/v1/tasks/${task}/files`, { method: 'POST', headers, body })
  const theirs = await aTask(other, await aWorkflow(other), 'Theirs')
  await eventually(async () => {
    const n = await env.DB.prepare('SELECT count(*) AS n FROM tasks WHERE team = ?1').bind(mine.id).first('n')
    expect(n).toBe(1)
  })
  const entries = read(await new Response(exportOf(env, mine.id, '')).arrayBuffer())
  for (const name of [
    'README.txt',
    'people.jsonl',
    'workflows.jsonl',
    'workflow_versions.jsonl',
    'agent_versions.jsonl',
  ])
    expect([...entries.keys()]).toContain(name)
  for (const name of ['knowledge_versions.jsonl', 'intakes.jsonl', 'secrets.jsonl', 'keys.jsonl', 'audit.jsonl'])
    expect([...entries.keys()]).toContain(name)
  const [view, ...events] = entries
    .get(`tasks/${task}.jsonl`)!
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(view).toMatchObject({ id: task, input: { company: 'Zanzibar' } })
  expect(events.map(({ type }) => type)).toContain('commented')
  const file = [...entries].find(([name]) => name.startsWith(`files/${task}/`))!
  expect(file[0]).toMatch(/^files\/tsk_[a-z2-7]+\/fil_[a-z2-7]+-[^/]*evil\.txt$/)
  expect(file[1]).toBe(large)
  const all = [...entries].map(([name, text]) => name + text).join('\n')
  const keyHash = await env.DB.prepare('SELECT hash FROM keys WHERE team = ?1').bind(mine.id).first<string>('hash')
  const sealed = await env.DB.prepare('SELECT sealed FROM secrets WHERE team = ?1')
    .bind(mine.id)
    .first<string>('sealed')
  for (const secret of [canary, keyHash!, sealed!, signed.body.secret as string, mine.key, theirs, other.id])
    expect(all).not.toContain(secret)
  const config = entries.get('intakes.jsonl')!
  expect(config).toContain('standard-webhooks')
  expect(config).not.toMatch(/"iv"|"data":"/)
  // The next part has what comes after.
  const next = read(await new Response(exportOf(env, mine.id, task)).arrayBuffer())
  expect([...next.keys()]).toEqual(['README.txt'])
})

test('whoever takes it slowly has no more read than they take', async () => {
  const mine = await aTeam()
  let reads = 0
  const DB = new Proxy(env.DB, {
    get(target, name) {
      if (name === 'prepare') reads++
      return Reflect.get(target, name).bind(target)
    },
  })
  const stream = exportOf({ ...env, TASKS: env.TASKS, FILES: env.FILES, DB } as never, mine.id, '')
  const reader = stream.getReader()
  await reader.read()
  const early = reads
  await reader.cancel()
  expect(early).toBeLessThan(5)
})
