/** A multipart delivery whose files are kept: each goes into storage as it comes, and stands in the body by its id. */
import type { Actor } from '../../domain/task/events.ts'
import type { Env } from '../../env.ts'
import { giveBack } from '../../files/keep.ts'
import { formDigest, isMultipart, readFilesForm } from '../../files/multipart.ts'
import type { CameFile } from '../../files/page-form.ts'
import type { Problem } from '../../http/errors.ts'
import { type Content, formContent } from './content.ts'
import { LIMIT } from './limit.ts'
import type { Sent } from './sent.ts'

/** `sent` stands for the body where it must be told whether the same came before. */
export interface FormWithFiles {
  sent: Sent
  content: Content
  files: CameFile[]
}

/** Whether the files of this delivery are to be kept: it is such a form, and there is a place for them. */
export function bringsFiles(env: Pick<Env, 'FILES'>, headers: Headers): boolean {
  const encoding = headers.get('content-encoding')
  return env.FILES !== undefined && isMultipart(headers.get('content-type')) && (encoding ?? 'identity') === 'identity'
}

/** Reads the form; refused, nothing of it stays. */
export async function readFormWithFiles(
  env: Env,
  { team, by }: { team: string; by: Actor },
  request: Pick<Request, 'body' | 'headers'>,
  unwraps: boolean,
): Promise<{ ok: true; value: FormWithFiles } | { ok: false; problem: Problem }> {
  const bringing = { team, task: '', from: 'webhook', by } as const
  const read = await readFilesForm(env, request, bringing, { has: 0, field: LIMIT })
  if (!read.ok) return read
  const { files } = read.value
  const content = formContent(read.value, request.headers.get('content-type')!, unwraps)
  if (!content.ok) {
    await giveBack(
      env,
      team,
      files.map(({ file }) => file),
    )
    return content
  }
  const bytes = new TextEncoder().encode(await formDigest(read.value))
  const sent = { bytes, contentType: request.headers.get('content-type'), contentEncoding: null }
  return { ok: true, value: { sent, content: content.value, files } }
}
