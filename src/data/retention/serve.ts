/** An archive as an answer, streamed out of the bucket. */
import type { Env } from '../../env.ts'
import { disposition } from '../../files/serve.ts'
import type { ArchiveRow } from '../../records/data/archives.ts'
import { filePath } from './archive.ts'

/** The archive, or the file of this SHA-256 beside it; null: it is not in the bucket. */
export async function archiveAnswer(
  env: Pick<Env, 'FILES'>,
  { object, kind, fromAt }: ArchiveRow,
  file?: string,
): Promise<Response | null> {
  const stored = await env.FILES?.get(file === undefined ? object : filePath(object, file))
  if (!stored) return null
  const day = new Date(fromAt ?? 0).toISOString().slice(0, 10)
  return new Response(stored.body as ReadableStream, {
    headers: {
      'Content-Type': file === undefined ? 'application/gzip' : 'application/octet-stream',
      'Content-Length': String(stored.size),
      'Content-Disposition': disposition('attachment', file ?? `baton-${kind}-${day}.jsonl.gz`),
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-store',
    },
  })
}
