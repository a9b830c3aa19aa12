/*
 * Single-key shortcuts. A key presses what carries `data-key="x"`: within the focused card first, then anywhere on the page.
 * Ignored while typing, with a modifier, or when they are turned off in the help dialog (WCAG 2.1.4).
 */
const SETTING = 'baton.keys'
const GO = { w: '/workflows', a: '/approvals', s: '/settings/keys' }
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

function press(key) {
  const card = document.activeElement?.closest('[data-card]')
  const target = card?.querySelector(`[data-key="${key}"]`) ?? document.querySelector(`main [data-key="${key}"]`)
  if (!target) return false
  const menu = target.closest('summary')?.parentElement
  if (menu) menu.open = true
  else target.click()
  if (menu) menu.querySelector('.menu-body :is(a, button)')?.focus()
  return true
}

function focusCard(card) {
  const link = card?.querySelector('.card-title a') ?? card
  link?.focus()
  card?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  return Boolean(card)
}

function step([across, along], isArrow) {
  const columns = [...document.querySelectorAll('.column')].map(column => [...column.querySelectorAll('[data-card]')])
  const current = document.activeElement?.closest('[data-card]')
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
    location.assign(GO[event.key])
    return true
  }
  if (event.key === 'g') {
    going = Date.now()
    return true
  }
  if (event.key === '?') {
    document.getElementById('key-help')?.showModal()
    return true
  }
  if (event.key === '/') {
    const filter = document.querySelector('[data-key-filter]')
    filter?.focus()
    filter?.select?.()
    return Boolean(filter)
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
