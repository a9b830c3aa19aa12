/** What the engine makes of a stored log: everything that its readers see, as plain JSON. */
import { hash } from 'node:crypto'

/** Read back from storage as a Task DO does when it wakes up; `now` is when it is looked at. */
export function readings(code, task, now) {
  const { blob } = task
  const rows = new code.TaskLog(task.disk.storage).rows()
  const pinnedOf = state => JSON.parse(code.readValue(state.pinned, blob)).definition
  const state = code.replay(rows)
  const definition = pinnedOf(state)
  const events = code.eventViews(rows, blob)
  const entered = rows.flatMap(row => row.events).filter(event => event.type === 'entered')
  const steps = [...new Set([...definition.steps.map(step => step.key), ...entered.map(event => event.step)])]
  const each = read => Object.fromEntries(steps.map(step => [step, read(step)]))
  const look = (at, before) => ({
    view: code.viewOf(before, pinnedOf(before), at, blob),
    asks: code.openAsksOf(before, blob),
    card: code.cardOf(before, pinnedOf(before), at),
    due: [code.due(before, 0, at), code.due(before, at, at)],
    alarm: code.nextAlarm(before, pinnedOf(before), at),
  })
  const made = {
    ...look(now, state),
    events,
    story: code.storyOf(state, rows, definition, now, blob),
    past: each(step => code.pastOf(events, step)),
    carried: each(step => code.carriedTo(step, rows, blob)),
    audit: rows.map(row => code.auditFacts(row)),
    // The same of every moment on the way, as a digest of its JSON text.
    after: rows.map((row, at) => digest(look(row.at, code.replay(rows.slice(0, at + 1))))),
  }
  return plain(made)
}

function digest(value) {
  return hash('sha256', JSON.stringify(value)).slice(0, 16)
}

/** As JSON holds it. Its text is what is compared later, so parsing it back must give the very same text. */
function plain(value) {
  const text = JSON.stringify(value)
  const parsed = JSON.parse(text)
  if (JSON.stringify(parsed) !== text) throw new Error('JSON text that does not survive its parse')
  return parsed
}
