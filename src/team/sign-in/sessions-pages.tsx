/** `/settings/you`: what is one's own: where one is signed in, and the teams that one belongs to. */
import { Hono } from 'hono'
import type { Person } from '../../domain/caller.ts'
import { personActor } from '../../domain/caller.ts'
import { mayManage, onlyFor, roleOf } from '../../domain/permissions.ts'
import { Tag } from '../../http/components/badge.tsx'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { HeadWithActions } from '../../http/components/table.tsx'
import { Time } from '../../http/components/value/time.tsx'
import { inTeam } from '../../http/page/keep-team.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { memberById } from '../../records/people/members.ts'
import {
  endOtherSessions,
  endSession,
  endSessionsOf,
  type OwnSession,
  sessionsOf,
} from '../../records/people/sessions.ts'
import { Settings } from '../settings-frame.tsx'
import { browserName } from './browser-name.ts'
import { closeSockets } from './sockets.ts'

export const sessionPages = new Hono<PageEnv>()

sessionPages.get('/settings/you', async c => {
  const person = c.get('person')
  const sessions = await sessionsOf(c.env.DB, person.id, new Date())
  const content = <You person={person} sessions={sessions} now={Date.now()} />
  return page(c, { title: 'You', active: 'settings' }, content)
})

sessionPages.post('/settings/you/sessions/:id/end', async c => {
  const person = c.get('person')
  const id = c.req.param('id')
  if (!(await endSession(c.env.DB, person.id, id))) return errorPage(c, 404)
  closeBoards(c, person, [id])
  return goTo(c, id === person.session ? '/sign-in' : '/settings/you', 'That browser is signed out.')
})

sessionPages.post('/settings/you/sessions/end', async c => {
  const person = c.get('person')
  const ended = await endOtherSessions(c.env.DB, person.id, person.session)
  closeBoards(c, person, ended)
  return goTo(c, '/settings/you', 'You are signed out everywhere else.')
})

sessionPages.post('/settings/people/:member/sign-out', async c => {
  const person = c.get('person')
  const { id: team } = person.team
  const member = await memberById(c.env.DB, team, c.req.param('member'))
  if (!member) return errorPage(c, 404)
  if (!mayManage(person, member)) return errorPage(c, 403, { title: onlyFor('sessions.end') })
  await endSessionsOf(c.env.DB, member, { team, actor: personActor(person), at: Date.now() })
  c.executionCtx.waitUntil(closeSockets(c.env, team, { person: member.email }))
  const isSelf = member.user === person.id
  return goTo(c, isSelf ? '/sign-in' : '/settings/people', `${member.name || member.email} is signed out everywhere.`)
})

/** Boards that are open under these sessions, in any of the person's teams, show nothing more. */
function closeBoards(c: PageContext, { teams }: Person, sessions: string[]): void {
  const closing = sessions.flatMap(session => teams.map(({ id }) => closeSockets(c.env, id, { session })))
  c.executionCtx.waitUntil(Promise.allSettled(closing))
}

const You = ({ person, sessions, now }: { person: Person; sessions: OwnSession[]; now: number }) => (
  <Settings at="you">
    <header class="page-head">
      <div>
        <h1 hx-ignore>{person.name || person.email}</h1>
        <p hx-ignore>{person.email}</p>
      </div>
    </header>
    <Sessions sessions={sessions} own={person.session} now={now} />
    <section class="section stack-tight">
      <h2>How you are told</h2>
      <p>
        Mail at once or together, and channels of your own: <a href="/settings/notifications">Notifications</a>.
      </p>
    </section>
    <Teams person={person} />
  </Settings>
)

const Sessions = ({ sessions, own, now }: { sessions: OwnSession[]; own: string; now: number }) => (
  <section class="section stack-tight">
    <h2>Where you are signed in</h2>
    <section class="table-scroll" aria-label="Sessions" tabindex={0}>
      <table class="table">
        <HeadWithActions names={['Browser', 'Last used']} />
        <tbody>
          {sessions.map(({ id, userAgent, createdAt, updatedAt, expiresAt }) => (
            <tr>
              <th scope="row">
                <span hx-ignore>{browserName(userAgent)}</span> {id === own && <Tag>this one</Tag>}
              </th>
              <td>
                <Time at={updatedAt} now={now} />
                {/* In one cell: on a phone the button beside it must be within reach. */}
                <p class="secondary">
                  since <Time at={createdAt} now={now} />, ends <Time at={expiresAt} now={now} />
                </p>
              </td>
              <td class="number">
                <form method="post" action={`/settings/you/sessions/${id}/end`}>
                  <Button size="small" aria-label={`Sign out ${browserName(userAgent)}`}>
                    Sign out
                  </Button>
                </form>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
    {sessions.length > 1 && (
      <form method="post" action="/settings/you/sessions/end">
        <Button icon="sign-out">Sign out everywhere else</Button>
      </form>
    )}
  </section>
)

const Teams = ({ person }: { person: Person }) => (
  <section class="section stack-tight">
    <h2>Your teams</h2>
    <ul class="stack-tight">
      {person.teams.map(({ id, name, role }) => (
        <li class="row">
          <a href={inTeam('/settings/people', id)} hx-ignore>
            {name}
          </a>
          <Tag>{roleOf(role)}</Tag>
        </li>
      ))}
    </ul>
    <p class="secondary">You leave a team on its People page.</p>
    <div>
      <ButtonLink href="/teams/new" icon="plus">
        New team
      </ButtonLink>
    </div>
  </section>
)
