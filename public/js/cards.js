/* Finding, making and placing the board's cards. */

export const columnOf = step => {
  const known = step && document.getElementById(`col-${step}`)
  return (known || document.getElementById('col--'))?.querySelector('[data-cards]') ?? null
}
export const cardOf = task => document.getElementById(`card-${task}`)
export const cardsOf = column => [...column.querySelectorAll(':scope > .card')]
export const seqOf = element => Number(element?.dataset.seq ?? 0)

export function elementFrom(html) {
  const template = document.createElement('template')
  // Our own server's card, made by the same component as the page's; what people wrote is escaped in it.
  template.innerHTML = html
  return template.content.firstElementChild
}

/** Puts a card where its rank says; the highest stands first. */
export function place(card, column) {
  const rank = Number(card.dataset.rank)
  const next = cardsOf(column).find(other => other !== card && Number(other.dataset.rank) < rank)
  const before = next ?? column.querySelector(':scope > .column-empty')
  if (card.nextElementSibling === before && card.parentElement === column) return
  // Keeps the focus and the scroll of what is moved, where the browser can.
  if (column.moveBefore && card.isConnected) column.moveBefore(card, before)
  else column.insertBefore(card, before)
}
