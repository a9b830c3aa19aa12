/* Opens dialogs from `data-dialog="id"` buttons, the drawer when something is put into it, and closes menus. */
const drawer = document.getElementById('drawer')
const body = document.getElementById('drawer-body')
let before = null
let opener = null
/** The opener's card: it may have been replaced by a newer one meanwhile. */
let openerCard

document.addEventListener('click', event => {
  const target = event.target.closest?.('[data-dialog]')
  if (target) document.getElementById(target.dataset.dialog)?.showModal()
  // A click on the backdrop lands on the dialog itself.
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close()
  for (const menu of document.querySelectorAll('[data-menu][open]')) {
    if (!menu.contains(event.target) || target) menu.open = false
  }
})

document.addEventListener('keydown', event => {
  if (event.key !== 'Escape') return
  for (const menu of document.querySelectorAll('[data-menu][open]')) {
    menu.open = false
    menu.querySelector('summary')?.focus()
  }
})

document.addEventListener('htmx:before:request', event => {
  const { ctx } = event.detail ?? {}
  if (drawer?.open || ctx?.target !== body) return
  before = location.href
  opener = ctx.sourceElement ?? document.activeElement
  openerCard = opener?.closest?.('[data-card]')?.id
})

// What had the focus was swapped away: the form that was asked for gets it, else the task itself.
document.addEventListener('htmx:after:swap', () => {
  const lost = document.activeElement
  if (lost !== null && lost !== document.body && lost !== drawer) return
  const panel = document.getElementById('task-panel')
  const form = panel?.querySelector('.panel[id^="do-"]')
  const first = form?.querySelector('select, textarea, input:not([type="hidden"])') ?? form?.querySelector('button')
  if (first) first.focus()
  else panel?.focus({ preventScroll: true })
})

if (drawer && body) {
  new MutationObserver(() => {
    if (body.childElementCount > 0 && !drawer.open) drawer.showModal()
  }).observe(body, { childList: true })
  drawer.addEventListener('close', () => {
    body.replaceChildren()
    // The address named the task; what stands behind the drawer is the page from before.
    if (before !== null && before !== location.href) history.replaceState({ htmx: true }, '', before)
    before = null
    const back = opener?.isConnected ? opener : document.getElementById(openerCard ?? '')?.querySelector('a')
    back?.focus?.()
  })
}
