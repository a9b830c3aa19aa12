/* Lets toasts pass after their time, not while they are hovered or focused, and says what a failed request did. */
const toasts = document.getElementById('toasts')
const live = document.getElementById('live')

/** What lies outside an open dialog is neither seen nor heard: what speaks goes where the reader is. */
function follow() {
  const place = [...document.querySelectorAll('dialog:modal')].at(-1) ?? document.body
  for (const region of [toasts, live]) if (region && region.parentElement !== place) place.append(region)
}

document.addEventListener('close', follow, true)

/** Shows a toast from a script. */
export function toast(message, seconds = 8) {
  const element = document.createElement('div')
  element.className = 'toast'
  element.dataset.toast = String(seconds)
  const text = document.createElement('p')
  text.textContent = message
  element.append(text)
  toasts?.append(element)
}

/** Tells screen readers something that sighted people see anyway. */
export function announce(message) {
  follow()
  if (live) live.textContent = message
}

function start(element) {
  const wait = Math.max(6, Number(element.dataset.toast) || 8) * 1000
  let timer = setTimeout(() => element.remove(), wait)
  const hold = () => clearTimeout(timer)
  const resume = () => {
    hold()
    timer = setTimeout(() => element.remove(), wait / 2)
  }
  element.addEventListener('pointerenter', hold)
  element.addEventListener('focusin', hold)
  element.addEventListener('pointerleave', resume)
  element.addEventListener('focusout', resume)
}

if (toasts) {
  for (const element of toasts.querySelectorAll('[data-toast]')) start(element)
  new MutationObserver(changes => {
    for (const { addedNodes } of changes) {
      for (const node of addedNodes) if (node.dataset?.toast) start(node)
    }
    follow()
  }).observe(toasts, { childList: true })
}

document.addEventListener('click', event => {
  event.target.closest?.('[data-dismiss]')?.closest('[data-toast]')?.remove()
})
document.addEventListener('htmx:response:error', event => {
  const status = event.detail?.ctx?.response?.status ?? 0
  if (status < 500) return
  const id = event.detail.ctx.response.headers?.get?.('x-request-id')
  toast(`That did not work; nothing was changed. Try again in a moment.${id ? ` (request ${id.slice(0, 8)})` : ''}`)
})
document.addEventListener('htmx:error', () => {
  if (!navigator.onLine) toast('You are offline; nothing was sent.')
})
