/** A file of a task that is to be read: what stands in it goes into the task's log. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env, ReadingMessage } from '../../env.ts'
import { readText } from '../../files/texts.ts'
import { callTask } from '../call.ts'

const SYSTEM: Actor = { kind: 'system' }

/** Reads it and tells the task. false: another is reading the same content, so it is to be asked again. Throws where storage is away. */
export async function readFileOf(env: Env, { team, task, file }: ReadingMessage): Promise<boolean> {
  const found = await readText(env, team, file, Date.now())
  if (found === 'busy') return false
  const what = found === 'gone' ? { noText: 'gone' as const } : found
  await callTask(env, team, task, stub =>
    stub.command({ type: 'read', file, ...what }, { actor: SYSTEM, flushed: false }),
  )
  return true
}
