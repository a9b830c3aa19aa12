/** `/settings/hours`: when the team works, its holidays, and when people are reminded. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { putSettings, readSettings } from '../../records/people/limits.ts'
import { putHours, readHours } from '../../records/people/working-hours.ts'
import { forgetTerms } from '../limits/terms.ts'
import { type Given, givenOf, readHoursForm } from './form.ts'
import { HoursPage } from './hours-view.tsx'

export const hoursPages = new Hono<PageEnv>()

hoursPages.get('/settings/hours', async c => hoursPage(c, givenOf(await readHours(c.env.DB, c.get('person').team.id))))

hoursPages.post('/settings/hours', async c => {
  const person = c.get('person')
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const read = readHoursForm(sent.form)
  if ('path' in read) return hoursPage(c, Object.fromEntries(sent.form), read)
  const by = { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
  await putHours(c.env.DB, read, by)
  const settings = await readSettings(c.env.DB, person.team.id)
  if (settings.timezone !== read.timezone) await putSettings(c.env.DB, { ...settings, timezone: read.timezone }, by)
  forgetTerms(person.team.id)
  return goTo(c, '/settings/hours', 'The working hours are set.')
})

function hoursPage(c: PageContext, given: Given, wrong?: { path: string; message: string }) {
  const admin = may(c.get('person'), 'limits.change')
  const content = <HoursPage given={given} wrong={wrong} admin={admin} />
  return page(c, { title: 'Working hours', active: 'settings' }, content, wrong === undefined ? 200 : 422)
}
