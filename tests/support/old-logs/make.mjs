/**
 * Makes the fixture of stored logs that tests/node/domain/task/old-logs.test.ts replays. It ran once, on the engine at
 * the tag `before-house`, and is kept so that it is understood how the fixture was made:
 *
 *     git worktree add /tmp/before-house before-house
 *     node tests/support/old-logs/make.mjs /tmp/before-house > tests/node/domain/task/fixtures/old-logs.gen.json
 *
 * The engine is imported from the tree that is named: what reads these logs later has no part in making them.
 */
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { keptTasks } from './kept-task.mjs'
import { packed } from './packer.mjs'
import { readings } from './readings.mjs'
import { scenarios } from './scenarios.mjs'
import { walk } from './walks.mjs'

const MODULES = [
  'src/task/object/task-log.ts',
  ...['asking', 'carry', 'course', 'decide', 'due', 'events', 'evolve', 'past', 'story', 'view'].map(
    name => `src/domain/task/${name}.ts`,
  ),
  'tests/support/random.ts',
  'tests/support/simulation/workflows.ts',
  'tests/support/task-builders.ts',
  'tests/support/task-situations.ts',
]
const WALKS = 17

const tree = path.resolve(process.argv[2] ?? '.')
const modules = await Promise.all(MODULES.map(file => import(pathToFileURL(path.join(tree, file)).href)))
const code = Object.assign({}, ...modules)
const KeptTask = keptTasks(code)

/** Rows of a task that was never stored are stored as the Task DO would have. */
function stored({ rows, now }) {
  const task = new KeptTask(now)
  for (const row of rows) task.keep(row)
  return task
}

const tasks = [
  ...Object.entries(scenarios(code, KeptTask)).map(([name, make]) => [name, make()]),
  ...Object.entries(code.SITUATIONS).map(([name, { reach }]) => [`situation: ${name}`, stored(reach())]),
  ...Array.from({ length: WALKS }, (_, at) => [`walk ${at + 1}`, walk(at + 1, code, KeptTask)]),
]
const logs = tasks.map(([name, task]) => {
  const { disk, now } = task
  const log = disk.logRows().map(({ seq, v, at, actor, events, key, flushed }) => {
    return { seq, v, at, actor: JSON.parse(actor), events: JSON.parse(events), key: JSON.parse(key), flushed }
  })
  const blobs = Object.fromEntries(disk.blobRows().map(({ digest, bytes }) => [digest, JSON.parse(bytes)]))
  return { name, now: now + 300_000, log, blobs, made: readings(code, task, now + 300_000) }
})
const { value, shared } = packed(logs)
process.stdout.write(`{\n"shared": ${lines(shared)},\n"logs": [\n${value.map(lines).join(',\n')}\n]\n}\n`)

/** An object as JSON, each of its fields on a line of its own. */
function lines(object) {
  const fields = Object.entries(object).map(([key, field]) => {
    return `${JSON.stringify(key)}: ${key === 'made' ? lines(field) : JSON.stringify(field)}`
  })
  return `{\n${fields.join(',\n')}\n}`
}
