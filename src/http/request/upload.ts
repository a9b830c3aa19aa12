/** A form that may hold text files: its fields, and each file as text of UTF-8, or as what it is when it is none. */
import { kindOfBytes, kindOfText } from '../../domain/text/file-kind.ts'
import type { ApiContext } from '../context.ts'
import type { PageContext } from '../page/page.tsx'
import { KIB, readRaw } from './body.ts'

const LIMIT = 1024 * KIB
const MULTIPART = 'multipart/form-data'

export interface TextFile {
  name: string
  text: string
}

/** A file that is no text; `kind` in words, with its article: "a PDF". */
export interface OtherFile {
  name: string
  kind: string
  bytes: Uint8Array
}

export type Upload =
  | { ok: true; given: Record<string, string>; files: Record<string, TextFile | OtherFile> }
  | { ok: false; status: 400 | 408 | 413 | 415 }

/** Reads the form; files without a byte are fields that nobody filled in. */
export async function readUpload(c: PageContext | ApiContext, limit = LIMIT): Promise<Upload> {
  const types = ['application/x-www-form-urlencoded', MULTIPART]
  const body = await readRaw(c as unknown as ApiContext, { limit, types })
  if (!body.ok) {
    const { kind } = body.problem
    return { ok: false, status: kind === 'too_large' ? 413 : kind === 'too_slow' ? 408 : 415 }
  }
  try {
    const headers = { 'content-type': c.req.header('content-type') ?? '' }
    const parts = await new Response(body.value.bytes, { headers }).formData()
    const given: Record<string, string> = {}
    const files: Record<string, TextFile | OtherFile> = {}
    for (const [name, part] of parts as unknown as Iterable<[string, string | File]>) {
      if (typeof part === 'string') given[name] = part
      else if (part.size > 0) files[name] = textFile(part.name, new Uint8Array(await part.arrayBuffer()))
    }
    return { ok: true, given, files }
  } catch {
    return { ok: false, status: 400 }
  }
}

function textFile(name: string, bytes: Uint8Array): TextFile | OtherFile {
  const kind = kindOfBytes(bytes)
  if (kind !== null) return { name, kind, bytes }
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes).replaceAll('\r\n', '\n')
    const other = kindOfText(text)
    return other === null ? { name, text } : { name, kind: other, bytes }
  } catch {
    return { name, kind: 'no text in UTF-8', bytes }
  }
}
