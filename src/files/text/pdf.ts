/** The text of a PDF, page by page, in the order of its content. Its library is loaded when the first one comes. */
import type { NoText } from '../../domain/file/text.ts'
import { unpacksTooFar } from './pdf-size.ts'

const MOST_PAGES = 300
/** A document that takes longer is given up between two pages. */
const MOST_MS = 20_000

/** The pages, or why there are none; `most`: characters after which no further page is read. */
export async function pagesOfPdf(bytes: Uint8Array, most: number): Promise<string[] | NoText> {
  if (unpacksTooFar(bytes)) return 'too_large_inside'
  const { getDocumentProxy } = await import('unpdf')
  const until = Date.now() + MOST_MS
  try {
    const pdf = await getDocumentProxy(bytes, { stopAtErrors: false, verbosity: 0 })
    try {
      if (pdf.numPages > MOST_PAGES) return 'too_many_pages'
      return await read(pdf, most, until)
    } finally {
      await pdf.loadingTask.destroy()
    }
  } catch (error) {
    return (error as Error | null)?.name === 'PasswordException' ? 'encrypted' : 'broken'
  }
}

type Pdf = Awaited<ReturnType<typeof import('unpdf')['getDocumentProxy']>>

async function read(pdf: Pdf, most: number, until: number): Promise<string[] | NoText> {
  const pages: string[] = []
  for (let n = 1, chars = 0; n <= pdf.numPages && chars < most; n++) {
    const page = await pdf.getPage(n)
    const { items } = await page.getTextContent()
    const text = items.map(item => ('str' in item ? `${item.str}${item.hasEOL ? '\n' : ''}` : '')).join('')
    page.cleanup()
    pages.push(text)
    chars += text.length
    // The platform's clock stands still while nothing is waited for.
    await new Promise(resolve => setTimeout(resolve, 0))
    if (Date.now() > until) return 'too_slow'
  }
  return pages
}
