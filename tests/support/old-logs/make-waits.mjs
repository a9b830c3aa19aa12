/**
 * Makes the fixture of tasks that wait which tests/node/domain/task/old-waits.test.ts wakes. It ran once, on the engine of
 * 12975cb (the first with waits, events, branches and children), and is kept so that it is understood how it was made:
 *
 *     git worktree add /tmp/old-waits 12975cb
 *     node tests/support/old-logs/make-waits.mjs /tmp/old-waits > tests/node/domain/task/fixtures/old-waits.gen.json
 */
import path from 'node:path'
import { pathToFileURL } from 'node:url'

const tree = path.resolve(process.argv[2] ?? '.')
const load = file => import(pathToFileURL(path.join(tree, file)).href)
const { aTask, oneChild, onboarding, versionOf, ANA } = await load('tests/support/task-builders.ts')
const { A_CHILD } = await load('tests/support/task-situations.ts')

const toEnd = [{ to: 'complete' }]
const last = { key: 'last', prompt: 'Say goodbye to {{ input.company }}.', handoffs: toEnd }
const waiting = (wait, handoffs = [{ to: 'last' }]) =>
  onboarding({ steps: [{ key: 'w', wait, handoffs }, last], result: '{{ steps.last.output }}' })
const reply = [
  { when: 'reply', to: 'last' },
  { when: 'timeout', to: 'complete' },
]
const event = (task, name, data) => task.do({ type: 'event', id: `${name}_1`, name, data }, ANA)

function child() {
  const task = aTask(
    oneChild({
      timeout: '14d',
      handoffs: [
        { when: 'ok', to: 'complete' },
        { when: 'timeout', to: 'complete' },
      ],
    }),
  )
  task.claim()
  task.do({ type: 'note', ...task.ref(), note: { started: A_CHILD } })
  return task
}

function passed() {
  const task = aTask(waiting({ event: 'reply', if: 'event.data.paid', for: '14d' }, reply))
  event(task, 'reply', { paid: false })
  return task
}

function branches() {
  const boss = { human: { assign: ['boss@acme.test'], due: '14d', overdue: { handoff: 'complete' } } }
  const both = { key: 'both', parallel: { branches: { boss, legal: { prompt: 'Look.' } } }, handoffs: toEnd }
  const task = aTask(onboarding({ steps: [both] }))
  const run = task.state.visit.runs.find(({ name }) => name === 'legal')
  task.do({ type: 'claim', visit: 1, run: run.id, attempt: 1 })
  const { lease } = task.state.visit.runs.find(({ id }) => id === run.id).phase
  const outcome = { kind: 'completed', output: 'Fine.' }
  task.do({ type: 'report', visit: 1, run: run.id, attempt: 1, lease, outcome, usage: null, chain: false })
  return task
}

const human = { assign: ['ana@acme.test'], due: '14d', overdue: { handoff: 'rejected' } }
const decides = [
  { when: 'approved', to: 'last' },
  { when: 'rejected', to: 'complete' },
]
const tasks = {
  'for 14 days': aTask(waiting({ for: '14d' })),
  'until a moment in Berlin, over the change of its clocks': aTask(
    waiting({ until: '2027-03-28T03:30', timezone: 'Europe/Berlin' }),
  ),
  'until a date in Auckland, at the end of a month': aTask(
    waiting({ until: '2026-12-31', timezone: 'Pacific/Auckland' }),
  ),
  'for an event, 14 days long, of which one came that did not fit': passed(),
  'for an event or the end of the task’s time': aTask({
    ...waiting({ event: 'reply', for: '30d' }, reply),
    limits: { duration: '14d' },
  }),
  'for a child, 14 days long': child(),
  'for a person, and is overdue after 14 days': aTask(
    onboarding({ steps: [{ key: 'w', human, handoffs: decides }, last] }),
  ),
  'for a person in a branch': branches(),
}

const made = Object.entries(tasks).map(([name, task]) => {
  const { now } = task
  const log = JSON.parse(JSON.stringify(task.rows))
  const alarm = task.alarm()
  const pinned = versionOf(task.state.digest)
  const blobs = Object.fromEntries(task.blobs)
  // What the engine that wrote the log makes of its time coming.
  return { name, now, log, blobs, pinned, alarm, wakes: alarm === null ? [] : task.wake(), status: task.state.status }
})
process.stdout.write(`${JSON.stringify(made, null, 1)}\n`)
