/** Archives of what is about to be deleted: JSON Lines, gzip, made line by line and held packed; files of tasks lie beside them. */
import type { Env } from '../../env.ts'
import {
  type ArchiveRow,
  beginArchive,
  keepArchive,
  oldestAudit,
  type Place,
  type Written,
} from '../../records/data/archives.ts'
import type { OldTask } from '../../records/data/retention.ts'
import { filesOfTask } from '../../records/file/files.ts'
import { hex, newId } from '../../records/ids.ts'
import { callTask } from '../../task/call.ts'

/** Rows that are read at a time. */
const AT_A_TIME = 1000
const EVENTS_AT_A_TIME = 100

/** Writes the oldest rows of the audit of before this moment into an archive; null: there are none. */
export async function archiveAudit(
  env: Env,
  team: string,
  before: number,
  most: number,
  now: number,
): Promise<ArchiveRow | null> {
  let rows = await oldestAudit(env.DB, team, before, null, Math.min(most, AT_A_TIME))
  if (rows.length === 0) return null
  return write(env, { team, kind: 'audit' }, now, async packed => {
    const first = rows[0]!
    let count = 0
    let last: Place = first
    while (rows.length > 0) {
      for (const row of rows) await packed.line(row)
      count += rows.length
      last = rows.at(-1)!
      rows = count >= most ? [] : await oldestAudit(env.DB, team, before, last, Math.min(most - count, AT_A_TIME))
    }
    const { at, task, seq } = last
    return { fromAt: first.at, toAt: at, rows: count, holds: JSON.stringify({ at, task, seq }) }
  })
}

/** Writes these tasks into an archive, with their logs; the contents of their files are put beside it. */
export function archiveTasks(env: Env, team: string, tasks: OldTask[], now: number): Promise<ArchiveRow> {
  return write(env, { team, kind: 'tasks' }, now, async (packed, object) => {
    const held: OldTask[] = []
    for (const task of tasks) {
      const view = await callTask(env, team, task.id, stub => stub.view())
      const events = await eventsOf(env, team, task.id)
      await packed.line({ task: view ?? task, events })
      for (const file of await filesOfTask(env.DB, team, task.id))
        await copy(env, file.object, filePath(object, file.sha256))
      held.push({ ...task, seq: events.at(-1)?.seq ?? task.seq })
    }
    const times = tasks.map(({ finishedAt }) => finishedAt)
    return { fromAt: Math.min(...times), toAt: Math.max(...times), rows: tasks.length, holds: JSON.stringify(held) }
  })
}

async function eventsOf(env: Env, team: string, task: string) {
  const all = []
  for (let after = 0; ; ) {
    const some = (await callTask(env, team, task, stub => stub.events(after, EVENTS_AT_A_TIME))) ?? []
    all.push(...some)
    if (some.length < EVENTS_AT_A_TIME) return all
    after = some.at(-1)!.seq
  }
}

/** Where the content of an archived task's file lies. */
export function filePath(archive: string, sha256: string): string {
  return `${archive}.files/${sha256}`
}

async function copy(env: Env, from: string, to: string): Promise<void> {
  const content = await env.FILES!.get(from)
  if (content !== null && (await env.FILES!.head(to)) === null) await env.FILES!.put(to, content.body)
}

type Filled = Omit<Written, 'bytes' | 'sha256'>

/** Notes an archive, fills it, and notes that it is whole. */
async function write(
  env: Env,
  { team, kind }: Pick<ArchiveRow, 'team' | 'kind'>,
  now: number,
  fill: (packed: Packed, object: string) => Promise<Filled>,
): Promise<ArchiveRow> {
  const id = newId('arc')
  const begun = { team, id, kind, object: `${team}/archives/${id}.jsonl.gz`, createdAt: now }
  await beginArchive(env.DB, begun)
  const packed = new Packed()
  const filled = await fill(packed, begun.object)
  const bytes = await packed.end()
  await env.FILES!.put(begun.object, bytes)
  const sha256 = hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)))
  const written = { ...filled, bytes: bytes.byteLength, sha256 }
  await keepArchive(env.DB, team, id, written)
  return { ...begun, ...written, status: 'kept' }
}

/** Lines as JSON, packed as they come. */
class Packed {
  readonly #gzip = new CompressionStream('gzip')
  readonly #to = this.#gzip.writable.getWriter()
  readonly #whole = new Response(this.#gzip.readable as ReadableStream<Uint8Array>).arrayBuffer()
  readonly #text = new TextEncoder()

  async line(value: unknown): Promise<void> {
    await this.#to.write(this.#text.encode(`${JSON.stringify(value)}\n`))
  }

  async end(): Promise<ArrayBuffer> {
    await this.#to.close()
    return this.#whole
  }
}

/** Takes an archive out of the bucket, with the files beside it. */
export async function discard({ FILES }: Pick<Env, 'FILES'>, { object }: Pick<ArchiveRow, 'object'>): Promise<void> {
  if (FILES === undefined) return
  for (;;) {
    const { objects } = await FILES.list({ prefix: object })
    if (objects.length === 0) return
    await FILES.delete(objects.map(({ key }) => key))
  }
}
