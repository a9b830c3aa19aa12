/** `/settings/alerts`, and muting what the Health page shows: from which figures on a team is warned, and when it is not. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { may } from '../../domain/permissions.ts'
import { openChange } from '../../http/page/change.ts'
import { errorPage, goTo, type PageContext, type PageEnv, page } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { alertById, muteAlert } from '../../records/alert/alerts.ts'
import { alertSettings, putAlertSettings } from '../../records/alert/settings.ts'
import { workflowNames } from '../../records/definitions/workflows.ts'
import type { By } from '../../records/people/limits.ts'
import { type Given, givenOf, MOST_HOURS, readRulesForm } from './form.ts'
import { AlertSettings } from './settings-view.tsx'

export const alertPages = new Hono<PageEnv>()

alertPages.get('/settings/alerts', c => settingsPage(c))

alertPages.post('/settings/alerts', async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const found = await settingsOf(c)
  if (found === null) return errorPage(c, 404)
  const { workflow, under } = found
  const read = readRulesForm(sent.form, workflow, under)
  if (!read.ok) return settingsPage(c, { given: Object.fromEntries(sent.form), wrong: read.wrong })
  await putAlertSettings(c.env.DB, workflow, read.set, byPerson(c))
  return goTo(c, `/settings/alerts${workflow === '' ? '' : `?workflow=${workflow}`}`, 'The thresholds are set.')
})

alertPages.post('/alerts/:alert/mute', async c => {
  const change = await openChange(c)
  if (!change.ok) return change.answer
  const hours = /^\d{1,3}$/.test(change.given.hours ?? '') ? Number(change.given.hours) : null
  const row = await alertById(c.env.DB, c.get('person').team.id, c.req.param('alert'))
  if (row === null || hours === null || hours > MOST_HOURS) return errorPage(c, 404)
  const by = byPerson(c)
  await muteAlert(c.env.DB, row, hours === 0 ? null : by.at + hours * 3_600_000, by)
  const said = hours === 0 ? 'You are told of it again.' : `Nothing is told of it for ${hours} hours.`
  return goTo(c, '/health#alerts', said)
})

function byPerson(c: PageContext): By {
  const person = c.get('person')
  return { team: person.team.id, actor: personActor(person), name: person.email, at: Date.now() }
}

/** Whose thresholds the address means, and what they stand upon; null: the team has no such workflow. */
async function settingsOf(c: PageContext) {
  const { id: team } = c.get('person').team
  const [settings, { results: workflows }] = await Promise.all([
    alertSettings(c.env.DB, team),
    workflowNames(c.env.DB, team).all<{ id: string; name: string }>(),
  ])
  const workflow = c.req.query('workflow') ?? ''
  if (workflow !== '' && !workflows.some(({ id }) => id === workflow)) return null
  const under = workflow === '' ? [] : [settings.get('') ?? {}]
  return { workflow, workflows, own: settings.get(workflow) ?? {}, under }
}

interface Told {
  given: Given
  wrong: { path: string; message: string }
}

async function settingsPage(c: PageContext, told?: Told) {
  const found = await settingsOf(c)
  if (found === null) return errorPage(c, 404)
  const { own, ...rest } = found
  const admin = may(c.get('person'), 'limits.change')
  const content = <AlertSettings {...rest} given={told?.given ?? givenOf(own)} wrong={told?.wrong} admin={admin} />
  return page(c, { title: 'Alerts', active: 'settings', styles: ['insight'] }, content, told === undefined ? 200 : 422)
}
