/* Keeps the count of what waits for you true in the header, while somebody looks at the page. */
const EVERY_MS = 20_000
let asking = false

async function look() {
  const shown = document.querySelector('[data-waiting]')
  if (!shown || document.hidden || asking) return
  asking = true
  try {
    const answer = await fetch('/approvals/count', { headers: { accept: 'application/json' }, redirect: 'error' })
    if (answer.ok) say(shown, (await answer.json()).waiting)
  } catch {
    // Away, or signed out: the next look, or the next page, says so.
  } finally {
    asking = false
  }
}

function say(shown, n) {
  shown.hidden = n === 0
  shown.querySelector('.count').firstChild.textContent = n > 99 ? '99+' : String(n)
}

setInterval(look, EVERY_MS)
document.addEventListener('visibilitychange', look)
