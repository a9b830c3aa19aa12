/** A form as it comes in: urlencoded or multipart, its bytes counted. */

import type { ApiContext } from '../context.ts'
import type { PageContext } from '../page/page.tsx'
import { KIB, readBody } from './body.ts'

/** An edited output of 256 KiB, as urlencoding may swell it. */
const LIMIT = 1024 * KIB
const MULTIPART = 'multipart/form-data'
const TYPES = ['application/x-www-form-urlencoded', MULTIPART]

export type ReadForm = { ok: true; form: URLSearchParams } | { ok: false; status: 400 | 408 | 413 | 415 }

/** Reads the form; files in it are no fields of ours. */
export async function readForm(c: PageContext): Promise<ReadForm> {
  const body = await readBody(c as unknown as ApiContext, { limit: LIMIT, types: TYPES })
  if (!body.ok) return { ok: false, status: statusOf(body.problem.kind) }
  if (body.value.type !== MULTIPART) return { ok: true, form: new URLSearchParams(body.value.text) }
  try {
    const headers = { 'content-type': c.req.header('content-type') ?? '' }
    const parts = await new Response(body.value.bytes, { headers }).formData()
    const fields = [...parts.entries()].filter((part): part is [string, string] => typeof part[1] === 'string')
    return { ok: true, form: new URLSearchParams(fields) }
  } catch {
    return { ok: false, status: 400 }
  }
}

function statusOf(kind: string): 400 | 408 | 413 | 415 {
  if (kind === 'too_large') return 413
  if (kind === 'too_slow') return 408
  return kind === 'content_type' || kind === 'content_encoding' ? 415 : 400
}
