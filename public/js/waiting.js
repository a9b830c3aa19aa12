/* Keeps the count of what waits for you true in the header, while somebody looks at the page. */
const EVERY_MS = 20_000
let asking = false

async function look() {
  const shown = document.querySelector('[data-waiting]')
  if (!shown || document.hidden || asking) return
  asking = true
  try {
    // Of several teams the page's address names the one that it shows.
    const team = new URLSearchParams(location.search).get('team')
    const query = team ? `?team=${encodeURIComponent(team)}` : ''
    const answer = await fetch(`/approvals/count${query}`, {
      headers: { accept: 'application/json' },
      redirect: 'error',
    })
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

// What a page asks for again and again is not asked while nobody looks at it, either.
document.addEventListener('htmx:before:request', event => {
  if (document.hidden && event.detail.ctx?.sourceEvent?.type === 'every') event.preventDefault()
})
