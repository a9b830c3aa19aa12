/*
 * Single-key shortcuts. A key presses what carries `data-key="x"`: within the focused card first, then in the open drawer or the inbox's open question,
 * else anywhere on the page. Ignored while typing, with a modifier, or when they are turned off in the help dialog (WCAG 2.1.4).
 */
import { openPalette } from './palette.js'

const SETTING = 'baton.keys'
/** The board that was looked at last in this tab, for `g b`. */
const LAST_BOARD = 'baton.board'
const BOARD = /^\/workflows\/wf_[a-z2-7]+/
const here = BOARD.exec(location.pathname)?.[0]
const GO = {
  i: () => '/approvals',
  b: () => here ?? kept(LAST_BOARD) ?? '/workflows',
  m: () => (here === undefined ? '/metrics' : `${here}/metrics`),
  w: () => '/workflows',
  s: () => '/settings',
}
const STEPS = {
  ArrowUp: [0, -1],
  k: [0, -1],
  ArrowDown: [0, 1],
  j: [0, 1],
  ArrowLeft: [-1, 0],
  h: [-1, 0],
  ArrowRight: [1, 0],
  l: [1, 0],
}
let going = 0

function kept(name) {
  try {
    return sessionStorage.getItem(name) ?? undefined
  } catch {
    return undefined
  }
}

function keep(name, value) {
  try {
    sessionStorage.setItem(name, value)
  } catch {
    // Without storage `g b` leads to the list of workflows.
  }
}

function enabled() {
  try {
    return localStorage.getItem(SETTING) !== 'off'
  } catch {
    return true
  }
}

function typing(target) {
  return target.closest?.('input, textarea, select, [contenteditable]') !== null
}

const drawer = () => document.querySelector('.drawer[open]')
const focusedCard = () => document.activeElement?.closest('[data-card]')

function press(key) {
  const within = drawer() ?? document.querySelector('.inbox-pane') ?? document.querySelector('main')
  const target = focusedCard()?.querySelector(`[data-key="${key}"]`) ?? within?.querySelector(`[data-key="${key}"]`)
  if (!target) return elsewhere(key)
  // What decides is never pressed by one key alone: it gets the focus, and Enter presses it.
  if (target.dataset.keyFocus !== undefined) {
    target.focus()
    target.scrollIntoView({ block: 'nearest' })
  } else target.click()
  return true
}

/** What a key does where nothing carries it. */
function elsewhere(key) {
  if (key === 'c' && !drawer()) return openPalette('new task ')
  const card = focusedCard()
  if (key !== 'r' || !card || !document.getElementById('board')) return false
  const source = card.querySelector('.card-title a')
  window.htmx.ajax('GET', `/tasks/${card.dataset.card}?do=rerun`, { source, target: '#drawer-body' })
  return true
}

function focusCard(card) {
  const link = card?.querySelector('.card-title a, a') ?? card
  link?.focus()
  card?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  return Boolean(card)
}

/** The cards of each column; a list is one column. */
function columnsOfCards() {
  const columns = [...document.querySelectorAll('.column')]
  if (columns.length === 0) return [[...document.querySelectorAll('main [data-card]')]]
  return columns.map(column => [...column.querySelectorAll('[data-card]')])
}

function step([across, along], isArrow) {
  if (drawer()) return false
  const columns = columnsOfCards()
  const current = focusedCard()
  // Arrows scroll the page unless a card has the focus.
  if (!current) return !isArrow && focusCard(columns.flat()[0])
  const x = columns.findIndex(cards => cards.includes(current))
  const y = columns[x]?.indexOf(current) ?? 0
  if (along !== 0) return focusCard(columns[x]?.[y + along])
  for (let next = x + across; next >= 0 && next < columns.length; next += across) {
    const cards = columns[next]
    if (cards.length > 0) return focusCard(cards[Math.min(y, cards.length - 1)])
  }
  return false
}

function handle(event) {
  if (Date.now() - going < 1500 && GO[event.key]) {
    location.assign(GO[event.key]())
    return true
  }
  going = 0
  if (event.key === 'g') {
    going = Date.now()
    return true
  }
  if (event.key === '?') {
    document.getElementById('key-help')?.showModal()
    return true
  }
  if (event.key === '/' && !drawer()) {
    const filter = document.querySelector('[data-key-filter]')
    filter?.focus()
    filter?.select?.()
    return Boolean(filter) || openPalette('')
  }
  if (STEPS[event.key]) return step(STEPS[event.key], event.key.startsWith('Arrow'))
  return 'cmar'.includes(event.key) && press(event.key)
}

document.addEventListener('keydown', event => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
  if (event.key.length > 1 && !event.key.startsWith('Arrow')) return
  if (!enabled() || typing(event.target) || document.querySelector('dialog[open]:not(.drawer)')) return
  if (handle(event)) event.preventDefault()
})

if (here !== undefined) keep(LAST_BOARD, here)

for (const box of document.querySelectorAll('[data-keys-setting]')) {
  box.checked = enabled()
  box.addEventListener('change', () => {
    try {
      localStorage.setItem(SETTING, box.checked ? 'on' : 'off')
    } catch {
      // Without storage they stay on.
    }
  })
}
