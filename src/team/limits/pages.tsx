/** `/settings/limits`: what the team may spend, how fast its providers are asked, and how many decisions may pile up. */
import { Hono } from 'hono'
import { isAdmin, personActor } from '../../domain/caller.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { putLimits, putTimezone, readLimits } from '../../records/people/limits.ts'
import { requirePerson } from '../sign-in/session.ts'
import { type Given, givenOf, readLimitsForm } from './form.ts'
import { LimitsPage } from './limits-view.tsx'

export const limitPages = new Hono<PageEnv>()

limitPages.use('/settings/limits', requirePerson)

limitPages.get('/settings/limits', c => limitsPage(c))

limitPages.post('/settings/limits', async c => {
  const person = c.get('person')
  if (!isAdmin(person)) return errorPage(c, 403, { title: 'Only owners and admins change limits' })
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const read = readLimitsForm(sent.form)
  if ('path' in read) return limitsPage(c, { given: Object.fromEntries(sent.form), wrong: read }, 422)
  const by = { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
  await putLimits(c.env.DB, read.limits, by)
  const { timezone } = await readLimits(c.env.DB, person.team.id)
  if (timezone !== read.timezone) await putTimezone(c.env.DB, read.timezone, by)
  return goTo(c, '/settings/limits', 'The limits are set.')
})

interface Told {
  given: Given
  wrong: { path: string; message: string }
}

async function limitsPage(c: PageContext, told?: Told, status: 200 | 422 = 200) {
  const person = c.get('person')
  const { timezone, ...limits } = await readLimits(c.env.DB, person.team.id)
  const given = told?.given ?? givenOf(limits, timezone, ['openai'])
  const content = (
    <LimitsPage given={given} wrong={told?.wrong} now={Date.now()} timezone={timezone} admin={isAdmin(person)} />
  )
  return page(c, { title: 'Limits', active: 'settings' }, content, status)
}
