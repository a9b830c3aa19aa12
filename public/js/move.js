/*
 * Moving cards by hand, with time to undo: by the menu of "Move to…", or let go by drag.js. A move is shown at once and
 * sent after six seconds.
 */
import { cardOf, cardsOf, columnOf, elementFrom, place } from './cards.js'
import { announce, toast } from './toast.js'

/** Moves that can still be undone, by task. */
export const pending = new Map()
const UNDO_MS = 6000

/** What board.js lends: how to show news, count, and fetch the board anew. */
let board = null
export function wire(lent) {
  board = lent
}

/** Makes up for the news that came while a card was in a hand. */
export function settle() {
  board.applyRecent()
}

/**
 * A move is shown at once and sent after six seconds, unless it is undone or the page is left: then it is sent right
 * away, by a beacon that outlives the page. So an undone move has never happened: no visit in the log, no paid call.
 */
export function move(task, visit, step, home) {
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
  const hold = () => clearTimeout(entry.timer)
  const wait = () => {
    hold()
    entry.timer = setTimeout(() => send(task), UNDO_MS)
  }
  // Whoever is on their way to the button has all the time it takes.
  for (const [event, act] of Object.entries({
    pointerenter: hold,
    focusin: hold,
    pointerleave: wait,
    focusout: wait,
  })) {
    entry.toast.addEventListener(event, () => pending.get(task) === entry && act())
  }
  entry.drop = () => {
    hold()
    pending.delete(task)
    entry.toast.remove()
    card.removeAttribute('hx-morph-skip')
    card.classList.remove('is-pending')
  }
  wait()
  pending.set(task, entry)
  board.recount()
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
  const last = board.latest(task)
  if (last) board.show(last)
  board.recount()
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
  board.refreshSoon()
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
export function meanwhile(news) {
  const entry = pending.get(news.id)
  const visit = news.html === null ? null : elementFrom(news.html).dataset.visit
  if (visit === String(entry.visit)) return
  entry.drop()
  const card = cardOf(news.id)
  if (card) card.dataset.seq = '0'
  board.show(news)
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
  button.title = 'Ctrl Z'
  button.addEventListener('click', act)
  element.append(text, button)
  document.getElementById('toasts')?.append(element)
  return element
}

document.addEventListener('keydown', event => {
  if (event.key !== 'z' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return
  const last = [...pending.keys()].at(-1)
  if (last === undefined || event.target.closest?.('input, textarea, select')) return
  event.preventDefault()
  undo(last)
})

// The menu of "Move to…"

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
