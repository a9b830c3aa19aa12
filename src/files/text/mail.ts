/** The text of a mail that was saved as a file: who wrote to whom, when and about what, its words, and the names of what is attached. */
import type { NoText } from '../../domain/file/text.ts'
import { htmlToText } from '../../domain/text/html.ts'
import { hasTooManyLines, type ParsedMail, parseMime } from './mime.ts'

/** The mail as text, or why there is none. */
export async function textOfMail(bytes: Uint8Array): Promise<{ text: string } | NoText> {
  if (hasTooManyLines(bytes)) return 'too_large_inside'
  try {
    return { text: told(await parseMime(bytes)) }
  } catch {
    return 'broken'
  }
}

type Address = { name?: string; address?: string }

function told(mail: ParsedMail): string {
  const { from, to = [], date, subject, text, html, attachments } = mail
  const head = [
    ['From', from === undefined ? '' : person(from)],
    ['To', to.map(person).join(', ')],
    ['Date', date ?? ''],
    ['Subject', subject ?? ''],
  ].flatMap(([name, value]) => (value ? [`${name}: ${value}`] : []))
  const words = text?.trim() ? text : htmlToText(html ?? '')
  const names = attachments.flatMap(({ filename }) => filename ?? [])
  return [head.join('\n'), words.trim(), names.length === 0 ? '' : `Attached: ${names.join(', ')}`]
    .filter(part => part !== '')
    .join('\n\n')
}

function person({ name, address }: Address): string {
  return [name, address && (name ? `<${address}>` : address)].filter(Boolean).join(' ')
}
