/* Cards dragged from column to column, by mouse or finger. */
import '/vendor/sortable.js'
import { move, settle } from './move.js'

const still = matchMedia('(prefers-reduced-motion: reduce)')
let dragged = null

/** Whether a card is in somebody's hand. */
export const isDragging = () => dragged !== null

/** Lets cards of columns that are new be dragged. */
export function arm() {
  // Who only looks moves nothing.
  if (document.getElementById('board')?.dataset.looking !== undefined) return
  for (const column of document.querySelectorAll('[data-cards]')) {
    if (window.Sortable.get(column)) continue
    window.Sortable.create(column, {
      group: 'board',
      draggable: '.card',
      filter: '.card:not(.is-movable), button, form, .card-do a, .card-do .dialog',
      preventOnFilter: false,
      sort: false,
      animation: still.matches ? 0 : 120,
      // Its own ghost: the browser's would drag the card's link.
      forceFallback: true,
      fallbackTolerance: 5,
      fallbackOnBody: true,
      fallbackClass: 'is-lifted',
      ghostClass: 'is-ghost',
      delay: 180,
      delayOnTouchOnly: true,
      // A finger at the edge brings the next column.
      scrollSensitivity: 64,
      scrollSpeed: 8,
      onStart: ({ item }) => {
        dragged = item.dataset.card
        document.getElementById('board-columns')?.classList.add('is-dragging')
      },
      onMove: ({ to, from }) => {
        for (const column of document.querySelectorAll('.column.is-over')) column.classList.remove('is-over')
        if (to !== from) to.closest('.column')?.classList.add('is-over')
        // There is nothing to begin anew in steps that this version lacks.
        return to.closest('.column')?.dataset.column !== '-'
      },
      onEnd: ({ item, from, to }) => {
        for (const column of document.querySelectorAll('.column.is-over')) column.classList.remove('is-over')
        dragged = null
        document.getElementById('board-columns')?.classList.remove('is-dragging')
        if (from !== to) {
          const { card: task, visit, step } = item.dataset
          move(task, visit, to.closest('.column').dataset.column, step)
        }
        settle()
      },
    })
  }
}
