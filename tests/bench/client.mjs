/** The load: a small HTTP client that costs little itself, so that the two cores are mostly the server's. */
import http from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'

const agent = new http.Agent({ keepAlive: true, maxSockets: 64, noDelay: true })

/** Sends JSON, if any, and answers the JSON that comes back; throws when the status is not a good one. */
export function call(url, { method = 'GET', headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const payload = body === undefined ? undefined : JSON.stringify(body)
    const length =
      payload === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(payload) }
    const request = http.request(url, { method, agent, headers: { ...headers, ...length } }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () => {
        if (response.statusCode < 300) resolve(text === '' ? null : JSON.parse(text))
        else reject(new Error(`${method} ${url}: ${response.statusCode} ${text.slice(0, 300)}`))
      })
    })
    request.on('error', reject)
    request.end(payload)
  })
}

/** Runs `job` for 0 … count − 1, so many at once; answers what each gave, and how long each took. */
export async function flood(count, concurrency, job) {
  const answers = []
  const times = []
  let next = 0
  const worker = async () => {
    while (next < count) {
      const index = next++
      const began = performance.now()
      answers[index] = await job(index)
      times[index] = performance.now() - began
    }
  }
  await Promise.all(Array.from({ length: concurrency }, worker))
  return { answers, times }
}

const STALLED_MS = 45_000

/** Waits until so many are done, looking rarely while much is left; answers what was seen when. */
export async function until(count, done, began) {
  const seen = []
  for (;;) {
    const now = await done()
    const at = performance.now() - began
    seen.push({ at, done: now })
    if (now >= count) return seen
    const last = seen.findLast(look => look.done < now) ?? seen[0]
    if (at - last.at > STALLED_MS)
      throw new Error(`${now} of ${count} finished, and no more for ${STALLED_MS / 1000} s`)
    const rate = now / at
    await sleep(Math.min(250, Math.max(8, (0.5 * (count - now)) / (rate || Infinity) || 8)))
  }
}

export const round = (value, digits = 1) => (value === null ? null : Number(value.toFixed(digits)))

export function percentile(values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]
}

export const median = values => percentile(values, 0.5)
