/** Pages as a browser meets them: a board of many open tasks, the same board open in many browsers, and a long task's page. */
import { existsSync } from 'node:fs'
import http from 'node:http'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { startBaton } from '../support/baton.ts'
import { flood, median, percentile, round } from './client.mjs'

const READS = 10
const WARM_UP = 3
/** Decisions that the browsers are to see, one after the other. */
const TRANSITIONS = 5
const EVENTS = 200
const AT_ONCE = 24
const PATIENCE_MS = 60_000
/** How long a board may take to be fetched anew once its line is up. */
const REFRESH_MS = 4000

const OWNER = 'ana@acme.test'
const COLUMNS = ['sales', 'legal', 'billing', 'delivery']

/** Sorted by a prompt into four columns, where each task waits for a person. */
const sorted = {
  baton: 1,
  name: 'Bench, a full board',
  title: '{{ input.company }}',
  defaults: { model: 'demo' },
  steps: [
    {
      key: 'sort',
      name: 'Sort',
      prompt: 'Whose is {{ input.company }}?',
      handoffs: [...COLUMNS.slice(1).map(key => ({ if: `input.desk == "${key}"`, to: key })), { to: COLUMNS[0] }],
    },
    ...COLUMNS.map(key => ({
      key,
      name: `Approved by ${key}`,
      human: { assign: [OWNER], instructions: 'Look at {{ input.company }}.' },
      handoffs: [{ when: 'approved', to: 'complete' }],
    })),
  ],
}

/** Drafted and rejected until its log is long. */
const looped = {
  baton: 1,
  name: 'Bench, again and again',
  title: '{{ input.company }}',
  defaults: { model: 'demo' },
  limits: { steps: 200 },
  steps: [
    {
      key: 'draft',
      name: 'Draft',
      prompt: 'Write to {{ input.company }}. {{ last.note }}',
      handoffs: [{ to: 'approve' }],
    },
    {
      key: 'approve',
      name: 'Approve',
      human: { assign: [OWNER], instructions: 'Check it.', approve: 'approved' },
      handoffs: [
        { when: 'approved', to: 'complete' },
        { when: 'rejected', to: 'draft' },
      ],
    },
  ],
}

/** Measures under `npm start`, on a state of its own. */
export async function pages({ tasks, browsers }, log) {
  const baton = await startBaton()
  try {
    const call = caller(baton)
    const cookie = await signIn(baton)
    const { id } = await call('/workflows', sorted)
    const board = `${baton.url}/workflows/${id}`
    const start = at => ({ input: { company: `Company ${at}`, desk: COLUMNS[at % COLUMNS.length] } })
    await flood(tasks, AT_ONCE, at => call(`/workflows/${id}/tasks`, start(at)))
    log(`pages: ${tasks} tasks sent`)
    await filled(board, cookie, tasks)
    log('pages: all of them wait')

    const ofBoard = { openTasks: tasks, ...(await reads(board, cookie)) }
    log(`pages: the board, first byte p50 ${ofBoard.firstByteMsP50} ms, ${ofBoard.bytes} bytes`)
    const live = await watched({ board, cookie, call, browsers }, log)
    const ofTask = await longTask({ baton, cookie, call })
    log(`pages: a task of ${ofTask.events} events, first byte p50 ${ofTask.firstByteMsP50} ms, ${ofTask.bytes} bytes`)
    return {
      board: ofBoard,
      live,
      task: ofTask,
      how: `npm start with its state on disk, static files too; tasks sent by the API; four columns of waiting tasks, of which the page shows 50 each; p50 of ${READS} reads one after the other as the signed-in owner; bytes of the HTML alone, gzip as zlib makes it; a transition = from sending POST /decide to the card’s going from the column’s DOM in each browser, all browsers, Baton and this on one machine`,
    }
  } finally {
    await baton.stop()
  }
}

/** Calls the API as an honest client: told to wait, it waits. */
function caller({ url, apiKey }) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return async function call(path, body) {
    for (;;) {
      const method = body === undefined ? 'GET' : 'POST'
      const response = await fetch(`${url}/api/v1${path}`, { method, headers, body: body && JSON.stringify(body) })
      const text = await response.text()
      if (response.ok) return JSON.parse(text)
      if (response.status !== 429) throw new Error(`${method} ${path}: ${response.status} ${text.slice(0, 300)}`)
      await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000)
    }
  }
}

/** The owner's cookie, as a browser would keep it. */
export async function signIn(baton) {
  const response = await fetch(baton.signIn, { redirect: 'manual' })
  const cookies = response.headers.getSetCookie().map(cookie => cookie.split(';')[0])
  if (response.status !== 303 || cookies.length === 0) throw new Error(`Signing in answered ${response.status}`)
  return cookies.join('; ')
}

/** Waits until the board's columns for people count all of them. */
async function filled(board, cookie, tasks) {
  let seen = -1
  for (let deadline = Date.now() + PATIENCE_MS; ; await sleep(500)) {
    const { html } = await read(board, cookie)
    const counted = COLUMNS.map(key => new RegExp(`id="col-${key}".*?title="(\\d+) here`, 's').exec(html)?.[1])
    const now = counted.reduce((sum, count) => sum + Number(count), 0)
    if (now === tasks) return
    if (now > seen) deadline = Date.now() + PATIENCE_MS
    else if (Date.now() > deadline) throw new Error(`${now} of ${tasks} tasks wait, and no more come`)
    seen = now
  }
}

/** One page: until its first byte, until its last, and its HTML. */
function read(url, cookie) {
  return new Promise((resolve, reject) => {
    const began = performance.now()
    const headers = { cookie, accept: 'text/html', 'accept-encoding': 'identity' }
    const request = http.get(url, { headers }, response => {
      const chunks = []
      let first = null
      response.on('data', chunk => {
        first ??= performance.now() - began
        chunks.push(chunk)
      })
      response.on('error', reject)
      response.on('end', () => {
        const html = Buffer.concat(chunks).toString()
        if (response.statusCode === 200) resolve({ first, last: performance.now() - began, html })
        else reject(new Error(`GET ${url}: ${response.statusCode} ${html.slice(0, 300)}`))
      })
    })
    request.on('error', reject)
  })
}

/** Reads one page again and again: until its first byte, and how large it is. */
export async function reads(url, cookie) {
  for (let at = 0; at < WARM_UP; at++) await read(url, cookie)
  const found = []
  for (let at = 0; at < READS; at++) found.push(await read(url, cookie))
  return {
    firstByteMsP50: round(median(found.map(({ first }) => first))),
    /** What a machine with nothing else to do would be nearest to. */
    firstByteMsLeast: round(Math.min(...found.map(({ first }) => first))),
    lastByteMsP50: round(median(found.map(({ last }) => last))),
    bytes: median(found.map(({ html }) => Buffer.byteLength(html))),
    gzipBytes: median(found.map(({ html }) => gzipSync(html).length)),
  }
}

/** The board in many browsers: how long until a decision taken elsewhere shows in each. */
async function watched({ board, cookie, call, browsers }, log) {
  const executablePath = process.env.CHROME_PATH || '/usr/bin/chromium'
  if (!existsSync(executablePath)) return { skipped: 'no Chromium (set CHROME_PATH, or install one)' }
  const { chromium } = await import('@playwright/test')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox'] })
  try {
    const opened = []
    for (let at = 0; at < browsers; at++) opened.push(await openBoard(browser, board, cookie))
    const open = opened.map(({ page }) => page)
    const refreshed = opened.filter(each => each.refreshed).length
    log(`pages: ${browsers} browsers are open, ${refreshed} fetched their board anew`)
    await sleep(2000)
    const column = `#col-${COLUMNS[1]}`
    const ids = await open[0].evaluate(
      at => [...document.querySelectorAll(`${at} .card`)].map(card => card.dataset.card),
      column,
    )
    const rounds = []
    for (const task of ids.slice(0, TRANSITIONS)) {
      rounds.push(await transition({ open, call, task, column }))
      log(`pages: a transition, in ms: ${rounds.at(-1).map(Math.round).join(' ')}`)
      await sleep(1000)
    }
    const shown = rounds.flat()
    return {
      browsers,
      refreshedOnOpening: refreshed,
      transitions: rounds.length,
      shownMsP50: round(median(shown)),
      shownMsP95: round(percentile(shown, 0.95)),
      shownMsMax: round(Math.max(...shown)),
      lastBrowserMsP50: round(median(rounds.map(each => Math.max(...each)))),
    }
  } finally {
    await browser.close()
  }
}

/** A browser of its own as far as pages can tell, whose line is up; and whether its board was then fetched anew, as it ought to be. */
async function openBoard(browser, board, cookie) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } })
  const pairs = cookie.split('; ').map(pair => pair.split(/=(.*)/s))
  await context.addCookies(pairs.map(([name, value]) => ({ name, value, url: board })))
  const page = await context.newPage()
  const line = page.waitForEvent('websocket', { timeout: PATIENCE_MS })
  await Promise.all([line, page.goto(board)])
  const fetched = url => performance.getEntriesByType('resource').some(({ name }) => name === url)
  const refreshed = await page
    .waitForFunction(fetched, board, { timeout: REFRESH_MS, polling: 100 })
    .then(() => true)
    .catch(error => {
      if (error.name !== 'TimeoutError') throw error
      return false
    })
  return { page, refreshed }
}

/** Decides a task by the API; how long until its card has left the column, for each browser. */
async function transition({ open, call, task, column }) {
  await Promise.all(open.map(page => page.evaluate(watchCard, `${column} #card-${task}`)))
  const began = Date.now()
  await call(`/tasks/${task}/decide`, { handoff: 'approved' })
  return Promise.all(open.map(async page => (await page.evaluate(() => window.benchLeft)) - began))
}

/** Runs in the page: notes when the card goes. Machine and clock are the same as ours. */
function watchCard(selector) {
  if (!document.querySelector(selector)) throw new Error(`${selector} is not there`)
  window.benchLeft = new Promise((resolve, reject) => {
    const observer = new MutationObserver(() => {
      if (document.querySelector(selector)) return
      observer.disconnect()
      resolve(Date.now())
    })
    observer.observe(document.body, { childList: true, subtree: true })
    setTimeout(() => reject(new Error(`${selector} is still there after 30 s`)), 30_000)
  })
}

/** The page of a task that was rejected until its log was long. */
async function longTask({ baton, cookie, call }) {
  const { id: workflow } = await call('/workflows', looped)
  const { id } = await call(`/workflows/${workflow}/tasks`, { input: { company: 'Again and Again' } })
  let rejected = 0
  let events = 0
  for (;;) {
    await waits(call, id)
    events = await countEvents(call, id)
    if (events >= EVENTS) break
    rejected++
    await call(`/tasks/${id}/decide`, { handoff: 'rejected', note: `Not yet, ${rejected}.` })
  }
  return {
    events,
    rejected,
    ...(await reads(`${baton.url}/tasks/${id}`, cookie)),
    log: await reads(`${baton.url}/tasks/${id}?tab=log`, cookie),
  }
}

async function waits(call, id) {
  for (const deadline = Date.now() + PATIENCE_MS; ; await sleep(20)) {
    const { status, why } = await call(`/tasks/${id}`)
    if (status === 'waiting') return
    if (Date.now() > deadline) throw new Error(`Task ${id} is ${status}: ${why}`)
  }
}

async function countEvents(call, id) {
  let count = 0
  let next = null
  do {
    const page = await call(`/tasks/${id}/events${next === null ? '' : `?cursor=${next}`}`)
    count += page.items.length
    next = page.next
  } while (next !== null)
  return count
}
