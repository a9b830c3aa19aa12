/** `POST /tasks/:id/comment`: what somebody who is signed in says about a task. */
import { Hono } from 'hono'
import { personActor } from '../../domain/caller.ts'
import { explain } from '../../http/errors.ts'
import { errorPage, goTo, type PageEnv } from '../../http/page/page.tsx'
import { readForm } from '../../http/request/form.ts'
import { isTaskId } from '../../records/ids.ts'
import { maySay, sayOn } from '../comment.ts'

export const commentPages = new Hono<PageEnv>()

commentPages.post('/tasks/:id/comment', async c => {
  const sent = await readForm(c)
  if (!sent.ok) return errorPage(c, sent.status)
  const person = c.get('person')
  const task = c.req.param('id')
  if (!isTaskId(task)) return errorPage(c, 404)
  const way = `/tasks/${task}`
  if (!(await maySay(c.env, person.team.id, person.email))) {
    return goTo(c, way, 'You have written much within a minute. Wait a moment, then send it again.')
  }
  const said = { text: sent.form.get('text') ?? '', also: sent.form.getAll('tell').map(email => email.toLowerCase()) }
  const answer = await sayOn(c.env, { team: person.team.id, task }, personActor(person), said)
  if (answer.ok) return goTo(c, way, 'Your comment stands in the timeline.')
  return answer.refusal.kind === 'unknown_task' ? errorPage(c, 404) : goTo(c, way, explain(answer.refusal).message)
})
