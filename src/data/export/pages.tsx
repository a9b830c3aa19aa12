/** `POST /settings/data/export`: an owner saves everything of the team. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { errorPage, type PageEnv } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { isTaskId } from '../../records/ids.ts'
import { exportAnswer } from './answer.ts'

export const exportPages = new Hono<PageEnv>()

exportPages.post('/settings/data/export', async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const after = sent.form.get('after')?.trim() ?? ''
  if (after !== '' && !isTaskId(after)) return errorPage(c, 404)
  const person = c.get('person')
  return exportAnswer(c.env, person.team.id, personActor(person), after)
})
