/* Keeps `<time data-time>` current: "3 min ago" every 20 s, clocks every second, absolute times in the reader's zone. */
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'long' })

function relative(at, now) {
  const span = Math.abs(now - at)
  if (span < 45_000) return at > now ? 'in a moment' : 'just now'
  if (span > 30 * DAY) return new Intl.DateTimeFormat('sv-SE').format(at)
  return at > now ? `in ${amount(span)}` : `${amount(span)} ago`
}

function amount(span) {
  if (span < HOUR - MINUTE / 2) return `${Math.round(span / MINUTE)} min`
  if (span < DAY - HOUR / 2) return `${Math.round(span / HOUR)} h`
  return `${Math.round(span / DAY)} d`
}

function clock(ms) {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  const two = n => String(n).padStart(2, '0')
  const hours = Math.floor(seconds / 3600)
  const minutes = Math.floor(seconds / 60) % 60
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`
}

function say(element, text) {
  if (element.textContent !== text) element.textContent = text
}

const SAYS = { relative, elapsed: (at, now) => clock(now - at), left: (at, now) => clock(at - now) }

function tick(kind) {
  const now = Date.now()
  for (const element of document.querySelectorAll(`[data-time="${kind}"]`)) {
    const at = Date.parse(element.dateTime)
    if (Number.isNaN(at)) continue
    say(element, SAYS[kind](at, now))
    if (kind === 'relative') element.title = full.format(at)
  }
}

function all() {
  tick('relative')
  tick('elapsed')
  tick('left')
}

all()
setInterval(() => {
  if (document.hidden) return
  tick('elapsed')
  tick('left')
}, 1000)
setInterval(() => !document.hidden && tick('relative'), 20_000)
document.addEventListener('visibilitychange', all)
document.addEventListener('htmx:after:settle', all)
document.addEventListener('htmx:ws:after:message:incoming', all)
