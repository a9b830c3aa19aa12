/** Who wrote a mail: a person, a machine of its own accord, or a machine in answer to another mail (RFC 3834 and older habits). */
import { HeaderWords } from './header-words.ts'

/** `original`: an alert, a report. `answer`: an absence, a bounce, a receipt; it answers for nobody. */
export type Writer = 'person' | 'original' | 'answer'

interface Told {
  /** By name in lower case. */
  headers: Record<string, string>
  /** The envelope's sender; empty for what must not be answered. */
  envelope: string
  from: string
}

/** Set by responders only, whatever they say; `no` would be a person's. */
const RESPONDERS = ['x-autoreply', 'x-autorespond', 'x-auto-reply', 'x-autoresponse', 'x-auto-respond']
/** Reports on a mail that was sent earlier. */
const REPORTS = ['delivery-status', 'disposition-notification']

/** Tells from the headers and the envelope who wrote it. */
export function writerOf({ headers, envelope, from }: Told): Writer {
  const submitted = firstWord(headers['auto-submitted'])
  const precedence = firstWord(headers.precedence)
  // Outlook calls an absence auto-generated; what answers nothing is none.
  const answers = (headers['in-reply-to'] ?? '') !== ''
  const isList = Object.keys(headers).some(name => name.startsWith('list-'))
  const isOriginal = submitted !== null && submitted !== 'no' && submitted !== 'auto-replied'
  if (submitted === 'auto-replied' || precedence === 'auto_reply' || isReport(headers['content-type'])) return 'answer'
  if (RESPONDERS.some(name => headers[name] !== undefined && firstWord(headers[name]) !== 'no')) return 'answer'
  if (answers && (isOriginal || (!isList && (precedence === 'bulk' || precedence === 'junk')))) return 'answer'
  if (isOriginal) return 'original'
  const isFromNobody = [envelope, headers['return-path']?.trim()].some(path => path === '' || path === '<>')
  return isFromNobody || from.startsWith('mailer-daemon@') ? 'answer' : 'person'
}

/** `auto-generated` of `auto-generated (by cron); type=x`. */
function firstWord(value: string | undefined): string | null {
  return value === undefined ? null : (new HeaderWords(value).token()?.toLowerCase() ?? null)
}

/** `multipart/report; report-type=delivery-status`, with its parameters in any order. */
function isReport(contentType: string | undefined): boolean {
  const words = new HeaderWords(contentType ?? '')
  if (words.keyword() !== 'multipart' || !words.take('/') || words.keyword() !== 'report') return false
  for (words.skipClause(); words.take(';'); words.skipClause()) {
    if (words.keyword() === 'report-type' && words.take('='))
      return REPORTS.includes(words.value()?.toLowerCase() ?? '')
  }
  return false
}
