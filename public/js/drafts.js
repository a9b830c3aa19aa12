/* Keeps what is filled in at a question while it is typed, as the button "Keep it for later" does. */
const PAUSE_MS = 1500
let timer
/** One at a time, so that an earlier text never takes the place of a later one. */
let keeping = Promise.resolve()

async function keep(form, fields) {
  const body = new URLSearchParams([...new FormData(form)].filter(([, value]) => typeof value === 'string'))
  body.delete('handoff')
  body.delete('code')
  body.set('draft', 'quiet')
  const status = fields.querySelector('[data-draft-status]')
  try {
    const answer = await fetch(form.action, {
      method: 'POST',
      body,
      headers: { accept: 'text/html' },
      redirect: 'manual',
    })
    status.textContent = answer.ok ? 'Kept.' : 'Not kept: it is only on this page.'
  } catch {
    status.textContent = 'Not kept: it is only on this page.'
  }
}

document.addEventListener('input', event => {
  const fields = event.target.closest?.('[data-draft]')
  const form = fields?.closest('form')
  if (!form) return
  clearTimeout(timer)
  timer = setTimeout(() => {
    keeping = keeping.then(() => keep(form, fields))
  }, PAUSE_MS)
})
document.addEventListener('submit', () => clearTimeout(timer))
