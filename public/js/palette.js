/*
 * Ctrl K or ⌘K: one field that leads anywhere. What it finds is the page /search, fetched into a dialog; this opens it
 * and moves between its links. Works while typing, and with single keys turned off.
 */
const palette = document.getElementById('palette')
const input = palette?.querySelector('input')
const list = document.getElementById('palette-list')
const links = () => [...(list?.querySelectorAll('a') ?? [])]

/** A field that is only hidden keeps the focus until the next frame, and would swallow the next key. */
function close() {
  document.activeElement?.blur()
  palette.close()
}

/** Opens it with something typed already. Answers whether there is one on this page. */
export function openPalette(text) {
  if (!palette || !input) return false
  input.value = text
  if (!palette.open) palette.showModal()
  input.focus()
  input.setSelectionRange(text.length, text.length)
  window.htmx.trigger(input, 'palette:open')
  return true
}

function move(by) {
  const all = links()
  const at = all.indexOf(document.activeElement)
  // The field stands before the first link.
  const next = at + by
  if (next < 0) input.focus()
  else all[Math.min(next, all.length - 1)]?.focus()
}

document.addEventListener('keydown', event => {
  if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return
  if (palette?.open) close()
  else if (!openPalette('')) return
  event.preventDefault()
})

document.addEventListener('click', event => {
  if (event.ctrlKey || event.metaKey || !event.target.closest?.('[data-palette]') || !openPalette('')) return
  event.preventDefault()
})

palette?.addEventListener('keydown', event => {
  if (event.isComposing) return
  // In a search field it would first empty the field.
  if (event.key === 'Escape') {
    event.preventDefault()
    return close()
  }
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (by !== undefined) {
    event.preventDefault()
    return move(by)
  }
  // Typing goes on where it left off.
  const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey && event.key !== ' '
  if ((isText || event.key === 'Backspace') && event.target !== input) input.focus()
})

// Enter in the field follows the first link; what is listed may still be of the text before, so it waits for the answer.
let entered = false
const isCurrent = () => list?.firstElementChild?.dataset.q === input.value.trim()

palette?.querySelector('form')?.addEventListener('submit', event => {
  event.preventDefault()
  entered = true
  follow()
})

function follow() {
  if (!entered || !isCurrent()) return
  entered = false
  links()[0]?.click()
}

input?.addEventListener('input', () => {
  entered = false
})
if (list) new MutationObserver(follow).observe(list, { childList: true })
