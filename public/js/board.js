/*
 * Keeps the board true: places the cards that the socket brings, counts, and fetches it anew when it was away. Moving cards by hand is move.js and drag.js.
 * The page's HTML holds everything; this only updates it. Nothing here decides what a card says.
 */
import { cardOf, cardsOf, columnOf, elementFrom, place, seqOf } from './cards.js'
import { arm, isDragging } from './drag.js'
import { meanwhile, pending, wire } from './move.js'

const live = document.getElementById('board-live')
const board = () => document.getElementById('board')
const still = matchMedia('(prefers-reduced-motion: reduce)')

/** The latest news of each card, kept a while: a board fetched meanwhile may be older than them. */
const recent = new Map()
const KEEP_MS = 30_000
let counts = {}
/** Whether they came through the line that is open. */
let counted = false

// Cards

function show(news) {
  if (pending.has(news.id)) return meanwhile(news)
  const old = cardOf(news.id)
  const done = document.getElementById(`done-${news.id}`)
  if (Math.max(seqOf(old), seqOf(done)) > news.seq) return
  if (news.done !== null) finish(news, done)
  if (news.html === null) return leave(old)
  const column = columnOf(news.step)
  if (!column) return refreshSoon()
  if (old && seqOf(old) === news.seq) return
  const fresh = elementFrom(news.html)
  const from = old?.parentElement
  const focused = old?.contains(document.activeElement) ? focusWithin() : null
  if (old) old.replaceWith(fresh)
  else column.append(fresh)
  place(fresh, column)
  window.htmx.process(fresh)
  if (focused) (fresh.querySelector(focused) ?? fresh.querySelector('a'))?.focus({ preventScroll: true })
  if (from !== column) handOver(fresh)
  trim(column)
}

/** Which of a card's controls has the focus, as a selector that its successor answers to. */
function focusWithin() {
  const { key } = document.activeElement.dataset
  return key ? `[data-key="${key}"]` : '.card-title a'
}

function handOver(card) {
  if (still.matches) return
  card.classList.add('is-handed')
  card.addEventListener('animationend', () => card.classList.remove('is-handed'), { once: true })
}

function leave(card) {
  if (!card) return
  const column = card.parentElement
  if (card.contains(document.activeElement)) {
    const next = card.nextElementSibling ?? card.previousElementSibling
    ;(next?.querySelector('.card-title a') ?? column.closest('.column')?.querySelector('a'))?.focus()
  }
  card.remove()
}

function finish(news, old) {
  const list = document.getElementById('recent')
  if (!list) return
  const fresh = elementFrom(news.done)
  if (old) old.replaceWith(fresh)
  const items = () => [...list.querySelectorAll('.rail-item')]
  const next = items().find(item => item !== fresh && Number(item.dataset.rank) < news.rank)
  list.insertBefore(fresh, next ?? document.getElementById('recent-empty'))
  window.htmx.process(fresh)
  handOver(fresh)
  for (const item of items().slice(Number(list.dataset.size))) item.remove()
  document.getElementById('recent-empty').hidden = true
}

/** A column shows a page of cards; the rest is behind its link. */
const COLUMN_SIZE = 50
function trim(column) {
  for (const card of cardsOf(column).slice(COLUMN_SIZE)) {
    if (!card.contains(document.activeElement) && !pending.has(card.dataset.card)) card.remove()
  }
}

// Counts: the server's, of all open tasks, shown or not

/** As the page says, until the socket does. */
function countsOfPage() {
  const columns = [...document.querySelectorAll('.column[data-column]')]
  return Object.fromEntries(
    columns.map(column => {
      const [running, all] = column.querySelector('.column-meta [data-total]').textContent.split('/').map(Number)
      return [column.dataset.column, all === undefined ? { other: running } : { running, other: all - running }]
    }),
  )
}

function recount() {
  const totals = new Map()
  for (const [step, statuses] of Object.entries(counts)) {
    const column = columnOf(step)?.closest('.column')
    const total = totals.get(column) ?? { all: 0, running: 0 }
    for (const [status, n] of Object.entries(statuses)) {
      total.all += n
      if (status === 'running') total.running += n
    }
    totals.set(column, total)
  }
  // A move by hand counts from the moment it is seen.
  for (const { step, home } of pending.values()) {
    for (const [at, by] of [
      [home, -1],
      [step, 1],
    ]) {
      const column = columnOf(at)?.closest('.column')
      const total = totals.get(column) ?? { all: 0, running: 0 }
      totals.set(column, { ...total, all: Math.max(0, total.all + by) })
    }
  }
  for (const column of document.querySelectorAll('.column[data-column]')) {
    showTotal(column, totals.get(column) ?? { all: 0, running: 0 })
  }
}

function showTotal(column, { all, running }) {
  const text = running > 0 ? `${running}/${all}` : String(all)
  const links = document.querySelectorAll(`.step-picker a[href="#${CSS.escape(column.id)}"] [data-total]`)
  for (const element of [...column.querySelectorAll('[data-total]'), ...links]) {
    element.textContent = text
    element.title = `${all} here, ${running} running`
  }
  const shown = column.querySelectorAll('[data-cards] > .card').length
  column.querySelector('.column-empty').hidden = all > 0 || shown > 0
  const more = column.querySelector('.column-more')
  more.hidden = all <= shown
  more.querySelector('[data-more]').textContent = String(Math.max(0, all - shown))
  // Cards left and the hidden ones are to take their place.
  if (all > shown && shown < Math.min(all, COLUMN_SIZE / 2)) refreshSoon()
}

// News

function take(news) {
  const at = Date.now()
  for (const card of news.cards) {
    const known = recent.get(card.id)
    if (!known || known.card.seq <= card.seq) recent.set(card.id, { card, at })
  }
  for (const [task, { at: then }] of recent) if (at - then > KEEP_MS) recent.delete(task)
  if (news.counts !== null) {
    counts = news.counts
    counted = true
  }
  if (news.refresh) return refreshSoon()
  // What the filter lets through is for the server to say.
  if (board()?.dataset.filtered !== undefined) return news.cards.length > 0 && refreshSoon()
  // Under a hand nothing moves; it is made up for when the card is let go.
  if (!isDragging()) apply(news.cards)
}

function apply(cards) {
  for (const card of cards) show(card)
  recount()
}

function applyRecent() {
  if (board()?.dataset.filtered === undefined) apply([...recent.values()].map(({ card }) => card))
  for (const [task, move] of pending) {
    const card = cardOf(task)
    const column = columnOf(move.step)
    if (card && column) place(card, column)
  }
}

// The board anew: after sleep, a lost line, a deploy

let isRefreshing = false
let again = false
function refreshSoon(wait = 300) {
  again = true
  if (isRefreshing) return
  isRefreshing = true
  // Not all browsers at once, after a deploy.
  setTimeout(refresh, wait + Math.random() * 200)
}

async function refresh() {
  again = isDragging()
  try {
    if (!again) await fetchBoard()
  } finally {
    isRefreshing = false
    if (again) refreshSoon(1000)
  }
}

async function fetchBoard() {
  const element = board()
  const { url } = element.dataset
  await window.htmx.ajax('GET', url, { source: element, target: element, swap: 'outerMorph' })
  if (!counted) counts = countsOfPage()
  applyRecent()
  watchColumns()
  arm()
}

// The line

const pill = document.getElementById('net')
let beat = 0
let answered = true

function connected(event) {
  pill?.classList.remove('is-off')
  answered = true
  counted = false
  refreshSoon(0)
  const { socket } = event.detail.connection
  clearInterval(beat)
  socket.addEventListener('message', () => {
    answered = true
  })
  // A line that a sleep or a change of network has cut looks open; one that does not answer is ended, and hx-ws opens another.
  beat = setInterval(() => {
    if (!answered) return socket.close()
    answered = false
    if (socket.readyState === WebSocket.OPEN) socket.send('ping')
  }, 25_000)
}

live?.addEventListener('htmx:ws:after:connection', connected)
live?.addEventListener('htmx:ws:close', event => {
  clearInterval(beat)
  if (event.detail.code === 4401) return location.reload()
  if (!document.hidden) pill?.classList.add('is-off')
})
live?.addEventListener('htmx:ws:before:message:incoming', event => {
  // Whatever comes is ours to place: hx-ws would put what is not JSON into the page, as it does with the answer to a beat.
  event.preventDefault()
  const news = newsOf(event.detail.message.data)
  if (news) take(news)
})
/** What a frame tells of the board; null for any other frame. */
function newsOf(data) {
  try {
    const news = JSON.parse(data)
    return Array.isArray(news?.cards) ? news : null
  } catch {
    return null
  }
}
// A page out of the back-forward cache has lost its line for good.
addEventListener('pageshow', event => event.persisted && location.reload())

// Filters that need no button

document.addEventListener('change', event => {
  event.target.closest?.('form[data-filters]')?.requestSubmit()
})

// The picker of steps on narrow windows says which column is in view

const seen = new IntersectionObserver(
  entries => {
    for (const { target, isIntersecting } of entries) {
      const link = document.querySelector(`.step-picker a[href="#${CSS.escape(target.id)}"]`)
      if (isIntersecting) link?.setAttribute('aria-current', 'true')
      else link?.removeAttribute('aria-current')
    }
  },
  { threshold: 0.6 },
)
function watchColumns() {
  seen.disconnect()
  for (const column of document.querySelectorAll('.column')) seen.observe(column)
}

wire({ show, recount, refreshSoon, applyRecent, latest: task => recent.get(task)?.card })
counts = countsOfPage()
watchColumns()
arm()
// hx-ws may have opened the line before this script was there to hear of it.
const line = live?._htmx?.ws?.connection
if (line?.socket?.readyState === WebSocket.OPEN) connected({ detail: { connection: line } })
