/*
 * Keeps the board true: places the cards that the socket brings, counts, moves cards by hand with time to undo.
 * The page's HTML holds everything; this only updates it. Nothing here decides what a card says.
 */
import '/vendor/sortable.js'
import { announce, toast } from './toast.js'

const live = document.getElementById('board-live')
const board = () => document.getElementById('board')
const still = matchMedia('(prefers-reduced-motion: reduce)')

/** The latest news of each card, kept a while: a board fetched meanwhile may be older than them. */
const recent = new Map()
const KEEP_MS = 30_000
let counts = {}
/** Whether they came through the line that is open. */
let counted = false
/** Moves that can still be undone, by task. */
const pending = new Map()
const UNDO_MS = 6000
let dragged = null

// Cards

const columnOf = step => {
  const known = step && document.getElementById(`col-${step}`)
  return (known || document.getElementById('col--'))?.querySelector('[data-cards]') ?? null
}
const cardOf = task => document.getElementById(`card-${task}`)
const cardsOf = column => [...column.querySelectorAll(':scope > .card')]
const seqOf = element => Number(element?.dataset.seq ?? 0)

function elementFrom(html) {
  const template = document.createElement('template')
  // Our own server's card, made by the same component as the page's; what people wrote is escaped in it.
  template.innerHTML = html
  return template.content.firstElementChild
}

/** Puts a card where its rank says; the highest stands first. */
function place(card, column) {
  const rank = Number(card.dataset.rank)
  const next = cardsOf(column).find(other => other !== card && Number(other.dataset.rank) < rank)
  const before = next ?? column.querySelector(':scope > .column-empty')
  if (card.nextElementSibling === before && card.parentElement === column) return
  // Keeps the focus and the scroll of what is moved, where the browser can.
  if (column.moveBefore && card.isConnected) column.moveBefore(card, before)
  else column.insertBefore(card, before)
}

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
  if (dragged === null) apply(news.cards)
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
  again = dragged !== null
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
  const { data } = event.detail.message
  if (data !== 'pong') take(JSON.parse(data))
})
// A page out of the back-forward cache has lost its line for good.
addEventListener('pageshow', event => event.persisted && location.reload())

// Moving by hand

/**
 * A move is shown at once and sent after six seconds, unless it is undone or the page is left: then it is sent right
 * away, by a beacon that outlives the page. So an undone move has never happened: no visit in the log, no paid call.
 */
function move(task, visit, step, home) {
  const card = cardOf(task)
  const column = columnOf(step)
  if (!card || !column) return
  pending.get(task)?.drop()
  card.setAttribute('hx-morph-skip', '')
  card.classList.add('is-pending')
  column.prepend(card)
  card.querySelector('.card-title a')?.focus({ preventScroll: true })
  card.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  const name = column.closest('.column').querySelector('h2 > :last-child').textContent.trim()
  announce(`Moved to ${name}, 1 of ${cardsOf(column).length}`)
  const entry = { step, visit, home, timer: 0, toast: undoToast(`Moved to ${name}`, () => undo(task)) }
  entry.drop = () => {
    clearTimeout(entry.timer)
    entry.toast.remove()
    pending.delete(task)
    card.removeAttribute('hx-morph-skip')
    card.classList.remove('is-pending')
  }
  entry.timer = setTimeout(() => send(task), UNDO_MS)
  pending.set(task, entry)
  recount()
}

function undo(task) {
  const entry = pending.get(task)
  if (!entry) return
  entry.drop()
  goHome(task, entry.home)
  announce('The move was undone')
}

function goHome(task, home) {
  const card = cardOf(task)
  const column = columnOf(home)
  if (card && column) place(card, column)
  const last = recent.get(task)
  if (last) show(last.card)
  recount()
  cardOf(task)?.querySelector('.card-title a')?.focus()
}

async function send(task) {
  const entry = pending.get(task)
  if (!entry) return
  entry.drop()
  const response = await fetch(`/tasks/${task}/move`, {
    method: 'POST',
    body: fieldsOf(entry),
    headers: { 'HX-Request': 'true', 'HX-Request-Type': 'partial', Accept: 'text/html' },
  }).catch(() => null)
  if (response?.ok) return
  goHome(task, entry.home)
  toast(response ? await refusal(response) : 'The move did not reach the server; the card is back where it was.')
  refreshSoon()
}

function fieldsOf({ visit, step }) {
  return new URLSearchParams({ visit, step, back: location.pathname })
}

/** The sentence of the page or part that says why not. */
async function refusal(response) {
  const page = new DOMParser().parseFromString(await response.text(), 'text/html')
  const said = ['.toast p', '[role="alert"]', 'h1', 'p']
    .map(part => page.querySelector(part)?.textContent?.trim())
    .find(Boolean)
  return `The card is back where it was. ${said || 'The task has moved on.'}`
}

/** News of a card that is being moved: of the same visit it can wait; if the task has moved by itself, that counts. */
function meanwhile(news) {
  const entry = pending.get(news.id)
  const visit = news.html === null ? null : elementFrom(news.html).dataset.visit
  if (visit === String(entry.visit)) return
  entry.drop()
  const card = cardOf(news.id)
  if (card) card.dataset.seq = '0'
  show(news)
  toast('The task moved on by itself before your move was sent; nothing was changed.')
}

addEventListener('pagehide', () => {
  for (const [task, entry] of pending) {
    navigator.sendBeacon(`/tasks/${task}/move`, fieldsOf(entry))
    entry.drop()
  }
})

function undoToast(message, act) {
  const element = document.createElement('div')
  element.className = 'toast'
  const text = document.createElement('p')
  text.textContent = message
  const button = document.createElement('button')
  button.className = 'button button--small'
  button.type = 'button'
  button.textContent = 'Undo'
  button.addEventListener('click', act)
  element.append(text, button)
  document.getElementById('toasts')?.append(element)
  return element
}

// Dragging

function arm() {
  for (const column of document.querySelectorAll('[data-cards]')) {
    if (window.Sortable.get(column)) continue
    window.Sortable.create(column, {
      group: 'board',
      draggable: '.card',
      filter: '.card:not(.is-movable), button, form, .card-do a',
      preventOnFilter: false,
      sort: false,
      animation: still.matches ? 0 : 120,
      // Its own ghost: the browser's would drag the card's link.
      forceFallback: true,
      fallbackTolerance: 5,
      fallbackOnBody: true,
      fallbackClass: 'is-lifted',
      ghostClass: 'is-ghost',
      delay: 180,
      delayOnTouchOnly: true,
      onStart: ({ item }) => {
        dragged = item.dataset.card
      },
      onMove: ({ to, from }) => {
        for (const column of document.querySelectorAll('.column.is-over')) column.classList.remove('is-over')
        if (to !== from) to.closest('.column')?.classList.add('is-over')
        // There is nothing to begin anew in steps that this version lacks.
        return to.closest('.column')?.dataset.column !== '-'
      },
      onEnd: ({ item, from, to }) => {
        for (const column of document.querySelectorAll('.column.is-over')) column.classList.remove('is-over')
        dragged = null
        if (from !== to) {
          const { card: task, visit, step } = item.dataset
          move(task, visit, to.closest('.column').dataset.column, step)
        }
        applyRecent()
      },
    })
  }
}

// The menu of "Move to…", and filters that need no button

document.addEventListener('click', event => {
  const link = event.target.closest?.('[data-move]')
  const dialog = document.getElementById('move-dialog')
  if (!link || !dialog || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  const card = link.closest('.card')
  const form = dialog.querySelector('form[data-move-form]')
  form.action = `/tasks/${card.dataset.card}/move`
  form.elements.visit.value = card.dataset.visit
  form.dataset.task = card.dataset.card
  dialog.querySelector('h2').textContent = `Move “${card.querySelector('.card-title').textContent.trim()}” to…`
  dialog.showModal()
  const first = [...form.querySelectorAll('button[name="step"]')].find(button => button.value !== card.dataset.step)
  first?.focus()
})

document.addEventListener('submit', event => {
  const form = event.target
  if (!form.matches?.('[data-move-form]') || !form.dataset.task) return
  const step = event.submitter?.value
  const card = cardOf(form.dataset.task)
  if (!step || !card || !columnOf(step)) return
  event.preventDefault()
  form.closest('dialog')?.close()
  move(form.dataset.task, form.elements.visit.value, step, card.dataset.step)
})

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

counts = countsOfPage()
watchColumns()
arm()
// hx-ws may have opened the line before this script was there to hear of it.
const line = live?._htmx?.ws?.connection
if (line?.socket?.readyState === WebSocket.OPEN) connected({ detail: { connection: line } })
