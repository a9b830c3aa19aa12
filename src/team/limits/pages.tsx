/** `/settings/limits`: what the team may spend, how fast its providers are asked, and how many decisions may pile up. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { putLimits, putSettings, readLimits, readSettings } from '../../records/people/limits.ts'
import { type Given, givenOf, readLimitsForm } from './form.ts'
import { LimitsPage } from './limits-view.tsx'
import { forgetTerms } from './terms.ts'

export const limitPages = new Hono<PageEnv>()

limitPages.get('/settings/limits', c => limitsPage(c))

limitPages.post('/settings/limits', async c => {
  const person = c.get('person')
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const read = readLimitsForm(sent.form)
  if ('path' in read) return limitsPage(c, { given: Object.fromEntries(sent.form), wrong: read }, 422)
  const by = { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
  await putLimits(c.env.DB, read.limits, by)
  const settings = await readSettings(c.env.DB, person.team.id)
  const { timezone, taskBudget } = read
  if (settings.timezone !== timezone || settings.taskBudget !== taskBudget) {
    await putSettings(c.env.DB, { ...settings, timezone, taskBudget }, by)
    forgetTerms(person.team.id)
  }
  return goTo(c, '/settings/limits', 'The limits are set.')
})

interface Told {
  given: Given
  wrong: { path: string; message: string }
}

async function limitsPage(c: PageContext, told?: Told, status: 200 | 422 = 200) {
  const person = c.get('person')
  const { id } = person.team
  const [limits, settings] = await Promise.all([readLimits(c.env.DB, id), readSettings(c.env.DB, id)])
  const { timezone } = settings
  const given = told?.given ?? givenOf(limits, settings, ['openai'])
  const content = (
    <LimitsPage
      given={given}
      wrong={told?.wrong}
      now={Date.now()}
      timezone={timezone}
      admin={may(person, 'limits.change')}
    />
  )
  return page(c, { title: 'Limits', active: 'settings' }, content, status)
}
