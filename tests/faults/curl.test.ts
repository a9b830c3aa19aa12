/** The curl lines that the page of an intake shows: run in a shell as they stand, each makes a task. */
import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { presetSettings } from '../../src/intake/signatures/presets.ts'
import { curlOf } from '../../src/intake/views/curl-line.ts'
import type { IntakeAuth } from '../../src/records/schema/intake-config.ts'
import { type Baton, startBaton } from '../support/baton.ts'

let baton: Baton
let intakes: string
beforeAll(async () => {
  baton = await startBaton()
  const steps = [{ key: 'look', human: { assign: ['role:admin'] }, handoffs: [{ to: 'complete' }] }]
  const { id } = await post('/workflows', { baton: 1, name: 'Curl', steps })
  intakes = `/workflows/${id}/intakes`
})
afterAll(() => baton?.stop())

async function post(path: string, body: unknown) {
  const headers = { authorization: `Bearer ${baton.apiKey}`, 'content-type': 'application/json' }
  const response = await fetch(`${baton.url}/api/v1${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
  return (await response.json()) as { id: string; secret?: string }
}

/** A quote and what a shell would take for its own. */
const BODY = JSON.stringify({ company: `O'Hara & "Sons" $HOME` })

const AUTHS: IntakeAuth[] = [
  { type: 'key' },
  { type: 'open' },
  { type: 'github' },
  { type: 'stripe' },
  { type: 'slack' },
  { type: 'standard-webhooks' },
  // All others: tests/node/intake/curl-line.test.ts.
  { type: 'hmac', ...presetSettings('calendly') },
]

test.each(AUTHS)('$type', async auth => {
  const { id, secret } = await post(intakes, { kind: 'webhook', auth })
  const env = { ...process.env, SECRET: secret ?? '', BATON_KEY: baton.apiKey }
  const line = `set -e; ${curlOf(`${baton.url}/in/${id}`, auth, BODY)} -s`
  const answer = JSON.parse(execFileSync('bash', ['-c', line], { env, encoding: 'utf8' }))
  expect(answer).toMatchObject({ task: { id: expect.stringMatching(/^tsk_/) }, duplicate: false })
  const headers = { authorization: `Bearer ${baton.apiKey}` }
  const task = await fetch(`${baton.url}/api/v1/tasks/${answer.task.id}`, { headers })
  expect(await task.json()).toMatchObject({ input: JSON.parse(BODY) })
})
