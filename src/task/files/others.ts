/** Files of other tasks that a new one begins with: those that its input names, and those of the task that it runs again. */
import { namedFiles, renamed } from '../../domain/file/fields.ts'
import type { NewFile } from '../../domain/file/file.ts'
import type { Json } from '../../domain/json/json.ts'
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { copyOf, giveBack } from '../../files/keep.ts'
import type { Problem } from '../../http/errors.ts'
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
  rerun?: { task: string }
  source: { kind: string }
  actor: Actor
}

/** The start with copies of those files, and their ids in its input. The content is kept once, whoever refers to it. */
export async function withOthersFiles<S extends Filed>(
  env: Pick<Env, 'TASKS' | 'DB' | 'FILES'>,
  start: S,
): Promise<{ ok: true; start: S } | { ok: false; problem: Problem }> {
  const { team, task, input, files = [], rerun, source, actor } = start
  const own = new Set(files.map(({ id }) => id))
  const named = namedFiles(start.into.version.pinned.definition.input, input as Json)
    .map(({ id }) => id)
    .filter(id => !own.has(id))
  const before = rerun === undefined ? null : await callTask(env, team, rerun.task, stub => stub.view())
  const others = [...new Set([...(before?.files ?? []).map(({ id }) => id), ...named])]
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
  return { ok: true, start: { ...start, input: renamed(input as Json, ids), files: all } }
}
