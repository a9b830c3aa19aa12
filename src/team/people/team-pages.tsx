/** `/teams/new`: a team made in the browser, by anybody who is signed in; they are its owner. And the way from one team to another. */
import { Hono } from 'hono'
import { personIn } from '../../domain/caller.ts'
import { cut } from '../../domain/text/cut.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { TextField } from '../../http/components/field.tsx'
import { inTeam } from '../../http/page/keep-team.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { newId } from '../../records/ids.ts'
import { switchTeam } from '../../records/people/members.ts'
import { makeTeam } from '../../records/people/teams.ts'
import { originOf } from '../origin.ts'

export const teamPages = new Hono<PageEnv>()

/** Teams that one person may belong to by making them. */
const MOST_TEAMS = 50

teamPages.get('/teams/new', c => newTeam(c, { name: '' }))

teamPages.post('/teams/new', async c => {
  const read = await readForm(c)
  if (!read.ok) return errorPage(c, read.status)
  const name = cut((read.form.get('name') ?? '').trim(), 120)
  const person = c.get('person')
  const wrong = (error: string) => newTeam(c, { name, error }, 422)
  if (name === '') return wrong('A team needs a name.')
  if (person.teams.some(team => team.name === name)) return wrong(`You are in a team “${name}” already.`)
  if (person.teams.length >= MOST_TEAMS) return wrong(`You are in ${MOST_TEAMS} teams, as many as one may be in.`)
  const limit = await c.env.SIGN_IN_LIMIT.limit({ key: `team ${person.id}` })
  if (!limit.success) return wrong('Too many teams in a minute. Wait a little, then try again.')
  const id = newId('team')
  const by = { ...person, from: await originOf(c, id) }
  await makeTeam(c.env.DB, { id, name, membership: newId('member') }, by, Date.now())
  await switchTeam(c.env.DB, person.session, id)
  return goTo(c, inTeam('/workflows', id), `The team “${name}” is made, and you own it. Invite others under Settings.`)
})

teamPages.post('/settings/switch', async c => {
  const read = await readForm(c)
  if (!read.ok) return errorPage(c, read.status)
  const there = personIn(c.get('person'), read.form.get('team') ?? '')
  if (there === null || !(await switchTeam(c.env.DB, there.session, there.team.id))) return errorPage(c, 404)
  return goTo(c, inTeam('/workflows', there.team.id), `You are in ${there.team.name} now.`)
})

function newTeam(c: PageContext, { name, error }: { name: string; error?: string }, status: 200 | 422 = 200) {
  const content = (
    <form class="form narrow" method="post" action="/teams/new">
      <h1>New team</h1>
      <TextField
        label="Name"
        name="name"
        value={name}
        maxlength={120}
        required
        autofocus
        error={error}
        hint="A team has its own people, workflows, agents, tools, keys and secrets. Nobody else sees them."
      />
      <div class="form-actions">
        <Button look="primary">Create team</Button>
        <ButtonLink href="/workflows" look="quiet">
          Cancel
        </ButtonLink>
      </div>
    </form>
  )
  return page(c, { title: 'New team', active: 'settings' }, content, status)
}
