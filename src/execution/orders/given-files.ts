/** The files that a step gives to its model: their content from storage where models see it, else their text. */
import { type GivenFile, isSeen } from '../../domain/file/given.ts'
import type { SentFile } from '../../domain/messages.ts'
import type { RunFailure } from '../../domain/task/run/outcome.ts'
import type { Env } from '../../env.ts'
import { objectOfFile } from '../../records/file/files.ts'
import type { ModelRequest } from '../models/port.ts'

/** Bytes of all that goes to a model as it is: it lies in memory several times over while it is sent. */
const MOST_BYTES = 8 * 1024 * 1024

/** As they are sent, or why they cannot be; `away`: storage is. */
export async function filesFor(
  env: Env,
  team: string,
  given: readonly GivenFile[],
): Promise<SentFile[] | RunFailure | 'away'> {
  const seen = given.filter(({ type }) => isSeen(type))
  if (seen.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_BYTES) return tooLarge(seen)
  try {
    const sent: SentFile[] = []
    for (const { id, name, type, text } of given) {
      const data = isSeen(type) ? await contentOf(env, team, id) : undefined
      if (data === null) return lost(name)
      sent.push({ name, type, text, ...(data !== undefined && { data }) })
    }
    return sent
  } catch (error) {
    console.error(JSON.stringify({ level: 'error', what: 'files for a model', error: String(error) }))
    return 'away'
  }
}

/** The request with these files beside its prompt. */
export function withFiles(request: ModelRequest, files: SentFile[]): ModelRequest {
  const [first, ...later] = request.messages
  if (files.length === 0 || first?.role !== 'user') return request
  return { ...request, messages: [{ ...first, files }, ...later] }
}

async function contentOf({ DB, FILES }: Env, team: string, id: string): Promise<string | null> {
  // The task has it, whether or not that was noted yet.
  const key = await objectOfFile(DB, team, id)
  const object = key && (await FILES?.get(key))
  return object ? Buffer.from(await object.arrayBuffer()).toString('base64') : null
}

function tooLarge(files: readonly GivenFile[]): RunFailure {
  const names = files.map(({ name }) => `“${name}”`).join(', ')
  const message = `A model is given 8 MB of pictures and PDFs at most, and ${names} are more. Give it fewer, or their text in the prompt.`
  return { code: 'files_too_large', message, retryable: false }
}

function lost(name: string): RunFailure {
  return { code: 'file_missing', message: `The content of “${name}” is not there any more.`, retryable: false }
}
