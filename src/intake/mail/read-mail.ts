/** A mail as its task gets it: addresses, texts and the names of attachments, read from MIME. */
import PostalMime from 'postal-mime'
import type { Json } from '../../domain/json.ts'
import { htmlToText } from './html-text.ts'

export interface ReadMail {
  /** The author's address, in lower case; empty when there is none. */
  from: string
  messageId: string | null
  /** Message-IDs of the mails that it answers, nearest first. */
  answers: string[]
  headers: Record<string, string>
  /** What filter, map and input see. */
  body: { [key: string]: Json }
}

/** Texts longer than this are cut: an input holds 256 KiB, and a mail is no place for more. */
const MAX_TEXT = 96 * 1024
const MAX_ATTACHMENTS = 50

/** Reads a raw mail. Attachments are named and not kept. */
export async function readMail(raw: Uint8Array): Promise<ReadMail> {
  const mail = await PostalMime.parse(raw, { maxNestingDepth: 30, maxHeadersSize: 128 * 1024 })
  const from = clean(mail.from?.address ?? '').toLowerCase()
  const html = mail.html ?? ''
  const text = mail.text?.trim() ? mail.text : htmlToText(html)
  const attachments = mail.attachments.slice(0, MAX_ATTACHMENTS).map(one => ({
    name: clean(one.filename ?? '').slice(0, 200) || 'unnamed',
    type: clean(one.mimeType ?? '').slice(0, 100),
    size: sizeOf(one.content),
  }))
  const to = (mail.to ?? []).flatMap(one => (one.address ? [clean(one.address).toLowerCase()] : []))
  const body = {
    from,
    to: to.join(', '),
    subject: clean(mail.subject ?? '').slice(0, 1000),
    text: cut(wellFormed(text)),
    // Half a document is none: a long one is left out, its text is there.
    html: html.length > MAX_TEXT ? '' : wellFormed(html),
    attachments,
  }
  const headers = Object.fromEntries(mail.headers.map(({ key, value }) => [key.toLowerCase(), clean(value)]))
  const answers = [...ids(mail.inReplyTo), ...ids(mail.references).reverse()]
  return { from, messageId: ids(mail.messageId)[0] ?? null, answers: [...new Set(answers)].slice(0, 20), headers, body }
}

function ids(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/<[^<>\s]{1,300}>/g)].map(match => match[0])
}

function sizeOf(content: ArrayBuffer | Uint8Array | string): number {
  return typeof content === 'string' ? content.length : content.byteLength
}

function cut(text: string): string {
  return text.length > MAX_TEXT ? `${wellFormed(text.slice(0, MAX_TEXT))}\n[cut here]` : text
}

/** One line, without characters that steer a terminal or a reader's eye. */
function clean(text: string): string {
  return wellFormed(text)
    .replace(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim()
}

/** No NUL and no half of a surrogate pair: JSON and SQLite take neither well. */
function wellFormed(text: string): string {
  return text
    .replace(/\0/g, '')
    .replace(/[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g, '\ufffd')
}
