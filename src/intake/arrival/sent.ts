/** A body as it was sent: its bytes, and what its headers say of them. Nothing is refused here but what is too much. */

import type { ApiContext } from '../../http/context.ts'
import type { ApiProblem } from '../../http/errors.ts'
import { readBytes } from '../../http/request/body.ts'
import { LIMIT } from './limit.ts'

export interface Sent {
  bytes: Uint8Array
  /** The header with its parameters. */
  contentType: string | null
  contentEncoding: string | null
}

/** Reads the body, which a signature is checked over before anything is made of it. */
export async function readSent(c: ApiContext): Promise<{ ok: true; value: Sent } | { ok: false; problem: ApiProblem }> {
  const bytes = await readBytes(c.req.raw, LIMIT)
  if (bytes === 'too_large') return { ok: false, problem: { kind: 'too_large', limit: LIMIT } }
  if (bytes === 'too_slow') return { ok: false, problem: { kind: 'too_slow' } }
  const contentType = c.req.header('content-type') ?? null
  return { ok: true, value: { bytes, contentType, contentEncoding: c.req.header('content-encoding') ?? null } }
}

/** The type without its parameters, in lower case. */
export function mediaType(contentType: string | null): string | null {
  return contentType?.split(';')[0]?.trim().toLowerCase() || null
}
