/** A form that may hold text files: its fields, and each file as text of UTF-8. */
import { KIB, readRaw } from './body.ts'
import type { ApiContext } from './context.ts'
import type { PageContext } from './page.tsx'

const LIMIT = 1024 * KIB
const MULTIPART = 'multipart/form-data'

interface TextFile {
  name: string
  text: string
}

export type Upload =
  | { ok: true; given: Record<string, string>; files: Record<string, TextFile> }
  | { ok: false; status: 400 | 408 | 413 | 415 }

/** Reads the form; files without a byte are fields that nobody filled in. */
export async function readUpload(c: PageContext): Promise<Upload> {
  const types = ['application/x-www-form-urlencoded', MULTIPART]
  const body = await readRaw(c as unknown as ApiContext, { limit: LIMIT, types })
  if (!body.ok) {
    const { kind } = body.problem
    return { ok: false, status: kind === 'too_large' ? 413 : kind === 'too_slow' ? 408 : 415 }
  }
  try {
    const headers = { 'content-type': c.req.header('content-type') ?? '' }
    const parts = await new Response(body.value.bytes, { headers }).formData()
    const given: Record<string, string> = {}
    const files: Record<string, TextFile> = {}
    for (const [name, part] of parts as unknown as Iterable<[string, string | File]>) {
      if (typeof part === 'string') given[name] = part
      else if (part.size > 0) files[name] = { name: part.name, text: decode(await part.arrayBuffer()) }
    }
    return { ok: true, given, files }
  } catch {
    return { ok: false, status: 400 }
  }
}

/** Throws for what is not UTF-8: a PDF or a picture is no text. */
function decode(bytes: ArrayBuffer): string {
  return new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes).replaceAll('\r\n', '\n')
}
