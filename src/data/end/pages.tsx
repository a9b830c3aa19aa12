/** `/settings/data/end` and `/settings/data/keep`: an owner deletes the team by its name, and has a week to change their mind. */
import { Hono } from 'hono'
import { type Person, personActor } from '../../domain/caller.ts'
import { Button, ButtonLink } from '../../http/components/button.tsx'
import { TextField } from '../../http/components/field.tsx'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { askEnd, keepTeam } from '../../records/data/ends.ts'

export const endPages = new Hono<PageEnv>()

const PATH = '/settings/data/end'
const WEEK_MS = 7 * 86_400_000

endPages.get(PATH, c => show(c))

endPages.post(PATH, async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const person = c.get('person')
  const typed = sent.form.get('name') ?? ''
  if (typed.trim() !== person.team.name.trim()) return show(c, { typed, wrong: 'The team has another name.' })
  const at = Date.now()
  await askEnd(c.env.DB, { team: person.team.id, actor: personActor(person), at }, person.email, at + WEEK_MS)
  return goTo(c, '/settings/data', 'The team will be deleted in 7 days. Until then any owner can keep it.')
})

endPages.post('/settings/data/keep', async c => {
  const person: Person = c.get('person')
  const kept = await keepTeam(c.env.DB, { team: person.team.id, actor: personActor(person), at: Date.now() })
  return goTo(c, '/settings/data', kept ? 'The team is kept.' : 'There is nothing to take back.')
})

function show(c: PageContext, wrong: { typed?: string; wrong?: string } = {}) {
  const { name } = c.get('person').team
  return page(
    c,
    { title: `Delete ${name}`, active: 'settings' },
    <EndPage name={name} {...wrong} />,
    wrong.wrong === undefined ? 200 : 422,
  )
}

const EndPage = ({ name, typed, wrong }: { name: string; typed?: string; wrong?: string }) => (
  <div class="stack narrow">
    <header class="page-head">
      <h1 hx-ignore>
        Delete the team “<bdi>{name}</bdi>”
      </h1>
    </header>
    <form class="panel form" method="post" action={PATH}>
      <p>
        From now on no new task begins, and intakes answer `team_ending`. For 7 days any owner can keep the team; what
        runs goes on meanwhile.
      </p>
      <p>
        Then all of it goes for good: workflows, agents, tools, secrets, keys, people’s places in it, every task with
        its log, the audit log, files and archives. Save what you need before. People keep their accounts.
      </p>
      <TextField
        label="The team’s name, to confirm"
        name="name"
        required
        value={typed}
        error={wrong}
        autocomplete="off"
        hint={<bdi>{name}</bdi>}
      />
      <div class="form-actions">
        <Button look="danger">Delete the team in 7 days</Button>
        <ButtonLink href="/settings/data" look="quiet">
          Leave it as it is
        </ButtonLink>
      </div>
    </form>
  </div>
)
