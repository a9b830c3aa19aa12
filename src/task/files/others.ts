/** Files of other tasks that a new one begins with: those that its input names, and those of the task that it repeats or that starts it. */
import { namedFiles, renamed } from '../../domain/file/fields.ts'
import type { FileSource, NewFile } from '../../domain/file/file.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { copyOf, giveBack } from '../../files/keep.ts'
import type { Problem } from '../../http/errors.ts'
import { confirmFiles } from '../../records/file/files.ts'
import { callTask } from '../call.ts'
import type { PinnedVersion } from '../pinned.ts'

/** What of a start says which files it begins with. */
interface Filed {
  team: string
  task: string
  into: { version: PinnedVersion }
  input: unknown
  at?: string
  files?: NewFile[]
  filesOf?: { task: string; which: 'named' | 'delivered' }
  rerun?: { task: string; from?: string }
  source: { kind: string }
  actor: Actor
}

/** The start with copies of those files, and their ids in its input. The content is kept once, whoever refers to it. */
export async function withOthersFiles<S extends Filed>(
  env: Pick<Env, 'TASKS' | 'DB' | 'FILES'>,
  start: S,
): Promise<{ ok: true; start: S & { copies?: ReadonlyMap<string, string> } } | { ok: false; problem: Problem }> {
  const { team, task, input, files = [], source, actor } = start
  const own = new Set(files.map(({ id }) => id))
  const named = namedFiles(start.into.version.pinned.definition.input, input as Json)
    .map(({ id }) => id)
    .filter(id => !own.has(id))
  const others = [...new Set([...(await alongWith(env, start)), ...named])]
  if (others.length === 0) return { ok: true, start }
  const copies = new Map<string, NewFile>()
  const from = source.kind === 'api' ? 'api' : 'task'
  for (const id of others) {
    const copy = await copyOf(env, { team, task, from, by: actor }, id)
    if (copy !== null) copies.set(id, copy)
  }
  const missing = named.find(id => !copies.has(id))
  const all = [...files, ...copies.values()]
  if (missing !== undefined) {
    await giveBack(env, team, all)
    const message = `There is no file “${missing.slice(0, 60)}”.`
    const hint = 'Upload it with the task, as multipart/form-data, or name a file of one of the team’s tasks.'
    return { ok: false, problem: { kind: 'invalid', code: 'unknown_file', message, hint, path: start.at ?? '' } }
  }
  const ids = new Map([...copies].map(([id, copy]) => [id, copy.id]))
  return { ok: true, start: { ...start, input: renamed(input as Json, ids), files: all, copies: ids } }
}

/** The ids of the files that come along from the task that it repeats, or belongs to. */
async function alongWith(env: Pick<Env, 'TASKS' | 'DB'>, { team, rerun, filesOf, input }: Filed): Promise<string[]> {
  const other = rerun?.task ?? filesOf?.task
  const before = other === undefined ? null : await callTask(env, team, other, stub => stub.view())
  const there = before?.files ?? []
  const ids = (some: typeof there) => some.map(({ id }) => id)
  const along = () => {
    // What its calls brought they bring once more, unless it begins after them.
    if (rerun !== undefined) return ids(there.filter(({ from }) => rerun.from !== undefined || from !== 'call'))
    if (filesOf?.which === 'delivered') return ids(there.filter(({ from }) => DELIVERED.includes(from)))
    const said = textsIn(input as Json)
    const named = ids(there).filter(id => said.has(id))
    return named.length > 0 ? named : ids(there)
  }
  const found = along()
  // The task has them: a start may come before that was noted.
  if (found.length > 0) await confirmFiles(env.DB, team, found)
  return found
}

const DELIVERED: readonly FileSource[] = ['form', 'mail', 'webhook']

function textsIn(value: Json, found = new Set<string>()): Set<string> {
  if (typeof value === 'string') found.add(value)
  else if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) textsIn(inner as Json, found)
  return found
}
