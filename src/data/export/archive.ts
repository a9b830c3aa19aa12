/** Everything of a team as one zip archive, made while it is sent: a page of rows, a task or a piece of a file at a time. */
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate'
import { entryName, exportedRow, isExported } from '../../domain/export.ts'
import type { Env } from '../../env.ts'
import { peopleOf, rowsOf, taskIds, teamTables } from '../../records/data/export.ts'
import { filesOfTask } from '../../records/file/files.ts'
import { callTask } from '../../task/call.ts'

/** Tasks of one archive; what is beyond is in the next part. */
export const TASKS_A_PART = 1000
const EVENTS_AT_A_TIME = 200

/** A piece of the archive: a new entry, or more of the one that is open. */
type Piece = { name: string; packed: boolean } | Uint8Array

/** The archive from this task on; the first part begins with '' and holds all besides tasks, too. */
export function exportOf(env: Env, team: string, after: string): ReadableStream<Uint8Array> {
  const pieces = piecesOf(env, team, after)
  let made: Uint8Array[] = []
  let failed: Error | null = null
  const zip = new Zip((error, chunk) => {
    if (error) failed = error
    else if (chunk.byteLength > 0) made.push(chunk)
  })
  let open: ZipDeflate | ZipPassThrough | null = null
  const close = () => open?.push(new Uint8Array(), true)
  return new ReadableStream<Uint8Array>({
    // Asked for when the last part was taken: no more is read than somebody takes.
    async pull(to) {
      while (made.length === 0) {
        const { done, value } = await pieces.next()
        if (failed) throw failed
        if (done) {
          close()
          zip.end()
          for (const chunk of made) to.enqueue(chunk)
          return to.close()
        }
        if (value instanceof Uint8Array) open?.push(value)
        else {
          close()
          open = value.packed ? new ZipDeflate(value.name, { level: 6 }) : new ZipPassThrough(value.name)
          zip.add(open)
        }
      }
      for (const chunk of made) to.enqueue(chunk)
      made = []
    },
    async cancel() {
      await pieces.return(undefined)
    },
  })
}

const text = new TextEncoder()
const json = (value: unknown) => text.encode(`${JSON.stringify(value)}\n`)

async function* piecesOf(env: Env, team: string, after: string): AsyncGenerator<Piece, void> {
  const tasks = await taskIds(env.DB, team, after, TASKS_A_PART)
  const last = tasks.length < TASKS_A_PART ? undefined : tasks.at(-1)
  yield { name: 'README.txt', packed: true }
  yield text.encode(toldOf(last))
  if (after === '') yield* everythingBesideTasks(env, team)
  for (const task of tasks) yield* ofTask(env, team, task)
}

async function* everythingBesideTasks(env: Env, team: string): AsyncGenerator<Piece, void> {
  yield { name: 'people.jsonl', packed: true }
  for (const person of await peopleOf(env.DB, team)) yield json(person)
  for (const table of await teamTables(env.DB)) {
    if (!isExported(table.name)) continue
    let begun = false
    for await (const rows of rowsOf(env.DB, table, team)) {
      if (!begun) yield { name: `${table.name}.jsonl`, packed: true }
      begun = true
      yield text.encode(rows.map(row => `${JSON.stringify(exportedRow(table.name, row))}\n`).join(''))
    }
  }
}

async function* ofTask(env: Env, team: string, task: string): AsyncGenerator<Piece, void> {
  const view = await callTask(env, team, task, stub => stub.view())
  if (view === null) return
  yield { name: `tasks/${task}.jsonl`, packed: true }
  yield json(view)
  for (let from = 0; ; ) {
    const events = (await callTask(env, team, task, stub => stub.events(from, EVENTS_AT_A_TIME))) ?? []
    for (const event of events) yield json(event)
    if (events.length < EVENTS_AT_A_TIME) break
    from = events.at(-1)!.seq
  }
  for (const file of await filesOfTask(env.DB, team, task)) {
    const content = await env.FILES?.get(file.object)
    if (!content) continue
    yield { name: `files/${task}/${entryName(file.id, file.name)}`, packed: false }
    const reader = (content.body as ReadableStream<Uint8Array>).getReader()
    for (let part = await reader.read(); !part.done; part = await reader.read()) yield part.value
  }
}

function toldOf(last: string | undefined): string {
  const more =
    last === undefined
      ? 'There are no other parts after this one.'
      : `This part holds ${TASKS_A_PART} tasks. The next begins after ${last}.`
  return `Data of a team, as Baton has it.

*.jsonl        one row a line: workflows and their versions, agents, tools, knowledge, intakes, settings, the audit log
people.jsonl   who belongs to the team
tasks/         each task: first as the API tells it, then its log, an event a line
files/         files of tasks, as they came

Secrets, keys and links that let somebody in are not in it. ${more}
`
}
