/** Files as agents know them: the words in them, of PDFs and office files too; the files themselves are not kept. */
import { whyNoText } from '../../domain/file/text.ts'
import { HEAD_BYTES, typeOfFile } from '../../domain/file/type.ts'
import { textOfFile } from '../../files/text/text.ts'
import type { OtherFile, TextFile } from '../../http/request/upload.ts'

/** A file is kept as the words in it, which are fewer. */
export const MOST_UPLOADED = 8 * 1024 * 1024

/** The words in an uploaded file: text as it is, of PDFs and office files what stands in them, with a form feed between pages; else why there are none. */
export async function wordsOf(
  upload: TextFile | OtherFile,
): Promise<{ ok: true; text: string } | { ok: false; message: string }> {
  if ('text' in upload) return { ok: true, text: upload.text }
  const { name, bytes } = upload
  const found = await textOfFile(bytes, typeOfFile(bytes.subarray(0, HEAD_BYTES), name, null).type)
  if (found.kind === 'text') return { ok: true, text: found.text }
  const why = found.code === 'not_read' ? 'Upload text, Markdown, a PDF or an office file.' : whyNoText(found.code)
  return { ok: false, message: `“${name}” was not taken. ${why}` }
}
