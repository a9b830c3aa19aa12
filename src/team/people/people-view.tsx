/** How the people of a team look: members with their roles, open invitations, and, for those who manage people, the forms. */

import type { Person } from '../../domain/caller.ts'
import { may, mayManage, ROLE_MEANS, type Role, roleOf, rolesInGiftOf } from '../../domain/permissions.ts'
import { Count, Tag } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { Popover } from '../../http/components/dialog.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { Check, Select, TextField } from '../../http/components/field.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import type { Absence } from '../../records/people/absences.ts'
import type { InvitationRow, MemberRow } from '../../records/people/members.ts'
import { MAIL_SETUP } from '../mail/mail.ts'
import { Settings } from '../settings-frame.tsx'

export interface InviteForm {
  email: string
  role: Role
  error: string
}

export interface PeopleView {
  person: Person
  members: MemberRow[]
  invitations: InvitationRow[]
  absences: Absence[]
  /** Whether mail goes anywhere. */
  mail: boolean
  now: number
  form?: InviteForm
}

export const PeoplePage = ({ view }: { view: PeopleView }) => {
  const { person, members, invitations } = view
  const gives = rolesInGiftOf(person)
  return (
    <Settings at="people">
      <header class="page-head">
        <div>
          <h1 class="row">
            {person.team.name} <Count n={members.length} label="members" />
          </h1>
          <p>
            {gives.length > 0
              ? 'Everyone here sees the team’s work. A role says what they may change.'
              : 'Owners and admins of the team invite people and give roles.'}{' '}
            {may(person, 'permissions.see') && <a href="/settings/permissions">Who may do what</a>}
          </p>
        </div>
      </header>
      <section class="table-scroll" aria-label="Members" tabindex={0}>
        <table class="table">
          <HeadWithActions names={['Name', 'Role', 'Joined']} />
          <tbody>
            {members.map(member => (
              <MemberLine member={member} view={view} />
            ))}
          </tbody>
        </table>
      </section>
      {invitations.length > 0 && <Invitations view={view} />}
      {gives.length > 0 && <InviteFields gives={gives} view={view} />}
    </Settings>
  )
}

const MemberLine = ({ member, view }: { member: MemberRow; view: PeopleView }) => {
  const isSelf = member.user === view.person.id
  const until = view.absences.find(one => one.email === member.email.toLowerCase())?.awayUntil ?? null
  return (
    <tr>
      <th scope="row">
        <span hx-ignore>{member.name || member.email}</span>
        {isSelf && <span class="secondary"> (you)</span>}
        {member.name !== '' && (
          <div class="small secondary" hx-ignore>
            {member.email}
          </div>
        )}
      </th>
      <td>
        <Tag>{roleOf(member.role)}</Tag>
        {until !== null && until > view.now && (
          <div class="small secondary">
            away until <Time at={until} now={view.now} />
          </div>
        )}
      </td>
      <td>
        <Time at={member.joinedAt} now={view.now} />
      </td>
      <td class="number">
        {(isSelf || mayManage(view.person, member)) && (
          <MemberActions
            member={member}
            gives={rolesInGiftOf(view.person)}
            isSelf={isSelf}
            signsOut={!isSelf && may(view.person, 'sessions.end')}
          />
        )}
      </td>
    </tr>
  )
}

interface MemberActionsProps {
  member: MemberRow
  gives: Role[]
  isSelf: boolean
  signsOut: boolean
}

const MemberActions = ({ member, gives, isSelf, signsOut }: MemberActionsProps) => {
  const id = `change-${member.id}`
  const name = member.name || member.email
  return (
    <>
      <Button type="button" size="small" popovertarget={id} aria-label={`Change ${isSelf ? 'yourself' : name}`}>
        Change
      </Button>
      <Popover id={id} title={isSelf ? 'You in this team' : name}>
        {gives.includes(roleOf(member.role)) && (
          <form class="form" method="post" action={`/settings/people/${member.id}/role`}>
            <RoleChoice gives={gives} chosen={roleOf(member.role)} />
            <div>
              <Button look="primary">Give this role</Button>
            </div>
          </form>
        )}
        {signsOut && (
          <form class="form section" method="post" action={`/settings/people/${member.id}/sign-out`}>
            <div>
              <Button icon="sign-out">Sign out everywhere</Button>
            </div>
          </form>
        )}
        <div class="stack-tight section">
          <ButtonLink href={`/settings/people/${member.id}/away`} icon="calendar">
            Away…
          </ButtonLink>
          <ButtonLink href={`/settings/people/${member.id}/remove`} look="danger" icon={isSelf ? 'sign-out' : 'trash'}>
            {isSelf ? 'Leave the team…' : 'Remove from the team…'}
          </ButtonLink>
        </div>
      </Popover>
    </>
  )
}

const RoleChoice = ({ gives, chosen }: { gives: Role[]; chosen: Role }) => (
  <fieldset class="field">
    <legend class="field-label">Role</legend>
    {gives.map(role => (
      <Check type="radio" name="role" value={role} checked={role === chosen} label={role} hint={ROLE_MEANS[role]} />
    ))}
  </fieldset>
)

const Invitations = ({ view: { person, invitations, now } }: { view: PeopleView }) => (
  <section class="section stack-tight">
    <h2>Invited</h2>
    <section class="table-scroll" aria-label="Invitations" tabindex={0}>
      <table class="table">
        <HeadWithActions names={['Address', 'Role', 'Ends']} />
        <tbody>
          {invitations.map(one => (
            <tr>
              <th scope="row">
                <span hx-ignore>{one.email}</span>
                <div class="small secondary" hx-ignore>
                  by {one.inviter}
                </div>
              </th>
              <td>
                <Tag>{roleOf(one.role)}</Tag>
              </td>
              <td>
                {Date.parse(one.expiresAt) > now ? <Time at={one.expiresAt} now={now} /> : <Tag>has run out</Tag>}
              </td>
              <td class="number">
                {mayManage(person, one) && (
                  <div class="row row-end">
                    <form method="post" action={`/settings/invitations/${one.id}/send`}>
                      <Button size="small" aria-label={`Send again to ${one.email}`}>
                        Send again
                      </Button>
                    </form>
                    <form method="post" action={`/settings/invitations/${one.id}/withdraw`}>
                      <Button size="small" look="quiet" aria-label={`Withdraw the invitation of ${one.email}`}>
                        Withdraw
                      </Button>
                    </form>
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  </section>
)

const InviteFields = ({ gives, view: { form, mail } }: { gives: Role[]; view: PeopleView }) => (
  <form class="panel form section narrow" method="post" action="/settings/people" id="invite">
    <h2>Invite someone</h2>
    {!mail && <Notice icon="mail">{MAIL_SETUP}</Notice>}
    <TextField
      label="Mail address"
      name="email"
      type="email"
      required
      maxlength={254}
      value={form?.email}
      error={form?.error}
      autofocus={form !== undefined}
      autocomplete="off"
      hint="They get a link by mail that joins the team. It works once, within 7 days."
    />
    <Select
      label="Role"
      name="role"
      required
      value={form?.role ?? 'member'}
      options={gives.map(role => ({ value: role, label: `${role}: ${ROLE_MEANS[role]}` }))}
    />
    <div class="form-actions">
      <Button look="primary" icon="send">
        Invite
      </Button>
    </div>
  </form>
)
