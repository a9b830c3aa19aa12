/** The tool `send_email`: one mail to somebody who has to do with the task. */

import { cleanLine } from '../../../domain/text/clean.ts'
import { BUILT_IN_TOOLS } from '../../../domain/tools/built-in.ts'
import { addressesIn, mayReceive } from '../../../domain/tools/recipients.ts'
import { listMembers } from '../../../records/people/teams.ts'
import { MAIL_SETUP, sendMail } from '../../../team/mail/mail.ts'
import { replyAddress } from '../../../team/mail/reply-address.ts'
import { failed, type Tool } from '../tool.ts'

interface Args {
  to: string
  subject: string
  text: string
}

export const sendEmail: Tool = {
  spec: BUILT_IN_TOOLS.send_email,
  effect: BUILT_IN_TOOLS.send_email.effect,
  // No mail service promises to send the same mail once.
  safe: false,
  asks: () => null,
  ready: async (args, { env, team, facts, written, recipients }) => {
    const { to, subject, text } = args as unknown as Args
    const [address, ...others] = addressesIn(to)
    if (address === undefined || others.length > 0) return failed('bad_arguments', '`to` must be one address.')
    const members = await listMembers(env.DB, team)
    const known = { written, input: facts.input, people: [...facts.people, ...members.map(member => member.email)] }
    if (recipients !== 'any' && !mayReceive(address, known)) {
      const message = `${address} occurs neither in the task’s input nor among its people or the team, so that no mail goes there.`
      return failed('bad_arguments', message)
    }
    return async () => {
      // An answer is the event `reply` of the task, for which a step may wait.
      const replyTo = await replyAddress(env, team, facts.task.id)
      switch (await sendMail(env, { to: address, subject: cleanLine(subject).slice(0, 300), text, replyTo })) {
        case 'unconfigured':
          return failed('tool_failed', MAIL_SETUP)
        case 'failed':
          return failed('tool_failed', 'The mail service refused the mail.')
        case 'kept':
        case 'sent':
          return { kind: 'done', result: { ok: true } }
      }
    }
  },
}
