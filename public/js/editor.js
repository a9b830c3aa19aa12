/*
 * What the editor's forms do better with a script: one handler's fields at a time, drag to reorder steps and routes, rows that
 * come as one types, names that write themselves into a template, a click on a line number.
 */
import '/vendor/sortable.js'

// What was changed and is not saved: the browser asks before another form's button, or a link, takes it away.
const kept = [...document.querySelectorAll('#step-form, #handoffs, #settings')]
let sent = null
for (const form of kept) form.addEventListener('submit', () => (sent = form))
addEventListener('beforeunload', event => {
  if (kept.some(form => form !== sent && [...form.elements].some(isChanged))) event.preventDefault()
})

function isChanged(field) {
  if (!field.name || field.closest('#try')) return false
  if (field.type === 'checkbox' || field.type === 'radio') return field.checked !== field.defaultChecked
  if (field.tagName !== 'SELECT') return field.defaultValue !== undefined && field.value !== field.defaultValue
  const usual = [...field.options].findIndex(option => option.defaultSelected)
  return field.selectedIndex !== Math.max(0, usual)
}

for (const form of document.querySelectorAll('[data-kind-form]')) {
  const kind = form.querySelector('[data-kind]')
  const show = () => {
    for (const section of form.querySelectorAll('[data-kind-section]')) {
      section.hidden = !section.dataset.kindSection.split(' ').includes(kind.value)
      if (!section.hidden && section.dataset.keepFold === undefined) section.open = true
    }
  }
  kind?.addEventListener('change', show)
  if (kind) show()
}

// The same form as the buttons beside each step: the server answers with the page as it is then.
for (const list of document.querySelectorAll('[data-sort-steps]')) {
  for (const grip of list.querySelectorAll('.edit-grip')) grip.classList.add('is-movable')
  window.Sortable.create(list, {
    draggable: '[data-step]',
    handle: '.column-head',
    filter: 'a',
    preventOnFilter: false,
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    onEnd({ item, oldDraggableIndex, newDraggableIndex }) {
      if (oldDraggableIndex === newDraggableIndex) return
      const form = document.createElement('form')
      form.method = 'post'
      form.action = list.dataset.sortSteps
      const fields = { revision: list.dataset.revision, step: item.dataset.step, to: newDraggableIndex }
      for (const [name, value] of Object.entries(fields)) {
        const input = document.createElement('input')
        Object.assign(input, { type: 'hidden', name, value: String(value) })
        form.append(input)
      }
      document.body.append(form)
      form.submit()
    },
  })
}

// A drop of a row is what its buttons do, any number of places at once; the rest of the form is saved with it.
for (const list of document.querySelectorAll('[data-sort-rows]')) {
  window.Sortable.create(list, {
    draggable: '.handoff:not([data-new])',
    handle: '.handoff-grip',
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    onEnd({ oldDraggableIndex, newDraggableIndex }) {
      if (oldDraggableIndex === newDraggableIndex) return
      const command = document.createElement('input')
      Object.assign(command, { type: 'hidden', name: 'do', value: `place-${oldDraggableIndex}-${newDraggableIndex}` })
      const form = list.closest('form')
      form.append(command)
      sent = form
      form.submit()
    },
  })
}

// Dragging a row of a table writes the numbers by which its rows are ordered; without a script one types them.
for (const rows of document.querySelectorAll('[data-sort-table] tbody')) {
  window.Sortable.create(rows, {
    handle: '.handoff-grip',
    animation: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 150,
    onEnd() {
      for (const [place, row] of [...rows.rows].entries()) row.querySelector('input').value = place + 1
      rows.dispatchEvent(new Event('input', { bubbles: true }))
    },
  })
}

// Another empty row of fields as soon as the last one gets a name.
document.addEventListener('input', event => {
  const row = event.target.closest?.('[data-grow] tbody tr:last-child')
  const last = row?.closest('[data-sort-table]') ? row.contains(event.target) : event.target.name?.endsWith('-name')
  if (!row || !last) return
  const next = row.cloneNode(true)
  const place = row.parentElement.rows.length
  for (const field of next.querySelectorAll('[name]')) {
    field.name = field.name.replace(/-\d+-/, `-${place}-`)
    field.ariaLabel = field.ariaLabel?.replace(/\d+/, place + 1)
    if (field.type === 'checkbox') field.checked = false
    else if (field.tagName !== 'SELECT') field.value = ''
  }
  row.after(next)
})

document.addEventListener('click', event => {
  const name = event.target.closest?.('[data-insert]')
  const field = name && document.getElementById(name.dataset.into)
  if (!field) return
  field.focus()
  field.setRangeText(name.dataset.insert, field.selectionStart, field.selectionEnd, 'end')
  field.dispatchEvent(new Event('input', { bubbles: true }))
})

document.addEventListener('click', event => {
  const link = event.target.closest?.('[data-line]')
  const area = link && document.querySelector('textarea[name="text"]')
  if (!area) return
  event.preventDefault()
  const lines = area.value.split('\n')
  const line = Math.min(Number(link.dataset.line), lines.length) - 1
  const start = lines.slice(0, line).reduce((sum, text) => sum + text.length + 1, 0)
  area.focus()
  area.setSelectionRange(start, start + lines[line].length)
  area.scrollTop = (area.scrollHeight / lines.length) * Math.max(0, line - 4)
})
