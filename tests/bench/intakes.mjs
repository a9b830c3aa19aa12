/** The way in: requests a second, p50 and p99 beside an empty Worker and beside one that only makes a Durable Object, by turns in one run. */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import { performance } from 'node:perf_hooks'
import { flood, median, percentile, round } from './client.mjs'
import { serve } from './host.mjs'
import { baton, source } from './subjects.mjs'

const AT_ONCE = 32
const WARM_UP = 200
/** One quick step: its tasks are done beside what is measured, on the same cores. */
const definition = {
  baton: 1,
  name: 'Bench, intake',
  title: '{{ input.company }}',
  defaults: { model: 'demo' },
  steps: [{ key: 'read', prompt: 'Read {{ input.company }}.', handoffs: [{ to: 'complete' }] }],
}

/** Workers to compare with; each answers 202 to a POST. */
const PEERS = {
  empty: { path: '/', worker: { name: 'peer', modules: source('empty-peer.mjs') } },
  object: {
    path: '/object',
    worker: {
      name: 'peer',
      modules: source('empty-peer.mjs'),
      durableObjects: { THINGS: { className: 'Thing', useSQLite: true } },
    },
  },
}

/** Measures all in each round; figures are medians of the rounds. */
export async function intakes({ requests, rounds }, log) {
  const measured = {}
  for (let at = 0; at < rounds; at++) {
    for (const [name, open] of Object.entries(SUBJECTS)) {
      const subject = await open()
      try {
        const found = await measure(subject, requests)
        measured[name] = [...(measured[name] ?? []), found]
        log(`intakes, ${name}, round ${at + 1} of ${rounds}: ${found.perSecond}/s, p50 ${found.p50}, p99 ${found.p99}`)
      } finally {
        await subject.close()
      }
    }
  }
  const medians = Object.fromEntries(
    Object.entries(measured).map(([name, list]) => [
      name,
      Object.fromEntries(Object.keys(list[0]).map(key => [key, median(list.map(each => each[key]))])),
    ]),
  )
  return {
    ...medians,
    how: `POST /in/:intake with a key and with a Standard Webhooks signature, its tasks’ one step done beside it on the same cores; perSecond, p50 and p99 with ${AT_ONCE} requests at once, aloneP50 and aloneP99 one at a time; milliseconds; a fresh workerd for each, medians of ${rounds} rounds`,
  }
}

const SUBJECTS = {
  empty: () => peer('empty'),
  object: () => peer('object'),
  key: () => intake({ type: 'key' }),
  signed: () => intake({ type: 'standard-webhooks' }),
}

async function peer(name) {
  const { path, worker } = PEERS[name]
  const host = await serve([{ compatibilityDate: '2026-08-20', ...worker }])
  return { ...host, request: () => ({ url: `${host.url}${path}`, headers: {} }) }
}

async function intake(auth) {
  const session = await baton.open()
  const headers = { authorization: `Bearer ${session.apiKey}` }
  const made = await post(`${session.url}/api/v1/workflows`, headers, JSON.stringify(definition))
  const open = JSON.stringify({ kind: 'webhook', name: 'Bench', auth })
  const { url, secret } = await post(`${session.url}/api/v1/workflows/${made.id}/intakes`, headers, open)
  const to = `${session.url}${new URL(url).pathname}`
  const request = body => ({ url: to, headers: secret === undefined ? headers : signed(secret, body) })
  return { ...session, request }
}

let messages = 0
function signed(secret, body) {
  const id = `msg_${++messages}`
  const at = String(Math.floor(Date.now() / 1000))
  const key = Buffer.from(secret.replace('whsec_', ''), 'base64')
  const signature = createHmac('sha256', key).update(`${id}.${at}.${body}`).digest('base64')
  return { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': `v1,${signature}` }
}

async function measure({ request }, count) {
  const send = async index => {
    const body = JSON.stringify({ company: `Firm ${index}`, email: `firm${index}@bench.test` })
    const { url, headers } = request(body)
    await post(url, headers, body)
  }
  await flood(WARM_UP, 8, send)
  const alone = await flood(Math.ceil(count / 10), 1, send)
  const began = performance.now()
  const { times } = await flood(count, AT_ONCE, send)
  const seconds = (performance.now() - began) / 1000
  return {
    perSecond: round(count / seconds),
    p50: round(median(times), 2),
    p99: round(percentile(times, 0.99), 2),
    aloneP50: round(median(alone.times), 2),
    aloneP99: round(percentile(alone.times, 0.99), 2),
  }
}

const agent = new http.Agent({ keepAlive: true, maxSockets: AT_ONCE, noDelay: true })

/** The body goes as it was signed. */
function post(url, headers, body) {
  return new Promise((resolve, reject) => {
    const all = { ...headers, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
    const sent = http.request(url, { method: 'POST', agent, headers: all }, response => {
      let text = ''
      response.setEncoding('utf8')
      response.on('data', chunk => {
        text += chunk
      })
      response.on('end', () =>
        response.statusCode < 300 ? resolve(JSON.parse(text)) : reject(new Error(`${response.statusCode} ${text}`)),
      )
    })
    sent.on('error', reject)
    sent.end(body)
  })
}
