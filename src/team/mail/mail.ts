/** Mail that Baton sends: kept for the page /outbox in local mode, sent through Cloudflare when that is set up. */
import type { Env } from '../../env.ts'
import { keepMail } from '../../records/people/outbox.ts'

export interface Mail {
  to: string
  subject: string
  text: string
  html?: string
  /** Where answers go, if not to the sender. */
  replyTo?: string
}

/** `kept`: on /outbox. `unconfigured`: nobody will get it; a page should show the link itself, or say how to configure mail. */
export type MailResult = 'kept' | 'sent' | 'unconfigured' | 'failed'

/** Whether mail goes anywhere; it says how it would, where it does not. */
export function canSendMail(env: Env): boolean {
  return env.BATON_LOCAL === '1' || (env.EMAIL !== undefined && Boolean(env.BATON_MAIL_FROM))
}

export const MAIL_SETUP =
  'This Baton cannot send mail yet: whoever runs it adds the send_email binding EMAIL to wrangler.toml and sets BATON_MAIL_FROM.'

/** Sends the mail, or keeps it; never throws, as no task may fail for a mail. */
export async function sendMail(env: Env, mail: Mail): Promise<MailResult> {
  try {
    if (env.BATON_LOCAL === '1') {
      await keepMail(env.DB, {
        recipient: mail.to,
        subject: mail.subject,
        text: mail.text,
        at: Date.now(),
        replyTo: mail.replyTo ?? null,
      })
      return 'kept'
    }
    if (env.EMAIL === undefined || !env.BATON_MAIL_FROM) return 'unconfigured'
    await env.EMAIL.send({ from: sender(env.BATON_MAIL_FROM), ...mail })
    return 'sent'
  } catch (error) {
    // The address and the text stay out of the log.
    console.error(
      JSON.stringify({ level: 'error', at: 'mail', message: error instanceof Error ? error.message : 'failed' }),
    )
    return 'failed'
  }
}

/** `Baton <baton@example.com>` or an address alone. */
function sender(from: string): string | { email: string; name: string } {
  const match = /^\s*"?([^"<]*?)"?\s*<([^<>\s]+)>\s*$/.exec(from)
  return match?.[1] ? { name: match[1], email: match[2]! } : (match?.[2] ?? from.trim())
}

/** The mail that signs a person in. */
export function signInMail(to: string, link: string, minutes: number): Mail {
  return {
    to,
    subject: 'Your sign-in link for Baton',
    text: `Open this link to sign in to Baton:

${link}

It works once, within ${minutes} minutes. If you did not ask for it, ignore this mail: nobody can sign in without the link.
`,
  }
}
