/** Invitations: the link that joins a team, and its mail. Whoever holds the link read the mail, so it signs them in, once. */
import type { Env } from '../../env.ts'
import { publicUrl } from '../../http/context.ts'
import { type InvitationRow, openInvitation } from '../../records/people/members.ts'
import { type MailResult, sendMail } from '../mail/mail.ts'
import { readToken, signToken } from '../signed-token.ts'

const INVITATION_DAYS = 7
export const INVITATION_MS = INVITATION_DAYS * 86_400_000

/** The invitation's address: it ends with the invitation; who is invited anew gets another. */
async function invitationLink(env: Env, { id }: InvitationRow): Promise<string> {
  return publicUrl(env, `/join/${await signToken(env, 'invitation', { id })}`)
}

/** The open invitation that this token is for; null when it is forged, taken, withdrawn or too old. */
export async function readInvitation(env: Env, token: string, now: number): Promise<InvitationRow | null> {
  const claims = await readToken<{ id: string }>(env, 'invitation', token)
  const invitation = claims && (await openInvitation(env.DB, claims.id))
  return invitation && Date.parse(invitation.expiresAt) > now ? invitation : null
}

/** Mails the link, or says that nobody got it. */
export async function mailInvitation(env: Env, invitation: InvitationRow): Promise<MailResult> {
  const { email, teamName, inviter, role } = invitation
  const text = `${inviter} invites you to the team “${teamName}” on Baton, as ${role}.

Open this link to join:

${await invitationLink(env, invitation)}

It works once, within ${INVITATION_DAYS} days, and is meant for you alone. If you do not know ${inviter}, ignore this mail.
`
  return sendMail(env, { to: email, subject: `You are invited to ${teamName} on Baton`, text })
}
