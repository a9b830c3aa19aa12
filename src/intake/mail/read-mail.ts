/** A mail as its task gets it: addresses, texts and the names of attachments, read from MIME. */
import type { Json } from '../../domain/json/json.ts'
import { cleanLine, wellFormed } from '../../domain/text/clean.ts'
import { cut } from '../../domain/text/cut.ts'
import { htmlToText } from '../../domain/text/html.ts'
import { parseMime } from '../../files/text/mime.ts'
import { sha256Hex } from '../../records/ids.ts'
import { type AuthResult, ownResults } from './authentication.ts'
import type { Attached, TakenIn } from './take-in.ts'

export interface ReadMail {
  /** The author's address, in lower case; empty when there is none. */
  from: string
  messageId: string | null
  /** Message-IDs of the mails that it answers, nearest first. */
  answers: string[]
  /** By name in lower case, the topmost of each; Authentication-Results only when our own host wrote them. */
  headers: Record<string, string>
  /** What our own host found out about the sender. */
  authentication: AuthResult[]
  /** Tells mails apart that have the same Message-ID; what the mail met on its way takes no part. */
  digest: string
  /** What is attached, in the order of the body's `attachments`. */
  files: MailFile[]
  /** What filter, map and input see. */
  body: { [key: string]: Json }
}

/** `content`: where it was not taken out before. */
type MailFile = Omit<Attached, 'sha256'> & { content?: Uint8Array }
type FileOf = TakenIn['fileOf']

/** Texts longer than this are cut: an input holds 256 KiB, and a mail is no place for more. */
const MAX_TEXT = 96 * 1024
const MAX_ATTACHMENTS = 50

/** Reads a raw mail, as it came to the host that checks senders for us; `fileOf`: what was taken out of it before. */
export async function readMail(raw: Uint8Array, host: string, fileOf: FileOf = () => null): Promise<ReadMail> {
  const mail = await parseMime(raw)
  const from = cleanLine(mail.from?.address ?? '').toLowerCase()
  const html = mail.html ?? ''
  const text = mail.text?.trim() || mail.fromHtml ? (mail.text ?? '') : htmlToText(html)
  const files = mail.attachments.slice(0, MAX_ATTACHMENTS).map(one => {
    const content = bytesOf(one.content)
    const part = { name: one.filename ?? null, type: one.mimeType ?? null }
    return fileOf(content) ?? { part, content, bytes: content.byteLength, stored: null }
  })
  const attachments = mail.attachments.slice(0, MAX_ATTACHMENTS).map((one, index) => ({
    name: cut(cleanLine(one.filename ?? ''), 200) || 'unnamed',
    type: cut(cleanLine(one.mimeType ?? ''), 100),
    size: files[index]!.bytes,
  }))
  const to = (mail.to ?? []).flatMap(one => (one.address ? [cleanLine(one.address).toLowerCase()] : []))
  const body = {
    from,
    to: to.join(', '),
    subject: cut(cleanLine(mail.subject ?? ''), 1000),
    text: cutText(wellFormed(text)),
    // Half a document is none: a long one is left out, its text is there.
    html: html.length > MAX_TEXT ? '' : wellFormed(html),
    attachments,
  }
  const own = ownResults(valuesOf(mail.headers, AUTHENTICATION), host)
  const answers = [...ids(mail.inReplyTo), ...ids(mail.references).reverse()]
  return {
    from,
    messageId: ids(mail.messageId)[0] ?? null,
    answers: [...new Set(answers)].slice(0, 20),
    headers: headersOf(mail.headers, own?.value),
    authentication: own?.results ?? [],
    digest: await digestOf(
      [mail.date, mail.from?.address, mail.subject, mail.text, mail.html],
      mail.attachments,
      fileOf,
    ),
    files: files.map((file, index) => ({ ...file, part: { ...file.part, name: mail.attachments[index]!.filename } })),
    body,
  }
}

const AUTHENTICATION = 'authentication-results'

type Headers = { key: string; value: string }[]

function valuesOf(headers: Headers, name: string): string[] {
  return headers.filter(({ key }) => key === name).map(({ value }) => value)
}

/** The topmost of each name: what a mail server added stands above what the sender wrote. */
function headersOf(headers: Headers, authentication: string | undefined): Record<string, string> {
  const topmost = new Map<string, string>()
  for (const { key, value } of headers) if (!topmost.has(key)) topmost.set(key, cleanLine(value))
  topmost.delete(AUTHENTICATION)
  if (authentication !== undefined) topmost.set(AUTHENTICATION, cleanLine(authentication))
  return Object.fromEntries(topmost)
}

type Part = { filename: string | null; content: ArrayBuffer | Uint8Array | string }

async function digestOf(said: (string | undefined)[], attachments: Part[], fileOf: FileOf): Promise<string> {
  const files = attachments.map(async ({ filename, content }) => {
    const bytes = bytesOf(content)
    return [filename, fileOf(bytes)?.sha256 ?? (await sha256Hex(bytes))]
  })
  return sha256Hex(new TextEncoder().encode(JSON.stringify([said, await Promise.all(files)])))
}

function bytesOf(content: Part['content']): Uint8Array {
  return typeof content === 'string' ? new TextEncoder().encode(content) : new Uint8Array(content)
}

function ids(text: string | undefined): string[] {
  return [...(text ?? '').matchAll(/<[^<>\s]{1,300}>/g)].map(match => match[0])
}

function cutText(text: string): string {
  return text.length > MAX_TEXT ? `${cut(text, MAX_TEXT)}\n[cut here]` : text
}
