/** Deliveries from outside, three in ten repeated and many at once: one task per key, and one row for each that was accepted. */
import { createHmac } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Baton, startBaton } from '../support/baton.ts'

// A long run sends 10,000.
const TOTAL = process.env.BATON_LONG === '1' ? 10_000 : 600
const AT_ONCE = 24

let baton: Baton
beforeAll(async () => {
  baton = await startBaton()
})
afterAll(() => baton?.stop())

async function api(method: string, path: string, body?: unknown) {
  const headers = { authorization: `Bearer ${baton.apiKey}`, 'content-type': 'application/json' }
  const response = await fetch(`${baton.url}/api/v1${path}`, {
    method,
    headers,
    body: body === undefined ? undefined : JSON.stringify(body),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(text)
  return JSON.parse(text)
}

const DEFINITION = {
  baton: 1,
  name: 'Sink',
  steps: [{ key: 'look', human: { assign: ['role:admin'] }, handoffs: [{ to: 'complete' }] }],
}

test('one task per key, whatever comes twice and at once', { timeout: 1_800_000 }, async () => {
  const { id: workflow } = await api('POST', '/workflows', DEFINITION)
  const settings = { kind: 'webhook', auth: { type: 'standard-webhooks' } }
  const { id, url, secret } = await api('POST', `/workflows/${workflow}/intakes`, settings)
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  const send = async (message: number) => {
    const body = JSON.stringify({ message })
    const at = Math.floor(Date.now() / 1000)
    const signature = createHmac('sha256', key).update(`msg_${message}.${at}.${body}`).digest('base64')
    const signed = {
      'webhook-id': `msg_${message}`,
      'webhook-timestamp': `${at}`,
      'webhook-signature': `v1,${signature}`,
    }
    const headers = { 'content-type': 'application/json', ...signed }
    const response = await fetch(url.replace(/^https?:\/\/[^/]+/, baton.url), { method: 'POST', headers, body })
    expect(response.status).toBe(202)
    return (await response.json()) as { task: { id: string }; duplicate: boolean }
  }

  // Seven in ten are new; the others repeat one of the last few, so that some are still under way.
  const messages: number[] = []
  for (let n = 0, fresh = 0; n < TOTAL; n++) messages.push(n % 10 < 7 ? fresh++ : Math.max(0, fresh - 1 - (n % 9)))
  const tasks = new Map<number, Set<string>>()
  let made = 0
  const began = Date.now()
  let next = 0
  const lane = async () => {
    while (next < messages.length) {
      const message = messages[next++]!
      const { task, duplicate } = await send(message)
      if (!duplicate) made++
      tasks.set(message, (tasks.get(message) ?? new Set()).add(task.id))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, lane))
  const seconds = (Date.now() - began) / 1000
  const distinct = new Set(messages).size
  expect([made, tasks.size]).toEqual([distinct, distinct])
  expect([...tasks.values()].every(ids => ids.size === 1)).toBe(true)
  expect(await acceptedOf(id, distinct)).toEqual(new Set([...tasks.values()].flatMap(ids => [...ids])))
  console.log(
    `${TOTAL} deliveries in ${seconds.toFixed(1)} s: ${Math.round(TOTAL / seconds)} a second, ${distinct} tasks`,
  )
})

/** The tasks of all accepted deliveries, once there are `n`. */
async function acceptedOf(intake: string, n: number): Promise<Set<string>> {
  const found = new Set<string>()
  for (let tries = 0; tries < 60 && found.size < n; tries++) {
    await new Promise(resolve => setTimeout(resolve, 1000))
    found.clear()
    for (let cursor: string | null = ''; cursor !== null; ) {
      const page = await api('GET', `/intakes/${intake}/deliveries?verdict=accepted${cursor && `&cursor=${cursor}`}`)
      for (const item of page.items) found.add(item.task.id)
      cursor = page.next
    }
  }
  return found
}
