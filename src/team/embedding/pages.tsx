/** `/settings/embedding`: which sites may show the status of a task within their own pages. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { MOST_ORIGINS, readOrigins } from '../../domain/embed.ts'
import { may } from '../../domain/permissions.ts'
import { Button } from '../../http/components/button.tsx'
import { Notice } from '../../http/components/feedback.tsx'
import { TextArea } from '../../http/components/field.tsx'
import { openChange } from '../../http/page/change.ts'
import { goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { embedOriginsOf, putEmbedOrigins } from '../../records/people/embed-origins.ts'
import { Settings } from '../settings-frame.tsx'

export const embeddingPages = new Hono<PageEnv>()

embeddingPages.get('/settings/embedding', async c =>
  show(c, { given: (await embedOriginsOf(c.env.DB, c.get('person').team.id)).join('\n') }),
)

embeddingPages.post('/settings/embedding', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const { origins: given = '' } = change.given
  const read = readOrigins(given.split(/[\s,]+/))
  if ('message' in read) return show(c, { given, wrong: read.message })
  const person = c.get('person')
  await putEmbedOrigins(c.env.DB, person.team.id, read.origins, { actor: personActor(person), at: Date.now() })
  return goTo(c, '/settings/embedding', 'The sites are set. It holds at once.')
})

function show(c: PageContext, { given, wrong }: { given: string; wrong?: string }) {
  const admin = may(c.get('person'), 'limits.change')
  const content = (
    <Settings at="embedding">
      <header class="page-head">
        <div>
          <h1>Embedding</h1>
          <p>Sites that may show the status of a task within their own pages, by a link that you make on the task.</p>
        </div>
      </header>
      <form class="form narrow" method="post" action="/settings/embedding">
        {!admin && <Notice>Owners and admins change these.</Notice>}
        <TextArea
          label="Sites, one a line"
          name="origins"
          value={given}
          error={wrong}
          readonly={!admin}
          rows={5}
          placeholder="https://intranet.example.com"
          hint={`${MOST_ORIGINS} at most. A site that you take away shows nothing from then on; without any, nobody does.`}
        />
        {admin && (
          <div class="form-actions">
            <Button look="primary">Save</Button>
          </div>
        )}
      </form>
    </Settings>
  )
  return page(c, { title: 'Embedding', active: 'settings' }, content, wrong === undefined ? 200 : 422)
}
