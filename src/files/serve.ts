/** A file's content as an answer: saved unless it may be shown, and never able to act on a page of ours. */
import { shownAs } from '../domain/file/type.ts'
import type { Env } from '../env.ts'
import type { FileRow } from '../records/file/files.ts'

/** Nothing in it runs, loads or sends; only pages of ours may hold it in a frame. */
const SEALED = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"

/** The content; null: storage has lost it, or there is no storage. `show`: in the browser, where it is of a kind that may. */
export async function contentOf(env: Env, file: FileRow, show: boolean): Promise<Response | null> {
  const object = await env.FILES?.get(file.object)
  if (!object) return null
  const shown = show ? shownAs(file.type) : null
  const headers = new Headers({
    'Content-Type': shown === 'text' ? 'text/plain; charset=utf-8' : shown === null ? saved(file.type) : file.type,
    'Content-Length': String(object.size),
    'Content-Disposition': disposition(shown === null ? 'attachment' : 'inline', file.name),
    // A browser's own viewer of PDFs does not open in a sandbox; what it opens has no script of ours to reach.
    'Content-Security-Policy': shown === 'pdf' ? SEALED : `sandbox; ${SEALED}`,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Resource-Policy': 'same-origin',
    'Cache-Control': 'no-store',
    'X-Robots-Tag': 'noindex, nofollow',
  })
  return new Response(object.body as ReadableStream, { headers })
}

/** What a browser would run is named as nothing that it knows. */
function saved(type: string): string {
  return /html|svg|xml|script/.test(type) && !/officedocument/.test(type) ? 'application/octet-stream' : type
}

/** The name in letters that every client reads, and in its own. */
export function disposition(how: 'attachment' | 'inline', name: string): string {
  const plain = name.replaceAll(/[^\x20-\x7e]|["\\%]/g, '_')
  const own = encodeURIComponent(name).replaceAll(
    /['()*]/g,
    char => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
  return `${how}; filename="${plain}"; filename*=UTF-8''${own}`
}
